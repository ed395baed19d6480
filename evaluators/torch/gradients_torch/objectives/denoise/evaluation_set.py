"""Images that models reconstruct from the same noise, with their caption and without."""

from dataclasses import dataclass, field
from typing import Any

from ...compute import Compute
from ...diffusion.painter import PictureModel
from ...json_text import Json
from ...models.image_base import ImageBase
from ...settings import Settings
from ..finite_rows import require_finite_rows
from ..objective import EvaluationOptions, OnRows, OpenSet, RowSource
from .options import DenoiseOptions, parse_options
from .pictures import CaptionedPicture, read_pictures
from .reconstruction_errors import Errors, ReconstructionErrors, reconstruction_errors


@dataclass
class DenoiseSet:
    """Pictures of one set, and the base's errors once they are known."""

    name: str
    pictures: list[CaptionedPicture]
    #: The empty prompt for this base.
    empty: Any
    options: DenoiseOptions
    seed: str
    compute: Compute
    #: Of a caption at least: only a painter knows what a picture takes.
    longest: int
    takes_completions: bool = False
    _of_base: ReconstructionErrors | None = field(default=None, init=False)

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.pictures)

    def evaluate(self, model: PictureModel[Any], options: EvaluationOptions, on_rows: OnRows) -> dict[str, object]:
        """Errors of all rows in the order of the file, their means, the means of each noise level, and samples."""
        found = self._errors(model, on_rows)
        require_finite_rows(((row.text, row.no_text) for row in found.rows), self.name)
        mean = Errors(
            sum(row.text for row in found.rows) / len(found.rows),
            sum(row.no_text for row in found.rows) / len(found.rows),
        )
        strengths = zip(self.options.strengths, found.strengths, strict=True)
        return {
            "rows": [row.as_json() for row in found.rows],
            **mean.as_json(),
            "strengths": [{"strength": strength, **errors.as_json()} for strength, errors in strengths],
            "samples": found.samples,
        }

    def _errors(self, model: PictureModel[Any], on_rows: OnRows) -> ReconstructionErrors:
        if not model.is_base:
            return self._compute(model, on_rows)
        if self._of_base is None:
            self._of_base = self._compute(model, on_rows)
        else:
            on_rows(self.rows)
        return self._of_base

    def _compute(self, model: PictureModel[Any], on_rows: OnRows) -> ReconstructionErrors:
        return reconstruction_errors(model, self.pictures, self.empty, self.options, self.seed, self.compute, on_rows)


def configure(given: dict[str, Json], _: Settings) -> OpenSet[ImageBase]:
    """Raises ValueError where the options are not the objective's."""
    options = parse_options(given)

    def open_set(source: RowSource[ImageBase]) -> DenoiseSet:
        painter = source.base.painter
        pictures = read_pictures(source.file, painter, options.side_multiple)
        (empty,) = painter.encode_captions([""])
        compute, longest = source.base.compute, source.context_length
        return DenoiseSet(source.name, pictures, empty, options, source.seed, compute, longest)

    return open_set
