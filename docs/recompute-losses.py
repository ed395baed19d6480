"""Computes every loss of a kept demo run again, in torch and float64, and compares.

    npm run demo -- --types all --json --keep > result.json
    python3 docs/recompute-losses.py result.json

Knows the objectives token-cross-entropy and preference (docs/evaluator-protocol.md) and says so where a task has another one.
Needs torch and numpy only. It shares no code with the evaluator: it reads the same model folders (Hugging Face layout, PEFT
adapters), takes each row's token ids and counted positions from result.json, and runs a Llama written out below. Exit code 1
where a loss differs by more than the tolerance.
"""

import json
import math
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

TOLERANCE = 2e-6
TEST_SHARE = 0.7


def read_safetensors(path):
    """A file's tensors by name, as float64. The header is 8 bytes of length, then JSON."""
    raw = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        if entry["dtype"] != "F32":
            sys.exit(f"{path}: {name} is {entry['dtype']}; this script reads F32")
        values = np.frombuffer(raw[8 + length + start : 8 + length + end], dtype="<f4")
        tensors[name] = torch.from_numpy(values.astype(np.float64)).reshape(entry["shape"])
    return tensors


def read_model(weights_path, base_folder):
    """The weights of a submission; an adapter is added to the base: W + (alpha / r) B A."""
    folder = Path(weights_path).parent
    if Path(weights_path).name != "adapter_model.safetensors":
        return read_safetensors(weights_path)
    weights = read_safetensors(base_folder / "model.safetensors")
    adapter = read_safetensors(weights_path)
    config = json.loads((folder / "adapter_config.json").read_text())
    for name, b in adapter.items():
        if not name.endswith(".lora_B.weight"):
            continue
        a = adapter[name.replace("lora_B", "lora_A")]
        target = name.removeprefix("base_model.model.").replace(".lora_B.weight", ".weight")
        weights[target] = weights[target] + (b @ a) * (config["lora_alpha"] / config["r"])
    return weights


def logits(config, weights, ids):
    """Logits of every position of one row: [length] -> [length, vocabulary]."""
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    size = config["hidden_size"] // heads
    length = len(ids)
    frequencies = 1.0 / config["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies).repeat(1, 2)
    future = torch.full((length, length), -math.inf, dtype=torch.float64).triu(1)

    def norm(x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + config["rms_norm_eps"]) * weights[name + ".weight"]

    def project(x, name, count):
        return F.linear(x, weights[name + ".weight"]).view(length, count, size).transpose(0, 1)

    def rotate(x):
        turned = torch.cat([-x[..., size // 2 :], x[..., : size // 2]], dim=-1)
        return x * angles.cos() + turned * angles.sin()

    x = weights["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        h = norm(x, p + "input_layernorm")
        q = rotate(project(h, p + "self_attn.q_proj", heads))
        k = rotate(project(h, p + "self_attn.k_proj", kv_heads)).repeat_interleave(heads // kv_heads, 0)
        v = project(h, p + "self_attn.v_proj", kv_heads).repeat_interleave(heads // kv_heads, 0)
        mixed = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(size) + future, dim=-1) @ v
        x = x + F.linear(mixed.transpose(0, 1).reshape(length, -1), weights[p + "self_attn.o_proj.weight"])
        h = norm(x, p + "post_attention_layernorm")
        gate = F.silu(F.linear(h, weights[p + "mlp.gate_proj.weight"]))
        x = x + F.linear(gate * F.linear(h, weights[p + "mlp.up_proj.weight"]), weights[p + "mlp.down_proj.weight"])
    head = "model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight"
    return F.linear(norm(x, "model.norm"), weights[head])


def token_losses(config, weights, row):
    """-ln p(token | the tokens before it) of every counted token of one row."""
    ids = torch.tensor(row["ids"])
    counts = torch.tensor(row["counts"][1:])
    return F.cross_entropy(logits(config, weights, ids)[:-1], ids[1:], reduction="none")[counts]


def mean(losses):
    return math.fsum(losses) / len(losses)


def cross_entropy(config, base, options):
    """Mean over rows of the mean over counted tokens."""
    return lambda weights, rows: mean([token_losses(config, weights, row).mean().item() for row in rows])


def preference(config, base, options):
    """Mean over pairs of -ln sigmoid(reward(chosen) - reward(rejected)); the base's share is computed once a set."""
    known = {}

    def log_probabilities(weights, rows):
        pairs = [(row["chosen"], row["rejected"]) for row in rows]
        return [[-token_losses(config, weights, answer).sum().item() for answer in pair] for pair in pairs]

    def loss(weights, rows):
        if id(rows) not in known:
            known[id(rows)] = log_probabilities(base, rows)
        margins = [
            options["beta"] * ((chosen - ref_chosen) - (rejected - ref_rejected))
            for (chosen, rejected), (ref_chosen, ref_rejected) in zip(log_probabilities(weights, rows), known[id(rows)])
        ]
        return mean([math.log1p(math.exp(-abs(m))) + max(-m, 0.0) for m in margins])

    return loss


OBJECTIVES = {"token-cross-entropy": cross_entropy, "preference": preference}


def recompute(result):
    """Prints a table of one task; the largest difference, or None where its objective is not known here."""
    kept = result["kept"]
    objective = kept["objective"]
    if objective["name"] not in OBJECTIVES:
        print(f"not computed here: losses of the objective {objective['name']}")
        return None
    base_folder = Path(kept["baseModel"])
    config = json.loads((base_folder / "config.json").read_text())
    base = read_safetensors(base_folder / "model.safetensors")
    set_loss = OBJECTIVES[objective["name"]](config, base, objective["options"])
    base_row = {"miner": "(base model)", "artifact": {"path": str(base_folder / "model.safetensors")}, **result["base"]}
    worst = 0.0
    print(f"{'model':14} {'testLoss':>12} {'synthLoss':>12} {'weightedLoss':>12}  largest difference")
    for row in [base_row, *result["submissions"]]:
        if row["testLoss"] is None:
            print(f"{row['miner']:14} was not evaluated")
            continue
        weights = read_model(row["artifact"]["path"], base_folder)
        test = set_loss(weights, kept["test"]["rows"])
        found = {"testLoss": test, "synthLoss": None, "weightedLoss": test}
        if kept["synth"] is not None:
            synth = set_loss(weights, kept["synth"]["rows"])
            found.update(synthLoss=synth, weightedLoss=TEST_SHARE * test + (1 - TEST_SHARE) * synth)
        difference = max(abs(row[name] - value) for name, value in found.items() if value is not None)
        worst = max(worst, difference)
        numbers = " ".join("           -" if value is None else f"{value:12.8f}" for value in found.values())
        print(f"{row['miner']:14} {numbers}  {difference:.1e}")
    print(f"largest difference of all: {worst:.1e} (tolerance {TOLERANCE:.0e})")
    return worst


@torch.no_grad()
def main(path):
    result = json.loads(Path(path).read_text())
    tasks = result.get("tasks", [result])
    if any("kept" not in task for task in tasks):
        sys.exit(f"{path}: no data were kept; run the demo with --keep")
    differences = []
    for task in tasks:
        if "kind" in task:
            print(f"\n{task['kind']}")
        differences.append(recompute(task))
    return 0 if all(difference is None or difference <= TOLERANCE for difference in differences) else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
