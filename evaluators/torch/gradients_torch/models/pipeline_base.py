"""Loads SDXL and Flux with diffusers: local folders, safetensors, no code but the libraries' own."""

import copy
from pathlib import Path
from typing import Any

from diffusers import FluxPipeline, StableDiffusionXLPipeline
from diffusers.utils import logging
from torch import nn

from ..compute import Compute
from ..diffusion.flux_painter import FluxPainter
from ..diffusion.latent_pictures import latent_pictures
from ..diffusion.sdxl_painter import SdxlPainter
from ..errors import ModelError
from ..fields import expect_object
from ..json_text import Json
from ..safe_files import read_json_file
from .exact_weights import load_exact_weights, shapes_of
from .image_base import ImageBase
from .weight_files import weight_files

logging.disable_progress_bar()
logging.set_verbosity_error()

INDEX_FILE = "model_index.json"
CONFIG_FILE = "config.json"
_LIBRARIES = ("diffusers", "transformers", None)
_SDXL_TOKENS = 77
#: Of the two kinds of Flux, the one that is told its guidance reads longer texts.
_FLUX_TOKENS, _FLUX_GUIDED_TOKENS = 256, 512


def load_pipeline_base(folder: Path, compute: Compute) -> ImageBase:
    """A base with model_index.json; raises ModelError where it can't be loaded."""
    kind = _check_index(read_json_file(folder, INDEX_FILE))
    is_flux = kind == "FluxPipeline"
    pipeline_class: Any = FluxPipeline if is_flux else StableDiffusionXLPipeline
    try:
        pipeline = pipeline_class.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=compute.dtype,
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ModelError("MALFORMED_MODEL", f"diffusers can't load it: {error}") from error
    for encoder in (pipeline.text_encoder, pipeline.text_encoder_2):
        encoder.requires_grad_(False).eval()
    return _flux(pipeline, compute) if is_flux else _sdxl(pipeline, compute)


def _check_index(value: Json) -> str:
    """The pipeline's class, where all of its parts are the libraries' own."""
    try:
        index = expect_object(value, INDEX_FILE, required=("_class_name",))
    except ValueError as error:
        raise ModelError("MALFORMED_MODEL", f"{error}.") from None
    kind = index["_class_name"]
    if kind != "StableDiffusionXLPipeline" and kind != "FluxPipeline":
        message = f"{INDEX_FILE}: _class_name is {kind}, expected StableDiffusionXLPipeline or FluxPipeline."
        raise ModelError("WRONG_ARCHITECTURE", message)
    for name, part in index.items():
        if isinstance(part, list) and (len(part) != 2 or part[0] not in _LIBRARIES):
            raise ModelError("MALFORMED_MODEL", f"{INDEX_FILE}: {name} is not a part that diffusers brings along.")
    return str(kind)


def _sdxl(pipeline: Any, compute: Compute) -> ImageBase:
    painter = SdxlPainter(pipeline, latent_pictures(pipeline.vae, compute.device), compute)
    return _base(pipeline.unet, painter, compute, _SDXL_TOKENS)


def _flux(pipeline: Any, compute: Compute) -> ImageBase:
    text_length = _FLUX_GUIDED_TOKENS if pipeline.transformer.config.guidance_embeds else _FLUX_TOKENS
    painter = FluxPainter(pipeline, latent_pictures(pipeline.vae, compute.device), compute, text_length)
    return _base(pipeline.transformer, painter, compute, text_length)


def _base(part: Any, painter: SdxlPainter | FluxPainter, compute: Compute, context_length: int) -> ImageBase:
    module: nn.Module = part.requires_grad_(False).eval().to(compute.device)
    config = dict(part.config)
    shapes = shapes_of(module)
    linear = {name for name, layer in module.named_modules() if isinstance(layer, nn.Linear)}

    def load_whole(path: Path) -> nn.Module:
        _check_same_config(read_json_file(path, CONFIG_FILE), config, type(part).__name__)
        weights = load_exact_weights(weight_files(path), shapes)
        whole = copy.deepcopy(module)
        whole.load_state_dict(weights)
        return whole

    return ImageBase(
        module=module,
        painter=painter,
        is_base=True,
        compute=compute,
        shapes=shapes,
        context_length=context_length,
        is_target=linear.__contains__,
        load_whole=load_whole,
    )


def _check_same_config(value: Json, base: dict[str, Any], class_name: str) -> None:
    """Raises WRONG_ARCHITECTURE where a config says anything else than the base's; what it leaves out is the base's."""
    try:
        config = expect_object(value, CONFIG_FILE, required=("_class_name",))
    except ValueError as error:
        raise ModelError("WRONG_ARCHITECTURE", f"{error}.") from None
    if config["_class_name"] != class_name:
        message = f"{CONFIG_FILE}: _class_name is {config['_class_name']}, the base has {class_name}."
        raise ModelError("WRONG_ARCHITECTURE", message)
    for key, found in config.items():
        expected = base.get(key)
        plain = list(expected) if isinstance(expected, tuple) else expected
        if not key.startswith("_") and found != plain:
            raise ModelError("WRONG_ARCHITECTURE", f"{CONFIG_FILE}: {key} is {found}, the base has {plain}.")
