"""Full training in torch: load a base, run it, store its changes, and apply them at any strength.

While it learns, matrices compute in the fastest type and their float32 originals take the changes; the base's own
values wait in a file of the run's folder. Once `store` has written the difference, only what that file gives back is
shown and measured: what is judged later is what lies on the disk. Norms and biases stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base import store
from shadowpen.daemon.trainer import losses, modules
from shadowpen.daemon.trainer.full_training import delta
from shadowpen.daemon.trainer.full_training.delta import Delta
from shadowpen.daemon.trainer.packing import Packed

if TYPE_CHECKING:
    import torch

_BASE = "base.f32"


class EveryWeight:
    """A base of which every weight learns.

    `base`, in float32, with the difference `start` added where there is one; `folder` is the run's.
    """

    def __init__(self, base: Any, folder: Path, dtype: str, start: Delta | None = None) -> None:
        import torch

        self.model = base
        self._folder = folder
        self.matrices: dict[str, torch.nn.Parameter] = {
            name: value for name, value in base.named_parameters() if value.ndim == 2
        }
        self._keep_base()
        for name in start.names if start else ():
            self.matrices[name].data.add_(self._on_device(start.tensor(name)))  # type: ignore[union-attr]
        self.originals: dict[str, torch.Tensor] = {name: value.data for name, value in self.matrices.items()}
        base.to(getattr(torch, dtype))  # new storage where the type is another: the originals stay float32
        for matrix in self.matrices.values():
            matrix.requires_grad_(True)
        modules.recompute_activations(base)

    def before_every_layer(self, call: Callable[[], None]) -> None:
        """Have `call` called before each decoder layer, forwards and backwards: where a run can wait at once."""
        for layer in modules.decoder_layers(self.model):
            layer.register_forward_pre_hook(lambda *_: call())
            layer.register_full_backward_pre_hook(lambda *_: call())

    def loss_sum(self, rows: Packed) -> torch.Tensor:
        """The weighted negative log-likelihoods of the rows' tokens, summed, in nats."""
        return losses.loss_sum(self.model, rows)

    def mean_loss(self, rows: Packed) -> float:
        """Mean weighted nats a token, nothing learned."""
        return losses.mean_loss(self.model, rows)

    def take_up_originals(self) -> None:
        """Compute with the originals as they are now: what a checkpoint brought back."""
        for name, matrix in self.matrices.items():
            matrix.data.copy_(self.originals[name])

    def store(self, path: Path) -> None:
        """Write what was learned into `path`. Learning is over: the originals are gone."""
        delta.write(path, self._differences())
        self.originals = {}
        for matrix in self.matrices.values():
            matrix.requires_grad_(False)

    def show(self, learned: Delta, scale: float) -> None:
        """Be the base with `scale` times `learned` (Wortsman et al. 2022, WiSE-FT)."""
        changed = set(learned.names)
        for name, base in self._base():
            shown = learned.tensor(name) if name in changed else np.zeros_like(base)
            shown *= np.float32(scale)
            shown += base
            self.matrices[name].data.copy_(self._on_device(shown))

    def forget_base(self) -> None:
        """Remove the base's values from the run's folder: nothing is shown any more."""
        (self._folder / _BASE).unlink(missing_ok=True)

    def _differences(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Of all that are no longer as they were."""
        for name, base in self._base():
            difference = np.subtract(self.originals[name].cpu().numpy(), base, out=base)
            if difference.any():
                yield name, difference

    def _keep_base(self) -> None:
        with store.atomic_file(self._folder / _BASE, durable=False) as file:
            for matrix in self.matrices.values():
                matrix.detach().cpu().numpy().tofile(file)

    def _base(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Read, not mapped: what is mapped counts as this process's memory."""
        with (self._folder / _BASE).open("rb") as file:
            for name, matrix in self.matrices.items():
                yield name, np.fromfile(file, np.float32, matrix.numel()).reshape(matrix.shape)

    def _on_device(self, values: NDArray[np.float32]) -> torch.Tensor:
        import torch

        return torch.from_numpy(values).to(next(iter(self.matrices.values())).device)
