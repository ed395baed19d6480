"""The parts of a language model's config.json that evaluations depend on."""

from dataclasses import dataclass

from ..errors import ModelError
from ..fields import expect_integer, expect_object
from ..json_text import Json

Config = dict[str, Json]

#: A whole model must have the base's value in each of them.
_ARCHITECTURE_KEYS = (
    "architectures",
    "model_type",
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "rms_norm_eps",
    "rope_theta",
    "tie_word_embeddings",
    "hidden_act",
    "attention_bias",
    "mlp_bias",
    "rope_scaling",
    "head_dim",
)


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
    """Refuses a config whose model would compute something else than the base, with WRONG_ARCHITECTURE."""
    for key in _ARCHITECTURE_KEYS:
        found, expected = _architecture_value(config, key), _architecture_value(base, key)
        if found != expected or isinstance(found, bool) != isinstance(expected, bool):
            raise ModelError("WRONG_ARCHITECTURE", f"config.json: {key} is {found}, the base has {expected}.")


def _architecture_value(config: Config, key: str) -> Json:
    """A key's value, with the same meaning spelled in one way."""
    value = config.get(key)
    rope = config.get("rope_parameters")
    if key == "rope_theta" and value is None and isinstance(rope, dict):
        return rope.get("rope_theta")
    if key == "rope_scaling" and value is None and isinstance(rope, dict) and rope.get("rope_type") != "default":
        return {name: setting for name, setting in rope.items() if name != "rope_theta"}
    if key in ("attention_bias", "mlp_bias"):
        return value or False
    if key == "head_dim" and value is None:
        width, heads = config.get("hidden_size"), config.get("num_attention_heads")
        return width // heads if isinstance(width, int) and isinstance(heads, int) and heads > 0 else None
    return value


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
