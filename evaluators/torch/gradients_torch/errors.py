"""What can go wrong with a request, and who is to blame for it."""

from typing import Literal

Cause = Literal["submission", "task", "infrastructure"]
ModelErrorCode = Literal["MALFORMED_MODEL", "WRONG_ARCHITECTURE", "WRONG_BASE", "NON_FINITE_LOSS"]


class EvaluationError(Exception):
    """An expected failure of a request."""

    def __init__(self, cause: Cause, code: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.code = code
        self.message = message


class ModelError(Exception):
    """A fault of the model that was read, never of this program."""

    def __init__(self, code: ModelErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad_request(message: str) -> EvaluationError:
    """A request that asks for what is not there."""
    return EvaluationError("infrastructure", "BAD_REQUEST", message)
