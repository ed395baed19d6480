"""Checks a submitted LoRA adapter: its config, its names, its tensors."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from ..fields import expect_integer, expect_number, expect_object
from ..json_text import Json
from ..safe_files import model_file, read_json_file
from .weight_files import Shapes, read_shapes

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
_PREFIX = "base_model.model."
_LARGEST_RANK = 4096
#: Whatever would change the arithmetic of plain LoRA must be off.
_OFF = (
    "use_rslora",
    "use_dora",
    "use_qalora",
    "modules_to_save",
    "rank_pattern",
    "alpha_pattern",
    "layer_replication",
    "target_parameters",
    "trainable_token_indices",
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "lora_bias",
    "monteclora_config",
    "use_bdlora",
)


@dataclass(frozen=True)
class AdapterFacts:
    """All of an adapter's config that is used: the rest of the file is never given to a library."""

    rank: int
    alpha: float
    #: Full names of the base's layers that it changes, from its tensors.
    modules: tuple[str, ...]


def check_adapter(
    folder: Path,
    base_shapes: Shapes,
    base_names: tuple[str, ...] | None,
    is_target: Callable[[str], bool],
) -> AdapterFacts:
    """Raises WRONG_BASE, WRONG_ARCHITECTURE or MALFORMED_MODEL where the adapter does not fit the base."""
    config = read_json_file(folder, CONFIG_FILE)
    try:
        rank, alpha, base = _read_config(config)
    except ValueError as error:
        raise ModelError("WRONG_ARCHITECTURE", f"{CONFIG_FILE}: {error}.") from None
    if base_names is not None and (base or "") not in base_names:
        message = f"The adapter is for {base or 'no base'}, expected {' or '.join(base_names)}."
        raise ModelError("WRONG_BASE", message)
    shapes = read_shapes((model_file(folder, WEIGHTS_FILE),))
    return AdapterFacts(rank, alpha, _check_tensors(shapes, base_shapes, rank, is_target))


def _read_config(value: Json) -> tuple[int, float, str | None]:
    config = expect_object(value, "it", required=("peft_type", "r", "lora_alpha"))
    if config["peft_type"] != "LORA":
        raise ValueError("peft_type must be LORA")
    if config.get("bias", "none") != "none":
        raise ValueError("bias must be none")
    if config.get("fan_in_fan_out", False) is not False:
        raise ValueError("fan_in_fan_out must be false")
    for key in _OFF:
        setting = config.get(key)
        if setting is not None and setting is not False and setting != [] and setting != {}:
            raise ValueError(f"{key} must be off")
    base = config.get("base_model_name_or_path")
    if base is not None and not isinstance(base, str):
        raise ValueError("base_model_name_or_path must be a string")
    rank = expect_integer(config["r"], "r", minimum=1, maximum=_LARGEST_RANK)
    return rank, expect_number(config["lora_alpha"], "lora_alpha"), base


def _check_tensors(shapes: Shapes, base_shapes: Shapes, rank: int, is_target: Callable[[str], bool]) -> tuple[str, ...]:
    """Every A has its B and the other way round, for linear layers of the base, of the config's rank."""
    expected: dict[str, tuple[int, ...]] = {}
    for name, shape in base_shapes.items():
        module = name.removesuffix(".weight")
        if len(shape) == 2 and module != name and is_target(module):
            expected[f"{_PREFIX}{module}.lora_A.weight"] = (rank, shape[1])
            expected[f"{_PREFIX}{module}.lora_B.weight"] = (shape[0], rank)
    if not shapes:
        raise ModelError("MALFORMED_MODEL", "The adapter has no tensors.")
    for name, found in shapes.items():
        wanted = expected.get(name)
        if wanted is None:
            raise ModelError("WRONG_ARCHITECTURE", f"The base has no layer for tensor {name}.")
        if found != wanted:
            raise ModelError("WRONG_ARCHITECTURE", f"Tensor {name} has shape {list(found)}, expected {list(wanted)}.")
        if _partner(name) not in shapes:
            raise ModelError("MALFORMED_MODEL", f"Tensor {_partner(name)} is missing.")
    suffix = ".lora_A.weight"
    return tuple(sorted(name.removeprefix(_PREFIX).removesuffix(suffix) for name in shapes if name.endswith(suffix)))


def _partner(name: str) -> str:
    module, _, side = name.removesuffix(".weight").rpartition(".")
    return f"{module}.{'lora_B' if side == 'lora_A' else 'lora_A'}.weight"
