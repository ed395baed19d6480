"""Runs a pipeline's text encoders over the captions of a set, and takes them off the device again."""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import nn

from ..compute import Compute

Caption = TypeVar("Caption")
_BATCH = 8


def encode_each(
    texts: Sequence[str],
    encoders: Sequence[nn.Module],
    compute: Compute,
    encode: Callable[[list[str]], list[Caption]],
) -> list[Caption]:
    """What `encode` makes of each text; equal texts are encoded once."""
    distinct = list(dict.fromkeys(texts))
    known: dict[str, Caption] = {}
    with torch.inference_mode(), _on_device(encoders, compute.device):
        for start in range(0, len(distinct), _BATCH):
            batch = distinct[start : start + _BATCH]
            known.update(zip(batch, encode(batch), strict=True))
    return [known[text] for text in texts]


@contextmanager
def _on_device(encoders: Sequence[nn.Module], device: torch.device) -> Any:
    for encoder in encoders:
        encoder.to(device)
    try:
        yield
    finally:
        for encoder in encoders:
            encoder.to("cpu")
