"""Reconstruction by the tiny diffusion transformer: noise in pixels, Euler's method along its velocity."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..compute import Compute
from ..tokenizer import Tokenizer
from .painter import Path
from .resize import FitRule
from .tiny_dit_config import TinyDitConfig


@dataclass(frozen=True)
class TinyDitPainter:
    """Captions are token ids, states are pixels."""

    config: TinyDitConfig
    tokenizer: Tokenizer
    compute: Compute

    @property
    def fit(self) -> FitRule:
        """Whole patches."""
        return FitRule(self.config.image_size, self.config.patch_size)

    def encode_captions(self, texts: Sequence[str]) -> list[Tensor]:
        """The first `text_length` tokens, padded on the right; the empty prompt is padding alone."""
        length = self.config.text_length
        known = [self.tokenizer.encode(text)[:length] for text in texts]
        return [torch.tensor([*ids, *[self.config.pad_token_id] * (length - len(ids))]) for ids in known]

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """As they are."""
        return pictures

    def decode_pictures(self, states: Tensor) -> Tensor:
        """As they are."""
        return states

    def positions(self, state: Tensor) -> int:
        """Tokens and patches."""
        height, width, _ = state.shape
        return self.config.text_length + height * width // self.config.patch_size**2

    def add_noise(self, states: Tensor, noise: Tensor, path: Path) -> Tensor:
        """(1 - s)·clean + s·noise."""
        return (1 - path.strength) * states + path.strength * noise

    def denoise(self, module: nn.Module, noisy: Tensor, captions: Sequence[Tensor], path: Path) -> Tensor:
        """From t = s to 0 in equal steps h: x ← x - h·(x - clean estimate)/t."""
        side = self.config.patch_size
        batch, height, width, _ = noisy.shape
        tokens = torch.stack(list(captions)).to(noisy.device)
        x = to_patches(noisy, side)
        for step in range(path.steps):
            time = path.strength * (1 - step / path.steps)
            into, skip, out = _precondition(time, self.config.data_deviation)
            times = torch.full((batch,), time, dtype=torch.float64, device=noisy.device)
            patches = (into * x).to(self.compute.dtype)
            predicted = module(patches, (height // side, width // side), times, tokens).to(x.dtype)
            clean = skip * x + out * predicted
            x = x - (path.strength / path.steps) * (x - clean) / time
        return from_patches(x, height, width, side)


def to_patches(pictures: Tensor, side: int) -> Tensor:
    """[b, h, w, 3] as [b, patches, numbers]: rows of patches from the top, each patch row by row."""
    batch, height, width, channels = pictures.shape
    tiles = pictures.reshape(batch, height // side, side, width // side, side, channels)
    return tiles.permute(0, 1, 3, 2, 4, 5).reshape(batch, -1, side * side * channels)


def from_patches(patches: Tensor, height: int, width: int, side: int) -> Tensor:
    """The other way round."""
    tiles = patches.reshape(patches.shape[0], height // side, width // side, side, side, -1)
    return tiles.permute(0, 1, 3, 2, 4, 5).reshape(patches.shape[0], height, width, -1)


def _precondition(time: float, deviation: float) -> tuple[float, float, float]:
    """Karras et al.'s factors (2022, table 1) for the straight path: input, skip, out."""
    signal = deviation * (1 - time)
    total = math.sqrt(signal**2 + time**2)
    return 1 / total, deviation * signal / total**2, deviation * time / total
