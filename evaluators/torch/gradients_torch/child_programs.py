"""Programs that this one has started: none may outlive it."""

import subprocess
from collections.abc import Sequence

_started: list["subprocess.Popen[bytes]"] = []


def start_child(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Starts a program with an empty environment; its log goes to this program's."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, bufsize=0)
    _started.append(child)
    return child


def end_child(child: "subprocess.Popen[bytes]") -> None:
    """Kills one program and waits until it is gone."""
    child.kill()
    child.wait()
    _started.remove(child)


def kill_children() -> None:
    """Kills all of them without waiting: from any thread, when this program ends."""
    for child in list(_started):
        child.kill()
