"""PNG files with 16 bits a channel, which Pillow would cut to their upper 8."""

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
#: Adam7: first row, first column, distance of rows, distance of columns.
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def decode_deep_png(data: bytes) -> NDArray[Any]:
    """Channels of a 16-bit PNG as [height, width, 1 to 4] whole numbers; raises ValueError for a damaged file."""
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    channels = _CHANNELS.get(data[25])
    if channels is None:
        raise ValueError("a colour type that 16 bits a channel don't have")
    places = _PASSES if data[28] == 1 else ((0, 0, 1, 1),)
    sizes = [(-(-(height - y) // dy), -(-(width - x) // dx)) for y, x, dy, dx in places]
    sizes = [(rows, columns) if rows > 0 and columns > 0 else (0, 0) for rows, columns in sizes]
    expected = sum(rows * (1 + columns * channels * 2) for rows, columns in sizes)
    inflater = zlib.decompressobj()
    try:
        lines = inflater.decompress(b"".join(_image_data(data)), expected)
    except zlib.error as error:
        raise ValueError(f"the image's data can't be decompressed: {error}") from None
    if len(lines) < expected:
        raise ValueError("the image's data stop early")
    values = np.zeros((height, width, channels), dtype=np.uint16)
    start = 0
    for (y, x, dy, dx), (rows, columns) in zip(places, sizes, strict=True):
        end = start + rows * (1 + columns * channels * 2)
        if rows > 0:
            values[y::dy, x::dx] = _unfilter(lines[start:end], rows, columns, channels)
        start = end
    return values


def _image_data(data: bytes) -> Iterator[bytes]:
    """What the IDAT chunks hold, their checksums checked."""
    place = 8
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        end = place + 8 + length
        kind, content = data[place + 4 : place + 8], data[place + 8 : end]
        if zlib.crc32(kind + content) != int.from_bytes(data[end : end + 4], "big"):
            raise ValueError(f"the checksum of a {kind.decode('latin-1')} chunk is wrong")
        if kind == b"IDAT":
            yield content
        place = end + 4


def _unfilter(lines: bytes, rows: int, columns: int, channels: int) -> NDArray[Any]:
    step, length = channels * 2, columns * channels * 2
    above = bytearray(length)
    found = bytearray()
    for row in range(rows):
        start = row * (length + 1)
        line = bytearray(lines[start + 1 : start + 1 + length])
        _restore(lines[start], line, above, step)
        found += line
        above = line
    return np.frombuffer(bytes(found), dtype=">u2").reshape(rows, columns, channels)


def _restore(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    """Undoes one line's filter in place (PNG specification, section 9)."""
    if kind > 4:
        raise ValueError(f"an unknown filter {kind}")
    if kind == 0:
        return
    for i, value in enumerate(line):
        left = line[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        guess = (left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))[kind - 1]
        line[i] = (value + guess) & 0xFF


def _paeth(left: int, above: int, corner: int) -> int:
    distances = (abs(above - corner), abs(left - corner), abs(left + above - 2 * corner))
    return (left, above, corner)[distances.index(min(distances))]
