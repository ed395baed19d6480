"""What does not fit into memory at once."""

import json
import tempfile
import unittest
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import torch

from gradients_torch import token_losses
from gradients_torch.compute import choose_compute
from gradients_torch.protocol import EvaluateRequest, OpenRequest
from gradients_torch.rows import Example
from gradients_torch.session import Session, open_session
from gradients_torch.settings import parse_settings

from .demo_base import DEMO_BASE

_CONTEXT = 64


@contextmanager
def _memory_for(positions: int) -> Iterator[list[int]]:
    """A device that holds so many positions; yields how many each attempt asked for."""
    asked: list[int] = []
    compute = token_losses._batch_losses

    def losses(module: object, examples: Sequence[Example], device: torch.device) -> list[float]:
        asked.append(len(examples) * max(len(example.ids) for example in examples))
        if asked[-1] > positions:
            raise torch.OutOfMemoryError("out of memory")
        return compute(module, examples, device)  # type: ignore[arg-type]  # whatever it was given

    with mock.patch.object(token_losses, "_batch_losses", losses):
        yield asked


class MemoryTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "base").symlink_to(DEMO_BASE)
        lines = [json.dumps({"segments": [{"text": "ab " * n, "counts": True}]}) + "\n" for n in range(1, 40)]
        (folder / "test.jsonl").write_text("".join(lines))
        (folder / "short.jsonl").write_text("".join(lines[:8]))

        def open_set(file: str, batch_tokens: int) -> Session:
            given = ["--device", "cpu", "--precision", "float32", "--batch-tokens", str(batch_tokens), str(folder)]
            settings = parse_settings(given)
            request = OpenRequest(1, "base", None, {"test": file}, "token-cross-entropy", {}, _CONTEXT, "")
            return open_session(settings, choose_compute(settings), request)

        self._open = lambda: open_set("test.jsonl", 1024)
        self._open_short = lambda: open_set("short.jsonl", _CONTEXT)

    def _losses(self, session: Session) -> list[float]:
        answer = session.evaluate(EvaluateRequest(2, None, None, tokens=False), lambda _done, _total: None)
        return [row["loss"] for row in answer["sets"]["test"]["rows"]]  # type: ignore[index]  # an answer is any JSON

    def test_smaller_batches_have_the_same_losses(self) -> None:
        expected = self._losses(self._open())
        with _memory_for(300) as asked:
            found = self._losses(self._open())
        self.assertLess(max(abs(own - other) for own, other in zip(found, expected, strict=True)), 1e-5)
        refused = [index for index, positions in enumerate(asked) if positions > 300]
        self.assertEqual(len(refused), 2)
        self.assertGreater(len(asked), refused[-1] + 1)

    def test_batches_that_are_no_longer_than_the_context_become_smaller_too(self) -> None:
        with _memory_for(40) as asked:
            self.assertEqual(len(self._losses(self._open_short())), 8)
        self.assertEqual(len([positions for positions in asked if positions > 40]), 1)

    def test_what_does_not_even_fit_alone_fails(self) -> None:
        with _memory_for(30), self.assertRaises(torch.OutOfMemoryError):
            self._losses(self._open())


if __name__ == "__main__":
    unittest.main()
