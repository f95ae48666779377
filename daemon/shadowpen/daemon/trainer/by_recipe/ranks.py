"""Several processes that train together, as `accelerate launch` or `torchrun` starts them.

Each takes its share of a batch, and the sums of their gradients are what one process would have. All of them read and
write the same folder of the run, and the first alone tells and keeps.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any


def count() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """0 is the first, which has the job and tells of it."""
    return int(os.environ.get("RANK", "0"))


def join() -> None:
    """Wait for the others; nothing where there are none."""
    if count() == 1:
        return
    import torch

    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))


def from_first(content: bytes) -> bytes:
    """What the first process has, for all of them."""
    if count() == 1:
        return content
    import torch

    held: list[Any] = [content]
    torch.distributed.broadcast_object_list(held)
    received: bytes = held[0]
    return received


def share(rows: int) -> range:
    """Which of the rows of a batch are this process's."""
    return range(rank(), rows, count())


def any_of(mine: bool) -> bool:
    """Whether it is so for any process."""
    return sum_of(float(mine)) > 0


def sum_of(mine: float) -> float:
    """The sum over all processes."""
    if count() == 1:
        return mine
    import torch

    held = torch.tensor([mine], dtype=torch.float64, device=_device())
    torch.distributed.all_reduce(held)
    return float(held)


def sum_gradients(parameters: Iterable[Any]) -> None:
    """Put the sum over all processes in place of each gradient; one that a process lacks counts as zeros."""
    if count() == 1:
        return
    import torch

    for parameter in parameters:
        if parameter.requires_grad:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            torch.distributed.all_reduce(parameter.grad)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
