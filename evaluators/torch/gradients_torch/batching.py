"""Groups examples by a budget of tokens, always in the same way."""

from collections.abc import Sequence
from dataclasses import dataclass

from .rows import Example

#: Logits that are held at once: 2^27 of 8 bytes are 1 GiB.
LARGEST_LOGITS = 2**27


@dataclass(frozen=True)
class Budget:
    """What one batch may have."""

    #: Positions, padding included.
    tokens: int
    #: Counted tokens, each of which costs a row of logits.
    counted: int
    #: Where a batch longer than this is computed differently, examples on its two sides are never together.
    switch: int | None = None

    def keeps_apart(self, length: int, other: int) -> bool:
        """Whether examples of these lengths would change each other's numbers."""
        return self.switch is not None and (length > self.switch) != (other > self.switch)


def create_budget(batch_tokens: int, vocabulary: int, switch: int | None) -> Budget:
    """A budget for models with this vocabulary."""
    return Budget(tokens=batch_tokens, counted=max(1, LARGEST_LOGITS // vocabulary), switch=switch)


def group_by_length(examples: Sequence[Example], budget: Budget) -> list[list[int]]:
    """Indices of examples in batches, shortest first, ties in their order; an example beyond the budget is alone."""
    order = sorted(range(len(examples)), key=lambda index: (len(examples[index].ids), index))
    batches: list[list[int]] = []
    counted = 0
    for index in order:
        length, own = len(examples[index].ids), sum(examples[index].counts)
        fits = bool(batches) and (len(batches[-1]) + 1) * length <= budget.tokens and counted + own <= budget.counted
        if fits and not budget.keeps_apart(len(examples[batches[-1][0]].ids), length):
            batches[-1].append(index)
            counted += own
        else:
            batches.append([index])
            counted = own
    return batches
