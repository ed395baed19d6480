"""The device that models run on, and what makes it give the same numbers again."""

import gc
import os
import platform
from dataclasses import dataclass

# Libraries read these when they are loaded. Without the first, equal products may differ in their last bits on a GPU;
# without the second, threads that wait for each other burn the processors that others need, or that a quota counts.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch

from .errors import EvaluationError
from .processors import allowed_processors
from .settings import Settings

_CPU_BATCH_TOKENS = 2048
_GPU_BATCH_TOKENS = 16_384


@dataclass
class Compute:
    """Where weights lie, with which precision, and how much is computed at once."""

    device: torch.device
    dtype: torch.dtype
    #: Positions, padding included. Fewer from then on where they have not fitted into memory once.
    batch_tokens: int

    @property
    def description(self) -> str:
        """The device in words, with the precision."""
        precision = str(self.dtype).removeprefix("torch.")
        if self.device.type == "cpu":
            return f"cpu {platform.machine()} {precision}"
        return f"{torch.cuda.get_device_name(self.device)} {precision}"


def free_memory(device: torch.device) -> None:
    """Gives back what nothing refers to any more."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def choose_compute(settings: Settings) -> Compute:
    """A GPU where there is one, unless the operator says otherwise; raises EVALUATOR_FAILED where it is missing."""
    found = torch.cuda.is_available()
    if settings.device == "cuda" and not found:
        message = "There is no GPU that PyTorch can use, and --device cuda asks for one."
        raise EvaluationError("infrastructure", "EVALUATOR_FAILED", message)
    on_gpu = found and settings.device != "cpu"
    dtype = {"auto": torch.bfloat16 if on_gpu else torch.float32, "float32": torch.float32, "bfloat16": torch.bfloat16}
    default_tokens = _GPU_BATCH_TOKENS if on_gpu else _CPU_BATCH_TOKENS
    _prefer_repeatable_kernels()
    return Compute(
        device=torch.device("cuda:0" if on_gpu else "cpu"),
        dtype=dtype[settings.precision],
        batch_tokens=settings.batch_tokens or default_tokens,
    )


def _prefer_repeatable_kernels() -> None:
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.manual_seed(0)
    torch.set_num_threads(min(torch.get_num_threads(), allowed_processors()))
