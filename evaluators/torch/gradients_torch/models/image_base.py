"""A text-to-image base as the session keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from ..compute import Compute
from ..diffusion.painter import PictureModel
from .weight_files import Shapes


@dataclass(frozen=True)
class ImageBase(PictureModel[Any]):
    """The base is a model itself; the rest is what submissions are checked against and made with."""

    compute: Compute
    #: Names and shapes of the module's tensors.
    shapes: Shapes
    #: The longest input of the module, in positions.
    context_length: int
    #: Whether an adapter may change the layer of this name.
    is_target: Callable[[str], bool]
    #: A module with a submitted folder's weights; raises ModelError where they don't fit.
    load_whole: Callable[[Path], nn.Module]
