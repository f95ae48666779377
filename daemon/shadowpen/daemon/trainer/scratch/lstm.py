"""A language model of long short-term memory (Hochreiter and Schmidhuber 1997). Needs torch."""

from __future__ import annotations

import numpy as np
import torch

from shadowpen.daemon.trainer.packing import Packed

WIDTH, LAYERS = 256, 2


class SmallLstm(torch.nn.Module):
    """Embedding and LSTM; the head is the embedding again. A row is read from left to right, whatever stands in it."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, WIDTH)
        self.recurrent = torch.nn.LSTM(WIDTH, WIDTH, LAYERS, batch_first=True)
        torch.nn.init.normal_(self.embedding.weight, std=0.05)

    def forward(self, rows: Packed) -> torch.Tensor:
        ids = torch.from_numpy(rows.ids.astype(np.int64))
        states: torch.Tensor = self.recurrent(self.embedding(ids))[0]
        return states
