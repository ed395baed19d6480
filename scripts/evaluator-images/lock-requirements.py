"""Locks what the torch evaluators install: every package with its version and the digest of its wheel.

    python3 scripts/evaluator-images/lock-requirements.py

writes evaluators/torch/requirements-*.lock from the .in files beside them, for the Python that runs this and for Linux on
x86-64 (what PyTorch publishes CUDA for). `pip install --require-hashes -r <lock>` installs exactly that.
"""

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "evaluators/torch"


def resolve(requirements: Path) -> list[tuple[str, str, str]]:
    """Name, version and sha256 of everything that pip would install."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    wheels_only = ["--only-binary", ":all:"]
    done = subprocess.run([*command, *wheels_only, "-r", requirements], check=True, stdout=subprocess.PIPE)
    return sorted(
        (
            item["metadata"]["name"].lower().replace("_", "-"),
            item["metadata"]["version"],
            item["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for item in json.loads(done.stdout)["install"]
    )


def main() -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    for requirements in sorted(FOLDER.glob("requirements-*.in")):
        lock = requirements.with_suffix(".lock")
        head = f"# Python {python} on Linux x86-64; made by scripts/evaluator-images/lock-requirements.py.\n"
        lines = [f"{name}=={version} --hash=sha256:{digest}\n" for name, version, digest in resolve(requirements)]
        lock.write_text(head + "".join(lines))
        print(f"{lock.name}: {len(lines)} packages")


main()
