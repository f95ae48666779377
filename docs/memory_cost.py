"""Measures what the memory costs at growing sizes, and draws docs/images/memory.svg.

    .venv/bin/python docs/memory_cost.py TEXTS MODEL [--sizes 0.1 1 3 10]

TEXTS is a folder of .md or .txt files, of which every tenth is only used for asking; MODEL a model's folder.
Where the texts are fewer than a size asks for, they are taken again and again, every fifteenth token replaced by one
from another of them. Each size has processes of its own; prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from shadowpen.daemon.memory.blending import blend
from shadowpen.daemon.memory.memory import Memory
from shadowpen.daemon.text.tokenizer import Tokenizer

_PICTURE = Path(__file__).parent / "images" / "memory.svg"
_ASKED = 2_000
_ASKED_BEFORE = 1_000
_LEARNED = 40
_CODED = "\ue000"  # of the private use area: what follows is ids as characters, not text
_MEGABYTE = 1e6


@dataclass(frozen=True)
class _Text:
    origin: str
    text: str
    time: float
    spans: tuple[()] = ()


class _Tokens:
    """A tokenizer that also takes text as it is coded here: encoding millions of tokens is not what is measured."""

    def __init__(self, model: Path) -> None:
        self._real = Tokenizer(model / "tokenizer.json", None, [])
        self.token_bytes = self._real.token_bytes

    def encode_with_places(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        if not text.startswith(_CODED):
            return self._real.encode_with_places(text)
        ids = [ord(character) - 0x10000 for character in text[1:]]
        return ids, [(place, place + 1) for place in range(1, len(text))]

    def encode(self, text: str) -> list[int]:
        return self._real.encode(text)


def coded(ids: Sequence[int]) -> str:
    return _CODED + "".join(chr(0x10000 + token) for token in ids)


def _texts(documents: list[list[int]], tokens: int) -> Iterator[_Text]:
    dice, total, number = random.Random(1), 0, 0
    while total < tokens:
        ids = documents[number % len(documents)]
        if number >= len(documents):
            other = dice.choice(documents)
            ids = [dice.choice(other) if place % 15 == 0 else token for place, token in enumerate(ids)]
        yield _Text(f"/{number}.md", coded(ids), number)
        total, number = total + len(ids), number + 1


def build(texts: Path, model: Path, size: int, folder: Path) -> dict[str, Any]:
    """Make the index; seconds of CPU."""
    tokens = _Tokens(model)
    documents = [ids for text in _read(texts)[1] if len(ids := tokens.encode(text)) > 20]
    memory, begun = Memory.open(folder, tokens), time.process_time()
    memory.refresh(lambda: _texts(documents, size), most_live_tokens=0)
    return {"build_s": time.process_time() - begun}


def measure(texts: Path, model: Path, folder: Path) -> dict[str, Any]:
    """All figures of an index that was built."""
    tokens, process, asking = _Tokens(model), psutil.Process(), _read(texts)[0]
    before_mb = process.memory_info().rss / _MEGABYTE
    memory, open_us = _timed(lambda: Memory.open(folder, tokens))
    told = memory.report()
    return {
        "tokens": told["tokens"],
        "file_mb": told["file_bytes"] / _MEGABYTE,
        "open_ms": open_us / 1e3,
        **_asked(memory, tokens, asking),
        "resident_mb": process.memory_info().rss / _MEGABYTE - before_mb,
        "learn_us": _learned(memory, tokens, asking),
        "forget_s": _timed(lambda: memory.forget(["/1.md"]))[1] / 1e6,
    }


def _read(texts: Path) -> tuple[list[str], list[str]]:
    """Every tenth text, which is only asked for, and the others."""
    files = sorted(path for path in texts.rglob("*") if path.suffix in (".md", ".txt"))
    read = [path.read_text("utf-8", errors="replace") for path in files]
    return read[::10], [text for number, text in enumerate(read) if number % 10]


def _asked(memory: Memory, tokens: _Tokens, texts: list[str]) -> dict[str, Any]:
    """Microseconds of CPU for questions along texts that it does not hold, a step at each token as in decoding.

    Others have been asked before, as in a daemon that somebody has written with for some minutes.
    """
    dice = random.Random(2)
    asked = _questions(dice.sample(texts, min(40, len(texts))), tokens)[:_ASKED]
    for ids, at in _questions(dice.sample(texts, min(40, len(texts))), tokens)[:_ASKED_BEFORE]:
        memory.look_up(ids[:at])
    logits = np.random.default_rng(0).normal(size=len(tokens.token_bytes)).astype(np.float32)
    look, mix, phrase = [], [], []
    for ids, at in asked:
        recall, took = _timed(partial(memory.look_up, ids[:at]))
        look.append(took)
        mix.append(_timed(partial(blend, logits, recall))[1])
        stub = tokens.token_bytes[ids[at]][: dice.randrange(4)]
        phrase.append(_timed(partial(memory.phrase, ids[:at], stub))[1])
    return {"look_up_us": _ranks(look), "blend_us": _ranks(mix), "phrase_us": _ranks(phrase)}


def _questions(texts: list[str], tokens: _Tokens) -> list[tuple[list[int], int]]:
    """Tokens of a text, and how many of them stand before the place that is asked about."""
    walks = [ids for text in texts if len(ids := tokens.encode(text)) > 60]
    return [(ids, at) for ids in walks for at in range(20, min(len(ids) - 4, 70))]


def _learned(memory: Memory, tokens: _Tokens, texts: list[str]) -> float:
    """Microseconds a token, half of the texts take longer."""
    some = [text[:4_000] for text in random.Random(3).sample(texts, min(_LEARNED, len(texts))) if text]
    took = [_timed(partial(memory.learn, _Text(f"/new/{n}.md", text, n)))[1] for n, text in enumerate(some)]
    return statistics.median(us / len(tokens.encode(text)) for us, text in zip(took, some, strict=True))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What came of it, and the microseconds of this thread's CPU that it took."""
    begun = time.thread_time_ns()
    result = work()
    return result, (time.thread_time_ns() - begun) / 1e3


def _ranks(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": ordered[len(ordered) // 2], "p99": ordered[int(len(ordered) * 0.99)]}


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """The same rows give the same bytes."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "shadowpen", "font.size": 9}):
        figure = Figure(figsize=(9, 3.2), layout="constrained")
        times, space = figure.subplots(1, 2)
        sizes = [row["tokens"] / 1e6 for row in rows]
        for key, label in (("look_up_us", "look-up"), ("phrase_us", "phrase"), ("blend_us", "blend")):
            for rank, style in (("p50", "-"), ("p99", ":")):
                times.plot(sizes, [row[key][rank] for row in rows], style, marker="o", label=f"{label}, {rank}")
        for key, label in (("file_mb", "on the disk"), ("resident_mb", "resident, after 2,000 questions")):
            space.plot(sizes, [row[key] for row in rows], marker="o", label=label)
        times.set_xscale("log")
        for axes, label in ((times, "microseconds of CPU"), (space, "megabytes")):
            axes.set(xlabel="million tokens", ylabel=label, ylim=(0, None))
            axes.grid(alpha=0.3)
            axes.legend(fontsize=7)
        figure.savefig(path, metadata={"Date": None})


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    ranked = {"look_up_us": "look-up, µs", "phrase_us": "phrase, µs", "blend_us": "blend, µs"}
    others = ("learning, µs a token", "opening, ms", "on disk, MB", "resident, MB", "building, s", "forgetting, s")
    yield f"| million tokens | {' | '.join((*ranked.values(), *others))} |"
    yield "|---:" * (1 + len(ranked) + len(others)) + "|"
    for row in rows:
        ranks = " | ".join(f"{row[key]['p50']:.0f} / {row[key]['p99']:.0f}" for key in ranked)
        yield (
            f"| {row['tokens'] / 1e6:.1f} | {ranks} | {row['learn_us']:.0f} | {row['open_ms']:.1f} "
            f"| {row['file_mb']:.1f} | {row['resident_mb']:.0f} | {row['build_s']:.0f} | {row['forget_s']:.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.1, 1, 3, 10], help="in millions of tokens")
    parser.add_argument("--step", choices=("build", "measure"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step == "build":
        print(json.dumps(build(asked.texts, asked.model, int(asked.sizes[0] * 1e6), asked.folder)))
        return
    if asked.step == "measure":
        print(json.dumps(measure(asked.texts, asked.model, asked.folder)))
        return
    rows = []
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, str(asked.texts), str(asked.model), "--folder", folder]
            row: dict[str, Any] = {}
            for step in ("build", "measure"):
                row |= json.loads(subprocess.check_output([*command, "--step", step, "--sizes", str(size)]))
        rows.append(row)
        print(json.dumps(row), file=sys.stderr)
    draw(rows, _PICTURE)
    print("\n".join(_table(rows)))


if __name__ == "__main__":
    main()
