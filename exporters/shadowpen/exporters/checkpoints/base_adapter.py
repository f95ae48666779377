"""Shadowpen's tune on prose, and how it is merged into the default model.

The default checkpoint is tuned for chat and rounded to four bits; an adapter on plain prose, and on paragraphs written
out of notes, makes it a better writer (docs/base_adapter.md). Setup lays it beside the checkpoint, and whoever opens
the base gets both as one. How it was made is in `base_tuning`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.storage.models import ADAPTER, BASE_ADAPTER, base_sha256
from shadowpen.exporters.checkpoints.checkpoint import Checkpoint, open_checkpoint
from shadowpen.exporters.checkpoints.merged_weights import MergedWeights
from shadowpen.exporters.sources.defaults import HUB_LOCATOR, WHEEL_LOCATOR

FOLDER = Path(__file__).with_name("prose_adapter")
ADAPTER_CONFIG = "adapter_config.json"
NOTICE = "NOTICE"  # whose texts it learned from, and their licences


class TunedCheckpoint(MergedWeights):
    """A checkpoint with the base's adapter merged; `architecture` may be replaced as a checkpoint's may."""

    def __init__(self, checkpoint: Checkpoint, folder: Path) -> None:
        super().__init__(checkpoint, folder)
        self.checkpoint = checkpoint
        self.adapter = folder / ADAPTER

    @property
    def sha256(self) -> str:
        """What a manifest calls its `weights_sha256`."""
        return base_sha256(self.checkpoint.sha256, store.sha256_of(self.adapter))


def wanted_sha256(locator: str, untuned: bool) -> str:
    """The hash of the adapter that a model from there should have: the shipped one was made for the default model.

    "" for none: another model, or the default one as its makers gave it (`untuned`).
    """
    made_for = locator.partition("@")[0] in (HUB_LOCATOR, WHEEL_LOCATOR)
    return store.sha256_of(FOLDER / ADAPTER) if made_for and not untuned else ""


def lay_beside(source: Path) -> None:
    """Put the shipped adapter into a checkpoint's folder."""
    target = store.private_directory(source / BASE_ADAPTER)
    for name in (ADAPTER, ADAPTER_CONFIG, NOTICE):
        shutil.copyfile(FOLDER / name, target / name)


def open_base(source: Path) -> Checkpoint | TunedCheckpoint:
    """The weights in a model's source folder as they are served. Raises as `open_checkpoint`, and ModelCorrupt."""
    return tuned(open_checkpoint(source), source)


def tuned(checkpoint: Checkpoint, source: Path) -> Checkpoint | TunedCheckpoint:
    """`checkpoint` with the adapter that lies in `source`, where one does."""
    folder = source / BASE_ADAPTER
    return TunedCheckpoint(checkpoint, folder) if (folder / ADAPTER).is_file() else checkpoint
