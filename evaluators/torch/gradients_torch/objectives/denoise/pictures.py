"""Rows of images with captions, as the model sees them."""

import base64
import binascii
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...diffusion.painter import Painter
from ...diffusion.png import decode_png
from ...diffusion.resize import FitRule, Pixels, fit_image
from ...fields import expect_object, expect_text
from ...json_text import Json
from ...rows import read_json_lines


@dataclass(frozen=True)
class CaptionedPicture:
    """One row."""

    #: Its number in the file, from 0.
    row: int
    #: [height, width, 3] in [-1, 1].
    values: NDArray[np.float32]
    #: What the base's painter made of the caption.
    caption: Any


def read_pictures(file: Path, painter: Painter[Any], side_multiple: int) -> list[CaptionedPicture]:
    """The rows of a file, cropped and resized for the base; raises ValueError naming the first bad row."""
    rows = read_json_lines(file, _read_row)
    rule = FitRule(painter.fit.longer_side, math.lcm(painter.fit.multiple, side_multiple))
    fitted = [_fit(number, image, rule) for number, (image, _) in enumerate(rows, 1)]
    captions = painter.encode_captions([caption for _, caption in rows])
    return [
        CaptionedPicture(row, (pixels.astype(np.float64) / 127.5 - 1).astype(np.float32), caption)
        for row, (pixels, caption) in enumerate(zip(fitted, captions, strict=True))
    ]


def _read_row(value: Json) -> tuple[str, str]:
    row = expect_object(value, "a row", required=("image", "caption"))
    return expect_text(row["image"], "image"), expect_text(row["caption"], "caption")


def _fit(number: int, image: str, rule: FitRule) -> Pixels:
    try:
        return fit_image(decode_png(base64.b64decode(image, validate=True)), rule)
    except (ValueError, binascii.Error) as error:
        raise ValueError(f"Row {number}: the image can't be used: {error}") from None
