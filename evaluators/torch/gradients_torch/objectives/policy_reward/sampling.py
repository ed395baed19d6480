"""Samples completions side by side, with random numbers that do not depend on the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ...models.text_model import TextModel
from ...token_losses import only_logits_of
from .prompts import Prompt
from .uniform import Uniform

#: The completions of one prompt, as token ids.
Group = list[list[int]]

#: Keys and values of so many positions are kept at once, for each position of a batch without them.
_CACHED_POSITIONS = 4


@dataclass(frozen=True)
class SamplingRules:
    """How a task samples."""

    count: int
    max_new_tokens: int
    context_length: int
    temperature: float
    #: Ends a completion, and is its last token.
    end_token: int

    def longest(self, prompt_length: int) -> int:
        """Most tokens of a completion of a prompt of this length."""
        return max(1, min(self.max_new_tokens, self.context_length - prompt_length))


def group_prompts(prompts: Sequence[Prompt], rules: SamplingRules, batch_tokens: int) -> list[list[Prompt]]:
    """Prompts in batches of equal length, shortest first, each small enough to be sampled at once."""
    batches: list[list[Prompt]] = []
    for prompt in sorted(prompts, key=lambda prompt: (len(prompt.ids), prompt.row)):
        length = len(prompt.ids)
        room = _CACHED_POSITIONS * batch_tokens // (length + rules.longest(length))
        fits = bool(batches) and len(batches[-1][0].ids) == length and (len(batches[-1]) + 1) * rules.count <= room
        if fits:
            batches[-1].append(prompt)
        else:
            batches.append([prompt])
    return batches


def sample_groups(model: TextModel, prompts: Sequence[Prompt], uniform: Uniform, rules: SamplingRules) -> list[Group]:
    """Samples the same number of completions of each of some equally long prompts."""
    device = model.facts.compute.device
    longest = rules.longest(len(prompts[0].ids))
    starts = [(prompt, completion) for prompt in prompts for completion in range(rules.count)]
    numbers = np.stack([uniform.numbers(prompt.row, completion, longest) for prompt, completion in starts])
    uniforms = torch.from_numpy(numbers).to(device)
    whole = torch.tensor([prompt.ids for prompt, _ in starts], dtype=torch.long, device=device)
    ids = whole
    ended = torch.zeros(len(starts), dtype=torch.bool, device=device)
    drawn: list[torch.Tensor] = []
    cache = None
    with torch.inference_mode(), model.running() as module:
        for position in range(longest):
            last = torch.arange(1, len(starts) + 1, device=device) * ids.shape[1] - 1
            with only_logits_of(module, last):
                output = module(input_ids=ids, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            tokens = draw_tokens(output.logits[0], uniforms[:, position], rules.temperature)
            drawn.append(tokens.masked_fill(ended, rules.end_token))
            ended = ended | (tokens == rules.end_token)
            if bool(ended.all()):
                break
            ids = drawn[-1].unsqueeze(1)
            whole = torch.cat((whole, ids), dim=1)
            if whole.shape[1] - 1 == model.switch_length:
                # What was kept of earlier positions was computed with the frequencies of shorter texts.
                ids, cache = whole, None
    sampled = [_until_end(row, rules.end_token) for row in torch.stack(drawn, dim=1).tolist()]
    return [sampled[index : index + rules.count] for index in range(0, len(sampled), rules.count)]


def draw_tokens(logits: torch.Tensor, uniforms: torch.Tensor, temperature: float) -> torch.Tensor:
    """Inverse CDF in float64, one token for each row of logits [rows, vocabulary].

    The first token, in the order of ids, for which the running sum of exp((logit - largest) / temperature) exceeds u
    times the whole sum; the last one where rounding leaves none.
    """
    wide = logits.double()
    weights = ((wide - wide.amax(dim=1, keepdim=True)) / temperature).exp()
    sums = weights.cumsum(dim=1)
    thresholds = uniforms.unsqueeze(1) * sums[:, -1:]
    found = torch.searchsorted(sums, thresholds, right=True).squeeze(1)
    return found.clamp(max=logits.shape[1] - 1)


def _until_end(ids: list[int], end_token: int) -> list[int]:
    return ids[: ids.index(end_token) + 1] if end_token in ids else ids
