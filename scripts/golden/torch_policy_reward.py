"""Divergences of given completions from a reference (k3 estimator), scores, and the GRPO step's gradients, in plain torch
and float64.

    python3 scripts/golden/torch_policy_reward.py test/engine/golden

reads completions.json and records policy-reward.json and policy-reward-<policy>.gradients.safetensors for the engine's
golden tests. The reference is the model "untied"; the policies are "tied" (all weights) and "lora" (an adapter on it).
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from torch_llama import llama_logits, write_safetensors
from torch_preference import load


def log_probabilities(model, prompt, completion):
    """ln p(token | the tokens before it) of each token of a completion, one sequence at a time."""
    config, weights, adapter, adapter_config = model
    ids = torch.tensor(prompt + completion)
    logits = llama_logits(config, weights, ids[None, :-1], adapter, adapter_config)[0]
    chosen = F.log_softmax(logits, dim=-1).gather(1, ids[1:, None])[:, 0]
    return chosen[len(prompt) - 1 :]


def k3(policy, reference):
    d = reference - policy
    return torch.exp(d) - d - 1


def record(folder):
    inputs = json.loads((folder / "completions.json").read_text())
    beta, groups = inputs["beta"], inputs["groups"]
    reference = load(folder, "untied")
    with torch.no_grad():
        base = [[log_probabilities(reference, g["prompt"], c) for c in g["completions"]] for g in groups]
    expected = {}
    for name in ("untied", "tied", "lora"):
        policy = load(folder, name)
        trained = policy[2] or policy[1]
        for tensor in trained.values():
            tensor.requires_grad_(True)
        rows, surrogates = [], []
        for group, known in zip(groups, base):
            rewards = torch.tensor(group["rewards"], dtype=torch.float64)
            advantages = (rewards - rewards.mean()) / (rewards.std(unbiased=False) + 1e-4)
            divergences, terms = [], []
            for completion, advantage, ref in zip(group["completions"], advantages, known):
                own = log_probabilities(policy, group["prompt"], completion)
                divergence = k3(own, ref).mean()
                # The ratio to the sampling policy is 1, and its gradient that of ln p.
                terms.append((torch.exp(own - own.detach()) * advantage).mean() - beta * divergence)
                divergences.append(divergence)
            kl, reward = torch.stack(divergences).mean(), rewards.mean()
            surrogates.append(-torch.stack(terms).mean())
            rows.append({"score": (reward - beta * kl).item(), "reward": reward.item(), "kl": kl.item()})
        torch.stack(surrogates).mean().backward()
        expected[name] = {"rows": rows, "score": sum(row["score"] for row in rows) / len(rows)}
        gradients = {n: t.grad for n, t in trained.items()}
        write_safetensors(folder / f"policy-reward-{name}.gradients.safetensors", gradients)
    (folder / "policy-reward.json").write_text(json.dumps({"torch": torch.__version__, **expected}) + "\n")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
