"""Reads untrusted JSON values: each function returns a value of a known type or raises ValueError naming the place."""

import math
from collections.abc import Collection

from .json_text import Json

LARGEST_INTEGER = 2**53 - 1


def expect_object(
    value: Json, place: str, *, required: Collection[str] = (), optional: Collection[str] | None = None
) -> dict[str, Json]:
    """An object with these keys; other keys are refused unless `optional` is None."""
    if not isinstance(value, dict):
        raise ValueError(f"{place} must be an object")
    missing = [key for key in required if key not in value]
    if missing:
        raise ValueError(f"{place} lacks {missing[0]}")
    if optional is not None:
        unknown = [key for key in value if key not in required and key not in optional]
        if unknown:
            raise ValueError(f"{place} has the unknown field {unknown[0][:200]}")
    return value


def expect_list(value: Json, place: str, *, minimum: int = 0, maximum: int | None = None) -> list[Json]:
    """A list with at least and at most so many items."""
    if not isinstance(value, list):
        raise ValueError(f"{place} must be a list")
    if len(value) < minimum or (maximum is not None and len(value) > maximum):
        raise ValueError(f"{place} has {len(value)} items, expected {minimum} to {maximum or 'any number'}")
    return value


def expect_text(value: Json, place: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ValueError(f"{place} must be a string")
    return value


def expect_flag(value: Json, place: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{place} must be true or false")
    return value


def expect_number(value: Json, place: str, *, above: float = -math.inf, minimum: float = -math.inf) -> float:
    """A finite number, strictly greater than `above` and at least `minimum`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{place} must be a finite number")
    if value <= above or value < minimum:
        raise ValueError(f"{place} is {value}, which is too small")
    return float(value)


def expect_integer(value: Json, place: str, *, minimum: int = -LARGEST_INTEGER, maximum: int = LARGEST_INTEGER) -> int:
    """A whole number between two bounds, at most 2^53 - 1; 1.0 is one too."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{place} must be a whole number")
    if not minimum <= value <= maximum:
        raise ValueError(f"{place} is {value}, expected {minimum} to {maximum}")
    return value
