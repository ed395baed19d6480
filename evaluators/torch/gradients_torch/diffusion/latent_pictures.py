"""Pictures in the latent space of a base's autoencoder, always in float32: half precision shows in pixels."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class LatentPictures:
    """States are [batch, height, width, channels] of latents, shifted and scaled as the denoising module wants them."""

    #: An AutoencoderKL; diffusers loads its classes late, so nothing is known of their types.
    autoencoder: Any
    shift: float
    scale: float

    @property
    def longer_side(self) -> int:
        """The pictures' size that the autoencoder was made for, in pixels."""
        return int(self.autoencoder.config.sample_size)

    @property
    def shrinks_by(self) -> int:
        """Pixels along a side for each latent."""
        return int(2 ** (len(self.autoencoder.config.block_out_channels) - 1))

    def encode(self, pictures: Tensor) -> Tensor:
        """The most likely latents, not drawn ones; one picture at a time, so that they don't depend on each other."""
        latents = [
            self.autoencoder.encode(picture[None].permute(0, 3, 1, 2)).latent_dist.mode() for picture in pictures
        ]
        return (torch.cat(latents).permute(0, 2, 3, 1) - self.shift) * self.scale

    def decode(self, states: Tensor) -> Tensor:
        """Pixels [batch, height, width, 3], about in [-1, 1]."""
        latents = (states / self.scale + self.shift).permute(0, 3, 1, 2)
        pictures = [self.autoencoder.decode(latent[None]).sample for latent in latents]
        return torch.cat(pictures).permute(0, 2, 3, 1)


def latent_pictures(autoencoder: Any, device: torch.device) -> LatentPictures:
    """Puts an autoencoder to work."""
    ready = autoencoder.requires_grad_(False).eval().to(device=device, dtype=torch.float32)
    shift = getattr(autoencoder.config, "shift_factor", None) or 0.0
    return LatentPictures(ready, float(shift), float(autoencoder.config.scaling_factor))
