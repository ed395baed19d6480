"""Prompts whose completions are sampled anew from each model, always with the same random numbers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ...json_text import Json, compact_json
from ...models.text_model import TextModel
from ...rows import Example
from ...sandbox import Sandbox, sandbox_command
from ...settings import Settings
from ...token_losses import token_losses
from ..finite_rows import require_finite_rows
from ..objective import EvaluationOptions, OnRows, OpenSet, RowSource
from .given_completions import read_given_completions
from .group_score import GroupScore, mean_divergence, mean_score, score_group
from .judge import GroupRewards, Judge
from .options import PolicyRewardOptions, read_options
from .prompts import Prompt, read_prompts
from .sampling import Group, SamplingRules, group_prompts, sample_groups
from .uniform import Uniform


@dataclass(frozen=True)
class _Judged:
    score: GroupScore
    group: Group
    texts: list[str]
    rewards: GroupRewards


@dataclass(frozen=True)
class PolicyRewardSet:
    """The prompts of one set."""

    name: str
    base: TextModel
    prompts: list[Prompt]
    judge: Judge
    rules: SamplingRules
    uniform: Uniform
    beta: float
    takes_completions: bool = True

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.prompts)

    @property
    def longest(self) -> int:
        """Tokens of the longest prompt and completion that there can be."""
        return max(len(prompt.ids) + self.rules.longest(len(prompt.ids)) for prompt in self.prompts)

    def evaluate(self, model: TextModel, options: EvaluationOptions, on_rows: OnRows) -> dict[str, object]:
        """Scores of all prompts in the order of the file, and their means."""
        given = None
        if options.completions is not None:
            given = read_given_completions(
                options.completions,
                self.prompts,
                count=self.rules.count,
                vocabulary=self.base.facts.vocabulary,
                context_length=self.rules.context_length,
            )
        judged: dict[int, _Judged] = {}
        for batch in group_prompts(self.prompts, self.rules, self.base.facts.compute.batch_tokens):
            if given is None:
                groups = sample_groups(model, batch, self.uniform, self.rules)
            else:
                groups = [given[prompt.row] for prompt in batch]
            on_rows(len(judged))
            for prompt, found in zip(batch, self._judge(model, batch, groups), strict=True):
                judged[prompt.row] = found
            on_rows(len(judged))
        in_order = [judged[prompt.row] for prompt in self.prompts]
        scores = [found.score for found in in_order]
        require_finite_rows(((score.score, score.reward, score.kl) for score in scores), self.name)
        digest = hashlib.sha256(compact_json([found.group for found in in_order]).encode()).hexdigest()
        rows = [self._as_json(found, prompt, options) for found, prompt in zip(in_order, self.prompts, strict=True)]
        return {"rows": rows, **mean_score(scores).as_json(), "completions": digest}

    def _judge(self, model: TextModel, prompts: Sequence[Prompt], groups: Sequence[Group]) -> list[_Judged]:
        examples = [_to_example(prompt, ids) for prompt, group in zip(prompts, groups, strict=True) for ids in group]
        own = token_losses(model, examples)
        reference = own if model.is_base else token_losses(self.base, examples)
        far = [mean_divergence(policy, base) for policy, base in zip(own, reference, strict=True)]
        weights = [function.weight for function in self.judge.functions]
        judged: list[_Judged] = []
        for index, (prompt, group) in enumerate(zip(prompts, groups, strict=True)):
            texts = [self._text(ids) for ids in group]
            rewards = self.judge.rewards(prompt, texts, f"row {prompt.row + 1} of set {self.name}")
            divergences = far[index * self.rules.count : (index + 1) * self.rules.count]
            score = score_group(rewards, divergences, beta=self.beta, weights=weights)
            judged.append(_Judged(score, group, texts, rewards))
        return judged

    def _text(self, ids: list[int]) -> str:
        """A completion as text: its end does not belong to it."""
        return self.base.facts.tokenizer.decode(ids[:-1] if ids[-1] == self.rules.end_token else ids)

    def _as_json(self, found: _Judged, prompt: Prompt, options: EvaluationOptions) -> dict[str, object]:
        row = found.score.as_json()
        if options.tokens:
            completions = [
                {"ids": ids, "text": text, "rewards": [of_function[index] for of_function in found.rewards]}
                for index, (ids, text) in enumerate(zip(found.group, found.texts, strict=True))
            ]
            row |= {"prompt": prompt.ids, "completions": completions}
        return row


def _to_example(prompt: Prompt, completion: Sequence[int]) -> Example:
    """A completion after its prompt: the prompt's tokens do not count."""
    counts = (*(False for _ in prompt.ids), *(True for _ in completion))
    return Example((*prompt.ids, *completion), counts)


def configure(options: dict[str, Json], settings: Settings) -> OpenSet[TextModel]:
    """Reads the options; raises ValueError where one is missing, wrong or unknown."""
    chosen: PolicyRewardOptions = read_options(options)
    judge = Judge(chosen.rewards, Sandbox(sandbox_command(settings.sandbox)))

    def open_set(source: RowSource[TextModel]) -> PolicyRewardSet:
        facts = source.base.facts
        prompts = read_prompts(source.file, facts, source.context_length, chosen.max_new_tokens)
        judge.rehearse(prompts, source.name)
        return PolicyRewardSet(
            name=source.name,
            base=source.base,
            prompts=prompts,
            judge=judge,
            rules=SamplingRules(
                count=chosen.completions,
                max_new_tokens=chosen.max_new_tokens,
                context_length=source.context_length,
                temperature=chosen.temperature,
                end_token=facts.special.end,
            ),
            uniform=Uniform(source.seed, source.name),
            beta=chosen.beta,
        )

    return open_set
