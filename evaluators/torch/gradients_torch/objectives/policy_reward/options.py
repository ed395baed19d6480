"""What a task says about its rewards and about sampling."""

import hashlib
from dataclasses import dataclass

from ...fields import expect_integer, expect_list, expect_number, expect_object, expect_text
from ...json_text import Json

_LARGEST_GROUP = 64
_MOST_FUNCTIONS = 16
_OPTIONS = ("beta", "completions", "maxNewTokens", "temperature", "rewards")
_FUNCTION = ("id", "version", "weight", "range", "source", "sha256", "params")


@dataclass(frozen=True)
class RewardFunction:
    """JavaScript that defines `reward({prompt, completions, row, params})`, which returns a number per completion."""

    id: str
    version: int
    #: Its share of the reward.
    weight: float
    #: The function promises numbers between these; they are scaled to 0..1.
    minimum: float
    maximum: float
    source: str
    params: dict[str, Json]


@dataclass(frozen=True)
class PolicyRewardOptions:
    """The options of a task."""

    #: How much the distance from the base weighs.
    beta: float
    #: Completions per prompt.
    completions: int
    #: Longest completion in tokens, its end included.
    max_new_tokens: int
    temperature: float
    rewards: tuple[RewardFunction, ...]


def read_options(options: dict[str, Json]) -> PolicyRewardOptions:
    """Raises ValueError where an option is missing, wrong or unknown."""
    expect_object(options, "options", required=_OPTIONS, optional=())
    functions = expect_list(options["rewards"], "rewards", minimum=1, maximum=_MOST_FUNCTIONS)
    rewards = tuple(_read_function(value) for value in functions)
    if abs(sum(reward.weight for reward in rewards) - 1) >= 1e-9:
        raise ValueError("the weights of rewards must sum to 1")
    return PolicyRewardOptions(
        beta=expect_number(options["beta"], "beta", minimum=0),
        completions=expect_integer(options["completions"], "completions", minimum=1, maximum=_LARGEST_GROUP),
        max_new_tokens=expect_integer(options["maxNewTokens"], "maxNewTokens", minimum=1),
        temperature=expect_number(options["temperature"], "temperature", above=0),
        rewards=rewards,
    )


def _read_function(value: Json) -> RewardFunction:
    fields = expect_object(value, "a reward function", required=_FUNCTION, optional=())
    bounds = expect_object(fields["range"], "range", required=("min", "max"), optional=())
    found = RewardFunction(
        id=expect_text(fields["id"], "id"),
        version=expect_integer(fields["version"], "version", minimum=1),
        weight=expect_number(fields["weight"], "weight", minimum=0),
        minimum=expect_number(bounds["min"], "range.min"),
        maximum=expect_number(bounds["max"], "range.max"),
        source=expect_text(fields["source"], "source"),
        params=expect_object(fields["params"], "params"),
    )
    if found.id == "" or found.source == "":
        raise ValueError("a reward function needs an id and a source")
    if found.weight > 1:
        raise ValueError("a weight is at most 1")
    if found.minimum >= found.maximum:
        raise ValueError("range needs min < max")
    source = found.source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if hashlib.sha256(source.encode()).hexdigest() != fields["sha256"]:
        raise ValueError(f"sha256 is not the sha256 of the source of {found.id}")
    return found
