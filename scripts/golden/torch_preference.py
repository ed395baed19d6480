"""The preference loss (DPO) and its gradients in plain torch, in float64.

    python3 scripts/golden/torch_preference.py test/engine/golden

reads pairs.json and records preference.json and preference-<policy>.gradients.safetensors for the engine's golden tests.
The reference is the model "untied"; the policies are "tied" (all weights) and "lora" (an adapter on the reference).
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from torch_llama import llama_logits, read_safetensors, write_safetensors


def log_probability(model, sequence):
    """Sum over the counted tokens of ln p(token | the tokens before it), one sequence at a time."""
    config, weights, adapter, adapter_config = model
    ids = torch.tensor(sequence["ids"])
    logits = llama_logits(config, weights, ids[None, :-1], adapter, adapter_config)[0]
    chosen = F.log_softmax(logits, dim=-1).gather(1, ids[1:, None])[:, 0]
    return chosen[torch.tensor(sequence["counts"][1:])].sum()


def load(folder, name):
    home = "untied" if name == "lora" else name
    config = json.loads((folder / home / "config.json").read_text())
    weights = read_safetensors(folder / home / "model.safetensors")
    if name != "lora":
        return config, weights, None, None
    adapter = read_safetensors(folder / name / "adapter_model.safetensors")
    return config, weights, adapter, json.loads((folder / name / "adapter_config.json").read_text())


def record(folder):
    inputs = json.loads((folder / "pairs.json").read_text())
    beta, pairs = inputs["beta"], inputs["pairs"]
    reference = load(folder, "untied")
    with torch.no_grad():
        base = [{k: log_probability(reference, pair[k]) for k in ("chosen", "rejected")} for pair in pairs]
    expected = {}
    for name in ("untied", "tied", "lora"):
        policy = load(folder, name)
        trained = policy[2] or policy[1]
        for tensor in trained.values():
            tensor.requires_grad_(True)
        rows, losses = [], []
        for pair, ref in zip(pairs, base):
            chosen = beta * (log_probability(policy, pair["chosen"]) - ref["chosen"])
            rejected = beta * (log_probability(policy, pair["rejected"]) - ref["rejected"])
            losses.append(-F.logsigmoid(chosen - rejected))
            rows.append(
                {"loss": losses[-1].item(), "chosenReward": chosen.item(), "rejectedReward": rejected.item()}
            )
        loss = torch.stack(losses).mean()
        loss.backward()
        expected[name] = {"loss": loss.item(), "rows": rows}
        gradients = {n: t.grad for n, t in trained.items()}
        write_safetensors(folder / f"preference-{name}.gradients.safetensors", gradients)
    (folder / "preference.json").write_text(json.dumps({"torch": torch.__version__, **expected}) + "\n")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
