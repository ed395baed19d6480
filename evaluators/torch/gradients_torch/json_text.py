"""JSON as the standard has it: no NaN, no infinity, and errors of one type."""

import json
from collections.abc import Callable
from typing import Any

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _unique_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {json.dumps(key[:200])} stands there twice")
        found[key] = value
    return found


def parse_json(text: str, *, unique_keys: bool = False) -> Json:
    """The value of a JSON text; raises ValueError where it is none, too deep, or repeats a key that must be unique."""
    hook: Callable[[list[tuple[str, Json]]], Any] | None = _unique_keys if unique_keys else None
    try:
        value: Json = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=hook)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


def compact_json(value: object) -> str:
    """JSON without spaces; raises ValueError for NaN and infinity."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
