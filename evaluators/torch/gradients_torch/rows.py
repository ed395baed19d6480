"""Rendered rows: JSON lines whose texts become token ids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .fields import expect_flag, expect_list, expect_object, expect_text
from .json_text import Json, parse_json
from .models.text_config import SpecialTokens
from .tokenizer import Tokenizer

Row = TypeVar("Row")


@dataclass(frozen=True)
class Segment:
    """A piece of text that is tokenised on its own."""

    text: str
    counts: bool


@dataclass(frozen=True)
class Example:
    """A tokenised text and which of its tokens count towards the loss."""

    ids: tuple[int, ...]
    counts: tuple[bool, ...]

    def as_json(self) -> dict[str, object]:
        """As an answer shows it."""
        return {"ids": self.ids, "counts": self.counts}


def read_json_lines(path: Path, read_row: Callable[[Json], Row]) -> list[Row]:
    """The rows of a file; the ValueError names the first bad line."""
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(read_row(parse_json(line)))
        except ValueError as error:
            raise ValueError(f"Line {number} is not a rendered row: {error}.") from None
    return rows


def read_segments(value: Json, place: str, *, minimum: int = 1, may_count: bool = True) -> tuple[Segment, ...]:
    """A list of segments, none of which counts unless that is allowed."""
    segments = []
    for item in expect_list(value, place, minimum=minimum):
        fields = expect_object(item, place, required=("text", "counts"), optional=())
        segment = Segment(
            expect_text(fields["text"], f"{place}.text"), expect_flag(fields["counts"], f"{place}.counts")
        )
        if segment.counts and not may_count:
            raise ValueError(f"{place} must not count")
        segments.append(segment)
    return tuple(segments)


def encode_segments(segments: Sequence[Segment], tokenizer: Tokenizer) -> Example:
    """The tokens of segments, each tokenised on its own, without BOS and EOS."""
    ids: list[int] = []
    counts: list[bool] = []
    for segment in segments:
        own = tokenizer.encode(segment.text)
        ids += own
        counts += [segment.counts] * len(own)
    return Example(tuple(ids), tuple(counts))


def to_example(
    segments: Sequence[Segment], tokenizer: Tokenizer, special: SpecialTokens, context_length: int
) -> Example:
    """Tokenises a row: BOS where the base wants it, each segment on its own, EOS (counted).

    A row that is too long loses tokens from the left of the part in front of the first counted token (never the BOS),
    then from its right end. The first token of a sequence is never predicted, so it never counts.
    """
    start = () if special.start is None else (special.start,)
    encoded = encode_segments(segments, tokenizer)
    ids = (*encoded.ids, special.end)
    counts = (*encoded.counts, True)
    excess = max(0, len(start) + len(ids) - context_length)
    cut = min(excess, counts.index(True))
    room = max(0, context_length - len(start))
    kept_ids = (*start, *ids[cut : cut + room])
    kept_counts = (*(False for _ in start), *counts[cut : cut + room])
    return Example(kept_ids, (False, *kept_counts[1:]) if kept_counts else ())
