"""Asks a task's reward functions, all of them in the sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import EvaluationError
from ...sandbox import CodeFault, Sandbox
from .options import RewardFunction
from .prompts import Prompt

#: Rewards of the completions of one prompt, scaled to 0..1: by function, then by completion.
GroupRewards = list[list[float]]


@dataclass(frozen=True)
class Judge:
    """The functions of a task."""

    functions: tuple[RewardFunction, ...]
    sandbox: Sandbox

    def rewards(self, prompt: Prompt, completions: Sequence[str], place: str) -> GroupRewards:
        """Raises an EvaluationError with the cause "task" where a reward function fails."""
        return [self._ask(function, prompt, completions, place) for function in self.functions]

    def rehearse(self, prompts: Sequence[Prompt], set_name: str) -> None:
        """Asks for rewards of made-up completions of every prompt: broken functions show before anything is spent."""
        for prompt in prompts:
            place = f"made-up completions of row {prompt.row + 1} of set {set_name}"
            self.rewards(prompt, _rehearsal_texts(prompt), place)

    def _ask(self, function: RewardFunction, prompt: Prompt, completions: Sequence[str], place: str) -> list[float]:
        argument = {
            "prompt": prompt.text,
            "completions": list(completions),
            "row": prompt.fields,
            "params": function.params,
        }
        result = self.sandbox.call(function.source, "reward", argument, len(completions))
        if isinstance(result, CodeFault):
            raise _fault(f"REWARD_{result.kind}", function, result.message, place)
        for number in result:
            if not function.minimum <= number <= function.maximum:
                message = f"returned {number}, which is not between {function.minimum} and {function.maximum}"
                raise _fault("REWARD_OUT_OF_RANGE", function, message, place)
        width = function.maximum - function.minimum
        return [(number - function.minimum) / width for number in result]


def _fault(code: str, function: RewardFunction, what: str, place: str) -> EvaluationError:
    message = f"The reward function {function.id} (version {function.version}) {what}, for {place}."
    return EvaluationError("task", code, message)


def _rehearsal_texts(prompt: Prompt) -> list[str]:
    """Texts that tell most functions which fail on some completion: nothing, odd characters, JSON, the row itself."""
    return [
        "",
        " \n",
        prompt.text,
        *prompt.fields.values(),
        "0",
        "-1.5e300",
        "{",
        '{"a":[1,null]}',
        "é\0\N{GRINNING FACE} " * 200,
    ]
