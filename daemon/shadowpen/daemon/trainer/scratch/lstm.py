"""The recipe `scratch-lstm`: an LSTM language model from nothing (Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

from shadowpen.daemon.trainer.packing import Packed
from shadowpen.daemon.trainer.scratch.fresh import FreshWeights, ScratchRecipe

WIDTH, LAYERS = 256, 2


class ScratchLstmRecipe(ScratchRecipe):
    """An LSTM."""

    about = "An LSTM of 256 units in two layers, from nothing; a baseline, for the lab alone."

    def fresh(self, vocabulary: int) -> FreshWeights:
        import numpy as np
        import torch

        class SmallLstm(torch.nn.Module):
            """Embedding, LSTM, and the embedding again as the head. Rows are read from left to right."""

            def __init__(self) -> None:
                super().__init__()
                self.embedding = torch.nn.Embedding(vocabulary, WIDTH)
                self.recurrent = torch.nn.LSTM(WIDTH, WIDTH, LAYERS, batch_first=True)
                torch.nn.init.normal_(self.embedding.weight, std=0.05)

            def forward(self, rows: Packed) -> torch.Tensor:
                ids = torch.from_numpy(rows.ids.astype(np.int64))
                states: torch.Tensor = self.recurrent(self.embedding(ids))[0]
                return states

        torch.manual_seed(0)
        return FreshWeights(SmallLstm(), {"kind": "lstm", "vocabulary": vocabulary, "width": WIDTH, "layers": LAYERS})
