"""The evaluator's main loop: one request after the other, until the input ends."""

import os
import sys
import traceback
from typing import NoReturn

from .answers import Answers, claim_standard_output
from .child_programs import kill_children
from .errors import EvaluationError, ModelError, bad_request
from .libraries import library_versions
from .protocol import (
    PROTOCOL_VERSION,
    BadRequest,
    CloseRequest,
    EvaluateRequest,
    HelloRequest,
    OpenRequest,
    Request,
    parse_request,
)
from .request_lines import read_lines
from .settings import Settings, parse_settings


class Program:
    """What this process knows: its settings, and the session once it is open."""

    def __init__(self, settings: Settings, answers: Answers) -> None:
        # Libraries print and are slow to load, so they come after standard output was claimed and input is being read.
        from .compute import choose_compute
        from .session import Session

        self._settings = settings
        self._answers = answers
        self._compute = choose_compute(settings)
        self._session: Session | None = None

    def handle(self, request: Request) -> object:
        """The result of a request; raises where there is none."""
        from .objectives import objective_names
        from .session import open_session

        match request:
            case HelloRequest():
                return {
                    "protocol": PROTOCOL_VERSION,
                    "evaluator": "torch",
                    "objectives": objective_names(),
                    "device": self._compute.description,
                    "libraries": library_versions(),
                }
            case OpenRequest():
                if self._session is not None:
                    raise bad_request("A session is open already.")
                self._session = open_session(self._settings, self._compute, request)
                return self._session.opened
            case EvaluateRequest():
                if self._session is None:
                    raise bad_request("No session is open: send `open` first.")
                return self._session.evaluate(
                    request, lambda done, total: self._answers.progress(request.id, done, total)
                )
            case CloseRequest():
                return {}


def main() -> None:
    """Runs until standard input ends or a request closes the program."""
    answers = claim_standard_output()
    settings = parse_settings(sys.argv[1:])
    _keep_libraries_offline()

    def refuse_line(message: str) -> None:
        answers.error(None, "infrastructure", "BAD_REQUEST", message)
        _end(1)

    # A runner that died must not leave this program computing: the end of input ends it, whatever it is doing.
    lines = read_lines(on_end=lambda: _end(0), on_too_long=refuse_line)
    program: Program | None = None
    while True:
        line = lines.get()
        try:
            request = parse_request(line)
        except BadRequest as error:
            answers.error(error.id, "infrastructure", "BAD_REQUEST", error.message)
            continue
        try:
            program = program or Program(settings, answers)
            answers.result(request.id, program.handle(request))
        except EvaluationError as error:
            answers.error(request.id, error.cause, error.code, error.message)
        except ModelError as error:
            answers.error(request.id, "submission", error.code, error.message)
        except Exception as error:  # noqa: BLE001 - whatever is unforeseen is answered, and is nobody's fault
            traceback.print_exc()
            answers.error(request.id, "infrastructure", "EVALUATOR_FAILED", f"{type(error).__name__}: {error}")
        if isinstance(request, CloseRequest):
            _end(0)


def _end(code: int) -> NoReturn:
    """Ends the program at once, from any thread, whatever the others are doing."""
    kill_children()
    os._exit(code)


def _keep_libraries_offline() -> None:
    os.environ.update(
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1",
        TRANSFORMERS_VERBOSITY="error",
        TOKENIZERS_PARALLELISM="false",
    )
