"""Make the default model's adapter: plain prose, and paragraphs from notes.

`python -m shadowpen.exporters.recipes.prose_base CORPORA MODEL WORK` reads folders of texts (each with an index.jsonl),
learns on the untuned model in MODEL with the trainer that personal runs use, and writes the adapter in half precision,
its notice and the reference that exports of it are verified with into the package. Only texts that may be shipped in
this form are read; which, and how much of each, is the table below. Interrupted, it goes on from its checkpoint in
WORK. What the adapter is for is in `base_adapter`; nothing here runs at a user's.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from safetensors.numpy import load_file, save

from shadowpen.daemon.base import store
from shadowpen.daemon.corpus.notes import Pair, fits, lead_pair, make_pair
from shadowpen.daemon.corpus.split import Encode, encoder
from shadowpen.daemon.storage import models
from shadowpen.daemon.storage.models import ADAPTER, Manifest
from shadowpen.daemon.tasks.expansion.prompts import expansion_prompt
from shadowpen.daemon.trainer import lora
from shadowpen.daemon.trainer.job import TrainerEvent, TrainingJob, rows_of
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.daemon.trainer.packing import SEQUENCE_TOKENS, pack
from shadowpen.daemon.trainer.process import TrainerProcess
from shadowpen.exporters.checkpoints.base_adapter import (
    ADAPTER_CONFIG,
    FOLDER,
    NOTICE,
    TunedCheckpoint,
    lay_beside,
    open_base,
)
from shadowpen.exporters.graphs.verify import store_reference, summarise, text_ids

PLAN = LoraPlan(
    rank=16, alpha=32, epochs=1.5, warmup_steps=20, replay_share=0.0, evaluations_an_epoch=3, scales=(1.0,), seed=7
)
_LEAD_EVERY = 6  # every sixth pair is a sentence and the paragraph that it begins
_SHARE_ALIKE = "CC BY-SA"
_HELD_OUT = 30  # of each kind and folder, from the texts after those learned

_NOTICE = """\
This adapter changes the weights of SmolLM2-135M-Instruct (Hugging Face, Apache-2.0) and is itself under Shadowpen's
licence. It learned from the following texts; their authors have nothing to do with it.

- Kragen Javier Sitaker, Dernocua (github.com/kragen/dernocua), public domain by his dedication
- Carl Boettiger, open lab notebook (github.com/cboettig/labnotebook), CC0 1.0
- Saki (H. H. Munro, 1870-1916), short fiction as Standard Ebooks prepared it, public domain, markup CC0 1.0
- Sebastián Ramírez and contributors, the FastAPI documentation, MIT licence, copyright (c) 2018 Sebastián Ramírez

and, through the corpus GUM (Zeldes 2017, The GUM Corpus: Creating Multilayer Resources in the Classroom):

"""

Tokens = tuple[list[int], list[float]]


@dataclass(frozen=True)
class Portion:
    """How many pairs and how many plain pieces of SEQUENCE_TOKENS a folder gives."""

    pairs: int
    pieces: int


# Public domain, CC0, MIT and CC BY; the names and licences of all texts are in the adapter's NOTICE.
PORTIONS: Mapping[str, Portion] = {
    "kragen": Portion(400, 250),
    "boettiger-labnotes": Portion(350, 150),
    "saki-stories": Portion(450, 250),
    "tiangolo-docs": Portion(90, 100),
    "_generic": Portion(560, 430),
}


def main(corpora: Path, model: Path, work: Path) -> None:
    """Train the adapter and write it into the package."""
    manifest = models.read_manifest(model)
    encode = encoder(model / "tokenizer.json")
    choice = random.Random(PLAN.seed)
    train, validation = examples(corpora, encode, manifest.eos_ids[0], choice)
    print(f"{len(train)} texts, {sum(len(ids) for ids, _ in train)} tokens; {len(validation)} to judge", flush=True)
    learn(model / "source", manifest, PLAN, (train, validation), work)
    halve(work, FOLDER)
    (FOLDER / NOTICE).write_text(notice(corpora), "utf-8")
    store_reference_of(model, work / "tuned")


def learn(
    source: Path,
    manifest: Manifest,
    plan: LoraPlan,
    examples: tuple[list[Tokens], list[Tokens]],
    work: Path,
    tell: Callable[[TrainerEvent], None] | None = None,
) -> None:
    """Train an adapter on the checkpoint in `source` with the learned and the judging `examples`; it lies in `work`."""
    rows = dict(zip(("train", "validation", "general"), (*examples, []), strict=True))
    job = TrainingJob(
        source=str(source),
        weights_sha256=manifest.weights_sha256,
        run_folder=str(work),
        replay_folder="",
        activity_file="",
        pause_idle_s=0,
        gives_way=False,
        plan=plan,
        openings=[],
        bos_id=manifest.bos_id,
        max_general_ratio=1.0,
        rows={name: rows_of(pack(texts, manifest.bos_id)) for name, texts in rows.items()},
    )
    TrainerProcess().run(job, tell or _tell)


def examples(corpora: Path, encode: Encode, end_id: int, choice: random.Random) -> tuple[list[Tokens], list[Tokens]]:
    """Training and validation examples: pairs and plain text of each folder, mixed."""
    train: list[Tokens] = []
    validation: list[Tokens] = []
    for name, portion in PORTIONS.items():
        made = examples_of(texts_of(corpora / name), portion, encode, end_id, choice)
        train += made[0]
        validation += made[1]
    choice.shuffle(train)
    return train, validation


def examples_of(
    texts: tuple[list[str], list[str]], portion: Portion, encode: Encode, end_id: int, choice: random.Random
) -> tuple[list[Tokens], list[Tokens]]:
    """Training and validation examples of one folder's texts, those to learn and those to judge by."""
    train: list[Tokens] = []
    validation: list[Tokens] = []
    for kind, count in ((_pairs, portion.pairs), (pieces_of, portion.pieces)):
        learned, judging = (list(kind(part, encode, end_id)) for part in texts)
        choice.shuffle(learned)
        train += learned[:count]
        validation += judging[:_HELD_OUT]
    return train, validation


def halve(learned: Path, target: Path) -> None:
    """The adapter in `learned`, in half precision, into `target`: its files are the package's."""
    tensors = {name: value.astype(np.float16) for name, value in load_file(learned / ADAPTER).items()}
    store.write_atomic(target / ADAPTER, save(tensors))
    store.write_atomic(target / ADAPTER_CONFIG, (learned / ADAPTER_CONFIG).read_bytes())


def notice(corpora: Path) -> str:
    """Whose texts the adapter learned from, and under which licences."""
    return _NOTICE + "".join(
        f"- {row['title']} ({row['author'] or 'no author named'}), {row['licence']}, {row['source']}\n"
        for row in _free(_index(corpora / "_generic"))
    )


def store_reference_of(model: Path, folder: Path) -> None:
    """PyTorch's reading of the test text with the adapter that peft merged, none of our exporter's code in it."""
    shutil.copytree(model / "source", folder, dirs_exist_ok=True)
    lay_beside(folder)
    weights = open_base(folder)
    assert isinstance(weights, TunedCheckpoint)
    ids = text_ids(model / "tokenizer.json", weights.architecture)
    with torch.inference_mode():
        logits = lora.load_base(folder, "float32", "cpu")(torch.from_numpy(ids[None])).logits[0].numpy()
    store_reference(summarise("torch", ids, [logits]), weights.sha256)


def _index(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "index.jsonl").read_text("utf-8").splitlines()]


def _free(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Documents whose licence asks for a notice at most."""
    return [row for row in rows if not row["licence"].startswith(_SHARE_ALIKE)]


def texts_of(folder: Path) -> tuple[list[str], list[str]]:
    """The texts to learn and those to judge by: the author's split, or the tenth of the documents of many authors."""
    rows = _index(folder)
    if "split" in rows[0]:
        chosen = [[row for row in rows if row["split"] == split] for split in ("train", "dev")]
    else:
        chosen = [
            [row for place, row in enumerate(_free(rows)) if (place % 10 == 9) is judging] for judging in (False, True)
        ]
    learned, judging = ([(folder / row["file"]).read_text("utf-8") for row in part] for part in chosen)
    return learned, judging


def _pairs(texts: Sequence[str], encode: Encode, end_id: int) -> Iterator[Tokens]:
    """Notes and their paragraph as one text, of which only the paragraph and its end are learned."""
    paragraphs = [paragraph for text in texts for paragraph in text.split("\n\n") if fits(paragraph)]
    for number, paragraph in enumerate(paragraphs):
        pair = _pair(paragraph, number)
        if pair is None or not pair.notes:
            continue
        given, wanted = encode(expansion_prompt(pair.notes))[0], [*encode(pair.paragraph + "\n")[0], end_id]
        if len(given) + len(wanted) < SEQUENCE_TOKENS:
            yield [*given, *wanted], [0.0] * len(given) + [1.0] * len(wanted)


def _pair(paragraph: str, number: int) -> Pair | None:
    return lead_pair(paragraph) if number % _LEAD_EVERY == _LEAD_EVERY - 1 else make_pair(paragraph, number)


def pieces_of(texts: Sequence[str], encode: Encode, end_id: int) -> Iterator[Tokens]:
    """Plain text in pieces as long as a row."""
    for text in texts:
        ids = encode(text)[0]
        for start in range(0, len(ids) - SEQUENCE_TOKENS // 4, SEQUENCE_TOKENS):
            piece = ids[start : start + SEQUENCE_TOKENS]
            yield piece, [1.0] * len(piece)


def _tell(event: TrainerEvent) -> None:
    print(msgspec.json.encode({"event": event.kind, **event.data}).decode(), flush=True)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
