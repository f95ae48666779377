"""Progress of the training run, in one small file that can be read at any moment.

Light enough for the daemon to import: neither numpy nor torch.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from shadowpen.daemon.base import store


class TrainingStatus(msgspec.Struct, kw_only=True, omit_defaults=True):
    """training/status.json: the run that goes on, or how the last one ended. Times in seconds since 1970."""

    state: str = "none"  # running, paused, promoted, rejected, rolled_back, stopped, failed, interrupted
    phase: str = ""
    done: float = 0.0
    total: float = 0.0
    pid: int = 0
    started: float = 0.0
    updated: float = 0.0
    version: str = ""
    message: str = ""
    hint: str = ""
    tokens: int = 0  # own tokens there were when it began: what is new since then counts towards the next run
    edits: int = 0
    rated_until: float = 0.0  # when the last judged run began: only what was rated low since then starts another
    ratings_run: float = 0.0  # when the last run began that ratings started


def status_file(layout: store.Layout) -> Path:
    return layout.training / "status.json"


def read_status(layout: store.Layout) -> TrainingStatus:
    """What the last run wrote; an unreadable file says nothing."""
    try:
        return msgspec.json.decode(store.read_bounded(status_file(layout)), type=TrainingStatus)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return TrainingStatus()


def write_status(layout: store.Layout, status: TrainingStatus) -> None:
    status.updated = time.time()
    store.write_atomic(status_file(layout), msgspec.json.encode(status) + b"\n")
