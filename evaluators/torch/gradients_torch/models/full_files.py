"""Checks a submitted whole model: its config and its tensors must be the base's."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from ..errors import ModelError
from ..safe_files import read_json_file
from .text_config import Config, check_same_architecture, read_config
from .weight_files import Shapes, read_shapes, weight_files

CONFIG_FILE = "config.json"
HEAD = "lm_head.weight"
EMBEDDING = "model.embed_tokens.weight"


def load_full_weights(folder: Path, base_config: Config, base_shapes: Shapes) -> dict[str, torch.Tensor]:
    """The tensors of a whole model, exactly the base's; raises WRONG_ARCHITECTURE or MALFORMED_MODEL.

    `base_config` has transformers' own defaults.
    """
    check_same_architecture(read_config(read_json_file(folder, CONFIG_FILE)), base_config)
    files = weight_files(folder)
    tied = base_config.get("tie_word_embeddings") is True
    _check_shapes(read_shapes(files), base_shapes, tied)
    weights: dict[str, torch.Tensor] = {}
    for file in files:
        weights.update(load_file(file))
    for name in weights.keys() - base_shapes.keys():
        head, embedding = weights.pop(name), weights[EMBEDDING]
        if not torch.equal(head.float(), embedding.float()):
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} is not part of the architecture.")
    return weights


def _check_shapes(shapes: Shapes, base_shapes: Shapes, tied: bool) -> None:
    for name, wanted in base_shapes.items():
        found = shapes.get(name)
        if found is None:
            # Some bases bring what transformers does not write: it follows from the rest of the model.
            if (tied and name == HEAD) or name.endswith(".rotary_emb.inv_freq"):
                continue
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} is missing.")
        if found != wanted:
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} has shape {list(found)}, expected {list(wanted)}.")
    for name, found in shapes.items():
        # Some writers save a copy of a tied output layer; whether it is one shows when it is read.
        if name not in base_shapes and not (name == HEAD and found == base_shapes.get(EMBEDDING)):
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} is not part of the architecture.")
