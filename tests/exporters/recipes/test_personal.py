"""A run from texts to a version: better ones are served, worse ones never, and nothing breaks what is served."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tiny
from support.journal.events import as_events
from support.journal.low_ratings import rated
from support.models.authors import OTHERS, SUBJECTS, Home, sentences, write_texts

from shadowpen.daemon.base import sections
from shadowpen.daemon.base.errors import StateUnusable, TooLittleText, TrainingError
from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.corpus.split import Split, TokenizedDocument
from shadowpen.daemon.learning import forgetting, runs
from shadowpen.daemon.learning.forgetting import Wish
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.trainer.by_recipe.recipe import RecipePlan
from shadowpen.daemon.trainer.job import EventWriter
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.daemon.trainer.packing import pack
from shadowpen.exporters.graphs import scoring
from shadowpen.exporters.recipes import personal
from shadowpen.exporters.recipes.personal import PersonalRun, RunOutcome
from shadowpen.exporters.recipes.process import rebuilt

pytest.importorskip("peft")
pytestmark = pytest.mark.slow

PLAN = LoraPlan(learning_rate=1e-2, epochs=8, batch_rows=4, replay_share=0.0, patience=99, dtype="float32")


@pytest.fixture(scope="module", autouse=True)
def general_text() -> Iterator[None]:
    """To a model without any knowledge English prose is noise; a few sentences of its own small world are not."""
    texts = [" ".join(sentences(99 + number, (*SUBJECTS, *OTHERS), 12)) for number in range(8)]
    with pytest.MonkeyPatch.context() as patch:
        for module in (personal, scoring):
            patch.setattr(module, "general_texts", lambda: texts)
        yield


@pytest.fixture(scope="module")
def first(general_text: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, RunOutcome]:
    """A home in which one run has been made, and its outcome."""
    home = Home(tmp_path_factory.mktemp("home"), PLAN)
    tiny.make_tiny_model(home.layout.models, "default")
    write_texts(home.texts, 1, SUBJECTS)
    _with_repository(home, tmp_path_factory.mktemp("kept"))
    outcome = home.run()()
    assert outcome is not None
    return home, outcome


def _with_repository(home: Home, folder: Path) -> None:
    """Have promoted versions kept in a new repository in that folder."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    home.settings = dataclasses.replace(home.settings, versions=sections.VersionsSettings(git=str(folder)))


@pytest.fixture
def home(first: tuple[Home, RunOutcome], tmp_path: Path) -> Iterator[Home]:
    """A copy of it, to do with as a test likes."""
    shutil.copytree(first[0].root, tmp_path / "home")
    yield Home(tmp_path / "home", PLAN)


def test_a_better_model_is_served(first: tuple[Home, RunOutcome]) -> None:
    home, outcome = first

    assert outcome.promoted
    assert outcome.version.metrics["gain_lower_bound"] > 0
    assert outcome.version.metrics["perplexity"] < outcome.version.metrics["perplexity_served"]
    assert outcome.version.metrics["general_ratio"] <= 1.05
    assert home.served().version == outcome.version.id
    assert home.served().problem == ""
    status = runs.status(home.layout)
    assert (status.state, status.version) == ("promoted", outcome.version.id)
    assert status.tokens > 5_000
    steps = record.read_steps(home.layout)[outcome.version.id]
    assert steps and min(one.loss for one in steps) > 0


def test_it_holds_to_stereotypes_no_more_than_the_base(first: tuple[Home, RunOutcome]) -> None:
    metrics = first[1].version.metrics
    assert metrics["stereotype_pairs"] == 412
    assert metrics["stereotype_gap"] != metrics["stereotype_gap_base"]


def test_it_is_kept_in_the_repository_or_its_not_being_kept_is_told(first: tuple[Home, RunOutcome], home: Home) -> None:
    kept, version = Path(first[0].settings.versions.git), first[1].version
    tags = subprocess.run(["git", "tag"], cwd=kept, capture_output=True, text=True, check=True).stdout.split()
    assert tags == [f"shadowpen/{version.id}"]
    _with_repository(home, home.root / "another")
    (home.root / "another" / "poem.md").write_text("mine")
    run = home.run()

    run._commit(version)
    run._tell_outcome(first[1])

    assert "holds changes that are not Shadowpen's (poem.md)" in runs.status(home.layout).message
    assert (home.root / "another" / "poem.md").read_text() == "mine"


def test_the_manifest_says_what_was_learned_and_holds_no_text(first: tuple[Home, RunOutcome]) -> None:
    home, outcome = first
    version = versions.read(home.layout, outcome.version.id)

    held_out = [Path(source.origin).name for source in version.sources if source.held_out]
    learned = [Path(source.origin).name for source in version.sources if not source.held_out]
    assert {*learned, *held_out} == {path.name for path in home.texts.iterdir()}
    assert min(held_out) >= max(learned)  # one text may be cut in two
    assert version.parameters["rank"] == 8
    assert version.base.name == "default"
    left = {path.relative_to(home.root).parts[0] for path in home.root.rglob("*") if path.is_file()}
    assert left == {"texts", "models", "adapters", "training", "monitoring.db"}
    for path in (home.root / "training").rglob("*"):
        assert not path.is_file() or b"thought about" not in path.read_bytes()
    assert not (home.layout.training / "runs").exists()
    assert not (home.layout.training / "candidate").exists()


def test_a_recipe_makes_a_version_that_names_it_and_how_it_learned(home: Home) -> None:
    plan = RecipePlan(recipe="frozen", freeze="lowest 1", learning_rate=1e-2, epochs=2.0, dtype="float32")

    outcome = home.run(plan=plan, max_train_tokens=4_000)()

    assert outcome is not None
    version = versions.read(home.layout, outcome.version.id)
    assert version.method == "full"
    assert {name: version.parameters[name] for name in ("recipe", "freeze", "learning_rate", "optimizer", "seed")} == {
        "recipe": "frozen", "freeze": "lowest 1", "learning_rate": 1e-2, "optimizer": "adafactor", "seed": 0,
    }  # fmt: skip
    assert version.metrics["perplexity"] < version.metrics["perplexity_served"]
    assert (home.served().version == version.id) == outcome.promoted


def test_the_manifest_names_the_lines_of_the_journal(home: Home) -> None:
    """Of what was typed instead of a suggestion too: who deletes such a line is to be rid of the version."""
    typed = {
        "type": "dismissed", "id": "d", "time": 1.0e9, "context": "Well. ", "suggested": "No.", "how": "typed_over",
        "typed": " ".join(sentences(7, SUBJECTS, 3)), "document": "untitled:1", "language": "markdown",
    }  # fmt: skip
    Journal(home.layout.edits).append(as_events(typed))

    assert [source.edits for source in personal._sources(home.parts()) if source.origin.startswith("untitled")] == [
        ["d"]
    ]


def _with_other_rows(parts: Split, learned: tuple[TokenizedDocument, ...]) -> Split:
    return dataclasses.replace(parts, train=learned[:-2], validation=learned[-2:])


def _shuffled(tokens: TokenizedDocument, encode: Any) -> TokenizedDocument:
    words = tokens.document.text.split()
    random.Random(3).shuffle(words)
    ids, _ = encode(" ".join(words))
    return dataclasses.replace(tokens, ids=tuple(ids), weights=(1.0,) * len(ids))


@pytest.mark.parametrize("what", ["shuffled words", "another author"])
def test_what_learned_the_wrong_text_is_rejected(home: Home, tmp_path: Path, what: str) -> None:
    parts = home.parts()
    run = home.run()
    if what == "shuffled words":
        learned = tuple(_shuffled(tokens, run.encode) for tokens in (*parts.train, *parts.validation))
    else:
        others = home.parts(write_texts(tmp_path / "others", 7, OTHERS))
        learned = (*others.train, *others.validation)
    before = home.served()

    outcome = run.learn_and_judge(_with_other_rows(parts, learned))

    assert not outcome.promoted
    assert any("your newest text" in reason for reason in outcome.reasons)
    assert home.served() == before
    rejected = versions.read(home.layout, outcome.version.id)
    assert (rejected.state, rejected.precisions) == ("rejected", {})
    assert versions.check_adapter(home.layout, rejected).is_file()


def test_what_ruins_other_peoples_text_is_rejected(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.layout.training / "general.json").unlink()
    monkeypatch.setattr(personal, "general_perplexity", _worse_than_the_base())
    versions.use(home.layout, home.run().model, "base", "int8")

    outcome = home.run()()

    assert outcome is not None
    assert not outcome.promoted
    (reason,) = outcome.reasons
    assert reason.startswith("It predicts other people's text 10.0 % worse than the base, more than the 5 % allowed.")
    assert "It would predict yours" in reason
    assert home.served().version == ""
    assert runs.status(home.layout).state == "rejected"


def _worse_than_the_base() -> Any:
    values = iter([22.0, 20.0])  # the candidate is measured first
    return lambda *_: next(values)


def test_a_full_disk_while_exporting_changes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = home.served()

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(personal, "export_again", full)
    with pytest.raises(StateUnusable, match="disk is full"):
        home.run()()

    assert home.served() == before
    assert len(versions.versions(home.layout)) == 1
    status = runs.status(home.layout)
    assert status.state == "failed"
    assert "disk is full" in status.message


def test_too_little_text_is_told(home: Home) -> None:
    for path in sorted(home.texts.iterdir())[3:]:
        path.unlink()

    with pytest.raises(TooLittleText):
        home.run()()

    status = runs.status(home.layout)
    assert (status.state, "too little" in status.message) == ("failed", True)
    assert home.served().version != ""


def test_a_second_run_at_the_same_time_is_refused(home: Home) -> None:
    with runs.only_run(home.layout), pytest.raises(TrainingError, match="already in progress"):
        home.run()()


def test_a_run_that_is_not_ready_does_nothing(home: Home) -> None:
    assert home.run()(only_if_ready=True) is None
    assert len(versions.versions(home.layout)) == 1


@pytest.fixture
def nothing_learned(first: tuple[Home, RunOutcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run ends as the first one did, at once: what starts it is in question, not what it makes."""
    monkeypatch.setattr(PersonalRun, "learn_and_judge", lambda *_: dataclasses.replace(first[1]))


@pytest.mark.usefixtures("nothing_learned")
def test_ten_low_ratings_start_one_run_and_neither_the_eleventh_nor_ten_more_a_second(home: Home) -> None:
    book, now_s = Journal(home.layout.edits), time.time()
    book.append(rated("abcdefghi", at_s=now_s))
    assert home.run()(only_if_ready=True) is None

    book.append(rated("j", at_s=now_s))
    assert home.run()(only_if_ready=True) is not None
    book.append(rated("k", at_s=time.time()))
    assert home.run()(only_if_ready=True) is None
    book.append(rated("lmnopqrstuv", at_s=time.time()))
    assert home.run()(only_if_ready=True) is None


def test_low_ratings_whose_run_failed_still_count_and_wait(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> RunOutcome:
        raise TrainingError("It diverged.", "")

    monkeypatch.setattr(PersonalRun, "learn_and_judge", failing)
    before = runs.status(home.layout)
    Journal(home.layout.edits).append(rated("abcdefghij", at_s=time.time()))

    with pytest.raises(TrainingError):
        home.run()(only_if_ready=True)

    after = runs.status(home.layout)
    assert (after.state, after.rated_until) == ("failed", before.rated_until)
    assert home.run()(only_if_ready=True) is None


def test_a_version_whose_edits_were_deleted_by_hand_is_served_no_more(home: Home) -> None:
    version = versions.versions(home.layout)[-1]
    sources = [msgspec.structs.replace(version.sources[0], edits=["deleted"]), *version.sources[1:]]
    versions.rewrite(home.layout, msgspec.structs.replace(version, sources=sources))

    assert home.run()(only_if_ready=True) is None  # too little text for a run of its own accord

    assert home.served().version == ""
    assert versions.versions(home.layout) == []
    assert runs.status(home.layout).tokens == 0


def test_of_a_forgotten_sentence_no_file_of_a_run_holds_words_or_tokens(home: Home) -> None:
    sentence = home.texts.joinpath("2024-01-03.md").read_text().partition(".")[0]
    ids = home.run().encode(" " + sentence)[0][2:8]

    forgetting.carry_out(home.layout, forgetting.plan(home.layout, home.settings.learning, Wish(phrase=sentence)))

    assert home.served().version == ""
    assert sentence not in " ".join(
        document.text for document in collect(home.layout, home.settings.learning).documents
    )
    traces = [sentence.encode(), *(np.array(ids, kind).tobytes() for kind in ("<u2", ">u2", "<i4", "<i8"))]
    held = [
        path for path in home.root.rglob("*") if path.is_file() and path.relative_to(home.root).parts[0] != "models"
    ]
    assert held
    content = {path: path.read_bytes() for path in held if path.parent != home.texts}
    assert not [path for path, read in content.items() if any(trace in read for trace in traces)]


def test_rebuilding_a_graph_gives_the_same_model(home: Home, first: tuple[Home, RunOutcome]) -> None:
    version = first[1].version
    shutil.rmtree(home.layout.adapters / version.id / "int8")
    assert home.served().version == ""

    renewed = rebuilt(home.layout, home.settings, version.id, EventWriter(io.StringIO()))

    assert renewed.precisions["int8"].files == version.precisions["int8"].files
    assert home.served().version == version.id


def test_the_job_holds_each_part_and_no_paths_of_the_author(home: Home) -> None:
    run = home.run()
    parts = home.parts()
    job = run.job(parts)

    assert job.packed("train").tokens == pack([(t.ids, t.weights) for t in parts.train], run.bos_id).tokens
    assert job.packed("general").tokens > 100
    assert str(home.texts) not in json.dumps(msgspec.to_builtins(msgspec.structs.replace(job, rows={})))
    assert all(job.openings)
