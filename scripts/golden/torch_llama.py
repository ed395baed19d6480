"""Reference Llama (Hugging Face layout) with PEFT LoRA in plain torch, in float64.

    python3 scripts/golden/torch_llama.py test/engine/golden

records expected.json (per-token losses) and <case>.gradients.safetensors for the engine's golden tests. It shares no
code with the engine: it needs only torch and numpy, and reads the same files.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_safetensors(path, dtype=torch.float64):
    raw = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    data = raw[8 + length :]
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", entry["dtype"]
        start, end = entry["data_offsets"]
        values = np.frombuffer(data[start:end], dtype="<f4").copy()
        tensors[name] = torch.from_numpy(values).reshape(entry["shape"]).to(dtype)
    return tensors


def write_safetensors(path, tensors):
    header, parts, offset = {}, [], 0
    for name in sorted(tensors):
        part = tensors[name].to(torch.float32).numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensors[name].shape),
            "data_offsets": [offset, offset + len(part)],
        }
        parts.append(part)
        offset += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def llama_logits(config, weights, ids, adapter=None, adapter_config=None):
    """Logits [batch, length, vocabulary] of token ids [batch, length]."""
    dtype = weights["model.norm.weight"].dtype
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    size = config["hidden_size"] // heads
    batch, length = ids.shape

    exponents = torch.arange(0, size, 2, dtype=dtype) / size
    angles = torch.outer(torch.arange(length, dtype=dtype), 1.0 / config["rope_theta"] ** exponents)
    angles = torch.cat([angles, angles], dim=-1)
    mask = torch.full((length, length), float("-inf"), dtype=dtype).triu(1)

    def linear(x, module):
        y = F.linear(x, weights[module + ".weight"])
        a = (adapter or {}).get(f"base_model.model.{module}.lora_A.weight")
        if a is not None:
            b = adapter[f"base_model.model.{module}.lora_B.weight"]
            y = y + F.linear(F.linear(x, a), b) * (adapter_config["lora_alpha"] / adapter_config["r"])
        return y

    def norm(x, module):
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + config["rms_norm_eps"])
        return x * scale * weights[module + ".weight"]

    def split(x, count):
        return x.view(batch, length, count, size).transpose(1, 2)

    def rotate(x):
        half = torch.cat([-x[..., size // 2 :], x[..., : size // 2]], dim=-1)
        return x * angles.cos() + half * angles.sin()

    x = F.embedding(ids, weights["model.embed_tokens.weight"])
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        h = norm(x, p + "input_layernorm")
        q = rotate(split(linear(h, p + "self_attn.q_proj"), heads))
        k = rotate(split(linear(h, p + "self_attn.k_proj"), kv_heads)).repeat_interleave(heads // kv_heads, 1)
        v = split(linear(h, p + "self_attn.v_proj"), kv_heads).repeat_interleave(heads // kv_heads, 1)
        mixed = ((q @ k.transpose(-1, -2)) / size**0.5 + mask).softmax(-1) @ v
        x = x + linear(mixed.transpose(1, 2).reshape(batch, length, -1), p + "self_attn.o_proj")
        h = norm(x, p + "post_attention_layernorm")
        gated = F.silu(linear(h, p + "mlp.gate_proj")) * linear(h, p + "mlp.up_proj")
        x = x + linear(gated, p + "mlp.down_proj")
    head = "model.embed_tokens" if config["tie_word_embeddings"] else "lm_head"
    return F.linear(norm(x, "model.norm"), weights[head + ".weight"])


def record(folder):
    inputs = json.loads((folder / "inputs.json").read_text())
    ids = torch.tensor(inputs["ids"]).view(inputs["batch"], inputs["length"])
    targets = torch.tensor(inputs["targets"])
    seeds = torch.tensor(inputs["seeds"], dtype=torch.float64)
    expected = {}
    for case, model in (("tied", "tied"), ("untied", "untied"), ("lora", "untied")):
        config = json.loads((folder / model / "config.json").read_text())
        weights = read_safetensors(folder / model / "model.safetensors")
        adapter = adapter_config = None
        if case == "lora":
            adapter = read_safetensors(folder / case / "adapter_model.safetensors")
            adapter_config = json.loads((folder / case / "adapter_config.json").read_text())
        trained = adapter or weights
        for tensor in trained.values():
            tensor.requires_grad_(True)
        logits = llama_logits(config, weights, ids, adapter, adapter_config).view(-1, config["vocab_size"])
        losses = F.cross_entropy(logits, targets, ignore_index=-1, reduction="none")
        (losses * seeds).sum().backward()
        expected[case] = {"mean": losses.sum().item() / (targets >= 0).sum().item(), "losses": losses.tolist()}
        write_safetensors(folder / f"{case}.gradients.safetensors", {n: t.grad for n, t in trained.items()})
    (folder / "expected.json").write_text(json.dumps({"torch": torch.__version__, **expected}) + "\n")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
