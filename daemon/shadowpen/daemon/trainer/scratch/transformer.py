"""The recipe `scratch-transformer`: a small Transformer from nothing, written out (Vaswani et al. 2017).

Of Llama's kind (Touvron et al. 2023): RMS norms, rotary positions, a gated MLP, the embedding as the head. Its tensors
have Llama's names, so that the exporter of installed models makes its graph.
"""

from __future__ import annotations

import math

from shadowpen.daemon.trainer.packing import Packed, attention_allowed
from shadowpen.daemon.trainer.scratch.fresh import FreshWeights, ScratchRecipe

WIDTH, LAYERS, HEADS, INNER = 192, 4, 6, 512
HEAD_WIDTH = WIDTH // HEADS
THETA = 10_000.0
EPSILON = 1e-6


class ScratchTransformerRecipe(ScratchRecipe):
    """A small Transformer."""

    about = "A Transformer of 4 layers and width 192, from nothing; a baseline, for the lab alone."

    def fresh(self, vocabulary: int) -> FreshWeights:
        import numpy as np
        import torch
        from torch import nn

        class Norm(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.weight = nn.Parameter(torch.ones(WIDTH))

            def forward(self, states: torch.Tensor) -> torch.Tensor:
                return self.weight * states * (states.square().mean(-1, keepdim=True) + EPSILON).rsqrt()

        class Attention(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.q_proj, self.k_proj, self.v_proj, self.o_proj = (
                    nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4)
                )

            def forward(self, states: torch.Tensor, turn: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
                rows, length, _ = states.shape
                queries, keys, values = (
                    product(states).view(rows, length, HEADS, HEAD_WIDTH).transpose(1, 2)
                    for product in (self.q_proj, self.k_proj, self.v_proj)
                )
                scores = rotated(queries, turn) @ rotated(keys, turn).transpose(2, 3) / math.sqrt(HEAD_WIDTH)
                weights = torch.softmax(scores.masked_fill(~allowed, float("-inf")), dim=-1)
                mixed: torch.Tensor = self.o_proj((weights @ values).transpose(1, 2).reshape(rows, length, WIDTH))
                return mixed

        class Mlp(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.gate_proj, self.up_proj = (nn.Linear(WIDTH, INNER, bias=False) for _ in range(2))
                self.down_proj = nn.Linear(INNER, WIDTH, bias=False)

            def forward(self, states: torch.Tensor) -> torch.Tensor:
                made: torch.Tensor = self.down_proj(nn.functional.silu(self.gate_proj(states)) * self.up_proj(states))
                return made

        class Layer(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.input_layernorm, self.post_attention_layernorm = Norm(), Norm()
                self.self_attn, self.mlp = Attention(), Mlp()

            def forward(self, states: torch.Tensor, turn: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
                states = states + self.self_attn(self.input_layernorm(states), turn, allowed)
                changed: torch.Tensor = states + self.mlp(self.post_attention_layernorm(states))
                return changed

        class SmallTransformer(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.embed_tokens = nn.Embedding(vocabulary, WIDTH)
                self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
                self.norm = Norm()
                for matrix in self.parameters():
                    if matrix.ndim == 2:
                        nn.init.normal_(matrix, std=0.05)

            @property
            def embedding(self) -> nn.Embedding:
                return self.embed_tokens

            def forward(self, rows: Packed) -> torch.Tensor:
                ids = torch.from_numpy(rows.ids.astype(np.int64))
                allowed = torch.from_numpy(attention_allowed(rows.segments))
                turn = angles(torch.from_numpy(rows.positions.astype(np.float32)))
                states = self.embed_tokens(ids)
                for layer in self.layers:
                    states = layer(states, turn, allowed)
                ended: torch.Tensor = self.norm(states)
                return ended

        def angles(positions: torch.Tensor) -> torch.Tensor:
            steps = THETA ** (-torch.arange(0, HEAD_WIDTH, 2) / HEAD_WIDTH)
            return (positions[:, :, None] * steps).repeat(1, 1, 2)[:, None]

        def rotated(values: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
            first, second = values.chunk(2, dim=-1)
            return values * turn.cos() + torch.cat([-second, first], dim=-1) * turn.sin()

        torch.manual_seed(0)
        return FreshWeights(SmallTransformer(), {"kind": "transformer", "vocabulary": vocabulary})
