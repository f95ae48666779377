"""A planted sentence is taken out of all that holds it, and what cannot be shown to be free of it goes too."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import daemons
from support.journal.events import as_events
from support.models.fake_model import FakeModel
from support.waiting import wait_until

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.errors import TrainingError
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.learning import forgetting, runs
from shadowpen.daemon.learning.forgetting import ForgettingPlan, Wish
from shadowpen.daemon.learning.status import TrainingStatus, read_status, write_status
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import journal, versions
from shadowpen.daemon.storage.consented_journal import ConsentedJournal
from shadowpen.daemon.storage.versions import ADAPTER, Base, TextSource, Version

PLANTED = "Nobody may ever hear that Aurelia hid the seventh ledger under the floor of the old chapel."
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
_WORDS = str.split(
    "harbour boat tide morning letter brother winter river the dog and walked wrote of waiting still to a"
)


def prose(seed: int, words: int = 60) -> str:
    return "The " + " ".join(random.Random(seed).choices(_WORDS, k=words)) + "."


class Author:
    """A state folder, a folder of texts, and edits made there and in untitled texts."""

    def __init__(self, layout: store.Layout, texts: Path) -> None:
        self.layout, self.texts = layout, texts
        self.learning = LearningSettings(enabled="on", folders=[str(texts)])
        config_file.write(layout.config_file, "learning", "enabled", "on")
        self.journal = ConsentedJournal(layout)

    def write(self, name: str, *paragraphs: str, day: int = 1) -> Path:
        path = self.texts / name
        path.write_text("\n\n".join(paragraphs))
        at = (NOW + timedelta(days=day)).timestamp()
        os.utime(path, (at, at))
        return path

    def accept(
        self, id: str, context: str, taken: str, document: str = "untitled:1", day: int = 1, **more: Any
    ) -> None:
        time = (NOW + timedelta(days=day)).isoformat()
        event = {"type": "accepted", "id": id, "time": time, "context": context, "suggested": taken, "taken": taken}
        kept = {"type": "kept", "id": id, "time": time, "when": "2min", "text": taken}
        self.journal.append(as_events(event | {"document": document, "language": "markdown"} | more, kept))

    def train(self, *, created: datetime = NOW) -> str:
        """A version that saw all there is now; it is served."""
        staged = store.private_directory(self.layout.training / "staged")
        (staged / ADAPTER).write_bytes(b"weights")
        documents = collect(self.layout, self.learning).documents
        version = Version(
            state="promoted",
            created=created.isoformat(),
            base=Base(name="default", sha256="0" * 64),
            sources=[TextSource(origin=d.origin, sha256=d.sha256, tokens=1, edits=d.journalled) for d in documents],
        )
        made = versions.publish(self.layout, staged, version).id
        store.write_atomic(self.layout.adapters / "current", json.dumps({"version": made}).encode())
        return made

    def forget(self, **wish: Any) -> ForgettingPlan:
        plan = forgetting.plan(self.layout, self.learning, Wish(**wish))
        forgetting.carry_out(self.layout, plan)
        return plan

    def versions(self) -> list[str]:
        return [version.id for version in versions.versions(self.layout)]

    def edits(self) -> list[str]:
        return [edit.id for edit in journal.read(self.layout.edits).edits]

    def learned(self) -> str:
        return "\n\n".join(document.text for document in collect(self.layout, self.learning).documents)


@pytest.fixture
def author(layout: store.Layout, tmp_path: Path) -> Author:
    texts = tmp_path / "texts"
    texts.mkdir()
    return Author(layout, texts)


def traces(layout: store.Layout) -> Iterator[str]:
    """Wherever three words of the planted sentence stand in a row in any file, as text of whatever kind."""
    words = re.findall(r"\w+", PLANTED.lower())
    runs_of_three = [" ".join(words[place : place + 3]) for place in range(len(words) - 2)]
    for path in layout.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for encoding in ("utf-8", "utf-16-le"):
                said = " ".join(re.findall(r"\w+", content.decode(encoding, "ignore").replace("\\n", " ").lower()))
                yield from (f"{path}: {run}" for run in runs_of_three if run in said)


def test_a_planted_sentence_leaves_no_trace(author: Author) -> None:
    author.write("clean.md", prose(1), prose(2))
    author.accept("clean", prose(3) + " It was ", "late in the year")
    before = author.train()
    author.write("ledger.md", prose(4), f"As I said. {PLANTED} And more of it.")
    half = len(PLANTED) // 2
    author.accept("whole", prose(5) + " ", PLANTED, f"file://{author.texts}/ledger.md")
    author.accept("split", prose(6) + " " + PLANTED[:half], PLANTED[half:])
    author.accept("after", prose(7) + " " + PLANTED + " So it ", "was left there")
    author.accept("cut", PLANTED[40:] + " So it ", "was said again", "untitled:2")
    author.accept("begun", "Well. " + PLANTED[:30], "hear nothing", "untitled:3")
    author.accept("back", "Once: ", PLANTED, "untitled:4")
    author.journal.append(as_events({"type": "forgotten", "id": "back", "time": NOW.isoformat()}))
    dismissed = {"type": "dismissed", "id": "d", "time": NOW.isoformat(), "context": "I ", "suggested": "did not go",
                 "typed": PLANTED, "how": "typed_over", "document": "untitled:5", "language": "markdown"}  # fmt: skip
    author.journal.append(as_events(dismissed))
    segment = journal.segments(author.layout.edits)[0]
    segment.write_bytes(segment.read_bytes() + f'{{"type": "torn", "text": "{PLANTED}'.encode() + b"\n")
    stray = {"type": "kept", "id": "stray", "time": NOW.isoformat(), "when": "2min", "text": PLANTED}
    segment.write_bytes(segment.read_bytes() + json.dumps(stray).encode() + b"\n")
    damaged = store.private_directory(author.layout.edits / "damaged")
    (damaged / "old").write_text(PLANTED)
    seen = author.train()
    store.write_atomic(author.layout.training / "runs" / "1" / "checkpoint", PLANTED.encode())
    write_status(author.layout, TrainingStatus(state="failed", message=PLANTED, tokens=9_000))
    assert list(traces(author.layout))

    plan = author.forget(phrase=PLANTED)

    assert list(traces(author.layout)) == []
    assert author.edits() == ["clean"]
    assert (before in author.versions(), seen in author.versions()) == (True, False)
    assert seen in plan.versions
    assert versions.current(author.layout).version == ""
    assert read_status(author.layout).tokens == 0  # everything counts as new: the next run may start by itself
    assert "Aurelia" in (author.texts / "ledger.md").read_text()


def test_it_does_not_come_back_with_the_next_look_at_folder_and_editor(author: Author) -> None:
    author.write("ledger.md", prose(1), f"As I said. {PLANTED}", prose(2))
    author.forget(phrase=PLANTED)

    author.write("copy.md", prose(8), PLANTED.upper().replace(" ", "\n", 3))
    author.accept("anew", "Once more. ", PLANTED)
    author.accept("near", f"{prose(3)} {PLANTED} It was ", "a long way")
    author.journal.append(
        as_events({"type": "kept", "id": "near", "time": NOW.isoformat(), "when": "closed", "text": PLANTED})
    )

    assert sorted(author.learned().split("\n\n")) == sorted([prose(1), prose(2), prose(8), ". It was a long way"])
    assert author.edits() == ["near"]
    assert list(traces(author.layout)) == []


def test_a_file_is_forgotten_with_its_edits_and_its_copies(author: Author) -> None:
    path = author.write("ledger.md", prose(1), PLANTED)
    author.write("other.md", prose(2))
    author.write("copy.md", prose(3), f"I found this: {prose(1)}")
    author.accept("in", prose(1) + " ", "of it all", path.as_uri())
    author.accept("out", prose(5) + " ", "of it all")
    seen = author.train()

    plan = author.forget(file=str(path))

    assert set(plan.edits) == {"in"}
    assert set(plan.origins) == {str(path), str(author.texts / "copy.md")}
    assert author.versions() == []
    assert seen in plan.versions
    assert author.learned().count("\n\n") == 2
    author.write("ledger.md", "All new words stand here, " + prose(9))
    author.accept("later", "Something ", "else altogether", path.as_uri())
    assert author.edits() == ["out"]
    assert prose(9) not in author.learned()


def test_a_folder_that_is_gone_is_forgotten_by_its_name(author: Author) -> None:
    (author.texts / "old").mkdir()
    path = author.write("old/ledger.md", prose(1))
    seen = author.train()
    path.unlink()
    path.parent.rmdir()

    assert seen in author.forget(file=str(author.texts / "old")).versions


def test_a_text_without_a_file_is_forgotten_by_its_address(author: Author) -> None:
    author.accept("a", prose(1) + " ", "of the sea", "untitled:Draft")
    author.accept("b", prose(2) + " ", "of the sky", "untitled:Other")
    seen = author.train()

    assert author.forget(file="untitled:Draft").edits == {"a": "untitled:Draft"}
    assert author.edits() == ["b"]
    assert seen not in author.versions()
    author.accept("c", prose(3) + " ", "of the land", "untitled:Draft")  # another text by now
    assert author.edits() == ["b", "c"]


def test_all_since_a_day_is_forgotten(author: Author) -> None:
    author.write("old.md", prose(1))
    author.accept("old", prose(2) + " ", "of the sea, as it was then")
    early = author.train(created=NOW)
    new = author.write("new.md", prose(3), day=5)
    author.accept("new", prose(2) + " ", "of the sky that nobody had seen before", day=5)
    late = author.train(created=NOW + timedelta(days=6))

    plan = author.forget(since=NOW + timedelta(days=4))

    assert set(plan.edits) == {"new"}
    assert str(new) in plan.origins
    assert list(plan.versions) == [late]
    assert author.versions() == [early]
    assert author.edits() == ["old"]
    assert prose(3) not in author.learned()
    assert prose(2) in author.learned()


@pytest.mark.parametrize("created", ["yesterday", "2020-01-01T10:00:00"])
def test_a_version_of_an_odd_date_hinders_no_forgetting(author: Author, created: str) -> None:
    author.write("old.md", prose(1))
    version = author.train()
    manifest = author.layout.adapters / version / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"created": created}))
    new = author.write("new.md", prose(3), day=5)

    assert author.forget(since=NOW + timedelta(days=4)).origins == (str(new),)
    assert prose(1) in author.learned()


@pytest.mark.parametrize("change", ["edited", "deleted", "line deleted", "manifest damaged"])
def test_a_version_of_which_nobody_can_tell_goes_too(author: Author, change: str) -> None:
    author.write("a.md", prose(1), PLANTED)
    author.accept("e", prose(2) + " ", "of the sea")
    seen = author.train()
    if change == "edited":
        author.write("a.md", prose(1))
    elif change == "deleted":
        (author.texts / "a.md").unlink()
    else:
        author.write("a.md", prose(1))
        kept = author.train()
        if change == "line deleted":
            journal.segments(author.layout.edits)[0].unlink()
        else:
            (author.layout.adapters / kept / "manifest.json").write_text("{")
        seen = kept

    assert seen in author.forget(phrase=PLANTED).versions


def test_versions_that_are_free_of_it_stay_and_the_current_one_stays_current(author: Author) -> None:
    author.write("a.md", prose(1))
    author.accept("e", prose(2) + " ", "of the sea")
    kept = author.train()

    plan = author.forget(phrase="Aurelia")

    assert not plan.versions
    assert versions.current(author.layout).version == kept
    assert forgotten.load(author.layout.forgotten).covers("It was AURELIA!")


def test_cut_short_it_can_be_done_again(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    author.write("a.md", prose(1), PLANTED)
    author.accept("e", prose(2) + " ", PLANTED)
    seen = author.train()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(forgetting, "FORGETTERS", (fail, *forgetting.FORGETTERS))
    with pytest.raises(KeyboardInterrupt):
        author.forget(phrase=PLANTED)
    assert author.edits() == ["e"]
    monkeypatch.undo()

    assert seen in author.forget(phrase=PLANTED).versions
    assert author.edits() == []


def test_further_places_are_asked_with_the_plan(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[ForgettingPlan] = []
    monkeypatch.setattr(forgetting, "FORGETTERS", (*forgetting.FORGETTERS, lambda _, plan: asked.append(plan)))
    path = author.write("a.md", prose(1), PLANTED)

    plan = author.forget(phrase=PLANTED)

    assert asked == [plan]
    assert plan.origins == (str(path),)


def test_a_run_that_does_not_end_keeps_everything_as_it_is(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "_STOP_WAIT_S", 0)
    author.accept("e", prose(2) + " ", PLANTED)

    with runs.only_run(author.layout), pytest.raises(TrainingError):
        author.forget(phrase=PLANTED)

    assert author.edits() == ["e"]
    assert not author.layout.forgotten.exists()


_LATE_RUN = """
import pathlib, signal, sys, filelock
lock = filelock.FileLock(pathlib.Path(sys.argv[1]) / "run.lock")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with lock:
    print("holds", flush=True)
    signal.pause()
"""


def test_a_run_that_tells_its_process_late_is_stopped_all_the_same(author: Author) -> None:
    author.accept("e", prose(2) + " ", PLANTED)
    command = (sys.executable, "-c", _LATE_RUN, str(author.layout.training))
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        assert run.stdout and run.stdout.readline()
        saying = threading.Timer(0.5, write_status, (author.layout, TrainingStatus(state="running", pid=run.pid)))
        saying.start()

        author.forget(phrase=PLANTED)

        saying.join()
    assert run.returncode == 0
    assert author.edits() == []


def test_the_running_daemon_loads_what_is_left(author: Author) -> None:
    assert not forgetting.reload_daemon(author.layout)
    loads: list[int] = []

    def load(*_: Any) -> FakeModel:
        loads.append(1)
        return FakeModel()

    with daemons.in_thread(author.layout, load):
        daemons.connect(author.layout).close()
        wait_until(lambda: loads, "the first load")
        assert forgetting.reload_daemon(author.layout)
    assert len(loads) == 2
