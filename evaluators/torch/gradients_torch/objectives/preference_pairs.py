"""Rows of one prompt and two completions of it, as token sequences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..fields import expect_object
from ..json_text import Json
from ..models.text_model import TextBaseFacts
from ..rows import Example, Segment, encode_segments, read_json_lines, read_segments


@dataclass(frozen=True)
class PairLimits:
    """Longest sequence, BOS and EOS included, and most tokens of the prompt, BOS not included."""

    length: int
    prompt: int

    def within(self, context_length: int) -> "PairLimits":
        """The same limits in a context that may be smaller."""
        return replace(self, length=min(self.length, context_length))


@dataclass(frozen=True)
class Pair:
    """A row as two token sequences with the same prompt."""

    chosen: Example
    rejected: Example


@dataclass(frozen=True)
class _PreferenceRow:
    prompt: tuple[Segment, ...]
    chosen: tuple[Segment, ...]
    rejected: tuple[Segment, ...]


def read_pairs(file: Path, facts: TextBaseFacts, limits: PairLimits) -> list[Pair]:
    """The pairs of a file; raises ValueError naming the first bad line, or a pair without a counted token."""
    pairs = [_to_pair(row, facts, limits) for row in read_json_lines(file, _read_row)]
    for number, pair in enumerate(pairs, 1):
        if not any(pair.chosen.counts) or not any(pair.rejected.counts):
            raise ValueError(f"Row {number} has a completion without a counted token.")
    return pairs


def _read_row(value: Json) -> _PreferenceRow:
    row = expect_object(value, "a row", required=("prompt", "chosen", "rejected"))
    return _PreferenceRow(
        prompt=read_segments(row["prompt"], "prompt", minimum=0, may_count=False),
        chosen=read_segments(row["chosen"], "chosen"),
        rejected=read_segments(row["rejected"], "rejected"),
    )


def _to_pair(row: _PreferenceRow, facts: TextBaseFacts, limits: PairLimits) -> Pair:
    """BOS where the base wants it, the same end of the prompt for both, the start of each completion, EOS (counted).

    The prompt keeps no more than what the longer completion leaves of the length or half of it, whichever is more.
    """
    start = () if facts.special.start is None else (facts.special.start,)
    asked = encode_segments(row.prompt, facts.tokenizer).ids
    chosen, rejected = _complete(row.chosen, facts), _complete(row.rejected, facts)
    longest = max(len(chosen.ids), len(rejected.ids))
    room = max(limits.length - longest, limits.length // 2) - len(start)
    kept = max(0, min(len(asked), limits.prompt, room))
    before = (*start, *asked[len(asked) - kept :])
    return Pair(_join(before, chosen, limits.length), _join(before, rejected, limits.length))


def _complete(segments: Sequence[Segment], facts: TextBaseFacts) -> Example:
    encoded = encode_segments(segments, facts.tokenizer)
    return Example((*encoded.ids, facts.special.end), (*encoded.counts, True))


def _join(before: tuple[int, ...], completion: Example, length: int) -> Example:
    ids = (*before, *completion.ids)[:length]
    counts = (*(False for _ in before), *completion.counts)[:length]
    # Nothing predicts the first token of a sequence, so it can't count.
    return Example(ids, (False, *counts[1:]))
