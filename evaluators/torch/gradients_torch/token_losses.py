"""Negative log-likelihoods of counted tokens, in batches of similar length."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from transformers import PreTrainedModel

from .batching import create_budget, group_by_length
from .models.text_model import TextModel
from .rows import Example

_PADDING = 0


def token_losses(
    model: TextModel, examples: Sequence[Example], on_examples: Callable[[int], None] | None = None
) -> list[list[float]]:
    """Nats of each counted token, by example and in their order; `on_examples` is told how many are done."""
    compute = model.facts.compute
    losses: list[list[float]] = [[] for _ in examples]
    done = 0
    with model.running() as module:
        budget = create_budget(compute.batch_tokens, model.facts.vocabulary, model.switch_length)
        for batch in group_by_length(examples, budget):
            chosen = [examples[index] for index in batch]
            flat = _batch_losses(module, chosen, compute.device)
            taken = 0
            for index, example in zip(batch, chosen, strict=True):
                count = sum(example.counts)
                losses[index] = flat[taken : taken + count]
                taken += count
            done += len(batch)
            if on_examples is not None:
                on_examples(done)
    return losses


def _batch_losses(module: PreTrainedModel, examples: Sequence[Example], device: torch.device) -> list[float]:
    """Losses of all counted tokens, one example after the other.

    Padding stands on the right, where a causal model never looks back at it, so that no mask is needed. Sequences are
    given whole, though nothing is asked of their last tokens: some models compute by the length.
    """
    length = max(len(example.ids) for example in examples)
    ids = torch.full((len(examples), length), _PADDING, dtype=torch.long)
    positions: list[int] = []
    targets: list[int] = []
    for row, example in enumerate(examples):
        ids[row, : len(example.ids)] = torch.tensor(example.ids, dtype=torch.long)
        for position, counted in enumerate(example.counts):
            if counted:
                positions.append(row * length + position - 1)
                targets.append(example.ids[position])
    picked = torch.tensor(positions, dtype=torch.long, device=device)
    with torch.inference_mode(), only_logits_of(module, picked):
        logits = module(input_ids=ids.to(device), use_cache=False).logits
        # In double precision, or rounding ln p would cost as much as all of the model's own arithmetic.
        wanted = torch.tensor(targets, dtype=torch.long, device=device)
        losses = F.cross_entropy(logits[0].double(), wanted, reduction="none")
    found: list[float] = losses.tolist()
    return found


@contextmanager
def only_logits_of(module: PreTrainedModel, positions: torch.Tensor) -> Iterator[None]:
    """Logits of these positions of the flattened batch alone, [1, positions, vocabulary]: most of them don't count."""
    head = module.get_output_embeddings()

    def pick(_: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        hidden, *others = inputs
        return (hidden.reshape(-1, hidden.shape[-1]).index_select(0, positions).unsqueeze(0), *others)

    handle = head.register_forward_pre_hook(pick)
    try:
        yield
    finally:
        handle.remove()
