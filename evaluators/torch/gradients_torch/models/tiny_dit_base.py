"""Loads the demo's tiny diffusion transformer and whole models of its architecture."""

from pathlib import Path

import torch

from ..compute import Compute
from ..diffusion.tiny_dit import TinyDit
from ..diffusion.tiny_dit_config import TinyDitConfig, check_same_config, parse_tiny_dit_config
from ..diffusion.tiny_dit_painter import TinyDitPainter
from ..safe_files import read_json_file
from ..tokenizer import load_tokenizer
from .exact_weights import load_exact_weights, shapes_of
from .image_base import ImageBase
from .weight_files import weight_files

CONFIG_FILE = "config.json"
#: The layers that an adapter may change, as in the embedded evaluator.
_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def load_tiny_dit_base(folder: Path, compute: Compute) -> ImageBase:
    """The base with its tokenizer; raises ModelError where it can't be read."""
    config = parse_tiny_dit_config(read_json_file(folder, CONFIG_FILE))
    module = _load(folder, config).requires_grad_(False).eval().to(device=compute.device, dtype=compute.dtype)

    def load_whole(path: Path) -> TinyDit:
        check_same_config(parse_tiny_dit_config(read_json_file(path, CONFIG_FILE)), config)
        return _load(path, config)

    return ImageBase(
        module=module,
        painter=TinyDitPainter(config, load_tokenizer(folder), compute),
        is_base=True,
        compute=compute,
        shapes=shapes_of(module),
        context_length=config.text_length + config.grid**2,
        is_target=lambda name: name.endswith(tuple(f".{target}" for target in _TARGETS)),
        load_whole=load_whole,
    )


def _load(folder: Path, config: TinyDitConfig) -> TinyDit:
    with torch.device("meta"):
        module = TinyDit(config)
    weights = load_exact_weights(weight_files(folder), shapes_of(module))
    module.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, assign=True)
    return module
