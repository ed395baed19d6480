"""Reference diffusion transformer, noise and reconstruction in plain torch, in float64.

    python3 scripts/golden/torch_dit.py test/engine/golden

records dit.json (losses, reconstruction errors, some noise) and <case>.gradients.safetensors for the engine's golden
tests. It shares no code with the engine: it needs only torch and numpy, and reads the same files.
"""

import hashlib
import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from torch_llama import read_safetensors, write_safetensors

MASK = 0xFFFFFFFF


def philox(counter, key):
    """Philox4x32-10."""
    a, b, c, d = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (p1 >> 32) ^ b ^ k0, p1 & MASK, (p0 >> 32) ^ d ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return a, b, c, d


def noise(seed, draw, row, count):
    digest = hashlib.sha256(f"{seed}:noise:{draw}".encode()).digest()
    key = int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")
    values = []
    for block in range((count + 3) // 4):
        words = philox((block, row, 0, 0), key)
        for u, v in (words[:2], words[2:]):
            radius, angle = math.sqrt(-2 * math.log((u + 0.5) / 2**32)), 2 * math.pi * v / 2**32
            values += [radius * math.cos(angle), radius * math.sin(angle)]
    return torch.tensor(values[:count], dtype=torch.float32).double()


def to_patches(picture, side):
    height, width, _ = picture.shape
    tiles = picture.reshape(height // side, side, width // side, side, 3)
    return tiles.permute(0, 2, 1, 3, 4).reshape(-1, side * side * 3)


def from_patches(patches, height, width, side):
    tiles = patches.reshape(height // side, width // side, side, side, 3)
    return tiles.permute(0, 2, 1, 3, 4).reshape(height, width, 3)


def precondition(time, deviation):
    signal = deviation * (1 - time)
    total = math.sqrt(signal**2 + time**2)
    return 1 / total, deviation * signal / total**2, deviation * time / total


class Dit:
    def __init__(self, config, weights, adapter=None, scale=1.0):
        self.config, self.weights, self.adapter, self.scale = config, weights, adapter or {}, scale

    def linear(self, x, module):
        y = F.linear(x, self.weights[module + ".weight"])
        a = self.adapter.get(f"base_model.model.{module}.lora_A.weight")
        if a is None:
            return y
        b = self.adapter[f"base_model.model.{module}.lora_B.weight"]
        return y + self.scale * F.linear(F.linear(x, a), b)

    def norm(self, x, module):
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.config["rms_norm_eps"])
        return x * scale * self.weights[module + ".weight"]

    def forward(self, patches, rows, columns, time, caption):
        """One picture: F for each of its patches."""
        c, w = self.config, self.weights
        text = w["text_embed.weight"][torch.tensor(caption)] + w["text_position.weight"]
        places = [(r, k) for r in range(rows) for k in range(columns)]
        image = (
            self.linear(patches, "image_in")
            + w["row_position.weight"][[r for r, _ in places]]
            + w["column_position.weight"][[k for _, k in places]]
        )
        x = torch.cat([text, image])
        half = c["time_features"] // 2
        angles = time * 1000 * torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float64) / half)
        features = torch.cat([angles.cos(), angles.sin()])[None]
        gate, up = self.linear(features, "time.gate_proj"), self.linear(features, "time.up_proj")
        time_vector = self.linear(F.silu(gate) * up, "time.down_proj")
        heads = c["num_attention_heads"]
        size = c["hidden_size"] // heads
        for block in range(c["num_hidden_layers"]):
            p = f"blocks.{block}"
            x = x + self.linear(time_vector, f"{p}.time_proj")
            h = self.norm(x, f"{p}.attention_norm")
            q, k, v = (
                self.linear(h, f"{p}.attention.{name}_proj").view(-1, heads, size).transpose(0, 1) for name in "qkv"
            )
            mixed = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(size), -1) @ v
            x = x + self.linear(mixed.transpose(0, 1).reshape(-1, c["hidden_size"]), f"{p}.attention.o_proj")
            h = self.norm(x, f"{p}.mlp_norm")
            gate, up = self.linear(h, f"{p}.mlp.gate_proj"), self.linear(h, f"{p}.mlp.up_proj")
            x = x + self.linear(F.silu(gate) * up, f"{p}.mlp.down_proj")
        return self.linear(self.norm(x[len(caption) :], "norm"), "image_out")


def training_loss(model, rows, seed):
    side, deviation = model.config["patch_size"], model.config["data_deviation"]
    losses = []
    for index, row in enumerate(rows):
        clean = to_patches(row["picture"], side)
        # The engine's training takes noise in the order of patches.
        draw = noise(seed, 0, index, row["picture"].numel()).reshape(clean.shape)
        time = row["time"]
        into, skip, out = precondition(time, deviation)
        noisy = (1 - time) * clean + time * draw
        grid = row["height"] // side, row["width"] // side
        found = model.forward(into * noisy, *grid, time, row["caption"])
        losses.append(((found - (clean - skip * noisy) / out) ** 2).mean())
    return losses


def reconstruction_error(model, row, index, caption, seed, draw, strength, steps):
    side, deviation = model.config["patch_size"], model.config["data_deviation"]
    picture = row["picture"]
    noisy = (1 - strength) * picture + strength * noise(seed, draw, index, picture.numel()).reshape(picture.shape)
    x = to_patches(noisy, side)
    count = max(1, math.floor(strength * steps + 0.5))
    for step in range(count):
        time = strength * (1 - step / count)
        into, skip, out = precondition(time, deviation)
        grid = row["height"] // side, row["width"] // side
        clean = skip * x + out * model.forward(into * x, *grid, time, caption)
        x = x - (strength / count) * (x - clean) / time
    made = from_patches(x, row["height"], row["width"], side).clamp(-1, 1)
    return (((made - picture) / 2) ** 2).mean().item()


def main(folder):
    folder = Path(folder)
    config = json.loads((folder / "dit/config.json").read_text())
    given = json.loads((folder / "dit-rows.json").read_text())
    seed = given["seed"]
    rows = [
        {**row, "picture": torch.tensor(row["values"], dtype=torch.float64).reshape(row["height"], row["width"], 3)}
        for row in given["rows"]
    ]
    lora_config = json.loads((folder / "dit-lora/adapter_config.json").read_text())
    scale = lora_config["lora_alpha"] / lora_config["r"]
    expected = {"noise": noise(seed, 2, 5, 6).tolist()}
    for case in ["dit", "dit-lora"]:
        weights = read_safetensors(folder / "dit/model.safetensors")
        adapter = read_safetensors(folder / "dit-lora/adapter_model.safetensors") if case == "dit-lora" else {}
        trained = adapter or weights
        for tensor in trained.values():
            tensor.requires_grad_(True)
        model = Dit(config, weights, adapter, scale)
        losses = training_loss(model, rows, seed)
        # The engine's batches have pictures of one size: the first two.
        batch = (losses[0] + losses[1]) / 2
        batch.backward()
        gradients = {name: tensor.grad for name, tensor in trained.items()}
        write_safetensors(folder / f"{case}.gradients.safetensors", gradients)
        with torch.no_grad():
            expected[case] = {"losses": [loss.item() for loss in losses], "batchLoss": batch.item(), "errors": []}
            for index, row in enumerate(rows):
                both = {}
                for name, caption in (("text", row["caption"]), ("noText", [0] * config["text_length"])):
                    errors = [
                        reconstruction_error(model, row, index, caption, seed, draw, strength, 5)
                        for strength in (0.3, 0.9)
                        for draw in (0, 1)
                    ]
                    both[name] = sum(errors) / len(errors)
                expected[case]["errors"].append(both)
    (folder / "dit.json").write_text(json.dumps(expected, indent=1) + "\n")


main(sys.argv[1])
