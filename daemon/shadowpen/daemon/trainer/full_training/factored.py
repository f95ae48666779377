"""A memory-saving optimizer with Adafactor's factored second moments.

After Shazeer and Stern 2018 (arXiv 1804.04235), without momentum: an update is a gradient over the root of its factored
mean square, clipped to a root mean square of one. It is taken in proportion to the size of the matrix's weights, their
relative rate, for these differ fivefold from one family of models to another. Where a matrix computes in bfloat16 its
float32 original is kept beside it, for steps this small vanish in bfloat16.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_SMALLEST = 1e-30
_USUAL_SIZE = 0.19  # root mean square of a matrix of the default model, for which the rates were measured
_LEAST_SIZE = 0.005  # a matrix of zeros learns too


class Factored:
    """The memory-saving optimizer.

    Learns `matrices` (name → what computes); `originals` are their float32 values, the same tensors or others.
    """

    def __init__(
        self, matrices: dict[str, torch.nn.Parameter], originals: dict[str, torch.Tensor], clip: float
    ) -> None:
        import torch

        self._matrices, self._originals, self._clip = matrices, originals, clip
        self.steps = 0
        self._shares = {name: _share(matrix) for name, matrix in originals.items()}
        self.rows = {name: torch.zeros_like(matrix[:, 0]) for name, matrix in originals.items()}
        self.columns = {name: torch.zeros_like(matrix[0]) for name, matrix in originals.items()}

    def step(self, rate: float) -> None:
        """Take up the gradients, of a norm of at most `clip` together, and drop them.

        A weight of the usual size moves by about `rate`.
        """
        import torch

        self.steps += 1
        fresh = self.steps**-0.8  # the share of this gradient in the means
        with torch.no_grad():
            shrink = self._clip / max(self._clip, self._norm())
            for name, matrix in self._matrices.items():
                if matrix.grad is None:
                    continue
                gradient = matrix.grad.to(torch.float32, copy=True).mul_(shrink)
                matrix.grad = None
                update = self._update(name, gradient, fresh)
                original = self._originals[name]
                original.add_(update, alpha=-rate * self._shares[name])
                if original.data_ptr() != matrix.data_ptr():
                    matrix.copy_(original)

    def _norm(self) -> float:
        import torch

        norms = [float(torch.linalg.vector_norm(m.grad.float())) for m in self._matrices.values() if m.grad is not None]
        return math.hypot(*norms)

    def _update(self, name: str, gradient: torch.Tensor, fresh: float) -> torch.Tensor:
        squares = gradient.square().add_(_SMALLEST)
        rows = self.rows[name].lerp_(squares.mean(dim=1), fresh)
        columns = self.columns[name].lerp_(squares.mean(dim=0), fresh)
        update = gradient.mul_((rows / rows.mean()).rsqrt_()[:, None]).mul_(columns.rsqrt()[None, :])
        return update.div_(max(1.0, float(update.square().mean().sqrt())))


def _share(matrix: torch.Tensor) -> float:
    """Of the rate: how large the weights of a matrix are, compared with the usual size."""
    return max(_LEAST_SIZE, float(matrix.square().mean().sqrt())) / _USUAL_SIZE
