"""From rewards and divergences to scores, in float64 and in the order of the file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .judge import GroupRewards


@dataclass(frozen=True)
class GroupScore:
    """What the completions of one prompt came to."""

    #: reward - beta * kl: higher is better.
    score: float
    #: The weighted sum of `rewards`, in 0..1.
    reward: float
    #: Mean over completions of their divergence from the base, in nats per token.
    kl: float
    #: Mean over completions of each function's reward, scaled to 0..1 and without its weight.
    rewards: list[float]

    def as_json(self) -> dict[str, object]:
        """As an answer shows it."""
        return {"score": self.score, "reward": self.reward, "kl": self.kl, "rewards": self.rewards}


def score_group(
    rewards: GroupRewards, divergences: Sequence[float], *, beta: float, weights: Sequence[float]
) -> GroupScore:
    """R of one prompt: weighted mean rewards less beta times the mean divergence."""
    means = [mean(own) for own in rewards]
    reward = sum(weight * value for weight, value in zip(weights, means, strict=True))
    kl = mean(divergences)
    return GroupScore(reward - beta * kl, reward, kl, means)


def mean_score(groups: Sequence[GroupScore]) -> GroupScore:
    """Means over prompts."""
    return GroupScore(
        score=mean([group.score for group in groups]),
        reward=mean([group.reward for group in groups]),
        kl=mean([group.kl for group in groups]),
        rewards=[mean(of_function) for of_function in zip(*(group.rewards for group in groups), strict=True)],
    )


def mean_divergence(policy: Sequence[float], reference: Sequence[float]) -> float:
    """KL(pi || pi_ref) of one completion by the k3 estimator, mean over its tokens, in nats per token.

    exp(d) - d - 1 with d = ln pi_ref - ln pi. Both arguments hold -ln p of each token; NaN where one overflows.
    """
    return sum(_k3(own - base) for own, base in zip(policy, reference, strict=True)) / len(policy)


def _k3(d: float) -> float:
    try:
        return math.exp(d) - d - 1
    except OverflowError:
        return math.inf


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean, summed in order."""
    return sum(values) / len(values)
