"""How many processors this program may use: PyTorch itself counts those of the whole machine."""

import math
import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_OLD_QUOTA = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
_OLD_PERIOD = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")


def allowed_processors() -> int:
    """Those that it may run on, at most as many as its control group has a quota for."""
    runnable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota = read_quota(_QUOTA.read_text()) if _QUOTA.exists() else _read_old_quota()
    except (OSError, ValueError):
        return runnable
    return runnable if quota is None else max(1, min(runnable, math.ceil(quota)))


def read_quota(text: str) -> float | None:
    """Processors from the text of cpu.max, "<microseconds or max> <period>"; None where there is no limit."""
    quota, period = text.split()
    return None if quota == "max" else int(quota) / int(period)


def _read_old_quota() -> float | None:
    quota = int(_OLD_QUOTA.read_text())
    return None if quota < 0 else quota / int(_OLD_PERIOD.read_text())
