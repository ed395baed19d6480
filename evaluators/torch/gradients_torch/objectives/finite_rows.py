"""A NaN or an infinity makes a submission invalid."""

import math
from collections.abc import Iterable, Sequence

from ..errors import ModelError


def require_finite_rows(rows: Iterable[Sequence[float]], set_name: str) -> None:
    """Raises NON_FINITE_LOSS naming the first row with a number that is not finite, and its set."""
    for number, values in enumerate(rows, 1):
        if not all(math.isfinite(value) for value in values):
            raise ModelError("NON_FINITE_LOSS", f"The loss of row {number} of set {set_name} is not a finite number.")
