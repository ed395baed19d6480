"""Loads the demo's tiny diffusion transformer and whole models of its architecture."""

from pathlib import Path

import torch
from torch import nn

from ..compute import Compute
from ..diffusion.tiny_dit import TinyDit
from ..diffusion.tiny_dit_config import TinyDitConfig, check_same_config, parse_tiny_dit_config
from ..diffusion.tiny_dit_painter import TinyDitPainter
from ..safe_files import read_json_file
from ..tokenizer import load_tokenizer
from .exact_weights import load_exact_weights, shapes_of
from .image_base import ImageBase
from .text_config import read_config
from .weight_files import weight_files

CONFIG_FILE = "config.json"


def load_tiny_dit_base(folder: Path, compute: Compute) -> ImageBase:
    """The base with its tokenizer; raises ModelError where it can't be read."""
    stated = read_config(read_json_file(folder, CONFIG_FILE))
    config = parse_tiny_dit_config(stated)
    module = _load(folder, config).requires_grad_(False).eval().to(device=compute.device, dtype=compute.dtype)
    linear = {name for name, layer in module.named_modules() if isinstance(layer, nn.Linear)}

    def load_whole(path: Path) -> TinyDit:
        # What a submission leaves out is the base's.
        own = read_config(read_json_file(path, CONFIG_FILE))
        check_same_config(parse_tiny_dit_config({**stated, **own}), config)
        return _load(path, config)

    return ImageBase(
        module=module,
        painter=TinyDitPainter(config, load_tokenizer(folder), compute),
        is_base=True,
        compute=compute,
        shapes=shapes_of(module),
        context_length=config.text_length + config.grid**2,
        is_target=linear.__contains__,
        load_whole=load_whole,
    )


def _load(folder: Path, config: TinyDitConfig) -> TinyDit:
    with torch.device("meta"):
        module = TinyDit(config)
    weights = load_exact_weights(weight_files(folder), shapes_of(module))
    module.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, assign=True)
    return module
