"""Checks a safetensors file in full before any library reads it."""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import ModelError
from .fields import expect_integer, expect_list, expect_object, expect_text
from .json_text import Json, parse_json

LENGTH_BYTES = 8
MAXIMUM_HEADER_BYTES = 16 * 1024 * 1024
MAXIMUM_TENSORS = 20_000
MAXIMUM_RANK = 8

_DTYPE_BYTES = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "F8_E5M2": 1,
    "F8_E4M3": 1,
    "I16": 2,
    "U16": 2,
    "F16": 2,
    "BF16": 2,
    "I32": 4,
    "U32": 4,
    "F32": 4,
    "F64": 8,
    "I64": 8,
    "U64": 8,
}
_FLOATS = ("F32", "F16", "BF16")


@dataclass(frozen=True)
class TensorEntry:
    """Where one tensor lies; offsets count from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def read_header(path: Path) -> tuple[TensorEntry, ...]:
    """The tensors of a file in the order of their data; raises MALFORMED_MODEL where the file is not valid.

    Every name occurs once, every byte range fits its dtype and shape, and the ranges cover the data without a gap or an
    overlap. Only F32, F16 and BF16 are understood.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header_bytes = _header_length(file.read(LENGTH_BYTES), size)
        header = file.read(header_bytes)
    if len(header) != header_bytes:
        raise _malformed("it ended while it was read.")
    entries = _parse_header(header, size - LENGTH_BYTES - header_bytes)
    for entry in entries:
        if entry.dtype not in _FLOATS:
            message = f"Tensor {entry.name} has dtype {entry.dtype}; F32, F16 and BF16 are understood."
            raise ModelError("MALFORMED_MODEL", message)
    return entries


def _malformed(message: str) -> ModelError:
    return ModelError("MALFORMED_MODEL", f"Not a valid safetensors file: {message}")


def _header_length(prefix: bytes, file_bytes: int) -> int:
    if len(prefix) < LENGTH_BYTES:
        raise _malformed(f"the file has {file_bytes} bytes, at least 8 are needed.")
    length = int.from_bytes(prefix, "little")
    if length > MAXIMUM_HEADER_BYTES:
        raise _malformed(f"its header claims {length} bytes, at most {MAXIMUM_HEADER_BYTES} are allowed.")
    if length > file_bytes - LENGTH_BYTES:
        raise _malformed(f"its header claims {length} bytes, but only {file_bytes - LENGTH_BYTES} follow.")
    return length


def _parse_header(header: bytes, data_bytes: int) -> tuple[TensorEntry, ...]:
    try:
        fields = expect_object(parse_json(header.decode("utf-8"), unique_keys=True), "its header")
        metadata = expect_object(fields.pop("__metadata__", {}), "__metadata__")
        for value in metadata.values():
            expect_text(value, "every value of __metadata__")
        if len(fields) > MAXIMUM_TENSORS:
            raise ValueError(f"it has {len(fields)} tensors, at most {MAXIMUM_TENSORS} are allowed")
        entries = sorted(
            (_parse_entry(name, value) for name, value in fields.items()), key=lambda entry: (entry.start, entry.end)
        )
    except ValueError as error:
        raise _malformed(f"{error}.") from None
    _check_coverage(entries, data_bytes)
    return tuple(entries)


def _parse_entry(name: str, value: Json) -> TensorEntry:
    label = f"tensor {json.dumps(name[:200])}"
    fields = expect_object(value, label, required=("dtype", "shape", "data_offsets"), optional=())
    dtype = expect_text(fields["dtype"], f"{label}: dtype")
    if dtype not in _DTYPE_BYTES:
        raise ValueError(f"{label} has the unknown dtype {dtype[:50]}")
    sides = expect_list(fields["shape"], f"{label}: shape", maximum=MAXIMUM_RANK)
    shape = tuple(expect_integer(side, f"{label}: shape", minimum=0) for side in sides)
    offsets = expect_list(fields["data_offsets"], f"{label}: data_offsets", minimum=2, maximum=2)
    start, end = (expect_integer(offset, f"{label}: data_offsets", minimum=0) for offset in offsets)
    expected = math.prod(shape) * _DTYPE_BYTES[dtype]
    if end - start != expected:
        raise ValueError(f"{label} of {dtype} {list(shape)} needs {expected} bytes, has {end - start}")
    return TensorEntry(name, dtype, shape, start, end)


def _check_coverage(entries: list[TensorEntry], data_bytes: int) -> None:
    covered = 0
    for entry in entries:
        if entry.start != covered:
            raise _malformed(f"tensor {json.dumps(entry.name[:200])} starts at {entry.start}, expected {covered}.")
        covered = entry.end
    if covered != data_bytes:
        raise _malformed(f"its tensors cover {covered} bytes of {data_bytes}.")
