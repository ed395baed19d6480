"""Files of the session folder: paths that stay inside it, plain files only, JSON of a bounded size."""

import json
import os
import stat
from pathlib import Path, PureWindowsPath

from .errors import EvaluationError, ModelError
from .json_text import Json, parse_json

MAXIMUM_JSON_BYTES = 1024 * 1024


def session_path(folder: Path, path: str) -> Path:
    """A path of the session folder from a request; absolute paths and those that leave the folder are BAD_PATH."""
    windows = PureWindowsPath(path)
    leaves = ".." in path.replace("\\", "/").split("/")
    absolute = path.startswith("/") or windows.root != "" or windows.drive != ""
    if path == "" or "\0" in path or absolute or leaves:
        raise EvaluationError("infrastructure", "BAD_PATH", f"{json.dumps(path)} is not inside the session folder.")
    return folder / path


def has_file(folder: Path, name: str) -> bool:
    """Whether somebody's folder has anything of this name."""
    return os.path.lexists(folder / name)


def model_file(folder: Path, name: str) -> Path:
    """Path of a plain file in somebody's model folder; a missing one or a link is MALFORMED_MODEL."""
    path = folder / name
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        raise ModelError("MALFORMED_MODEL", f"The folder has no {name}.") from None
    if not stat.S_ISREG(mode):
        raise ModelError("MALFORMED_MODEL", f"{name} is not a plain file.")
    return path


def read_json_file(folder: Path, name: str, maximum_bytes: int = MAXIMUM_JSON_BYTES) -> Json:
    """A parsed JSON file of a model folder, by default of at most 1 MiB."""
    path = model_file(folder, name)
    with path.open("rb") as file:
        data = file.read(maximum_bytes + 1)
    if len(data) > maximum_bytes:
        raise ModelError("MALFORMED_MODEL", f"{name} has more than {maximum_bytes} bytes.")
    try:
        return parse_json(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ModelError("MALFORMED_MODEL", f"{name} is not JSON.") from error
