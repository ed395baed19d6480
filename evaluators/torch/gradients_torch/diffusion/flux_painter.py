"""Reconstruction by Flux: Euler's method along the straight path, over the base's shifted noise levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.pipelines.flux.pipeline_flux import calculate_shift
from torch import Tensor, nn

from ..compute import Compute
from .caption_encoding import encode_each
from .latent_pictures import LatentPictures
from .painter import Path
from .resize import FitRule

#: Latents along a side of what the transformer takes for one position.
_PATCH = 2
_TIMES = 1000
#: What models with a guidance input are told: the estimate itself, not an exaggerated one.
_GUIDANCE = 1.0


@dataclass(frozen=True)
class FluxCaption:
    """Hidden states of the second text encoder, and the first one's pooled state; kept off the device."""

    hidden: Tensor
    pooled: Tensor


@dataclass(frozen=True)
class FluxPainter:
    """States are latents."""

    #: A FluxPipeline.
    pipeline: Any
    pictures: LatentPictures
    compute: Compute
    #: Tokens that the second text encoder is given.
    text_length: int

    @property
    def fit(self) -> FitRule:
        """Whole positions of the transformer."""
        return FitRule(self.pictures.longer_side, self.pictures.shrinks_by * _PATCH)

    def encode_captions(self, texts: Sequence[str]) -> list[FluxCaption]:
        """The empty prompt is encoded like any other."""
        pipeline = self.pipeline

        def encode(batch: list[str]) -> list[FluxCaption]:
            hidden, pooled, _ = pipeline.encode_prompt(
                batch, None, device=self.compute.device, max_sequence_length=self.text_length
            )
            return [FluxCaption(*both) for both in zip(hidden.cpu(), pooled.cpu(), strict=True)]

        return encode_each(texts, [pipeline.text_encoder, pipeline.text_encoder_2], self.compute, encode)

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """Latents."""
        return self.pictures.encode(pictures)

    def decode_pictures(self, states: Tensor) -> Tensor:
        """Pixels."""
        return self.pictures.decode(states)

    def positions(self, state: Tensor) -> int:
        """Tokens and pieces of the picture."""
        height, width, _ = state.shape
        return int(self.text_length + height * width // _PATCH**2)

    def add_noise(self, states: Tensor, noise: Tensor, path: Path) -> Tensor:
        """(1 - σ)·clean + σ·noise."""
        scheduler, timesteps = self._schedule(states, path)
        noisy: Tensor = scheduler.scale_noise(states, timesteps[:1].repeat(len(states)), noise)
        return noisy

    def denoise(self, module: nn.Module, noisy: Tensor, captions: Sequence[FluxCaption], path: Path) -> Tensor:
        """The last `path.steps` of the whole path's steps."""
        scheduler, timesteps = self._schedule(noisy, path)
        dtype, device = self.compute.dtype, self.compute.device
        batch, height, width, _ = noisy.shape
        hidden = torch.stack([caption.hidden for caption in captions]).to(device, dtype)
        pooled = torch.stack([caption.pooled for caption in captions]).to(device, dtype)
        places = _places(height // _PATCH, width // _PATCH).to(device, dtype)
        guided = bool(self.pipeline.transformer.config.guidance_embeds)
        x = _to_positions(noisy)
        for time in timesteps:
            predicted = module(
                hidden_states=x.to(dtype),
                timestep=(time / _TIMES).expand(batch).to(dtype),
                guidance=torch.full((batch,), _GUIDANCE, device=device) if guided else None,
                pooled_projections=pooled,
                encoder_hidden_states=hidden,
                txt_ids=torch.zeros(hidden.shape[1], 3, device=device, dtype=dtype),
                img_ids=places,
                return_dict=False,
            )[0]
            x = scheduler.step(predicted.to(x.dtype), time, x, return_dict=False)[0]
        return _from_positions(x, height, width)

    def _schedule(self, states: Tensor, path: Path) -> tuple[Any, Tensor]:
        settings = self.pipeline.scheduler.config
        # A base that asks for random steps is taken along the straight ones.
        scheduler: Any = FlowMatchEulerDiscreteScheduler.from_config(settings, stochastic_sampling=False)
        _, height, width, _ = states.shape
        shift = calculate_shift(
            height * width // _PATCH**2,
            settings.base_image_seq_len,
            settings.max_image_seq_len,
            settings.base_shift,
            settings.max_shift,
        )
        sigmas = np.linspace(1.0, 1 / path.whole_steps, path.whole_steps)
        scheduler.set_timesteps(sigmas=sigmas.tolist(), device=self.compute.device, mu=shift)
        begin = path.whole_steps - path.steps
        scheduler.set_begin_index(begin)
        return scheduler, scheduler.timesteps[begin:]


def _to_positions(states: Tensor) -> Tensor:
    """[b, h, w, c] as [b, positions, 4c]: two by two latents, the channel first."""
    batch, height, width, channels = states.shape
    tiles = states.reshape(batch, height // _PATCH, _PATCH, width // _PATCH, _PATCH, channels)
    return tiles.permute(0, 1, 3, 5, 2, 4).reshape(batch, -1, channels * _PATCH**2)


def _from_positions(positions: Tensor, height: int, width: int) -> Tensor:
    batch = positions.shape[0]
    tiles = positions.reshape(batch, height // _PATCH, width // _PATCH, -1, _PATCH, _PATCH)
    return tiles.permute(0, 1, 4, 2, 5, 3).reshape(batch, height, width, -1)


def _places(rows: int, columns: int) -> Tensor:
    """[positions, 3]: 0, row, column."""
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.stack([torch.zeros_like(row), row, column], dim=-1).reshape(-1, 3)
