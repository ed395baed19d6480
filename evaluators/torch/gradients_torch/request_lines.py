"""Reads request lines in a thread of its own, so that the end of the input is noticed whatever the program does."""

import os
import queue
import threading
from collections.abc import Callable

from .protocol import MAXIMUM_REQUEST_BYTES

_CHUNK_BYTES = 65_536


class LineTooLong(Exception):
    """A line has more bytes than a request may have."""


class LineSplitter:
    """Turns chunks of bytes into complete lines; blank ones are left out."""

    def __init__(self, maximum_bytes: int) -> None:
        self._maximum_bytes = maximum_bytes
        self._pending = bytearray()

    def push(self, chunk: bytes) -> list[str]:
        """The lines that this chunk completes; raises LineTooLong as soon as one has too many bytes."""
        *complete, rest = chunk.split(b"\n")
        lines: list[str] = []
        for part in complete:
            self._add(part)
            lines.append(self._pending.decode("utf-8", "replace"))
            self._pending.clear()
        self._add(rest)
        return [line for line in lines if line.strip() != ""]

    def _add(self, part: bytes) -> None:
        self._pending += part
        if len(self._pending) > self._maximum_bytes:
            raise LineTooLong(f"A line has more than {self._maximum_bytes} bytes.")


def read_lines(on_end: Callable[[], None], on_too_long: Callable[[str], None]) -> "queue.SimpleQueue[str]":
    """Lines of standard input as they come; `on_end` and `on_too_long` run in the reading thread."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        splitter = LineSplitter(MAXIMUM_REQUEST_BYTES)
        while chunk := os.read(0, _CHUNK_BYTES):
            try:
                for line in splitter.push(chunk):
                    lines.put(line)
            except LineTooLong as error:
                on_too_long(str(error))
                return
        on_end()

    threading.Thread(target=read, name="requests", daemon=True).start()
    return lines
