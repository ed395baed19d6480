"""Reconstruction by Stable Diffusion XL: Euler's method over the base's noise schedule, without guidance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import EulerDiscreteScheduler
from torch import Tensor, nn

from ..compute import Compute
from .caption_encoding import encode_each
from .latent_pictures import LatentPictures
from .painter import Path
from .resize import FitRule


@dataclass(frozen=True)
class SdxlCaption:
    """Hidden states of both text encoders, and the second one's pooled state; kept off the device."""

    hidden: Tensor
    pooled: Tensor


@dataclass(frozen=True)
class SdxlPainter:
    """States are latents."""

    #: A StableDiffusionXLPipeline.
    pipeline: Any
    pictures: LatentPictures
    compute: Compute

    @property
    def fit(self) -> FitRule:
        """Whole latents."""
        return FitRule(self.pictures.longer_side, self.pictures.shrinks_by)

    def encode_captions(self, texts: Sequence[str]) -> list[SdxlCaption]:
        """The empty prompt is encoded like any other."""
        pipeline = self.pipeline

        def encode(batch: list[str]) -> list[SdxlCaption]:
            hidden, _, pooled, _ = pipeline.encode_prompt(
                batch, device=self.compute.device, do_classifier_free_guidance=False
            )
            return [SdxlCaption(*both) for both in zip(hidden.cpu(), pooled.cpu(), strict=True)]

        return encode_each(texts, [pipeline.text_encoder, pipeline.text_encoder_2], self.compute, encode)

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """Latents."""
        return self.pictures.encode(pictures)

    def decode_pictures(self, states: Tensor) -> Tensor:
        """Pixels."""
        return self.pictures.decode(states)

    def positions(self, state: Tensor) -> int:
        """Of the largest attention, which sees every second latent of a side."""
        height, width, _ = state.shape
        return max(1, height * width // 4)

    def add_noise(self, states: Tensor, noise: Tensor, path: Path) -> Tensor:
        """clean + σ·noise."""
        scheduler, timesteps = self._schedule(path)
        noisy: Tensor = scheduler.add_noise(states, noise, timesteps[:1].repeat(len(states)))
        return noisy

    def denoise(self, module: nn.Module, noisy: Tensor, captions: Sequence[SdxlCaption], path: Path) -> Tensor:
        """The last `path.steps` of the whole path's steps."""
        scheduler, timesteps = self._schedule(path)
        dtype, device = self.compute.dtype, self.compute.device
        hidden = torch.stack([caption.hidden for caption in captions]).to(device, dtype)
        pooled = torch.stack([caption.pooled for caption in captions]).to(device, dtype)
        sides = [side * self.pictures.shrinks_by for side in noisy.shape[1:3]]
        # Original size, corner of the crop, size: pictures are shown whole.
        sizes = torch.tensor([[*sides, 0, 0, *sides]] * len(noisy), device=device, dtype=dtype)
        x = noisy.permute(0, 3, 1, 2)
        for time in timesteps:
            predicted = module(
                scheduler.scale_model_input(x, time).to(dtype),
                time,
                encoder_hidden_states=hidden,
                added_cond_kwargs={"text_embeds": pooled, "time_ids": sizes},
                return_dict=False,
            )[0]
            x = scheduler.step(predicted.to(x.dtype), time, x, return_dict=False)[0]
        return x.permute(0, 2, 3, 1)

    def _schedule(self, path: Path) -> tuple[Any, Tensor]:
        scheduler: Any = EulerDiscreteScheduler.from_config(self.pipeline.scheduler.config)
        scheduler.set_timesteps(path.whole_steps, device=self.compute.device)
        begin = len(scheduler.timesteps) - path.steps
        scheduler.set_begin_index(begin)
        return scheduler, scheduler.timesteps[begin:]
