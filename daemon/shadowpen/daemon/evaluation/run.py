"""Run an evaluation: for each arm, predict each text and then learn it.

What is finished is kept, so a run that was interrupted goes on with the next text. Knows no command line.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.corpus.documents import Document
from shadowpen.daemon.evaluation import metrics, texts
from shadowpen.daemon.evaluation.arms import ARMS, Arm, Student, why_not
from shadowpen.daemon.evaluation.results import End, Results
from shadowpen.daemon.evaluation.texts import CONTEXT_CHARACTERS, Excerpt
from shadowpen.daemon.storage import models as registry
from shadowpen.daemon.storage import versions

_NUMBERS = ("limit_characters", "limit_texts", "context", "coverage", "train_every", "seed")

Tell = Callable[[str, float, float], None]  # what is being done, done, of how many


@dataclass(frozen=True)
class Wanted:
    """What an evaluation measures. A limit of 0 is none; after `train_every` texts the arms that train do so."""

    texts: Path
    arms: tuple[str, ...]
    own: Path | None = None
    author: str = ""
    limit_characters: int = 500
    limit_texts: int = 0
    context: int = CONTEXT_CHARACTERS
    coverage: float = 0.2
    train_every: int = 50
    seed: int = 0


def evaluate(
    wanted: Wanted, layout: store.Layout, settings: config.Config, folder: Path, tell: Tell, *, resume: bool
) -> dict[str, Any]:
    """Measure, keep the results in `folder`, and return the summary; ConfigInvalid if nothing can be measured."""
    documents = texts.read(wanted.texts)
    known = texts.without(texts.read(wanted.own), documents) if wanted.own is not None else []
    pieces = texts.pieces(
        documents,
        wanted.texts,
        characters=wanted.limit_characters,
        texts=wanted.limit_texts,
        context=wanted.context,
        seed=wanted.seed,
    )
    left_out = {name: why for name in wanted.arms if (why := why_not(ARMS[name], layout, settings))}
    arms = [ARMS[name] for name in wanted.arms if name not in left_out]
    if not arms or not any(piece.is_typed for piece in pieces):
        why = " ".join(left_out.values()) or "All texts are too short."
        raise ConfigInvalid(f"There is nothing to measure. {why}", "`shadowpen eval writer --help`")
    about = _settings(wanted, layout, settings, arms, documents, known)
    results = Results.begin(folder, about, resume=resume)
    for arm in arms:
        _measure(arm, wanted, layout, settings, results, pieces, known, tell)
    summary = metrics.summary(
        {arm.name: results.of(arm.name) for arm in arms},
        settings=about,
        ends=results.ends,
        answers_ms={arm.name: results.answers_ms(arm.name) for arm in arms},
        left_out=left_out,
        seed=wanted.seed,
    )
    results.finish(summary)
    shutil.rmtree(folder / "arms", ignore_errors=True)
    return summary


def _settings(
    wanted: Wanted,
    layout: store.Layout,
    settings: config.Config,
    arms: Sequence[Arm],
    documents: Sequence[Document],
    known: Sequence[Document],
) -> dict[str, Any]:
    """All that the results depend on, as settings.json has it."""
    models = {arm.model or settings.model.name for arm in arms}
    return {
        "author": wanted.author or wanted.texts.resolve().name,
        "texts": str(wanted.texts),
        "own": str(wanted.own or ""),
        "texts_sha256": _digest(documents),
        "own_sha256": _digest(known),
        "own_characters": sum(len(document.text) for document in known),
        "arms": [arm.name for arm in arms],
        "models": {name: registry.resolve(name, layout).manifest.weights_sha256 for name in sorted(models)},
        "precision": settings.model.precision,
        "completion": asdict(settings.completion),
        **{name: getattr(wanted, name) for name in _NUMBERS},
    }


def _digest(documents: Sequence[Document]) -> str:
    told = hashlib.sha256()
    for document in documents:
        told.update(f"{document.time}\0{document.text}\0".encode("utf-8", "surrogatepass"))
    return told.hexdigest()


def _measure(
    arm: Arm,
    wanted: Wanted,
    layout: store.Layout,
    settings: config.Config,
    results: Results,
    pieces: Sequence[Excerpt],
    known: Sequence[Document],
    tell: Tell,
) -> None:
    """Bring one arm to its end, from where it was."""
    if arm.name in results.ends:
        return
    finished = {record.text for record in results.of(arm.name)}
    first = next((n for n, piece in enumerate(pieces) if piece.is_typed and piece.name not in finished), len(pieces))
    before = [*known, *(piece.document for piece in pieces[:first])]
    student = Student(arm, layout, settings, results.home(arm.name), before)
    try:
        for place, piece in enumerate(pieces[first:], first):
            if arm.trains and place % wanted.train_every == 0 and student.learned_characters:
                student.train(tell)
            if piece.is_typed:
                _type(arm, student, piece, wanted, settings, results, tell)
            student.learn(piece.document)
        perplexity = _general(arm, student, results, tell)
        end = End(model=student.model_name, general_perplexity=round(perplexity, 4), notes=student.notes)
    finally:
        student.close()
    results.end(arm.name, end)


def _general(arm: Arm, student: Student, results: Results, tell: Tell) -> float:
    """Measured once for a model as it came."""
    for end in results.ends.values():
        if end.model == student.model_name and end.model.endswith(f"@{versions.BASE}"):
            return end.general_perplexity
    return student.general_perplexity(lambda done, total: tell(f"{arm.name}: other people's text", done, total))


def _type(
    arm: Arm,
    student: Student,
    piece: Excerpt,
    wanted: Wanted,
    settings: config.Config,
    results: Results,
    tell: Tell,
) -> None:
    number = len(results.of(arm.name))
    step = f"{arm.name}: text {number + 1}"
    probed = student.probe(piece, lambda done, total: tell(step, done, total))
    record = metrics.record(
        probed,
        settings.completion,
        arm=arm.name,
        name=piece.name,
        model=student.model_name,
        learned_characters=student.learned_characters,
        coverage=wanted.coverage,
        bits=student.bits(piece),
        seed=wanted.seed,
        judge_state=_next_state(student.judge_states, number),
    )
    results.add(record, probed.answer_ms)
    tell(step, 1, 1)


def _next_state(folder: Path, number: int) -> Path:
    """A file for what the trigger learns in a text, begun where it ended in the text before.

    One a text, so that a text that was interrupted is not learned from twice.
    """
    before, here = folder / f"{number - 1:05}.json", folder / f"{number:05}.json"
    here.unlink(missing_ok=True)
    if before.exists():
        shutil.copyfile(before, here)
    return here
