"""One task: a base that is loaded once, and sets that any number of submissions are evaluated on."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from .compute import Compute, free_memory
from .errors import EvaluationError, ModelError, bad_request
from .models.model_family import ModelFamily, SubmissionFolder
from .objectives import Offer, find_offer
from .objectives.objective import EvaluationOptions, EvaluationSet, OpenSet, RowSource
from .protocol import EvaluateRequest, OpenRequest, SubmissionRequest
from .safe_files import session_path
from .settings import Settings

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Session:
    """An open session."""

    settings: Settings
    compute: Compute
    family: ModelFamily[Any]
    base: Any
    base_names: tuple[str, ...] | None
    context_length: int
    sets: Mapping[str, EvaluationSet[Any]]

    @property
    def opened(self) -> object:
        """The answer to `open`."""
        sets = {name: {"rows": found.rows} for name, found in self.sets.items()}
        return {"contextLength": self.context_length, "sets": sets}

    def evaluate(self, request: EvaluateRequest, on_progress: OnProgress) -> object:
        """Evaluates one submission, or the base, on the asked sets; nothing of it is left afterwards."""
        started = time.monotonic()
        chosen = [(name, self._find_set(name)) for name in request.sets or self.sets]
        _refuse_unread_completions(request, chosen)
        total = sum(found.rows for _, found in chosen)
        results: dict[str, object] = {}
        done_before = 0

        def on_rows(done: int) -> None:
            on_progress(done_before + done, total)

        with _base_to_blame(request.submission is None), self._model(request.submission) as model:
            for name, found in chosen:
                options = EvaluationOptions(tokens=request.tokens, completions=request.completions.get(name))
                results[name] = self._in_memory(found.longest, partial(found.evaluate, model, options, on_rows))
                done_before += found.rows
        return {"sets": results, "durationMs": round((time.monotonic() - started) * 1000)}

    def _in_memory(self, longest: int, evaluate: Callable[[], object]) -> object:
        """Evaluates again with half as much at once where memory did not suffice, until the longest row is alone."""
        while True:
            try:
                return evaluate()
            except torch.OutOfMemoryError:
                if self.compute.batch_tokens <= longest:
                    raise
            # Not in the handler: the error holds on to what filled the memory.
            self.compute.batch_tokens //= 2
            free_memory(self.compute.device)

    @contextmanager
    def _model(self, submission: SubmissionRequest | None) -> Iterator[Any]:
        if submission is None:
            yield self.base
            return
        path = session_path(self.settings.folder, submission.path)
        folder = SubmissionFolder(path, submission.artifact_kind, self.base_names)
        with self.family.submission(self.base, folder) as model:
            yield model

    def _find_set(self, name: str) -> EvaluationSet[Any]:
        found = self.sets.get(name)
        if found is None:
            raise bad_request(f"There is no set {name}.")
        return found


def open_session(settings: Settings, compute: Compute, request: OpenRequest) -> Session:
    """Loads the base and reads the sets once."""
    offer: Offer[Any] = find_offer(request.objective)
    try:
        open_set = offer.configure(request.options, settings)
    except ValueError as error:
        raise bad_request(f"Options of objective {request.objective}: {error}.") from None
    base_path = session_path(settings.folder, request.base_path)
    paths = {name: session_path(settings.folder, path) for name, path in request.datasets.items()}
    with _base_to_blame(True):
        base = offer.family.load_base(base_path, compute)
    context_length = offer.family.context_length(base)
    if request.context_length is not None:
        context_length = min(context_length, request.context_length)
    sets: dict[str, EvaluationSet[Any]] = {}
    for name, file in paths.items():
        source = RowSource(name=name, file=file, base=base, context_length=context_length, seed=request.seed)
        sets[name] = _load_set(open_set, source)
    return Session(settings, compute, offer.family, base, request.base_names, context_length, sets)


def _load_set(open_set: OpenSet[Any], source: RowSource[Any]) -> EvaluationSet[Any]:
    try:
        found = open_set(source)
    except (ValueError, OSError) as error:
        raise EvaluationError("infrastructure", "BAD_DATASET", f"Set {source.name}: {error}") from None
    if found.rows == 0:
        raise EvaluationError("infrastructure", "BAD_DATASET", f"Set {source.name} has no rows.")
    return found


@contextmanager
def _base_to_blame(blamed: bool) -> Iterator[None]:
    """A fault of the base is never a submission's."""
    try:
        yield
    except ModelError as error:
        if not blamed:
            raise
        raise EvaluationError("infrastructure", "BAD_BASE", f"The base model: {error.message}") from error


def _refuse_unread_completions(request: EvaluateRequest, chosen: list[tuple[str, EvaluationSet[Any]]]) -> None:
    """Completions that nothing would read must not look as if they had been evaluated."""
    readers = {name for name, found in chosen if found.takes_completions}
    for name in request.completions:
        if name not in readers:
            message = f"Completions were given for the set {name}, which does not take any or is not asked for."
            raise bad_request(message)
