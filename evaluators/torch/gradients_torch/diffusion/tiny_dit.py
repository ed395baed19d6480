"""The demo's diffusion transformer: pixels in patches, captions as tokens, one sequence of both."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .tiny_dit_config import TinyDitConfig

_FASTEST = 1000
_LONGEST_PERIOD = 10_000


class TinyDit(nn.Module):
    """Its parameters have the names of the files in the Hugging Face layout, so that PEFT finds its layers."""

    def __init__(self, config: TinyDitConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.sizes = config
        self.text_embed = nn.Embedding(config.vocab_size, width)
        self.text_position = nn.Embedding(config.text_length, width)
        self.image_in = nn.Linear(config.patch_numbers, width, bias=False)
        self.row_position = nn.Embedding(config.grid, width)
        self.column_position = nn.Embedding(config.grid, width)
        self.time = _GatedLayer(config.time_features, width, width)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(width, eps=config.rms_norm_eps)
        self.image_out = nn.Linear(width, config.patch_numbers, bias=False)

    def forward(self, patches: Tensor, grid: tuple[int, int], times: Tensor, captions: Tensor) -> Tensor:
        """F for each patch: patches [b, rows·columns, numbers], times [b] in [0, 1], captions [b, text_length]."""
        rows, columns = grid
        device = patches.device
        text = self.text_embed(captions) + self.text_position.weight
        row = torch.arange(rows, device=device).repeat_interleave(columns)
        column = torch.arange(columns, device=device).repeat(rows)
        image = self.image_in(patches) + self.row_position(row) + self.column_position(column)
        x = torch.cat([text, image], dim=1)
        time = self.time(self._time_features(times).to(patches.dtype))
        for block in self.blocks:
            x = block(x, time)
        found: Tensor = self.image_out(self.norm(x[:, self.sizes.text_length :]))
        return found

    def _time_features(self, times: Tensor) -> Tensor:
        """cos and sin of 1000·t·10000^(-i/half) for i = 0 … half - 1."""
        half = self.sizes.time_features // 2
        powers = torch.arange(half, device=times.device, dtype=torch.float64) / half
        angles = times.double()[:, None] * _FASTEST * torch.exp(-math.log(_LONGEST_PERIOD) * powers)
        return torch.cat([angles.cos(), angles.sin()], dim=1)


class _GatedLayer(nn.Module):
    def __init__(self, inputs: int, inner: int, outputs: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(inputs, inner, bias=False)
        self.up_proj = nn.Linear(inputs, inner, bias=False)
        self.down_proj = nn.Linear(inner, outputs, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return found


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

        mixed = F.scaled_dot_product_attention(split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x)))
        found: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return found


class _Block(nn.Module):
    def __init__(self, config: TinyDitConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.time_proj = nn.Linear(width, width, bias=False)
        self.attention_norm = nn.RMSNorm(width, eps=config.rms_norm_eps)
        self.attention = _Attention(width, config.num_attention_heads)
        self.mlp_norm = nn.RMSNorm(width, eps=config.rms_norm_eps)
        self.mlp = _GatedLayer(width, config.intermediate_size, width)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        x = x + self.time_proj(time)[:, None]
        x = x + self.attention(self.attention_norm(x))
        found: Tensor = x + self.mlp(self.mlp_norm(x))
        return found
