"""Nothing scripted: a real VS Code, the real language server, the real daemon and a real model.

Once on the tiny model, which knows a few lines by heart, and once on the default model. What was taken in the editor is
in the journal, once each.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import tiny
from support.screens import browser
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.storage.journal import TAKEN_OUT

from . import conftest

SCRIPT = conftest.HERE / "writing.mjs"
RELAY = conftest.HERE / "relay.py"
SHADOWPEN = str(Path(sys.executable).with_name("shadowpen"))
WHOLE_S = 600
NOTES = "garden in autumn, apples, wasps in the grass, made 12 jars of jelly, neighbour took the rest"

REAL = (
    "When the rain had stopped at last, we walked down to the",
    "He was born in the United States of",
    "The first thing I do in the morning is to make a cup of",
    "In the end, the most important thing is to",
    "She opened the door and looked out of the",
    "One of the reasons why I like to write is",
    "It was the best of times, it was the worst of",
    "The book is divided into three parts. The first",
    "Thank you very much for your letter. I am",
    "For the most part, people do not want to",
    "On the other hand, there are many ways to",
    "As soon as the meeting was over, they went back to the",
    "The results of the experiment show that the",
    "If you have any questions, please do not hesitate to contact",
    "A long time ago, in a small village near the",
    "There is no doubt that the weather has changed in the last",
    "I would like to begin by saying that I am",
    "The children were playing in the garden when their mother called them",
    "To make the soup, put the onions into a large",
    "It is not always easy to say what one means, but it is",
    "We had been waiting for the train for more than an",
    "My grandfather used to tell us stories about the",
    "The city lies at the mouth of the river, and most of its people",
    "What I have learned from all of this is that",
    "He put down the phone and stared at the",
    "The problem with this approach is that it does not",
    "In the summer of that year, they decided to move to a",
    "Nobody knew where the old man had come",
    "The garden was full of flowers, and the",
    "At the end of the day, it is up to you to",
    "The doctor told him that he should stop",
    "They lived in a house on the other side of the",
    "I have never been able to understand why people",
    "The sun was setting behind the",
    "She took a deep breath and closed her",
    "It took me a long time to get used to the",
    "He sat down at the table and began to",
    "The number of people who live in the city has",
    "Once upon a time there was a little girl who lived with her",
    "We were all very tired, so we went to",
    "The letter was written in the nineteenth",
    "I look forward to hearing from",
    "The two brothers had not spoken to each",
    "By the time we arrived, it was already too",
    "The first world war began in the summer of",
    "As far as I know, nobody has ever",
    "Last but not",
    "In this chapter we will take a closer look at the",
    "The window was open, and the cold air came into the",
    "You cannot have your cake and eat it",
)


def by_heart() -> list[str]:
    """Beginnings of the lines that the tiny model recites, each in a place of its own: none goes on from another."""
    lines = [line.split() for line in tiny.LINES]
    return [f"Line {count}. {' '.join(words[:count])}" for count in (4, 5) for words in lines]


class Journal:
    """What was taken, in order: the last `accepted` event of every suggestion tells all of its own.

    It is read again and again, since text that its author deletes is taken out of the journal two minutes later.
    """

    def __init__(self, layout: store.Layout) -> None:
        self._layout = layout
        self._taken: dict[str, str] = {}

    def read(self) -> str:
        """All of it so far, without blanks."""
        text = "".join(segment.read_text("utf-8") for segment in sorted(self._layout.edits.glob("*.jsonl")))
        for event in map(json.loads, text.splitlines()):
            if event["type"] == "accepted" and event["taken"] != TAKEN_OUT:
                self._taken[event["id"]] = event["taken"]
        return "".join("".join(self._taken.values()).split())

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Read it all the time while the block runs."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.5):
                with contextlib.suppress(ValueError):  # half a line
                    self.read()

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            yield
        finally:
            ended.set()
            watching.join()


_ON_THE_DEFAULT_MODEL = pytest.param("real_model", REAL, 20, marks=[pytest.mark.real_model, pytest.mark.soak])


@pytest.mark.slow
@pytest.mark.timeout(WHOLE_S + 60)
@pytest.mark.parametrize(
    ("model", "beginnings", "count"),
    [("tiny_models", by_heart(), 6), _ON_THE_DEFAULT_MODEL],
    ids=["tiny", "real"],
)
def test_what_is_taken_is_in_the_journal_once(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    root: Path,
    layout: store.Layout,
    model: str,
    beginnings: Sequence[str],
    count: int,
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(request.getfixturevalue(model)))
    # So that the model is loaded; on a busy machine the answer is late, and the editor waits for it.
    subprocess.run([SHADOWPEN, "complete"], input="The harbour", text=True, check=False, capture_output=True)
    witness = root / model
    command = [sys.executable, str(RELAY), SHADOWPEN, "lsp"]
    with conftest.editor(root, command, {"SHADOWPEN_RELAY": str(witness)}) as editor:
        conftest.write(editor.folder / "text.md", "")
        given = {
            "base": editor.base,
            "folder": str(editor.folder),
            "beginnings": beginnings,
            "count": count,
            "startMs": 180_000,
            "socket": str(witness),
            "notes": NOTES,
            "shadowpen": SHADOWPEN,
        }
        journal = Journal(layout)
        with journal.watched():
            told = browser.run_script(SCRIPT, given, WHOLE_S)
        consented, *edits, explained, killed, dismissed, expanded, continued, resumed = told
        edits.append(killed)
        assert consented["how"] == "consented" and killed["how"] == "killed"
        paragraphs = [expanded["paragraph"], continued["continued"].removeprefix(continued["typed"])]
        taken = "".join("".join([*(edit["taken"] for edit in edits), *paragraphs]).split())
        with contextlib.suppress(AssertionError):  # the comparison says more
            wait_until(lambda: len(journal.read()) >= len(taken))
    assert journal.read() == taken
    assert re.match(r"Shadowpen: (asked for, )?\d+% likely to be accepted", explained["why"]), explained["why"]
    assert dismissed["told"] == [dismissed["shown"]["command"]["arguments"][0]]
    assert dismissed["shown"]["insertText"] not in [item["insertText"] for item in dismissed["again"]]
    assert expanded["undone"] == NOTES and len(expanded["paragraph"].split()) > len(NOTES.split())
    assert continued["continued"].startswith(continued["typed"]) and continued["continued"] != continued["typed"]
    assert continued["undone"] == continued["typed"]
    assert resumed["paused"] == [] and resumed["how"] == "resumed"
