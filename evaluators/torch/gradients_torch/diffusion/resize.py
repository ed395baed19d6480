"""Scales and crops pictures as every evaluator does."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: 8-bit red, green and blue, [height, width, 3].
Pixels = NDArray[np.uint8]

_LOBES = 3


@dataclass(frozen=True)
class FitRule:
    """What size pictures get."""

    #: Wanted length of the longer side, in pixels.
    longer_side: int
    #: Both sides are cut down to a multiple of this.
    multiple: int


def fit_image(image: Pixels, rule: FitRule) -> Pixels:
    """Scales the longer side (Lanczos, 3 lobes), floors both sides to the multiple, and keeps the middle.

    Raises ValueError where a side would be shorter than one multiple.
    """
    found_height, found_width = image.shape[:2]
    scale = rule.longer_side / max(found_height, found_width)
    height, width = (max(1, round_half_up(side * scale)) for side in (found_height, found_width))
    rows, columns = (side // rule.multiple * rule.multiple for side in (height, width))
    if rows == 0 or columns == 0:
        raise ValueError(
            f"an image of {found_width} x {found_height} pixels is too narrow: scaled to {width} x {height}, "
            f"its shorter side is below {rule.multiple}"
        )
    scaled = _resize(image, height, width)
    top, left = (height - rows) // 2, (width - columns) // 2
    middle: Pixels = np.ascontiguousarray(scaled[top : top + rows, left : left + columns])
    return middle


def round_half_up(value: float) -> int:
    """The nearest whole number, the larger of two."""
    return int(np.floor(value + 0.5))


def _resize(image: Pixels, height: int, width: int) -> Pixels:
    if image.shape[:2] == (height, width):
        return image
    middle = np.einsum("xs,ysc->yxc", _weights(image.shape[1], width), image.astype(np.float64), optimize=True)
    values = np.einsum("ys,sxc->yxc", _weights(image.shape[0], height), middle, optimize=True)
    pixels: Pixels = np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)
    return pixels


def _weights(source: int, target: int) -> NDArray[Any]:
    """How much of each source pixel is in each target pixel, [target, source]; shrinking widens the filter."""
    stretch = max(1.0, source / target)
    weights = np.zeros((target, source))
    for index in range(target):
        centre = (index + 0.5) * source / target
        first = max(0, int(np.floor(centre - _LOBES * stretch + 0.5)))
        last = min(source, int(np.floor(centre + _LOBES * stretch + 0.5)))
        raw = _lanczos((np.arange(first, last) + 0.5 - centre) / stretch)
        weights[index, first:last] = raw / raw.sum()
    return weights


def _lanczos(x: NDArray[Any]) -> NDArray[Any]:
    inside = np.abs(x) < _LOBES
    return np.where(inside, np.sinc(x) * np.sinc(x / _LOBES), 0.0)
