"""Writes answers to the real standard output, which nothing else can reach any more."""

import os
import sys
import threading

from .json_text import compact_json
from .protocol import MAXIMUM_ANSWER_BYTES, RequestId


class Answers:
    """One JSON object a line, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def progress(self, request_id: RequestId, done: int, total: int) -> None:
        """So many rows of all rows are done."""
        self._write({"id": request_id, "type": "progress", "done": done, "total": total})

    def result(self, request_id: RequestId, result: object) -> None:
        """What a request came to; an error where the line would be too long."""
        line = {"id": request_id, "type": "result", "result": result}
        if not self._write(line):
            message = f"The answer has more than {MAXIMUM_ANSWER_BYTES} bytes."
            self.error(request_id, "infrastructure", "ANSWER_TOO_LONG", message)

    def error(self, request_id: RequestId | None, cause: str, code: str, message: str) -> None:
        """Why a request failed, and who is to blame."""
        self._write({"id": request_id, "type": "error", "cause": cause, "code": code, "message": message[:4000]})

    def _write(self, line: object) -> bool:
        data = f"{compact_json(line)}\n".encode()
        if len(data) > MAXIMUM_ANSWER_BYTES:
            return False
        with self._lock:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        return True


def claim_standard_output() -> Answers:
    """Keeps standard output for answers and sends all other prints, those of C libraries too, to standard error."""
    sys.stdout.flush()
    descriptor = os.dup(1)
    os.dup2(2, 1)
    return Answers(descriptor)
