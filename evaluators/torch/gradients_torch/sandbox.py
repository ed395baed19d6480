"""Runs code that came with a task: in the same QuickJS, by the same program, as every other evaluator."""

import os
import select
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .child_programs import end_child, start_child
from .errors import EvaluationError
from .fields import expect_flag, expect_list, expect_number, expect_object, expect_text
from .json_text import compact_json, parse_json

#: The program ends calls by itself after ten seconds, and may take long to start on a busy machine.
_DEADLINE_SECONDS = 120.0
_LARGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True)
class CodeFault:
    """A fault of the code that was run, never of this program."""

    kind: str
    message: str


class Sandbox:
    """A child program that is started with the first call, and again after one that went wrong."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._child: subprocess.Popen[bytes] | None = None

    def call(self, source: str, name: str, argument: object, count: int) -> list[float] | CodeFault:
        """Calls the function `name` of a script with one argument; it must return `count` finite numbers."""
        line = compact_json({"source": source, "name": name, "input": compact_json(argument), "count": count})
        try:
            if self._child is None:
                self._child = start_child(self._command)
            answer = _ask(self._child, f"{line}\n".encode())
            return _read_answer(answer)
        except (OSError, ValueError) as error:
            self.end()
            message = f"The sandbox {self._command[0]} failed: {error}"
            raise EvaluationError("infrastructure", "EVALUATOR_FAILED", message) from error

    def end(self) -> None:
        """Ends the child program; the next call starts another."""
        if self._child is not None:
            end_child(self._child)
            self._child = None


def _ask(child: "subprocess.Popen[bytes]", line: bytes) -> str:
    if child.stdin is None or child.stdout is None:
        raise OSError("it has no pipes")
    rest = memoryview(line)
    while rest:
        rest = rest[child.stdin.write(rest) or 0 :]
    deadline = time.monotonic() + _DEADLINE_SECONDS
    answer = bytearray()
    descriptor = child.stdout.fileno()
    while not answer.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise OSError(f"there was no answer within {_DEADLINE_SECONDS:.0f} seconds")
        chunk = os.read(descriptor, 65_536)
        if not chunk:
            raise OSError("it ended")
        answer += chunk
        if len(answer) > _LARGEST_ANSWER:
            raise OSError("its answer is too long")
    return answer.decode("utf-8")


def _read_answer(line: str) -> list[float] | CodeFault:
    answer = expect_object(parse_json(line), "the answer", required=("ok",))
    if expect_flag(answer["ok"], "ok"):
        return [expect_number(number, "a number") for number in expect_list(answer.get("numbers"), "numbers")]
    return CodeFault(expect_text(answer.get("kind"), "kind"), expect_text(answer.get("message"), "message"))


def sandbox_command(chosen: Sequence[str] | None) -> tuple[str, ...]:
    """The operator's command, or the program of the package that this evaluator lies in, with its Node."""
    if chosen:
        return tuple(chosen)
    root = Path(__file__).resolve().parents[3]
    source = root / "evaluators" / "embedded" / "sandbox" / "main.ts"
    program = source if source.exists() else root / "dist" / "evaluators" / "embedded" / "sandbox" / "main.js"
    # The one that is installed with this package, or beside it where it is somebody's dependency.
    installed = (root / "node_modules" / ".bin" / "node", root.parent / ".bin" / "node")
    node = next((str(path) for path in installed if path.exists()), shutil.which("node"))
    if node is None or not program.exists():
        missing = "no Node" if node is None else f"no {program}"
        message = f"Reward functions need a sandbox, and there is {missing}: name its command with --sandbox."
        raise EvaluationError("infrastructure", "EVALUATOR_FAILED", message)
    return (node, str(program))
