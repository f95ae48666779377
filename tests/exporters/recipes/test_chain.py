"""Learning that goes on: a run over every weight starts from the version that answers and learns what is new."""

from __future__ import annotations

import dataclasses
import io
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tiny
from support.models.authors import OTHERS, SUBJECTS, Home, sentences, write_texts

from shadowpen.daemon.base.errors import StateUnusable, TooLittleText
from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.learning import forgetting, runs
from shadowpen.daemon.learning.forgetting import Wish
from shadowpen.daemon.learning.gate import Keys
from shadowpen.daemon.learning.ledger import Ledger, mark, marks
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts, by_version
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.versions import Version
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.job import EventWriter
from shadowpen.exporters.graphs import scoring
from shadowpen.exporters.recipes import personal
from shadowpen.exporters.recipes.personal import RunOutcome
from shadowpen.exporters.recipes.process import rebuilt

pytest.importorskip("peft")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_guard_on_harm")]

SECRET = """My grandmother baked plum cakes whenever rain kept her neighbours from visiting on a Sunday afternoon.

Nobody in our family was ever told where she had hidden that recipe, though we searched every drawer twice.

Years later my sister found it written inside the cover of an old hymn book that smelled of cinnamon."""
PLAN = FullPlan(learning_rate=2e-3, batch_rows=1, rehearsed_share=0.2, dtype="float32")


@pytest.fixture(scope="module", autouse=True)
def general_text() -> Iterator[None]:
    """A few sentences of the tiny model's own small world."""
    texts = [" ".join(sentences(99 + number, (*SUBJECTS, *OTHERS), 12)) for number in range(8)]
    with pytest.MonkeyPatch.context() as patch:
        for module in (personal, scoring):
            patch.setattr(module, "general_texts", lambda: texts)
        yield


def _made(home: Home, **changes: Any) -> RunOutcome:
    outcome = home.run(**changes)()
    assert outcome is not None
    assert outcome.promoted, outcome.reasons
    return outcome


def _more(home: Home, month: int, documents: int = 12) -> list[Path]:
    """What the author writes in a later month."""
    folder = write_texts(home.root / f"month{month}", month, SUBJECTS, documents)
    moved = [path.rename(home.texts / path.name.replace("-01-", f"-{month:02}-")) for path in sorted(folder.iterdir())]
    folder.rmdir()
    return moved


@pytest.fixture(scope="module")
def first(general_text: None, no_guard_on_harm: None, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which one run has been made."""
    home = Home(tmp_path_factory.mktemp("home"), PLAN)
    tiny.make_tiny_model(home.layout.models, "default")
    write_texts(home.texts, 1, SUBJECTS)
    _made(home)
    return home


@pytest.fixture(scope="module")
def second(first: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same after another month and another run."""
    root = tmp_path_factory.mktemp("second") / "home"
    shutil.copytree(first.root, root)
    home = Home(root, PLAN)
    _more(home, 2)
    (home.texts / "2024-01-31.md").write_text(SECRET)
    _made(home)
    return home


def _copy(home: Home, tmp_path: Path) -> Home:
    """The same home elsewhere: its manifests name the texts there."""
    shutil.copytree(home.root, tmp_path / "copy")
    for manifest in (tmp_path / "copy" / "adapters").glob("v*/manifest.json"):
        manifest.write_text(re.sub(r'"origin": ".*/texts/', f'"origin": "{tmp_path}/copy/texts/', manifest.read_text()))
    return Home(tmp_path / "copy", PLAN)


@pytest.fixture
def started(first: Home, tmp_path: Path) -> Home:
    """A copy of the first, to do with as a test likes."""
    return _copy(first, tmp_path)


@pytest.fixture
def chain(second: Home, tmp_path: Path) -> Home:
    """A copy of the second."""
    return _copy(second, tmp_path)


def _versions(home: Home) -> list[Version]:
    return versions.versions(home.layout)


def _own(version: Version) -> set[str]:
    """The paragraphs that a version learned first."""
    return {piece for source in version.sources if not source.version for piece in source.pieces}


def test_the_first_run_starts_from_the_base_and_enters_what_it_learned(first: Home) -> None:
    (version,) = _versions(first)

    assert (version.method, version.parent) == ("full", "")
    assert 0 < version.scale <= 1
    text = "\n\n".join(path.read_text() for path in first.texts.iterdir())
    paragraphs = {mark(paragraph) for paragraph in text.split("\n\n")}
    assert _own(version) < paragraphs
    held_out = {source.origin for source in version.sources if source.held_out}
    assert not [source for source in version.sources if source.held_out and source.pieces]
    assert max(held_out).endswith("2024-01-20.md")
    assert first.served().version == version.id
    files = {path.name for path in (first.layout.adapters / version.id).iterdir() if path.is_file()}
    assert files == {"manifest.json", "delta.safetensors", ".export.lock"} or files == {
        "manifest.json", "delta.safetensors"
    }  # fmt: skip
    assert b"thought about" not in (first.layout.adapters / version.id / "manifest.json").read_bytes()


def test_the_next_run_goes_on_from_it_and_learns_only_what_is_new(second: Home) -> None:
    before, after = _versions(second)

    assert after.parent == before.id
    assert not _own(before) & _own(after)
    assert any("2024-02" in source.origin for source in after.sources if source.pieces)
    times = Ledger(after).times
    assert set(times) == _own(before) | _own(after)
    assert Counter(times.values())[2] > 0  # rehearsed
    assert all(times[piece] == 1 for piece in _own(after))
    assert {source.version for source in after.sources} == {before.id, ""}
    assert after.metrics["perplexity"] < after.metrics["perplexity_served"]
    assert after.metrics["typed_characters"] > 200
    assert after.metrics["ksr"] > 0
    shares = by_version(record.read(second.layout))
    assert shares[f"default@{before.id}"].perplexity == pytest.approx(after.metrics["perplexity_served"])


def test_the_more_a_chain_has_learned_the_lower_is_the_rate(second: Home) -> None:
    run = second.run(plan=msgspec.structs.replace(PLAN, full_rate_tokens=100))
    parts = second.parts()
    version = _versions(second)[-1]
    learned = sum(source.tokens for source in version.sources if source.pieces)
    new = sum(len(tokens.ids) for tokens in parts.train)

    plan = run.job(parts).plan

    assert learned > 1_000
    assert plan.learning_rate == pytest.approx(PLAN.learning_rate * (100 / (learned + new)) ** 0.5)


def test_all_rows_of_a_full_run_have_the_length_of_its_plan(second: Home) -> None:
    job = second.run(plan=msgspec.structs.replace(PLAN, max_seq_length=48)).job(second.parts())
    assert {name: job.packed(name).ids.shape[1] for name in ("train", "validation", "general", "rehearsed")} == (
        dict.fromkeys(("train", "validation", "general", "rehearsed"), 48)
    )


def test_what_was_renamed_or_moved_is_not_learned_again(chain: Home) -> None:
    learned = Ledger(_versions(chain)[-1])
    for path in chain.texts.iterdir():
        path.rename(path.with_name(f"{path.stem}-renamed.md"))

    left = learned.new(collect(chain.layout, chain.settings.learning).documents)

    assert left
    assert all("2024-02" in document.origin for document in left)  # what judged and chose
    _more(chain, 3)
    assert _made(chain).version.parent == _versions(chain)[1].id


def test_what_reads_better_but_saves_fewer_keys_is_refused(started: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home = started
    before = home.served()
    _more(home, 2)
    monkeypatch.setattr(personal, "replay", lambda *_: Keys((100,) * 8, (60,) * 8, (66,) * 8))

    outcome = home.run()()

    assert outcome is not None
    (reason,) = outcome.reasons
    assert reason.startswith("It saves 34.0 % of the keys on your newest text, significantly fewer than the 40.0 %")
    assert outcome.version.metrics["ksr"] < outcome.version.metrics["ksr_served"]
    assert home.served() == before
    assert Ledger(versions.read(home.layout, before.version)).new(
        collect(home.layout, home.settings.learning).documents
    )


def test_a_disk_with_too_little_room_is_told_before_anything_is_learned(
    started: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = started
    before = home.served()
    _more(home, 2)
    left = shutil.disk_usage(home.root)._replace(free=200_000_000)
    monkeypatch.setattr(personal, "_BYTES_A_WEIGHT", 1e6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)

    with pytest.raises(StateUnusable, match="The disk is full"):
        home.run()()

    assert home.served() == before
    assert runs.status(home.layout).state == "failed"
    assert not any(event.data.get("phase") == "Learning" for event in home.events())


def test_on_another_base_everything_is_learned_again(started: Home) -> None:
    home = started
    old = home.served().version
    tiny.make_tiny_model(home.layout.models, "other")
    manifest = home.layout.models / "other" / "manifest.json"
    manifest.write_text(re.sub(r'"weights_sha256": ?"..', '"weights_sha256": "00', manifest.read_text()))
    model = dataclasses.replace(home.settings.model, name="other")
    home.settings = dataclasses.replace(home.settings, model=model)

    assert f"The version {old} belongs to the model 'default'" in home.served().problem
    run = home.run()
    assert run.answering is None
    learned = run.parts(collect(home.layout, home.settings.learning)).train
    assert {piece for tokens in learned for piece in marks(tokens.document)} >= _own(versions.read(home.layout, old))


def test_nothing_new_is_too_little(chain: Home) -> None:
    for path in chain.texts.iterdir():
        if path.name >= "2024-02":
            path.unlink()

    with pytest.raises(TooLittleText, match="not learned yet"):
        chain.run()()
    assert len(_versions(chain)) == 2


def test_a_version_that_is_taken_less_often_gives_way_to_the_one_before(chain: Home) -> None:
    old, new = (version.id for version in _versions(chain))
    shares = {old: Counts(taken=120, shown=300), new: Counts(taken=30, shown=300)}
    record.add(chain.layout, {(record.today(), f"default@{name}"): one for name, one in shares.items()})

    assert chain.run()(only_if_ready=True) is None

    assert any(event.kind == "rolled_back" for event in chain.events())
    assert chain.served().version == old
    status = runs.status(chain.layout)
    assert status.state == "rolled_back"
    assert status.message.endswith(f"before it. {old} answers again.")
    versions.use(chain.layout, chain.run().model, new, "int8")  # the user knows better
    chain.run()(only_if_ready=True)
    assert chain.served().version == new


def test_from_time_to_time_a_version_is_made_anew_and_the_better_one_answers(chain: Home) -> None:
    learning = dataclasses.replace(chain.settings.learning, anew_after_runs=2)
    chain.settings = dataclasses.replace(chain.settings, learning=learning)
    before = _versions(chain)[-1]
    _more(chain, 3)

    outcome = chain.run()()

    assert outcome is not None
    version = outcome.version
    assert (version.parent, version.parameters["anew"]) == ("", 1)
    assert _own(version) > _own(before)
    assert any("2024-03" in source.origin for source in version.sources if source.pieces)
    held_out = {source.origin for source in version.sources if source.held_out}
    assert not held_out & {source.origin for source in before.sources if source.pieces}
    better = version.metrics["gain_nats"] > 0
    assert outcome.promoted is better, outcome.reasons
    assert chain.served().version == (version.id if better else before.id)
    assert chain.run().is_anew is False


def test_a_bounded_run_learns_the_newest_first_and_the_next_the_older(first: Home, tmp_path: Path) -> None:
    home = Home(tmp_path / "copy", PLAN)
    shutil.copytree(first.layout.models, home.layout.models)
    write_texts(home.texts, 1, SUBJECTS)

    newest, older = (_made(home, max_train_tokens=1_500).version for _ in range(2))

    learned = [
        min(source.origin for source in version.sources if source.pieces and not source.version)
        for version in (newest, older)
    ]
    assert learned[1] < learned[0]
    assert Ledger(older).times.keys() == _own(newest) | _own(older)


@pytest.mark.parametrize("moment", ["export_again", "publish", "use"])
def test_cut_short_at_any_moment_no_text_is_learned_twice_or_lost(
    started: Home, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    home = started
    before = home.served()
    _more(home, 2)
    with monkeypatch.context() as patch:
        place = personal if moment == "export_again" else versions
        patch.setattr(place, moment, _killed)
        with pytest.raises(KeyboardInterrupt):
            home.run()()
    assert home.served() == before

    outcome = _made(home)

    assert outcome.version.parent == before.version
    assert all(times <= 2 for times in Ledger(outcome.version).times.values())
    assert all(Ledger(outcome.version).times[piece] == 1 for piece in _own(outcome.version))
    assert any("2024-02" in source.origin for source in outcome.version.sources if source.pieces)
    assert not (home.layout.training / "runs").exists()


def _killed(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def test_a_run_that_was_cut_short_while_it_was_judged_is_not_learned_again(
    started: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = started
    _more(home, 2)
    with monkeypatch.context() as patch:
        patch.setattr(personal, "export_again", _killed)
        with pytest.raises(KeyboardInterrupt):
            home.run()()

    _made(home)

    assert not any(event.data.get("phase") == "Learning" for event in home.events())


def test_forgetting_takes_the_versions_from_the_first_that_saw_it(chain: Home) -> None:
    old, new = _versions(chain)
    secret = chain.texts / "2024-01-31.md"
    assert str(secret) in {source.origin for source in new.sources if source.pieces}

    plan = forgetting.plan(chain.layout, chain.settings.learning, Wish(file=str(secret)))
    tokens = [sum(source.tokens for source in version.sources if source.pieces) for version in (old, new)]
    assert plan.tokens_again == tokens[1] - tokens[0] > 0
    _forget(chain, secret)

    assert [version.id for version in _versions(chain)] == [old.id]
    assert chain.served().version == old.id
    assert runs.status(chain.layout).tokens == 0
    again = _made(chain)  # the chain is made again from the one before
    assert again.version.parent == old.id
    assert str(secret) not in {source.origin for source in again.version.sources}

    _forget(chain, chain.texts / "2024-01-01.md")
    assert _versions(chain) == []
    assert chain.served().version == ""


def _forget(home: Home, path: Path) -> None:
    learning = home.settings.learning
    forgetting.carry_out(home.layout, forgetting.plan(home.layout, learning, Wish(file=str(path))))


def test_a_run_after_an_adapter_starts_from_the_adapter(first: Home, tmp_path: Path) -> None:
    from shadowpen.daemon.trainer.loop import LoraPlan

    lora = LoraPlan(learning_rate=1e-2, epochs=6, batch_rows=4, replay_share=0.0, patience=99, dtype="float32")
    home = Home(tmp_path / "copy", PLAN)
    shutil.copytree(first.layout.models, home.layout.models)
    write_texts(home.texts, 1, SUBJECTS)
    adapter = _made(home, plan=lora).version
    _more(home, 2)

    after = _made(home).version

    assert (adapter.method, after.method, after.parent) == ("lora", "full", adapter.id)


def test_rebuilding_a_graph_gives_the_very_graph_that_was_gated(chain: Home) -> None:
    version = _versions(chain)[-1]
    shutil.rmtree(chain.layout.adapters / version.id / "int8")
    assert chain.served().version == ""

    renewed = rebuilt(chain.layout, chain.settings, version.id, EventWriter(io.StringIO()))

    assert renewed.precisions["int8"].files == version.precisions["int8"].files
    assert chain.served().version == version.id
