"""Train the default model to expand notes: a second adapter, merged into the shipped one.

`python -m shadowpen.exporters.recipes.notes_base CORPORA MODEL WORK` learns on the tuned default model, from the same
freely licensed texts as `prose_base`, and writes the joined adapter into the package in place of the first. The tasks
and how much of each are the table below. Interrupted, it goes on from its checkpoint in WORK. Nothing here runs at a
user's.
"""

from __future__ import annotations

import random
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from shadowpen.daemon.base import store
from shadowpen.daemon.corpus.notes import lead_pair, make_pair, sentences_of
from shadowpen.daemon.corpus.split import Encode, encoder
from shadowpen.daemon.corpus.telegrams import make_telegram
from shadowpen.daemon.storage import models
from shadowpen.daemon.storage.models import ADAPTER
from shadowpen.daemon.tasks.expansion.prompts import expansion_prompt
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.daemon.trainer.packing import SEQUENCE_TOKENS
from shadowpen.exporters.checkpoints.base_adapter import ADAPTER_CONFIG, FOLDER, lay_beside
from shadowpen.exporters.recipes import prose_base

PLAN = LoraPlan(
    rank=8,
    alpha=16,
    learning_rate=4e-4,
    epochs=1.9,
    warmup_steps=10,
    replay_share=0.0,
    evaluations_an_epoch=2,
    patience=99,  # the held-out examples are of all tasks, most of them none that it is for
    scales=(1.0,),
    seed=12,
)
_FEWEST_WORDS, _MOST_WORDS = 18, 110
_MOST_SENTENCES, _MOST_SENTENCE_WORDS = 6, 28
_STRENGTHS = (1, 2, 2, 3, 3, 3, 4, 4)  # as people write: more is left out than not
_CONTEXT_SHARE = 0.4
_ROUNDS = 2  # over the same texts, for other sentences in other words
_HELD_OUT = 6  # of each task and folder
_NO_PROSE = re.compile(r"^[#>|*\-]|[_*`|<>{}\\]|https?:|\[\d|\bp{1,2}\.\s")


@dataclass(frozen=True)
class TaskWeights:
    """Examples of each task that a folder gives."""

    telegrams: int
    stubs: int
    leads: int
    prose: int


TASK_WEIGHTS: Mapping[str, TaskWeights] = {
    "kragen": TaskWeights(telegrams=650, stubs=20, leads=5, prose=40),
    "boettiger-labnotes": TaskWeights(telegrams=500, stubs=20, leads=5, prose=30),
    "saki-stories": TaskWeights(telegrams=650, stubs=30, leads=5, prose=40),
    "tiangolo-docs": TaskWeights(telegrams=250, stubs=10, leads=5, prose=20),
    "_generic": TaskWeights(telegrams=800, stubs=40, leads=10, prose=60),
}

Tokens = tuple[list[int], list[float]]


@dataclass(frozen=True)
class ProsePassage:
    """A few whole sentences of a text, and what stands above them."""

    text: str
    heading: str = ""
    before: str = ""


def main(corpora: Path, model: Path, work: Path) -> None:
    """Train the second adapter and put both, joined, into the package."""
    manifest = models.read_manifest(model)
    encode = encoder(model / "tokenizer.json")
    train, validation = examples(corpora, encode, manifest.eos_ids[0], random.Random(PLAN.seed))
    print(f"{len(train)} texts, {sum(len(ids) for ids, _ in train)} tokens; {len(validation)} to judge", flush=True)
    tuned = work / "tuned"
    if not tuned.is_dir():
        shutil.copytree(model / "source", tuned, dirs_exist_ok=True)
        lay_beside(tuned)
    prose_base.learn(tuned, manifest, PLAN, (train, validation), work)
    join(FOLDER, work, FOLDER)
    prose_base.store_reference_of(model, work / "joined")


def examples(corpora: Path, encode: Encode, end_id: int, choice: random.Random) -> tuple[list[Tokens], list[Tokens]]:
    """Training and validation examples of every task and folder, mixed."""
    train: list[Tokens] = []
    validation: list[Tokens] = []
    for name, weights in TASK_WEIGHTS.items():
        made = examples_of(prose_base.texts_of(corpora / name), weights, encode, end_id, choice)
        train += made[0]
        validation += made[1]
    choice.shuffle(train)
    return train, validation


def examples_of(
    texts: tuple[list[str], list[str]], weights: TaskWeights, encode: Encode, end_id: int, choice: random.Random
) -> tuple[list[Tokens], list[Tokens]]:
    """Training and validation examples of one folder's texts, those to learn and those to judge by."""
    train: list[Tokens] = []
    validation: list[Tokens] = []
    learned, judging = texts
    for kind, count in (
        (_telegrams, weights.telegrams),
        (_stubs, weights.stubs),
        (_leads, weights.leads),
        (prose_base.pieces_of, weights.prose),
    ):
        made = list(kind(learned, encode, end_id))
        choice.shuffle(made)
        train += made[:count]
        validation += list(kind(judging, encode, end_id))[:_HELD_OUT]
    return train, validation


def passages(texts: Sequence[str], choice: random.Random) -> Iterator[ProsePassage]:
    """Up to six sentences from each paragraph of prose, with the heading and the paragraph above."""
    for text in texts:
        heading, before = "", ""
        for paragraph in (part.strip() for part in text.split("\n\n")):
            if paragraph.startswith("#"):
                heading = paragraph.lstrip("# ").partition("\n")[0]
            elif "\n" not in paragraph and paragraph and not _NO_PROSE.search(paragraph):
                chosen = _some_sentences(paragraph, choice)
                if chosen:
                    yield ProsePassage(chosen, heading, before)
                before = paragraph


def join(first: Path, second: Path, target: Path) -> None:
    """One adapter that does what `first` and `second` do one after the other on the same weights: ranks side by side.

    Both scales are put into the matrices, so that the joined adapter's alpha is its rank.
    """
    parts = [_unscaled(folder) for folder in (first, second)]
    joined = {
        name: np.concatenate([part[name] for part in parts], axis=0 if ".lora_A." in name else 1).astype(np.float16)
        for name in parts[0]
    }
    settings = msgspec.json.decode((first / ADAPTER_CONFIG).read_bytes())
    rank = next(value.shape[0] for name, value in joined.items() if ".lora_A." in name)
    settings |= {"r": rank, "lora_alpha": float(rank)}
    store.write_atomic(target / ADAPTER, save(joined))
    store.write_atomic(target / ADAPTER_CONFIG, msgspec.json.format(msgspec.json.encode(settings), indent=2))


def _unscaled(folder: Path) -> dict[str, NDArray[np.float32]]:
    settings = msgspec.json.decode((folder / ADAPTER_CONFIG).read_bytes())
    scale = settings["lora_alpha"] / settings["r"]
    tensors = {name: value.astype(np.float32) for name, value in load_file(folder / ADAPTER).items()}
    return {name: value * scale if ".lora_B." in name else value for name, value in tensors.items()}


def _some_sentences(paragraph: str, choice: random.Random) -> str:
    sentences = sentences_of(paragraph)
    start = choice.randrange(max(1, len(sentences) - _MOST_SENTENCES + 1))
    chosen = sentences[start : start + choice.randint(2, _MOST_SENTENCES)]
    text = " ".join(sentence.strip() for sentence in chosen)
    fits = (
        _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS
        and all(len(sentence.split()) <= _MOST_SENTENCE_WORDS for sentence in chosen)
        and text[:1].isupper()
        and text[-1:] in ".!?"
    )
    return text if fits else ""


def _telegrams(texts: Sequence[str], encode: Encode, end_id: int) -> Iterator[Tokens]:
    choice = random.Random(PLAN.seed)
    chosen = (passage for _ in range(_ROUNDS) for passage in passages(texts, choice))
    for number, passage in enumerate(chosen):
        notes = make_telegram(passage.text, number, choice.choice(_STRENGTHS))
        context = {"heading": passage.heading, "before": passage.before} if choice.random() < _CONTEXT_SHARE else {}
        yield from _pair(notes, passage.text, context, encode, end_id)


def _stubs(texts: Sequence[str], encode: Encode, end_id: int) -> Iterator[Tokens]:
    for number, passage in enumerate(passages(texts, random.Random(PLAN.seed + 1))):
        yield from _pair(make_pair(passage.text, number).notes, passage.text, {}, encode, end_id)


def _leads(texts: Sequence[str], encode: Encode, end_id: int) -> Iterator[Tokens]:
    for passage in passages(texts, random.Random(PLAN.seed + 2)):
        if pair := lead_pair(passage.text):
            yield from _pair(pair.notes, pair.paragraph, {}, encode, end_id)


def _pair(notes: Sequence[str], text: str, context: Mapping[str, str], encode: Encode, end_id: int) -> Iterator[Tokens]:
    """Notes and their text as one example, of which only the text and its end are learned; none if it is too long."""
    given, wanted = encode(expansion_prompt(notes, **context))[0], [*encode(text + "\n")[0], end_id]
    if notes and len(given) + len(wanted) < SEQUENCE_TOKENS:
        yield [*given, *wanted], [0.0] * len(given) + [1.0] * len(wanted)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
