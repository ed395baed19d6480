"""Loads weights that must be a module's, tensor by tensor."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from ..errors import ModelError
from .weight_files import Shapes, read_shapes


def load_exact_weights(files: tuple[Path, ...], expected: Shapes) -> dict[str, torch.Tensor]:
    """All tensors of the files; raises WRONG_ARCHITECTURE unless their names and shapes are these."""
    shapes = read_shapes(files)
    for name, wanted in expected.items():
        found = shapes.get(name)
        if found is None:
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} is missing.")
        if found != wanted:
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} has shape {list(found)}, expected {list(wanted)}.")
    for name in shapes:
        if name not in expected:
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} is not part of the architecture.")
    return {name: tensor for file in files for name, tensor in load_file(file).items()}


def shapes_of(module: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a module's tensors."""
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
