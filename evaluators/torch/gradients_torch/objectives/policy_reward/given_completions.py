"""Completions that a request brings along, so that evaluators which draw other tokens can be compared."""

from collections.abc import Sequence

from ...errors import bad_request
from ...fields import expect_integer, expect_list
from ...json_text import Json
from .prompts import Prompt
from .sampling import Group


def read_given_completions(
    given: Json, prompts: Sequence[Prompt], *, count: int, vocabulary: int, context_length: int
) -> list[Group]:
    """Token ids by row and completion; raises BAD_REQUEST where they are not those of these prompts."""
    try:
        rows = expect_list(given, "they", minimum=len(prompts), maximum=len(prompts))
        return [
            _read_group(group, prompt, count, vocabulary, context_length)
            for group, prompt in zip(rows, prompts, strict=True)
        ]
    except ValueError as error:
        raise bad_request(f"The given completions: {error}.") from None


def _read_group(value: Json, prompt: Prompt, count: int, vocabulary: int, context_length: int) -> Group:
    place = f"row {prompt.row + 1}"
    group: Group = []
    for completion in expect_list(value, place, minimum=count, maximum=count):
        tokens = expect_list(completion, f"a completion of {place}", minimum=1)
        ids = [expect_integer(token, f"a token of {place}", minimum=0, maximum=vocabulary - 1) for token in tokens]
        if len(ids) > context_length - len(prompt.ids):
            raise ValueError(f"a completion of {place} leaves the context")
        group.append(ids)
    return group
