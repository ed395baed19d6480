"""PNG files to pixels and back."""

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .deep_png import decode_deep_png
from .resize import Pixels

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES = 33
_MAXIMUM_PIXELS = 4096 * 4096
_LARGEST_SAMPLE_SIDE = 512


def decode_png(data: bytes) -> Pixels:
    """8-bit RGB: transparent pixels over white, grey as three equal channels, 16 bits rounded to 8.

    Raises ValueError; a file that claims more than 4096 x 4096 pixels is not decoded at all.
    """
    if len(data) < _HEADER_BYTES or not data.startswith(_SIGNATURE):
        raise ValueError("not a PNG")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if height * width > _MAXIMUM_PIXELS:
        raise ValueError(f"an image of {width} x {height} pixels has more than {_MAXIMUM_PIXELS}")
    try:
        values = _read_deep(data) if data[24] == 16 else _read_shallow(data)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{error}") from error
    return _over_white(values)


def _read_deep(data: bytes) -> NDArray[Any]:
    return decode_deep_png(data).astype(np.float64) / 65_535


def _read_shallow(data: bytes) -> NDArray[Any]:
    """Channels in [0, 1], [height, width, 1 to 4]."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        image.load()
        has_alpha = image.mode in ("LA", "RGBA") or (image.mode == "P" and "transparency" in image.info)
        # A transparent colour outside a palette is no alpha channel.
        image.info.pop("transparency", None) if image.mode != "P" else None
        converted = image.convert("RGBA" if has_alpha else "RGB")
    return np.asarray(converted).astype(np.float64) / 255


def _over_white(values: NDArray[Any]) -> Pixels:
    channels = values.shape[2]
    has_alpha = channels in (2, 4)
    alpha = values[:, :, -1:] if has_alpha else np.ones((*values.shape[:2], 1))
    colours = values[:, :, : channels - has_alpha]
    mixed = np.floor(255 * (colours * alpha + 1 - alpha) + 0.5).astype(np.uint8)
    return np.broadcast_to(mixed, (*mixed.shape[:2], 3)).copy()


def encode_picture(values: NDArray[np.float32]) -> str:
    """A picture [height, width, 3] in [-1, 1] as base64 of an 8-bit PNG whose sides have at most 512 pixels."""
    pixels = np.clip(np.floor((values.astype(np.float64) + 1) * 127.5 + 0.5), 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels)
    image.thumbnail((_LARGEST_SAMPLE_SIDE, _LARGEST_SAMPLE_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, format="PNG")
    return base64.b64encode(file.getvalue()).decode()
