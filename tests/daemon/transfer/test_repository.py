"""Promoted versions in a git repository: committed, tagged, readable, restored from a clone; foreign changes stay."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.storage.versions import Base, TextSource, Version
from shadowpen.daemon.transfer import repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a file of the user's, whose hooks would spoil everything."""
    monkeypatch.setenv("HOME", str(tmp_path))  # no settings of whoever runs the tests
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))  # as in a hook of another repository
    folder = tmp_path / "repository"
    folder.mkdir()
    _git(folder, "init", "--quiet", "--initial-branch=main")
    for hook in ("pre-commit", "post-commit"):
        path = folder / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
        path.chmod(0o755)
    return folder


def _git(folder: Path, *arguments: str) -> str:
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(folder.parent), "LC_ALL": "C"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def make(layout: store.Layout, parent: str = "", **metrics: float) -> Version:
    staged = store.private_directory(layout.training / "staged")
    learned = f"learned {parent} {metrics}"
    (staged / models.DELTA).write_text(learned)
    version = Version(
        state="promoted",
        created=f"2026-05-0{len(versions.versions(layout)) + 1}T00:00:00Z",
        base=Base(name="default", sha256="0" * 64),
        sources=[TextSource(origin="/texts/ä.md", sha256="1" * 64, tokens=9, pieces={"a": 1}, version=parent)],
        metrics=dict(metrics),
        method="full",
        parent=parent,
        adapter_sha256=store.sha256_of(staged / models.DELTA),
    )
    return versions.publish(layout, staged, version)


def test_each_version_is_committed_and_tagged_and_the_difference_is_readable(
    layout: store.Layout, folder: Path
) -> None:
    first = make(layout, perplexity_served=30.0, perplexity=20.0)
    second = make(layout, first.id, perplexity_served=20.0, perplexity=15.5)

    for version in (first, second, second):
        repository.commit(layout, version, folder)

    assert _git(folder, "tag").split() == [f"shadowpen/{one.id}" for one in (first, second)]
    assert _git(folder, "log", "--format=%s").splitlines() == [
        f"Shadowpen {second.id}: perplexity 20.00 to 15.50",
        f"Shadowpen {first.id}: perplexity 30.00 to 20.00",
    ]
    told = _git(folder, "diff", f"shadowpen/{first.id}", f"shadowpen/{second.id}", "--", "*.json")
    assert '-    "perplexity": 20.0,' in told and '+    "perplexity": 15.5,' in told
    manifest = (folder / repository.FOLDER / "manifest.json").read_text("utf-8")
    assert list(json.loads(manifest)) == sorted(json.loads(manifest)) and "/texts/ä.md" in manifest
    assert _git(folder, "status", "--porcelain") == ""
    assert not (folder / "ran").exists()


def test_versions_are_restored_from_a_clone_with_their_chain(
    layout: store.Layout, folder: Path, tmp_path: Path
) -> None:
    first = make(layout, perplexity=20.0)
    second = make(layout, first.id, perplexity=15.5)
    for version in (first, second):
        repository.commit(layout, version, folder)
    _git(tmp_path, "clone", "--quiet", str(folder), str(tmp_path / "clone"))
    shutil.rmtree(layout.adapters)

    assert repository.restore(layout, tmp_path / "clone") == {first.id: first.id, second.id: second.id}

    assert versions.versions(layout) == [first, second]
    assert versions.check_adapter(layout, second).read_bytes().startswith(b"learned v0001")
    assert repository.restore(layout, tmp_path / "clone") == {}
    assert versions.current(layout).version == ""


def test_names_that_are_taken_get_the_next_ones(layout: store.Layout, folder: Path) -> None:
    first = make(layout, perplexity=20.0)
    second = make(layout, first.id, perplexity=15.5)
    for version in (first, second):
        repository.commit(layout, version, folder)
    shutil.rmtree(layout.adapters)
    other = make(layout, perplexity=1.0)

    named = repository.restore(layout, folder)

    assert named.keys() == {first.id, second.id} and other.id not in named.values()
    here = versions.read(layout, named[second.id])
    assert (here.parent, here.sources[0].version) == (named[first.id], named[first.id])


def test_what_is_forgotten_here_is_left_out(layout: store.Layout, folder: Path) -> None:
    repository.commit(layout, make(layout), folder)
    shutil.rmtree(layout.adapters)
    forgotten.save(layout.forgotten, forgotten.ForgottenTexts().plus(files=["/texts/ä.md"]))
    assert repository.restore(layout, folder) == {}


@pytest.mark.parametrize("staged", [False, True])
def test_a_repository_with_foreign_changes_is_left_alone(layout: store.Layout, folder: Path, staged: bool) -> None:
    (folder / "notes.md").write_text("mine")
    if staged:
        _git(folder, "add", "notes.md")
    before = _git(folder, "status", "--porcelain")

    with pytest.raises(ConfigInvalid, match=r"holds changes that are not Shadowpen's \(notes.md\)"):
        repository.commit(layout, make(layout), folder)

    assert _git(folder, "status", "--porcelain") == before
    assert _git(folder, "tag") == ""


def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(layout: store.Layout, folder: Path) -> None:
    (folder / repository.FOLDER).mkdir()
    (folder / repository.FOLDER / "poem.md").write_text("mine")
    _git(folder, "add", ".")
    _git(folder, "-c", "user.name=A", "-c", "user.email=a@b", "-c", "core.hooksPath=/", "commit", "-qm", "Mine")
    with pytest.raises(ConfigInvalid, match="is not Shadowpen's"):
        repository.commit(layout, make(layout), folder)
    assert (folder / repository.FOLDER / "poem.md").read_text() == "mine"


def test_what_fails_in_the_middle_leaves_the_repository_as_it_was(layout: store.Layout, folder: Path) -> None:
    first, second = make(layout), make(layout, perplexity=2.0)
    repository.commit(layout, first, folder)
    (layout.adapters / second.id / models.DELTA).unlink()

    with pytest.raises(Exception, match="cannot be used"):
        repository.commit(layout, second, folder)

    assert _git(folder, "status", "--porcelain") == ""
    assert json.loads((folder / repository.FOLDER / "manifest.json").read_text())["id"] == first.id


def test_what_is_no_repository_is_said(layout: store.Layout, tmp_path: Path, folder: Path) -> None:
    version = make(layout)
    (tmp_path / "plain").mkdir()
    (folder / "below").mkdir()
    for place, said in ((tmp_path / "none", "no folder"), (tmp_path / "plain", "not a git"), (folder / "below", "top")):
        with pytest.raises(ConfigInvalid, match=said):
            repository.commit(layout, version, place)


def test_damaged_weights_are_not_restored(layout: store.Layout, folder: Path) -> None:
    version = make(layout)
    repository.commit(layout, msgspec.structs.replace(version, adapter_sha256="f" * 64), folder)
    shutil.rmtree(layout.adapters)
    with pytest.raises(ModelCorrupt, match="damaged"):
        repository.restore(layout, folder)
    assert versions.versions(layout) == []
