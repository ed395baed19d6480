"""Batches by a budget of tokens."""

import random
import unittest

from gradients_torch.batching import Budget, group_by_length
from gradients_torch.rows import Example


def _examples(lengths: list[int]) -> list[Example]:
    return [Example(tuple(range(length)), (False, *([True] * (length - 1)))) for length in lengths]


class BatchingTest(unittest.TestCase):
    def test_every_example_is_in_one_batch_within_the_budget_or_alone(self) -> None:
        generator = random.Random(1)
        examples = _examples([generator.randint(1, 90) for _ in range(300)])
        budget = Budget(tokens=200, counted=60)
        batches = group_by_length(examples, budget)
        self.assertEqual(sorted(index for batch in batches for index in batch), list(range(300)))
        for batch in batches:
            longest = max(len(examples[index].ids) for index in batch)
            counted = sum(sum(examples[index].counts) for index in batch)
            within = longest * len(batch) <= budget.tokens and counted <= budget.counted
            self.assertTrue(within or len(batch) == 1)

    def test_equally_long_examples_stay_in_their_order(self) -> None:
        self.assertEqual(group_by_length(_examples([5, 3, 5, 3]), Budget(10, 99)), [[1, 3], [0, 2]])

    def test_examples_on_the_two_sides_of_a_switch_are_never_together(self) -> None:
        self.assertEqual(group_by_length(_examples([4, 3, 5, 6]), Budget(99, 99, switch=4)), [[1, 0], [2, 3]])


if __name__ == "__main__":
    unittest.main()
