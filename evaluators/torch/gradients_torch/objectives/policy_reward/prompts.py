"""Prompts as token ids, with all that their completions are rewarded by."""

from dataclasses import dataclass
from pathlib import Path

from ...fields import expect_object, expect_text
from ...json_text import Json
from ...models.text_model import TextBaseFacts
from ...rows import Segment, encode_segments, read_json_lines, read_segments


@dataclass(frozen=True)
class Prompt:
    """One row of a set."""

    #: Its number in the file, from 0.
    row: int
    ids: tuple[int, ...]
    text: str
    #: The row's texts, by name, for reward functions.
    fields: dict[str, str]


def read_prompts(file: Path, facts: TextBaseFacts, context_length: int, max_new_tokens: int) -> list[Prompt]:
    """The prompts of a file: BOS where the base wants it, each segment on its own.

    A prompt keeps its end, and at most what `max_new_tokens` leaves of the context, or half of the context, whichever
    is more. Raises ValueError naming the first bad line, or a prompt without a token.
    """
    start = () if facts.special.start is None else (facts.special.start,)
    longest = max(context_length - max_new_tokens, context_length // 2)
    prompts: list[Prompt] = []
    for row, (segments, fields) in enumerate(read_json_lines(file, _read_row)):
        ids = encode_segments(segments, facts.tokenizer).ids
        kept = max(0, min(len(ids), longest - len(start)))
        text = "".join(segment.text for segment in segments)
        prompts.append(Prompt(row, (*start, *ids[len(ids) - kept :]), text, fields))
    for prompt in prompts:
        if not prompt.ids:
            raise ValueError(f"Row {prompt.row + 1} has a prompt without a token.")
    return prompts


def _read_row(value: Json) -> tuple[tuple[Segment, ...], dict[str, str]]:
    row = expect_object(value, "a row", required=("prompt", "row"))
    fields = expect_object(row["row"], "row")
    texts = {name: expect_text(text, f"row.{name}") for name, text in fields.items()}
    return read_segments(row["prompt"], "prompt", may_count=False), texts
