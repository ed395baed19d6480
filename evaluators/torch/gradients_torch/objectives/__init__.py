"""All objectives, each with the family of models that it is for; their libraries are loaded when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from ..errors import EvaluationError
from ..json_text import Json
from ..models.model_family import ModelFamily
from ..settings import Settings
from .objective import OpenSet

Model = TypeVar("Model")

#: Options of a request and of the operator in, a function that opens sets out; raises ValueError for wrong options.
Configure = Callable[[dict[str, Json], Settings], OpenSet[Model]]


@dataclass(frozen=True)
class Offer(Generic[Model]):
    """An objective and the models that it is for."""

    family: ModelFamily[Model]
    configure: Configure[Model]


def _token_cross_entropy() -> Offer[Any]:
    from ..models.text_family import text_family
    from .token_cross_entropy import configure

    return Offer(text_family, configure)


def _preference() -> Offer[Any]:
    from ..models.text_family import text_family
    from .preference import configure

    return Offer(text_family, configure)


def _policy_reward() -> Offer[Any]:
    from ..models.text_family import text_family
    from .policy_reward.evaluation_set import configure

    return Offer(text_family, configure)


def _denoise() -> Offer[Any]:
    from ..models.image_family import image_family
    from .denoise import configure

    return Offer(image_family, configure)


_OFFERS: dict[str, Callable[[], Offer[Any]]] = {
    "token-cross-entropy": _token_cross_entropy,
    "preference": _preference,
    "policy-reward": _policy_reward,
}
# The image for text models comes without the libraries for pictures.
if find_spec("diffusers") is not None:
    _OFFERS["denoise"] = _denoise


def objective_names() -> list[str]:
    """What this program computes."""
    return list(_OFFERS)


def find_offer(name: str) -> Offer[Any]:
    """The objective of this name; raises UNKNOWN_OBJECTIVE where there is none."""
    load = _OFFERS.get(name)
    if load is None:
        message = f"Objective {name} is not known; this evaluator computes {', '.join(_OFFERS)}."
        raise EvaluationError("infrastructure", "UNKNOWN_OBJECTIVE", message)
    return load()
