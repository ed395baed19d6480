"""What every objective offers to the session, whatever it computes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from ..json_text import Json

Model = TypeVar("Model")
ModelContra = TypeVar("ModelContra", contravariant=True)

OnRows = Callable[[int], None]


@dataclass(frozen=True)
class RowSource(Generic[Model]):
    """A file of rendered rows, and what else is needed to read it."""

    #: What error messages call it.
    name: str
    file: Path
    #: The task's base model as it is.
    base: Model
    #: Longest token sequence that the task allows.
    context_length: int
    #: Hex seed for objectives that draw numbers.
    seed: str


@dataclass(frozen=True)
class EvaluationOptions:
    """What one request asks of a set."""

    tokens: bool
    #: Unread; only for sets that take them.
    completions: Json


class EvaluationSet(Protocol[ModelContra]):
    """Rows of one set that any number of models are evaluated on."""

    @property
    def rows(self) -> int:
        """How many."""
        ...

    @property
    def longest(self) -> int:
        """Positions of the longest row: where no more are computed at once, it is alone, and fewer would be no help."""
        ...

    @property
    def takes_completions(self) -> bool:
        """Whether a request may bring the completions along that the set would else sample."""
        ...

    def evaluate(self, model: ModelContra, options: EvaluationOptions, on_rows: OnRows) -> dict[str, object]:
        """What `evaluate` answers for this set; `on_rows` is told how many rows are done, growing up to all of them.

        Raises ModelError NON_FINITE_LOSS for a loss that is not finite.
        """
        ...


#: Reads a set; raises ValueError or OSError naming the bad row, or an EvaluationError.
OpenSet = Callable[[RowSource[Model]], EvaluationSet[Model]]
