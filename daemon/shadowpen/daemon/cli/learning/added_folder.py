"""What is read of a folder that was added: its texts, in numbers and in one sentence.

`shadowpen learn add` and the page of `shadowpen open` tell it. Adding itself is done by `allowed`.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.cli.learning.left_out import told_kinds

if TYPE_CHECKING:
    from shadowpen.daemon.corpus.corpus import Corpus

_WORDS_A_CHARACTER = 1 / 5.7  # of English prose


def read(layout: store.Layout, place: Path, learning: LearningSettings, *, is_new: bool) -> Corpus:
    """What would be learned of a folder at this moment, and what not; a new one counts in `shadowpen status`."""
    from shadowpen.daemon.corpus.corpus import read_alone
    from shadowpen.daemon.learning import known
    from shadowpen.daemon.privacy import forgotten

    before = known.read(layout)
    corpus = read_alone(str(place), learning, forgotten.load(layout.forgotten), forgotten.load(layout.pasted))
    others = [other for folder in learning.folders if (other := store.real(folder)) != place]
    if not is_new or any(other in place.parents for other in others):  # counted already
        return corpus
    if any(place in other.parents for other in others):
        known.drop(layout)
    elif before is not None or not others:
        with contextlib.suppress(StateUnusable):  # only `shadowpen status` misses the counts
            known.add(layout, corpus.documents, before)
    return corpus


def told(place: Path, corpus: Corpus | None, *, may_learn: bool) -> dict[str, Any]:
    """What became of a folder, in numbers and in one sentence; `corpus` is None for a private one."""
    documents = corpus.documents if corpus is not None else []
    kinds = Counter(Path(document.origin).suffix.lower() for document in documents)
    words = round(sum(len(document.text) for document in documents) * _WORDS_A_CHARACTER)
    count = f"{len(documents):,} {'text' if len(documents) == 1 else 'texts'}"
    sentence = f"Shadowpen reads {place}: {count} with about {words:,} words ({told_kinds(kinds)})."
    if may_learn:
        sentence += " Phrases from them can be suggested soon, and the next training learns from them."
    if not documents:
        sentence = f"There is nothing to learn from in {place}."
    left_out = corpus.report.document() if corpus is not None else {}
    found = {"folder": str(place), "texts": len(documents), "words": words, "kinds": dict(kinds), "left_out": left_out}
    return {**found, "message": sentence}
