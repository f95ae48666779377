"""A small Transformer language model, written out (Vaswani et al. 2017), of Llama's kind (Touvron et al. 2023).

RMS norms, rotary positions, a gated MLP, the embedding as the head. Its tensors have Llama's names, so that the
exporter of installed models makes its graph. Needs torch.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from shadowpen.daemon.trainer.packing import Packed, attention_allowed

WIDTH, LAYERS, HEADS, INNER = 192, 4, 6, 512
HEAD_WIDTH = WIDTH // HEADS
THETA = 10_000.0
EPSILON = 1e-6


class RmsNorm(nn.Module):
    """Divide each state by its root mean square."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self.weight * states * (states.square().mean(-1, keepdim=True) + EPSILON).rsqrt()


class RotaryAttention(nn.Module):
    """Attention of several heads, with rotary positions."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))

    def forward(self, states: torch.Tensor, turn: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
        rows, length, _ = states.shape
        queries, keys, values = (
            product(states).view(rows, length, HEADS, HEAD_WIDTH).transpose(1, 2)
            for product in (self.q_proj, self.k_proj, self.v_proj)
        )
        scores = _rotated(queries, turn) @ _rotated(keys, turn).transpose(2, 3) / math.sqrt(HEAD_WIDTH)
        weights = torch.softmax(scores.masked_fill(~allowed, float("-inf")), dim=-1)
        mixed: torch.Tensor = self.o_proj((weights @ values).transpose(1, 2).reshape(rows, length, WIDTH))
        return mixed


class GatedMlp(nn.Module):
    """Two layers, the first of them gated."""

    def __init__(self) -> None:
        super().__init__()
        self.gate_proj, self.up_proj = (nn.Linear(WIDTH, INNER, bias=False) for _ in range(2))
        self.down_proj = nn.Linear(INNER, WIDTH, bias=False)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.down_proj(nn.functional.silu(self.gate_proj(states)) * self.up_proj(states))
        return made


class TransformerLayer(nn.Module):
    """Attention and MLP, each added to the stream."""

    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(), RmsNorm()
        self.self_attn, self.mlp = RotaryAttention(), GatedMlp()

    def forward(self, states: torch.Tensor, turn: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
        states = states + self.self_attn(self.input_layernorm(states), turn, allowed)
        changed: torch.Tensor = states + self.mlp(self.post_attention_layernorm(states))
        return changed


class SmallTransformer(nn.Module):
    """Embedding, layers, norm. Rows give states [rows, length, width]."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, WIDTH)
        self.layers = nn.ModuleList([TransformerLayer() for _ in range(LAYERS)])
        self.norm = RmsNorm()
        for matrix in (value for value in self.parameters() if value.ndim == 2):
            nn.init.normal_(matrix, std=0.05)

    @property
    def embedding(self) -> nn.Embedding:
        return self.embed_tokens

    def forward(self, rows: Packed) -> torch.Tensor:
        states = self.embed_tokens(torch.from_numpy(rows.ids.astype(np.int64)))
        allowed = torch.from_numpy(attention_allowed(rows.segments))
        turn = _angles(torch.from_numpy(rows.positions.astype(np.float32)))
        for layer in self.layers:
            states = layer(states, turn, allowed)
        ended: torch.Tensor = self.norm(states)
        return ended


def _angles(positions: torch.Tensor) -> torch.Tensor:
    """[rows, 1, length, head width] by which each number of a head is rotated (Su et al. 2021)."""
    steps = THETA ** (-torch.arange(0, HEAD_WIDTH, 2) / HEAD_WIDTH)
    return (positions[:, :, None] * steps).repeat(1, 1, 2)[:, None]


def _rotated(values: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    first, second = values.chunk(2, dim=-1)
    return values * turn.cos() + torch.cat([-second, first], dim=-1) * turn.sin()
