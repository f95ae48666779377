"""Everything learned moves to another machine, and two machines that exchange it lose nothing."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from support.journal.events import as_events

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, StateUnusable, TrainingError
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.ledger import Ledger
from shadowpen.daemon.learning.withdrawal import withdraw
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import journal, versions
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.storage.versions import Base, TextSource, Version
from shadowpen.daemon.transfer import exporting, importing

PASSPHRASE = "plum cakes when it rains"


@pytest.fixture(autouse=True)
def quick_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deriving a key from a passphrase takes a second by design; whether it opens a file is tested in test_sealed."""
    import pyrage

    monkeypatch.setattr(pyrage.passphrase, "encrypt", lambda content, passphrase: passphrase.encode() + content)
    monkeypatch.setattr(
        pyrage.passphrase, "decrypt", lambda content, passphrase: content.removeprefix(passphrase.encode())
    )


def _machine(root: Path) -> store.Layout:
    return store.Layout(root, root, root / "cache", root / "run", root / "logs", root / "models")


def _learn(layout: store.Layout, what: str, parent: str = "", edits: tuple[str, ...] = ()) -> str:
    """A version that learned one paragraph, and served from now on."""
    staged = store.private_directory(layout.data / "staged")
    (staged / "delta.safetensors").write_bytes(what.encode() * 1_000)
    before = versions.read(layout, parent).sources if parent else []
    sources = [
        TextSource(
            origin=one.origin, sha256="", tokens=1, edits=one.edits, pieces=one.pieces, version=one.version or parent
        )
        for one in before
    ]
    mine = TextSource(origin=f"/texts/{what}.md", sha256="", tokens=1, edits=list(edits), pieces={what: 1})
    version = Version(
        state="promoted", created=f"2026-05-01T00:00:00+00:00 {what}", base=Base(name="default", sha256="0" * 64),
        sources=[*sources, mine], method="full", parent=parent,
        adapter_sha256=hashlib.sha256(what.encode() * 1_000).hexdigest(),
    )  # fmt: skip
    published = versions.publish(layout, staged, version)
    store.write_atomic(layout.adapters / "current", b'{"version": "%s"}' % published.id.encode())
    return published.id


def _write(layout: store.Layout, *ids: str) -> None:
    Journal(layout.edits).append(
        as_events(*[
            {
                "type": "accepted", "id": id, "time": 1.0e9, "context": "We", "suggested": f" waited for {id}.",
                "taken": f" waited for {id}.", "document": "untitled:1", "language": "markdown",
            }
            for id in ids
        ])
    )  # fmt: skip


def _edits(layout: store.Layout) -> set[str]:
    return {edit.id for edit in journal.read(layout.edits).edits}


def _learned(layout: store.Layout) -> set[str]:
    return {piece for version in versions.versions(layout) for piece in Ledger(version).times}


@pytest.fixture
def here(tmp_path: Path) -> store.Layout:
    layout = _machine(tmp_path / "here")
    _write(layout, "tea", "rain")
    first = _learn(layout, "tea", edits=("tea",))
    _learn(layout, "rain", first, edits=("rain",))
    return layout


@pytest.fixture
def there(tmp_path: Path) -> store.Layout:
    layout = _machine(tmp_path / "there")
    _write(layout, "snow")
    _learn(layout, "snow", edits=("snow",))
    return layout


def _moved(source: store.Layout, target: store.Layout, name: str = "all", **options: bool) -> importing.Imported:
    path = source.data.parent / f"{source.data.name}-{name}"
    exporting.export(source, path, PASSPHRASE, **options)
    return importing.import_(target, path, PASSPHRASE)


def test_all_of_it_arrives_on_a_new_machine(here: store.Layout, tmp_path: Path) -> None:
    forgotten.remember(here.forgotten, phrases=["aunt Ottilie"])
    forgotten.remember(here.pasted, passages=["somebody else wrote these eight words for all of us"])
    new = _machine(tmp_path / "new")

    imported = _moved(here, new)

    names = [version.id for version in versions.versions(here)]
    assert imported.versions == {name: name for name in names}
    assert imported.current == names[-1]
    assert [version.parent for version in versions.versions(new)] == ["", names[0]]
    assert all(versions.check_adapter(new, version) for version in versions.versions(new))
    assert _edits(new) == {"tea", "rain"}
    assert forgotten.load(new.forgotten).covers("So said Aunt Ottilie.")
    assert forgotten.load(new.pasted).covers("somebody else wrote these eight words for all of us")
    assert versions.current(new).version == ""  # what answers is for its caller
    assert withdraw(new) == []
    assert not list(new.data.glob(".import-*"))


def test_two_machines_that_import_each_others_export_lose_nothing(here: store.Layout, there: store.Layout) -> None:
    before = {layout: versions.current(layout) for layout in (here, there)}

    _moved(here, there)
    _moved(there, here)

    for layout in (here, there):
        assert _edits(layout) == {"tea", "rain", "snow"}
        assert _learned(layout) == {"tea", "rain", "snow"}
        assert len(versions.versions(layout)) == 3
        assert versions.current(layout) == before[layout]
        assert withdraw(layout) == []
        for version in versions.versions(layout):
            assert not version.parent or "tea" in Ledger(versions.read(layout, version.parent)).times
            assert {source.version for source in version.sources} <= {"", version.parent}


def test_the_same_again_brings_nothing(here: store.Layout, there: store.Layout) -> None:
    _moved(here, there)

    again = _moved(here, there, "again")

    assert (again.versions, again.edits) == ({}, 0)
    assert again.current == versions.versions(there)[-1].id
    assert len(versions.versions(there)) == 3


def test_without_the_journal_versions_stay(here: store.Layout, tmp_path: Path) -> None:
    new = _machine(tmp_path / "new")

    _moved(here, new, with_journal=False)

    assert _edits(new) == set()
    assert withdraw(new) == []
    assert _learned(new) == {"tea", "rain"}


def test_what_is_forgotten_here_does_not_come_back(here: store.Layout, tmp_path: Path) -> None:
    new = _machine(tmp_path / "new")
    forgotten.remember(new.forgotten, edits=["rain"])

    imported = _moved(here, new)

    assert _edits(new) == {"tea"}
    assert _learned(new) == {"tea"}
    assert imported.left_out == (versions.versions(here)[-1].id,)
    assert imported.current == ""


def test_what_each_forgot_neither_learns_again(here: store.Layout, there: store.Layout) -> None:
    forgotten.remember(here.forgotten, phrases=["aunt Ottilie"])
    forgotten.remember(there.forgotten, phrases=["uncle Konstantin"])

    watched = forgotten.Watched(there.forgotten)
    assert not watched().covers("So said Aunt Ottilie.")

    _moved(here, there)
    _moved(there, here)
    forgotten.remember(here.forgotten, phrases=["cousin Theodor"])
    _moved(here, there, "again")

    assert watched().covers("So said Cousin Theodor.")
    for layout in (here, there):
        known = forgotten.load(layout.forgotten)
        assert known.covers("So said Aunt Ottilie.")
        assert known.covers("So said Uncle Konstantin.")
        assert not known.covers("So said nobody.")
        forgotten.remember(layout.forgotten, phrases=["third cousin"])
        assert forgotten.load(layout.forgotten).covers("uncle konstantin")


def test_a_damaged_version_is_not_exported(here: store.Layout, tmp_path: Path) -> None:
    newest = versions.versions(here)[-1].id
    (here.adapters / newest / "delta.safetensors").write_bytes(b"?")

    with pytest.raises(ModelCorrupt):
        exporting.export(here, tmp_path / "all", PASSPHRASE)
    assert not (tmp_path / "all").exists()


@pytest.mark.parametrize("kept", [300, 2_000, 3_500])
def test_a_damaged_file_changes_nothing(here: store.Layout, there: store.Layout, tmp_path: Path, kept: int) -> None:
    exporting.export(here, tmp_path / "all", PASSPHRASE)
    (tmp_path / "all").write_bytes((tmp_path / "all").read_bytes()[:kept])
    before = _state(there)

    with pytest.raises((ConfigInvalid, StateUnusable)):
        importing.import_(there, tmp_path / "all", PASSPHRASE)

    assert _state(there) == before


def _state(layout: store.Layout) -> dict[str, bytes]:
    files = [path for path in layout.data.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    return {str(path.relative_to(layout.data)): path.read_bytes() for path in files}


def test_a_full_disk_changes_nothing(
    here: store.Layout, there: store.Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporting.export(here, tmp_path / "all", PASSPHRASE)
    before = _state(there)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 1 << 20))

    with pytest.raises(StateUnusable, match="too little space"):
        importing.import_(there, tmp_path / "all", PASSPHRASE)

    assert _state(there) == before


def test_not_while_a_run_goes_on(here: store.Layout, tmp_path: Path) -> None:
    with runs.only_run(here), pytest.raises(TrainingError, match="in progress"):
        exporting.export(here, tmp_path / "all", PASSPHRASE)
