"""config.json of the demo's tiny diffusion transformer."""

from dataclasses import dataclass, fields

from ..errors import ModelError
from ..fields import expect_integer, expect_number, expect_object
from ..json_text import Json

MODEL_TYPE = "gradients-tiny-dit"
ARCHITECTURE = "GradientsTinyDit"
_LARGEST = 65_536


@dataclass(frozen=True)
class TinyDitConfig:
    """What the arithmetic depends on; whole models must have the base's value in each."""

    #: Longer side of an image in pixels; the other side may be shorter.
    image_size: int
    patch_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    vocab_size: int
    #: Tokens of a caption: longer ones lose their end, shorter ones are padded.
    text_length: int
    pad_token_id: int
    #: Numbers that describe a noise level, half cosines and half sines.
    time_features: int
    #: Standard deviation of pixels in [-1, 1] that the preconditioning assumes.
    data_deviation: float
    rms_norm_eps: float

    @property
    def grid(self) -> int:
        """Patches along the longer side."""
        return self.image_size // self.patch_size

    @property
    def patch_numbers(self) -> int:
        """Numbers of one patch: pixels times channels."""
        return self.patch_size * self.patch_size * 3


def parse_tiny_dit_config(value: Json) -> TinyDitConfig:
    """Raises WRONG_ARCHITECTURE for whatever this program can't run exactly."""
    try:
        config = _read(value)
    except ValueError as error:
        raise _wrong(str(error)) from None
    if config.image_size % config.patch_size != 0:
        raise _wrong("image_size must be a multiple of patch_size")
    if config.hidden_size % config.num_attention_heads != 0:
        raise _wrong("hidden_size must be a multiple of num_attention_heads")
    if config.pad_token_id >= config.vocab_size:
        raise _wrong("pad_token_id is outside the vocabulary")
    return config


def check_same_config(config: TinyDitConfig, base: TinyDitConfig) -> None:
    """Raises WRONG_ARCHITECTURE where a config's model would compute something else than the base."""
    for field in fields(TinyDitConfig):
        found, expected = getattr(config, field.name), getattr(base, field.name)
        if found != expected:
            raise _wrong(f"{field.name} is {found}, the base has {expected}")


def _read(value: Json) -> TinyDitConfig:
    config = expect_object(value, "it", required=("architectures", "model_type", *_names()))
    if config["model_type"] != MODEL_TYPE or config["architectures"] != [ARCHITECTURE]:
        raise ValueError(f"model_type must be {MODEL_TYPE} and architectures [{ARCHITECTURE}]")
    sizes = {
        name: expect_integer(config[name], name, minimum=0 if name == "pad_token_id" else 1, maximum=_LARGEST)
        for name in _names()
        if name not in ("data_deviation", "rms_norm_eps")
    }
    return TinyDitConfig(
        **sizes,
        data_deviation=expect_number(config["data_deviation"], "data_deviation", above=0),
        rms_norm_eps=expect_number(config["rms_norm_eps"], "rms_norm_eps", above=0),
    )


def _names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(TinyDitConfig))


def _wrong(message: str) -> ModelError:
    return ModelError("WRONG_ARCHITECTURE", f"config.json: {message}.")
