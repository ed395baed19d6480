"""What every family of models offers to the session, whatever its models are."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from ..compute import Compute
from ..protocol import ArtifactKind

Model = TypeVar("Model")


@dataclass(frozen=True)
class SubmissionFolder:
    """Somebody's files: untrusted."""

    path: Path
    artifact_kind: ArtifactKind
    #: Names of the base that an adapter may give; any where absent.
    base_names: tuple[str, ...] | None


class ModelFamily(Protocol[Model]):
    """An architecture, or many that are loaded alike. Faults of somebody's files are ModelErrors."""

    def load_base(self, folder: Path, compute: Compute) -> Model:
        """Loads the task's base; called once."""
        ...

    def context_length(self, base: Model) -> int:
        """The longest input, in tokens."""
        ...

    def submission(self, base: Model, folder: SubmissionFolder) -> AbstractContextManager[Model]:
        """A submission for this base. When the context ends, nothing of it is left, and the base is as it was."""
        ...
