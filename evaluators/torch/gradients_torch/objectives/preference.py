"""Direct preference optimisation against the task's base as the reference."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import EvaluationError
from ..fields import expect_integer, expect_number, expect_object
from ..json_text import Json
from ..models.text_model import TextModel
from ..rows import Example
from ..settings import Settings
from ..token_losses import token_losses
from .finite_rows import require_finite_rows
from .objective import EvaluationOptions, OnRows, OpenSet, RowSource
from .preference_pairs import Pair, PairLimits, read_pairs


@dataclass(frozen=True)
class PairLogProbabilities:
    """Logarithm of the probability of each completion, summed over its counted tokens (nats)."""

    chosen: float
    rejected: float


@dataclass(frozen=True)
class PairLoss:
    """beta * (log pi - log pi_ref) of both completions, and -log sigmoid(chosen_reward - rejected_reward) in nats."""

    loss: float
    chosen_reward: float
    rejected_reward: float


@dataclass
class PreferenceSet:
    """Pairs and the base's log-probabilities of them, which are computed once."""

    name: str
    base: TextModel
    pairs: list[Pair]
    beta: float
    takes_completions: bool = False
    _reference: list[PairLogProbabilities] | None = field(default=None, init=False)

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.pairs)

    @property
    def longest(self) -> int:
        """Tokens of the longest completion with its prompt."""
        return max(len(example.ids) for pair in self.pairs for example in (pair.chosen, pair.rejected))

    def evaluate(self, model: TextModel, options: EvaluationOptions, on_rows: OnRows) -> dict[str, object]:
        """Losses of all pairs in the order of the file, and their means; a tie counts as half a preference."""
        if self._reference is None:
            # No row of the model is done yet, but whoever waits sees that work goes on.
            self._reference = self._of_base(lambda _: on_rows(0))
        reference = self._reference
        policy = reference if model.is_base else log_probabilities(model, self.pairs, on_rows)
        if model.is_base:
            on_rows(self.rows)
        losses = [pair_loss(own, base, self.beta) for own, base in zip(policy, reference, strict=True)]
        require_finite_rows(((row.loss, row.chosen_reward, row.rejected_reward) for row in losses), self.name)
        differences = [row.chosen_reward - row.rejected_reward for row in losses]
        wins = sum(1.0 if difference > 0 else 0.5 if difference == 0 else 0.0 for difference in differences)
        return {
            "rows": [_as_json(row, pair, options) for row, pair in zip(losses, self.pairs, strict=True)],
            "loss": sum(row.loss for row in losses) / len(losses),
            "accuracy": wins / len(losses),
            "margin": sum(differences) / len(losses),
        }

    def _of_base(self, on_rows: OnRows) -> list[PairLogProbabilities]:
        found = log_probabilities(self.base, self.pairs, on_rows)
        for number, row in enumerate(found, 1):
            if not math.isfinite(row.chosen + row.rejected):
                message = f"The base model gives row {number} of set {self.name} no finite probability."
                raise EvaluationError("infrastructure", "BAD_BASE", message)
        return found


def log_probabilities(
    model: TextModel, pairs: Sequence[Pair], on_pairs: Callable[[int], None]
) -> list[PairLogProbabilities]:
    """Log-probabilities of both completions of each pair; `on_pairs` is told how many pairs are done."""
    examples: list[Example] = [example for pair in pairs for example in (pair.chosen, pair.rejected)]
    losses = token_losses(model, examples, lambda done: on_pairs(done // 2))
    sums = [-sum(own) for own in losses]
    return [PairLogProbabilities(*both) for both in zip(sums[::2], sums[1::2], strict=True)]


def pair_loss(policy: PairLogProbabilities, reference: PairLogProbabilities, beta: float) -> PairLoss:
    """-log sigmoid(beta * ((log pi(c) - log pi_ref(c)) - (log pi(r) - log pi_ref(r))))."""
    chosen = beta * (policy.chosen - reference.chosen)
    rejected = beta * (policy.rejected - reference.rejected)
    return PairLoss(_softplus(rejected - chosen), chosen, rejected)


def _softplus(x: float) -> float:
    """ln(1 + e^x) without overflow; NaN for NaN."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _as_json(row: PairLoss, pair: Pair, options: EvaluationOptions) -> dict[str, object]:
    values: dict[str, object] = {
        "loss": row.loss,
        "chosenReward": row.chosen_reward,
        "rejectedReward": row.rejected_reward,
    }
    if options.tokens:
        values |= {"chosen": pair.chosen.as_json(), "rejected": pair.rejected.as_json()}
    return values


def configure(options: dict[str, Json], _: Settings) -> OpenSet[TextModel]:
    """Reads the options; raises ValueError where one is missing, wrong or unknown."""
    expect_object(options, "options", required=("beta", "maxLength", "maxPromptLength"), optional=())
    beta = expect_number(options["beta"], "beta", above=0)
    limits = PairLimits(
        length=expect_integer(options["maxLength"], "maxLength", minimum=2),
        prompt=expect_integer(options["maxPromptLength"], "maxPromptLength", minimum=1),
    )

    def open_set(source: RowSource[TextModel]) -> PreferenceSet:
        pairs = read_pairs(source.file, source.base.facts, limits.within(source.context_length))
        return PreferenceSet(source.name, source.base, pairs, beta)

    return open_set
