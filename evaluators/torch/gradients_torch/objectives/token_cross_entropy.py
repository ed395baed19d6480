"""Mean nats of the counted tokens, per row and over rows; no options."""

from dataclasses import dataclass, field

from ..fields import expect_object
from ..json_text import Json
from ..models.text_model import TextModel
from ..rows import Example, Segment, read_json_lines, read_segments, to_example
from ..settings import Settings
from ..token_losses import token_losses
from .finite_rows import require_finite_rows
from .objective import EvaluationOptions, OnRows, OpenSet, RowSource


@dataclass(frozen=True)
class RowLoss:
    """Cross-entropy of one row in nats: the mean over its counted tokens."""

    loss: float
    tokens: int


@dataclass
class TokenCrossEntropySet:
    """Tokenised rows, and the base's losses once they are known."""

    name: str
    examples: list[Example]
    takes_completions: bool = False
    _of_base: list[RowLoss] | None = field(default=None, init=False)

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.examples)

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return max(len(example.ids) for example in self.examples)

    def evaluate(self, model: TextModel, options: EvaluationOptions, on_rows: OnRows) -> dict[str, object]:
        """Losses of all rows in the order of the file, their mean, and the mean over all counted tokens."""
        losses = self._row_losses(model, on_rows)
        require_finite_rows(((row.loss,) for row in losses), self.name)
        rows = [
            {"loss": row.loss, "tokens": row.tokens, **(example.as_json() if options.tokens else {})}
            for row, example in zip(losses, self.examples, strict=True)
        ]
        of_tokens = sum(row.loss * row.tokens for row in losses) / sum(row.tokens for row in losses)
        return {"rows": rows, "loss": sum(row.loss for row in losses) / len(losses), "tokenLoss": of_tokens}

    def _row_losses(self, model: TextModel, on_rows: OnRows) -> list[RowLoss]:
        if not model.is_base:
            return self._compute(model, on_rows)
        if self._of_base is None:
            self._of_base = self._compute(model, on_rows)
        else:
            on_rows(self.rows)
        return self._of_base

    def _compute(self, model: TextModel, on_rows: OnRows) -> list[RowLoss]:
        tokens = token_losses(model, self.examples, on_rows)
        return [RowLoss(sum(own) / len(own), len(own)) for own in tokens]


def configure(options: dict[str, Json], _: Settings) -> OpenSet[TextModel]:
    """There is nothing to configure; raises ValueError for any option."""
    expect_object(options, "options", optional=())
    return open_set


def open_set(source: RowSource[TextModel]) -> TokenCrossEntropySet:
    """Reads and tokenises the rows; raises ValueError naming a bad row or one without a counted token."""
    facts = source.base.facts
    examples = [
        to_example(segments, facts.tokenizer, facts.special, source.context_length)
        for segments in read_json_lines(source.file, _read_row)
    ]
    for number, example in enumerate(examples, 1):
        if not any(example.counts):
            raise ValueError(f"Row {number} has no counted token.")
    return TokenCrossEntropySet(source.name, examples)


def _read_row(value: Json) -> tuple[Segment, ...]:
    row = expect_object(value, "a row", required=("segments",))
    return read_segments(row["segments"], "segments")
