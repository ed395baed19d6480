"""The weight files of a model folder, checked in full before a library reads them."""

import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..errors import ModelError
from ..fields import expect_object, expect_text
from ..safe_files import has_file, model_file, read_json_file
from ..safetensors_header import MAXIMUM_HEADER_BYTES, TensorEntry, read_header

WEIGHTS_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"

_SHARD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.safetensors")

Shapes = Mapping[str, tuple[int, ...]]


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The one weight file of a model, or the shards that its index names."""
    if has_file(folder, WEIGHTS_FILE) or not has_file(folder, INDEX_FILE):
        return (model_file(folder, WEIGHTS_FILE),)
    index = read_json_file(folder, INDEX_FILE, MAXIMUM_HEADER_BYTES)
    try:
        weight_map = expect_object(
            expect_object(index, INDEX_FILE, required=("weight_map",))["weight_map"], "weight_map"
        )
        names = {expect_text(name, "weight_map") for name in weight_map.values()}
    except ValueError as error:
        raise ModelError("MALFORMED_MODEL", f"{INDEX_FILE}: {error}.") from None
    if not all(_SHARD.fullmatch(name) for name in names):
        raise ModelError("MALFORMED_MODEL", f"{INDEX_FILE} names what is no safetensors file of the folder.")
    return tuple(model_file(folder, name) for name in sorted(names))


def read_shapes(files: tuple[Path, ...]) -> Shapes:
    """Names and shapes of all tensors of these files; raises MALFORMED_MODEL where one is not valid."""
    shapes: dict[str, tuple[int, ...]] = {}
    for file in files:
        for entry in read_header(file):
            _add(shapes, entry)
        _check_readable(file)
    return shapes


def _check_readable(file: Path) -> None:
    """The library has a parser of its own: what it can't read is the file's fault as well."""
    try:
        with safe_open(file, framework="pt"):
            pass
    except SafetensorError as error:
        raise ModelError("MALFORMED_MODEL", f"Not a valid safetensors file: {error}") from None


def _add(shapes: dict[str, tuple[int, ...]], entry: TensorEntry) -> None:
    if entry.name in shapes:
        raise ModelError("MALFORMED_MODEL", f"Tensor {entry.name} is in two files.")
    shapes[entry.name] = entry.shape
