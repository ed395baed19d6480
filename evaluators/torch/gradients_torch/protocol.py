"""Requests of the evaluator protocol, version 1, read from lines."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .fields import expect_flag, expect_integer, expect_list, expect_object, expect_text
from .json_text import Json, parse_json

PROTOCOL_VERSION = 1
MAXIMUM_REQUEST_BYTES = 1024 * 1024
MAXIMUM_ANSWER_BYTES = 64 * 1024 * 1024

RequestId = int | str
ArtifactKind = Literal["LORA", "FULL"]

_SET_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_SEED = re.compile(r"[0-9a-f]*")


@dataclass(frozen=True)
class HelloRequest:
    """Who are you?"""

    id: RequestId


@dataclass(frozen=True)
class OpenRequest:
    """Loads the base and the sets; all paths are relative to the session folder."""

    id: RequestId
    base_path: str
    base_names: tuple[str, ...] | None
    datasets: Mapping[str, str]
    objective: str
    options: dict[str, Json]
    context_length: int | None
    seed: str


@dataclass(frozen=True)
class SubmissionRequest:
    """A model's folder, relative to the session folder, and what kind of model it is."""

    path: str
    artifact_kind: ArtifactKind


@dataclass(frozen=True)
class EvaluateRequest:
    """Evaluates a submission, or the base where there is none, on some sets or on all."""

    id: RequestId
    submission: SubmissionRequest | None
    sets: tuple[str, ...] | None
    tokens: bool
    completions: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class CloseRequest:
    """Ends the program."""

    id: RequestId


Request = HelloRequest | OpenRequest | EvaluateRequest | CloseRequest


class BadRequest(Exception):
    """A line that is no request; `id` is its id where that could be read."""

    def __init__(self, request_id: RequestId | None, message: str) -> None:
        super().__init__(message)
        self.id = request_id
        self.message = message


def parse_request(line: str) -> Request:
    """The request of one line; raises BadRequest where it is none."""
    try:
        value = parse_json(line)
    except ValueError:
        raise BadRequest(None, "A line is not JSON.") from None
    request_id: RequestId | None = None
    try:
        body = expect_object(value, "a request", required=("id", "type"))
        request_id = _read_id(body["id"])
        return _read_request(request_id, body)
    except ValueError as error:
        raise BadRequest(request_id, f"{error}.") from None


def _read_id(value: Json) -> RequestId:
    if isinstance(value, str):
        if not 1 <= len(value) <= 200:
            raise ValueError("an id must have 1 to 200 characters")
        return value
    return expect_integer(value, "id")


def _read_request(request_id: RequestId, body: dict[str, Json]) -> Request:
    kind = body["type"]
    if kind == "hello":
        expect_object(body, "hello", required=("id", "type", "protocol"), optional=())
        expect_integer(body["protocol"], "protocol", minimum=PROTOCOL_VERSION, maximum=PROTOCOL_VERSION)
        return HelloRequest(request_id)
    if kind == "open":
        return _read_open(request_id, body)
    if kind == "evaluate":
        return _read_evaluate(request_id, body)
    if kind == "close":
        expect_object(body, "close", required=("id", "type"), optional=())
        return CloseRequest(request_id)
    raise ValueError("type must be hello, open, evaluate or close")


def _read_open(request_id: RequestId, body: dict[str, Json]) -> OpenRequest:
    required = ("id", "type", "base", "datasets", "objective")
    expect_object(body, "open", required=required, optional=("contextLength", "seed"))
    base = expect_object(body["base"], "base", required=("path",), optional=("names",))
    names = None
    if "names" in base:
        names = tuple(expect_text(name, "base.names") for name in expect_list(base["names"], "base.names", minimum=1))
    datasets = expect_object(body["datasets"], "datasets")
    objective = expect_object(body["objective"], "objective", required=("name",), optional=("options",))
    context_length = None
    if "contextLength" in body:
        context_length = expect_integer(body["contextLength"], "contextLength", minimum=2)
    seed = expect_text(body.get("seed", ""), "seed")
    if _SEED.fullmatch(seed) is None:
        raise ValueError("seed must be lower-case hexadecimal")
    return OpenRequest(
        id=request_id,
        base_path=expect_text(base["path"], "base.path"),
        base_names=names,
        datasets={_read_set_name(name): expect_text(path, f"datasets.{name}") for name, path in datasets.items()},
        objective=expect_text(objective["name"], "objective.name"),
        options=expect_object(objective.get("options", {}), "objective.options"),
        context_length=context_length,
        seed=seed,
    )


def _read_evaluate(request_id: RequestId, body: dict[str, Json]) -> EvaluateRequest:
    optional = ("sets", "tokens", "completions")
    expect_object(body, "evaluate", required=("id", "type", "submission"), optional=optional)
    sets = None
    if "sets" in body:
        asked = expect_list(body["sets"], "sets", minimum=1)
        sets = tuple(_read_set_name(expect_text(name, "sets")) for name in asked)
    completions = expect_object(body.get("completions", {}), "completions")
    return EvaluateRequest(
        id=request_id,
        submission=_read_submission(body["submission"]),
        sets=sets,
        tokens=expect_flag(body.get("tokens", False), "tokens"),
        completions={_read_set_name(name): value for name, value in completions.items()},
    )


def _read_submission(value: Json) -> SubmissionRequest | None:
    if value is None:
        return None
    body = expect_object(value, "submission", required=("path", "artifactKind"), optional=())
    path = expect_text(body["path"], "submission.path")
    match body["artifactKind"]:
        case "LORA":
            return SubmissionRequest(path, "LORA")
        case "FULL":
            return SubmissionRequest(path, "FULL")
        case _:
            raise ValueError("submission.artifactKind must be LORA or FULL")


def _read_set_name(name: str) -> str:
    if _SET_NAME.fullmatch(name) is None:
        raise ValueError(f"{name[:80]!r} is no name of a set")
    return name
