"""The parts of a language model's config.json that evaluations depend on."""

from dataclasses import dataclass

from ..errors import ModelError
from ..fields import expect_integer, expect_object
from ..json_text import Json

Config = dict[str, Json]

#: A whole model's config must say these, and the base's values.
_STATED_KEYS = (
    "architectures",
    "model_type",
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
)
#: What it says of these must be what the base has; what it leaves out is the base's.
_OTHER_KEYS = (
    "num_key_value_heads",
    "head_dim",
    "rms_norm_eps",
    "tie_word_embeddings",
    "hidden_act",
    "attention_bias",
    "mlp_bias",
)
_ROPE_KEYS = ("rope_parameters", "rope_scaling", "rope_theta")


@dataclass(frozen=True)
class SpecialTokens:
    """Ids that do not come from texts."""

    #: In front of every sequence; None where the base wants none.
    start: int | None
    end: int


def read_config(value: Json) -> Config:
    """A config.json as an object; raises WRONG_ARCHITECTURE where it is none."""
    try:
        return expect_object(value, "config.json")
    except ValueError as error:
        raise ModelError("WRONG_ARCHITECTURE", f"{error}.") from None


def check_same_architecture(config: Config, base: Config) -> None:
    """Refuses a config whose model would compute something else than the base, with WRONG_ARCHITECTURE.

    `base` is the base's config with transformers' own defaults, for a config may be written by another version of it.
    """
    for key in _STATED_KEYS:
        _check_value(key, config.get(key), base.get(key))
    for key in _OTHER_KEYS:
        if config.get(key) is not None:
            _check_value(key, config[key], base.get(key))
    expected = _rope(base)
    for key, value in _rope(config).items():
        # What only one of the two states, the other's version of transformers may write elsewhere, or not at all.
        if key in expected:
            _check_value(f"{key} of the rotary embedding", value, expected[key])


def _check_value(name: str, found: Json, expected: Json) -> None:
    if found != expected or isinstance(found, bool) != isinstance(expected, bool):
        raise ModelError("WRONG_ARCHITECTURE", f"config.json: {name} is {found}, the base has {expected}.")


def _rope(config: Config) -> Config:
    """What a config says about rotary embeddings, as transformers 5 writes it.

    Nothing where it says nothing, or something for each kind of layer, which its versions write too differently.
    """
    if all(config.get(key) is None for key in _ROPE_KEYS):
        return {}
    settings = config.get("rope_scaling") or config.get("rope_parameters") or {}
    if not isinstance(settings, dict):
        raise ModelError("WRONG_ARCHITECTURE", "config.json: the settings of the rotary embedding must be an object.")
    if any(isinstance(value, dict) for value in settings.values()):
        return {}
    theta = {} if config.get("rope_theta") is None else {"rope_theta": config["rope_theta"]}
    # The name before it was `rope_type`.
    kind = {"rope_type": settings.get("type", "default")}
    return {**theta, **kind, **{key: value for key, value in settings.items() if key != "type"}}


def context_length(config: Config) -> int:
    """The base's own longest sequence; raises WRONG_ARCHITECTURE where it does not say."""
    return _required(config, "max_position_embeddings", minimum=2)


def vocabulary_size(config: Config) -> int:
    """How many tokens the model knows."""
    return _required(config, "vocab_size", minimum=1)


def special_tokens(config: Config, adds_start: bool) -> SpecialTokens:
    """BOS where the tokenizer's config wants it, and EOS, the first of them where there are several."""
    start = config.get("bos_token_id")
    end = config.get("eos_token_id")
    first_end = end[0] if isinstance(end, list) and end else end
    return SpecialTokens(
        start=start if adds_start and isinstance(start, int) else None,
        end=_required({"eos_token_id": first_end}, "eos_token_id", minimum=0),
    )


def _required(config: Config, key: str, *, minimum: int) -> int:
    try:
        return expect_integer(config.get(key), key, minimum=minimum)
    except ValueError as error:
        raise ModelError("WRONG_ARCHITECTURE", f"config.json: {error}.") from None
