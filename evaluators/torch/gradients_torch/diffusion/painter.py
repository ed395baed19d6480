"""What the reconstruction of pictures needs of a text-to-image base, whatever its architecture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from torch import Tensor, nn

from .resize import FitRule

Caption = TypeVar("Caption")


@dataclass(frozen=True)
class Path:
    """From a noise level back to none."""

    #: Noise level in (0, 1].
    strength: float
    #: Steps of a whole path, from 1 to 0.
    whole_steps: int
    #: Steps from this noise level: max(1, ⌊strength·whole_steps + ½⌋).
    steps: int


class Painter(Protocol[Caption]):
    """Everything of a base but the module that submissions change.

    States are what noise is mixed into, [batch, height, width, channels]: pixels, or a latent picture.
    """

    @property
    def fit(self) -> FitRule:
        """What size pictures get."""
        ...

    def encode_captions(self, texts: Sequence[str]) -> list[Caption]:
        """What the module is told about each text; called for all texts of a set at once."""
        ...

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """Pictures [batch, height, width, 3] in [-1, 1] as states."""
        ...

    def decode_pictures(self, states: Tensor) -> Tensor:
        """The other way round; not cut off at -1 and 1."""
        ...

    def positions(self, state: Tensor) -> int:
        """How many positions one state and its caption take in the module, for the size of batches."""
        ...

    def add_noise(self, states: Tensor, noise: Tensor, path: Path) -> Tensor:
        """States at the noise level where a path begins."""
        ...

    def denoise(self, module: nn.Module, noisy: Tensor, captions: Sequence[Caption], path: Path) -> Tensor:
        """Noisy states taken back along the path by the module."""
        ...


@dataclass(frozen=True)
class PictureModel(Generic[Caption]):
    """A text-to-image model as it runs: the base, the base with an adapter, or a whole model."""

    module: nn.Module
    painter: Painter[Caption]
    is_base: bool
