"""Takes noise off pictures, with their captions and without, and measures what is wrong afterwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...compute import Compute
from ...diffusion.painter import Painter, Path, PictureModel
from ...diffusion.philox_noise import noise_at
from ...diffusion.png import encode_picture
from ..objective import OnRows
from .options import DenoiseOptions
from .pictures import CaptionedPicture


@dataclass
class Errors:
    """Mean squared errors over pixels and channels in [0, 1], with the caption and with the empty prompt."""

    text: float = 0.0
    no_text: float = 0.0

    def add(self, other: "Errors", share: float) -> None:
        """Adds a part of a mean, in float64."""
        self.text += share * other.text
        self.no_text += share * other.no_text

    def as_json(self) -> dict[str, object]:
        """As an answer shows it."""
        return {"text": self.text, "noText": self.no_text}


@dataclass(frozen=True)
class ReconstructionErrors:
    """What a model's reconstructions amount to."""

    #: Means over noise levels and draws, in the order of the pictures.
    rows: list[Errors]
    #: Means over pictures and draws.
    strengths: list[Errors]
    samples: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class _Reconstruction:
    noisy: Tensor
    text: Tensor
    no_text: Tensor


def reconstruction_errors(
    model: PictureModel[Any],
    pictures: Sequence[CaptionedPicture],
    empty: Any,
    options: DenoiseOptions,
    seed: str,
    compute: Compute,
    on_rows: OnRows,
) -> ReconstructionErrors:
    """All noise levels and draws of all pictures; every model gets the same noise."""
    found = ReconstructionErrors([Errors() for _ in pictures], [Errors() for _ in options.strengths])
    draws = [(level, draw) for level in range(len(options.strengths)) for draw in range(options.seeds)]
    done = 0
    with torch.inference_mode():
        for batch, states in _batches(model.painter, pictures, compute):
            originals = _to_tensor(batch, compute)
            for level, draw in draws:
                path = options.path(options.strengths[level])
                noise = _noise(seed, draw, batch, states)
                made = _reconstruct(model, batch, states, noise, empty, path)
                for own, errors in zip(batch, _errors(originals, made), strict=True):
                    found.rows[own.row].add(errors, 1 / len(draws))
                    found.strengths[level].add(errors, 1 / (len(pictures) * options.seeds))
                if (level, draw) == draws[-1]:
                    found.samples.extend(_samples(model.painter, batch, made, options.samples))
                on_rows(done)
            done += len(batch)
            on_rows(done)
    found.samples.sort(key=lambda sample: sample["row"])  # type: ignore[arg-type, return-value]
    return found


def _batches(
    painter: Painter[Any], pictures: Sequence[CaptionedPicture], compute: Compute
) -> Iterator[tuple[list[CaptionedPicture], Tensor]]:
    """Pictures of one size with their states, in the order of the file within a size."""
    by_size: dict[tuple[int, ...], list[CaptionedPicture]] = {}
    for picture in pictures:
        by_size.setdefault(picture.values.shape, []).append(picture)
    for same in by_size.values():
        positions = painter.positions(painter.encode_pictures(_to_tensor(same[:1], compute))[0])
        size = max(1, compute.batch_tokens // positions)
        for start in range(0, len(same), size):
            batch = same[start : start + size]
            yield batch, painter.encode_pictures(_to_tensor(batch, compute))


def _to_tensor(batch: Sequence[CaptionedPicture], compute: Compute) -> Tensor:
    return torch.from_numpy(np.stack([picture.values for picture in batch])).to(compute.device)


def _noise(seed: str, draw: int, batch: Sequence[CaptionedPicture], states: Tensor) -> Tensor:
    shape = states.shape[1:]
    drawn = [noise_at(seed, draw, picture.row, shape.numel()).reshape(shape) for picture in batch]
    return torch.from_numpy(np.stack(drawn)).to(states.device)


def _reconstruct(
    model: PictureModel[Any], batch: Sequence[CaptionedPicture], states: Tensor, noise: Tensor, empty: Any, path: Path
) -> _Reconstruction:
    painter = model.painter
    noisy = painter.add_noise(states, noise, path)
    captions = [picture.caption for picture in batch]
    text = painter.denoise(model.module, noisy, captions, path)
    no_text = painter.denoise(model.module, noisy, [empty] * len(batch), path)
    return _Reconstruction(noisy, painter.decode_pictures(text), painter.decode_pictures(no_text))


def _errors(originals: Tensor, made: _Reconstruction) -> list[Errors]:
    text, no_text = (_squared_errors(originals, pictures) for pictures in (made.text, made.no_text))
    return [Errors(*both) for both in zip(text, no_text, strict=True)]


def _squared_errors(originals: Tensor, made: Tensor) -> list[float]:
    """What a model paints beyond [-1, 1] is cut off; a NaN stays one."""
    differences = (made.double().clamp(-1, 1) - originals.double()) / 2
    means: list[float] = differences.square().flatten(1).mean(dim=1).tolist()
    return means


def _samples(
    painter: Painter[Any], batch: Sequence[CaptionedPicture], made: _Reconstruction, shown: int
) -> Iterator[dict[str, object]]:
    if all(picture.row >= shown for picture in batch):
        return
    noisy = painter.decode_pictures(made.noisy)
    for index, picture in enumerate(batch):
        if picture.row < shown:
            painted = {"noisy": noisy, "text": made.text, "noText": made.no_text}
            shots = {name: encode_picture(_clean(values[index])) for name, values in painted.items()}
            yield {"row": picture.row, "original": encode_picture(picture.values), **shots}


def _clean(picture: Tensor) -> Any:
    return picture.float().nan_to_num().cpu().numpy()
