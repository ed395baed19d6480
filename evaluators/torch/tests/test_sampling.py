"""The random numbers and the draws of docs/evaluator-protocol.md."""

import math
import unittest

import torch

from gradients_torch.objectives.policy_reward.sampling import draw_tokens
from gradients_torch.objectives.policy_reward.uniform import Uniform


class UniformTest(unittest.TestCase):
    def test_the_numbers_are_those_of_the_protocols_page(self) -> None:
        uniform = Uniform("00ff", "test")
        first, second = uniform.numbers(row=0, completion=0, count=2)
        self.assertEqual((first, second), (0.9131613248844028, 0.3975027579114119))
        self.assertEqual(uniform.numbers(row=7, completion=1, count=3)[2], 0.695283827599314)

    def test_a_number_does_not_depend_on_how_many_are_drawn(self) -> None:
        uniform = Uniform("", "synth")
        self.assertEqual(list(uniform.numbers(3, 1, 9))[:4], list(uniform.numbers(3, 1, 4)))


class DrawTest(unittest.TestCase):
    def test_draws_the_first_token_whose_running_sum_exceeds_u_times_the_sum(self) -> None:
        generator = torch.Generator().manual_seed(1)
        logits = torch.randn(50, 30, generator=generator) * 3
        uniforms = torch.rand(50, generator=generator, dtype=torch.float64)
        drawn = draw_tokens(logits, uniforms, 0.7).tolist()
        for row, u, token in zip(logits.tolist(), uniforms.tolist(), drawn, strict=True):
            weights = [math.exp((logit - max(row)) / 0.7) for logit in row]
            running = [sum(weights[: index + 1]) for index in range(len(row))]
            self.assertEqual(token, next(index for index, value in enumerate(running) if value > u * sum(weights)))

    def test_draws_the_last_token_where_none_exceeds(self) -> None:
        self.assertEqual(draw_tokens(torch.zeros(1, 4), torch.tensor([1.0], dtype=torch.float64), 1.0).tolist(), [3])


if __name__ == "__main__":
    unittest.main()
