"""What a task says about its reconstruction loss."""

from dataclasses import dataclass

from ...diffusion.painter import Path
from ...diffusion.resize import round_half_up
from ...fields import expect_integer, expect_list, expect_number, expect_object
from ...json_text import Json


@dataclass(frozen=True)
class DenoiseOptions:
    """Checked options."""

    #: Noise levels from which images are reconstructed; the loss is the mean over them.
    strengths: tuple[float, ...]
    #: Draws of noise for each image and noise level (S).
    seeds: int
    #: Steps of a whole path.
    steps: int
    #: Both sides of an image are cut down to a multiple of this many pixels, and of what the base needs.
    side_multiple: int
    #: Rows whose images are answered too: original, noisy input and reconstructions.
    samples: int

    def path(self, strength: float) -> Path:
        """The way back from a noise level."""
        return Path(strength, self.steps, max(1, round_half_up(strength * self.steps)))


def parse_options(value: dict[str, Json]) -> DenoiseOptions:
    """Raises ValueError where options are missing, unknown or out of bounds."""
    optional = ("sideMultiple", "samples")
    options = expect_object(value, "options", required=("strengths", "seeds", "steps"), optional=optional)
    return DenoiseOptions(
        strengths=tuple(map(_strength, expect_list(options["strengths"], "strengths", minimum=1, maximum=20))),
        seeds=expect_integer(options["seeds"], "seeds", minimum=1, maximum=100),
        steps=expect_integer(options["steps"], "steps", minimum=1, maximum=1000),
        side_multiple=expect_integer(options.get("sideMultiple", 1), "sideMultiple", minimum=1, maximum=1024),
        samples=expect_integer(options.get("samples", 0), "samples", minimum=0, maximum=64),
    )


def _strength(value: Json) -> float:
    strength = expect_number(value, "strengths", above=0)
    if strength > 1:
        raise ValueError(f"strengths has {strength}, at most 1 is allowed")
    return strength
