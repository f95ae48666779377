"""Naive full fine-tuning, as a baseline for evaluations.

No adapter, no other text mixed in, no gate: what comes of it is kept whatever it does to everything else, so that an
evaluation can show what is forgotten. Nobody is served by it. `python -m shadowpen.exporters.recipes.full` makes the
model `full` in one folder of models from an installed one and a folder of texts; it speaks JSON lines as training does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from shutil import copyfile

import click
import msgspec
import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ShadowpenError, TooLittleText
from shadowpen.daemon.base.sections import ModelSettings
from shadowpen.daemon.corpus.split import Encode, encoder
from shadowpen.daemon.learning.conditions import packages
from shadowpen.daemon.storage import models as registry
from shadowpen.daemon.storage.models import ExportedGraph, InstalledModel
from shadowpen.daemon.storage.placement import place
from shadowpen.daemon.trainer import lora
from shadowpen.daemon.trainer.job import EventWriter
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.base_adapter import open_base
from shadowpen.exporters.checkpoints.checkpoint import Weights
from shadowpen.exporters.graphs.export import export
from shadowpen.exporters.progress import Progress

NAME = "full"
_ROW_TOKENS = 256
_ROWS_A_STEP = 4
_PASSES = 2
_RATE = 5e-5  # what tutorials take for models of this size
_SEED = 0
_MOST_TOKENS = 100_000  # the newest; as many as the trainer of adapters learns from

Floats = NDArray[np.float32]


class TunedMatrices:
    """Base weights of which some were tuned.

    `base` with some of its tensors replaced.
    """

    def __init__(self, base: Weights, tuned: dict[str, Floats]) -> None:
        self._base, self._tuned = base, tuned

    @property
    def architecture(self) -> Architecture:
        return self._base.architecture

    def tensor(self, name: str) -> Floats:
        return self._tuned[name] if name in self._tuned else self._base.tensor(name)


def rows(texts: Sequence[str], encode: Encode, end_id: int) -> NDArray[np.int64]:
    """[n, 256] token ids of all texts behind one another, the newest tokens of them; TooLittleText for no row."""
    ids = [token for text in texts for token in (*encode(text)[0], end_id)][-_MOST_TOKENS:]
    if len(ids) < _ROW_TOKENS:
        raise TooLittleText("There is too little text to train on.", "Add more texts.")
    count = len(ids) // _ROW_TOKENS
    return np.array(ids[-count * _ROW_TOKENS :], np.int64).reshape(count, _ROW_TOKENS)


def tune(source: Path, data: NDArray[np.int64], tell: Progress, passes: int = _PASSES) -> dict[str, Floats]:
    """All matrices of the checkpoint in `source` after AdamW at a constant rate on `data`, by canonical name."""
    import torch

    torch.manual_seed(_SEED)
    model = lora.load_base(source, "float32", "cpu")
    learning = {name: weight for name, weight in model.named_parameters() if weight.ndim > 1}
    for weight in learning.values():
        weight.requires_grad_(True)
    optimizer = torch.optim.AdamW(learning.values(), lr=_RATE)
    computing = torch.autocast("cpu", torch.bfloat16) if lora.fastest_dtype("cpu") == "bfloat16" else nullcontext()
    random = np.random.default_rng(_SEED)
    order = np.concatenate([random.permutation(len(data)) for _ in range(passes)])
    starts = range(0, len(order), _ROWS_A_STEP)
    for number, start in enumerate(starts, 1):
        batch = torch.from_numpy(data[order[start : start + _ROWS_A_STEP]])
        with computing:
            loss = model(input_ids=batch, labels=batch, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        tell("Training every weight", number, len(starts))
    return {name: weight.detach().numpy() for name, weight in learning.items()}


def install(base: InstalledModel, precision: str, tuned: dict[str, Floats], models: Path, tell: Progress) -> None:
    """Export `base` with these matrices as the model `full` in the folder `models`."""
    folder = store.private_directory(models / NAME)
    copyfile(base.tokenizer, folder / base.tokenizer.name)
    made = export(TunedMatrices(open_base(base.source), tuned), folder, [precision], tell)
    manifest = msgspec.structs.replace(
        base.manifest,
        name=NAME,
        precisions=msgspec.convert(made["precisions"], dict[str, ExportedGraph]),
        default_precision=precision,
        files={base.tokenizer.name: store.sha256_of(folder / base.tokenizer.name)},
    )
    registry.write_manifest(folder, manifest)


@click.command()
@click.option("--model", "name", required=True, help="Installed model to train.")
@click.option("--texts", type=click.Path(path_type=Path), required=True, help="Folder of .md files, read in order.")
@click.option("--models", type=click.Path(path_type=Path), required=True, help="Folder for the model `full`.")
def main(name: str, texts: Path, models: Path) -> None:
    """The process behind the arm `full` of `shadowpen eval writer`; it speaks JSON lines."""
    os.umask(0o077)
    event_writer = EventWriter(sys.stdout)
    try:
        packages.require()
        base = registry.resolve(name)
        read = [path.read_text("utf-8") for path in sorted(texts.glob("*.md"))]
        data = rows(read, encoder(base.tokenizer, base.manifest.architecture.vocab), base.manifest.eos_ids[0])
        tuned = tune(base.source, data, event_writer.progress)
        install(base, place(store.layout(), ModelSettings(), base).precision, tuned, models, event_writer.progress)
        event_writer.write("trained", tokens=int(data.size))
    except ShadowpenError as error:
        event_writer.failed(error)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
