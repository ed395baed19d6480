"""Where and how models run, chosen by the operator on the command line."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DeviceName = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class Settings:
    """The command line."""

    folder: Path
    device: DeviceName
    precision: Precision
    #: Positions, padding included, that are computed at once.
    batch_tokens: int | None
    #: Program and arguments that run reward functions; the repository's own where absent.
    sandbox: tuple[str, ...] | None


def parse_settings(arguments: Sequence[str]) -> Settings:
    """Reads the command line; ends the program with a usage message where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="gradients_torch", description="Evaluates models; see docs/evaluator-protocol.md."
    )
    parser.add_argument("folder", nargs="?", default=".", help="the session folder (default: the working directory)")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto is a GPU where there is one"
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16"),
        default="auto",
        help="of the weights; auto is bfloat16 on a GPU and float32 on a CPU",
    )
    parser.add_argument("--batch-tokens", type=_positive, help="positions that are computed at once")
    parser.add_argument("--sandbox", type=shlex.split, help="command that runs reward functions")
    found = parser.parse_args(arguments)
    return Settings(
        folder=Path(found.folder),
        device=found.device,
        precision=found.precision,
        batch_tokens=found.batch_tokens,
        sandbox=None if found.sandbox is None else tuple(found.sandbox),
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value
