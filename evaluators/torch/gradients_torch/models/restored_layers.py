"""Keeps what PEFT does to a base's module from outliving one submission."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from torch import nn


@contextmanager
def restored(module: nn.Module, names: Sequence[str]) -> Iterator[None]:
    """The module has its own layers of these names again at the end, however far PEFT had come when it failed."""
    layers = {name: module.get_submodule(name) for name in names}
    try:
        yield
    finally:
        for name, layer in layers.items():
            parent, _, attribute = name.rpartition(".")
            setattr(module.get_submodule(parent), attribute, layer)
        if hasattr(module, "peft_config"):
            del module.peft_config
