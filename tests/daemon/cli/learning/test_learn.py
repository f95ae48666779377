"""Consent and folders by command, and a preview that shows exactly what the training would see."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.command_line import Shadowpen
from support.journal.events import as_events

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import StateUnusable, TrainingUnavailable
from shadowpen.daemon.cli.learning import learn, versions
from shadowpen.daemon.corpus import filtering, repair
from shadowpen.daemon.learning import known
from shadowpen.daemon.privacy.consent import journal_allowed
from shadowpen.daemon.storage.journal import Journal

_TEXT = """---
date: 2024-03-01
---
The harbour lay still in the morning, and my mail is jane@example.org, which nobody reads any more these days.

```
code
```
"""


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.md").write_text(_TEXT)
    (folder / "b.png").write_bytes(b"\0")
    return folder


def test_learning_is_switched_on_and_off(shadowpen: Shadowpen) -> None:
    assert not journal_allowed(config.load())
    on = shadowpen("learn", "on")
    assert (on.status, journal_allowed(config.load())) == (0, True)
    assert str(store.layout().edits) in on.out
    assert shadowpen("learn", "off").status == 0
    assert not journal_allowed(config.load())


@pytest.mark.parametrize("keep", ["both", "accepted", "written"])
def test_what_is_kept_is_said_and_chosen(shadowpen: Shadowpen, keep: str) -> None:
    assert "what you accept, and what you write where a suggestion was shown" in shadowpen("learn", "on").out
    told = shadowpen("learn", "on", "--keep", keep)
    assert config.load().learning.keep == keep
    assert ("what you accept" in told.out) is (keep != "written")
    assert ("what you write" in told.out) is (keep != "accepted")
    shadowpen("learn", "off")
    shadowpen("learn", "on")
    assert config.load().learning.keep == keep, "an answer alone does not change the choice"
    assert shadowpen("learn", "on", "--keep", "all").status == 2


def test_who_switches_off_is_told_how_what_was_kept_goes_and_what_goes_with_it(
    shadowpen: Shadowpen, tmp_path: Path
) -> None:
    store.private_directory(store.layout().edits)
    assert "too" not in shadowpen("learn", "off").out
    (tmp_path / "texts").mkdir()
    shadowpen("learn", "add", str(tmp_path / "texts"))
    told = shadowpen("learn", "off").out
    assert "forget --since" in told and "also forgets the texts of your folders" in told


def test_an_environment_that_overrides_is_told(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_LEARNING_ENABLED", "off")

    assert "SHADOWPEN_LEARNING_ENABLED" in shadowpen("learn", "on").err


def test_folders_are_added_listed_and_removed(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    assert shadowpen("learn", "add", str(texts)).status == 0
    assert "already" in shadowpen("learn", "add", str(texts / "." / "")).out
    assert shadowpen("learn", "add", "--private", str(tmp_path)).status == 0

    listed = shadowpen("learn", "list", "--json").json
    assert (listed["folders"], listed["private_folders"], listed["enabled"]) == ([str(texts)], [str(tmp_path)], "ask")
    assert "not answered yet" in shadowpen("learn", "list").out
    assert shadowpen("learn", "remove", str(texts)).status == 0
    assert shadowpen("learn", "remove", str(tmp_path)).status == 0
    assert shadowpen("learn", "list", "--json").json["folders"] == []
    assert shadowpen("learn", "remove", str(texts)).status == 2


@pytest.mark.parametrize("folder", ["/", "~", "nowhere", "texts/a.md"])
def test_what_is_no_folder_of_texts_is_refused(
    shadowpen: Shadowpen, texts: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(texts.parent)

    assert shadowpen("learn", "add", folder).status == 2
    assert config.load().learning.folders == []


@pytest.mark.parametrize("installed", [True, False])
def test_the_preview_shows_what_would_be_learned(
    shadowpen: Shadowpen, texts: Path, monkeypatch: pytest.MonkeyPatch, tiny_models: Path, installed: bool
) -> None:
    if installed:
        monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    shadowpen("learn", "add", str(texts))
    Journal(store.layout().edits).append(
        as_events(
            {"type": "accepted", "id": "1", "time": 1.0e9, "context": "She wrote a letter ", "suggested": "to him",
             "taken": "to him", "document": "untitled:1", "language": "markdown"})
    )  # fmt: skip

    seen = shadowpen("learn", "preview", "--text", "--json").json

    edited, written = seen["documents"]
    assert (edited["origin"], edited["edits"], edited["text"]) == (
        "untitled:1 2001-09-09",
        1,
        "She wrote a letter to him",
    )
    assert (written["origin"], written["date"]) == (str(texts / "a.md"), "2024-03-01")
    assert "my mail is ⟦email⟧, which" in written["text"]
    assert "code" not in written["text"]
    assert 0 < written["own_tokens"] <= written["tokens"]
    assert seen["left_out"]["files"] == {"not a kind of text that is read": 1}
    assert seen["left_out"]["characters"]["secrets"] == len("jane@example.org")
    assert "not a kind of text that is read" in shadowpen("learn", "preview").out
    assert "⟦email⟧" in shadowpen("learn", "preview", "--text").out


def test_an_empty_preview_says_what_to_do(shadowpen: Shadowpen) -> None:
    assert "learn add" in shadowpen("learn", "preview").out


def test_adding_a_folder_says_at_once_what_is_read_and_what_not_and_why(shadowpen: Shadowpen, texts: Path) -> None:
    (texts / "c.csv").write_text("1,2\n")
    (texts / "d.png").write_bytes(b"\0")
    told = shadowpen("learn", "add", str(texts))
    assert "1 text with about" in told.out and "(.md 1)" in told.out and "next training" not in told.out
    assert "not a kind of text that is read" in told.out and ".png 2" in told.out and ".csv 1" in told.out
    assert "learn on" in told.err
    shadowpen("learn", "on")
    assert "next training learns from them" in shadowpen("learn", "add", str(texts)).out
    as_json = shadowpen("learn", "add", str(texts), "--json").json
    assert (as_json["texts"], as_json["kinds"], as_json["was_there"]) == (1, {".md": 1}, True)
    assert as_json["left_out"]["files"] == {"not a kind of text that is read": 3}


def test_a_folder_without_texts_says_so(shadowpen: Shadowpen, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "nothing to learn from" in shadowpen("learn", "add", str(tmp_path / "empty")).out


@pytest.mark.parametrize("command", [("learn", "add"), ("learn", "preview")])
def test_libraries_that_only_make_good_text_better_are_not_asked_for(
    shadowpen: Shadowpen, texts: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, str]
) -> None:
    for module in (repair, filtering):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    given = (*command, str(texts)) if command[1] == "add" else command
    shadowpen("learn", "add", str(texts))
    told = shadowpen(*given)
    assert not any(name in told.out + told.err for name in ("datasketch", "ftfy", "trafilatura"))
    (texts / "page.html").write_text("<p>A page that somebody saved.</p>")
    told = shadowpen(*given)
    assert "trafilatura" in told.out and "datasketch" not in told.out


def test_everything_learned_moves_with_a_passphrase_from_a_pipe(
    shadowpen: Shadowpen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {
        "type": "accepted", "id": "a", "time": 1.0e9, "context": "We", "suggested": " waited.", "taken": " waited.",
        "document": "untitled:1", "language": "markdown",
    }  # fmt: skip
    Journal(store.layout().edits).append(as_events(event))
    file = tmp_path / "learned"

    told = shadowpen("learn", "export", str(file), stdin=b"plum cakes in the rain\n")
    assert (told.status, "0 versions, with the journal" in told.out) == (0, True)
    assert shadowpen("learn", "export", str(file), stdin=b"plum cakes in the rain\n").status == 2

    monkeypatch.setenv("SHADOWPEN_HOME", str(tmp_path / "new"))
    wrong = shadowpen("learn", "import", str(file), stdin=b"plum cakes in the snow\n")
    assert wrong.status == 2
    assert "The passphrase does not open" in wrong.err
    right = shadowpen("learn", "import", str(file), stdin=b"plum cakes in the rain\n")
    assert right.status == 0
    assert "1 lines of the journal" in right.out
    assert "learn on" in right.err


def test_the_home_is_known_by_every_name_and_so_is_what_holds_it(
    shadowpen: Shadowpen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, link = tmp_path / "data" / "me", tmp_path / "home"
    home.mkdir(parents=True)
    link.symlink_to(home)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(link))
    for folder in (link, home, home.parent):
        refused = shadowpen("learn", "add", str(folder))
        assert refused.status == 2 and "contains much more than your texts" in refused.err
    assert shadowpen("learn", "add", "--private", str(home)).status == 0


def test_shadowpens_own_files_are_not_learned(shadowpen: Shadowpen) -> None:
    own = store.layout().edits
    own.mkdir(parents=True)

    refused = shadowpen("learn", "add", str(own))

    assert refused.status == 2 and "Shadowpen's own files" in refused.err
    assert config.load().learning.folders == []


def test_what_leads_nowhere_is_no_folder(shadowpen: Shadowpen, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for folder in (str(tmp_path / "loop"), "~nobody-of-that-name/texts"):
        refused = shadowpen("learn", "add", folder)
        assert refused.status == 2 and "is not a folder" in refused.err
        assert "is not in the list" in shadowpen("learn", "remove", folder).err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
@pytest.mark.parametrize("private", [[], ["--private"]])
def test_a_folder_whose_name_is_no_text_is_refused(shadowpen: Shadowpen, tmp_path: Path, private: list[str]) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    refused = shadowpen("learn", "add", *private, str(folder))
    assert refused.status == 2 and "is not valid text" in refused.err


@pytest.mark.parametrize("private", [[], ["--private"]])
def test_a_folder_is_known_however_the_file_writes_it(
    shadowpen: Shadowpen, layout: store.Layout, user: Path, private: list[str]
) -> None:
    (user / "essays").mkdir()
    setting = "private_folders" if private else "folders"
    store.write_atomic(layout.config_file, f'[learning]\n{setting} = ["~/essays/"]\n'.encode())
    assert "already in the list" in shadowpen("learn", "add", *private, str(user / "essays")).out
    assert shadowpen("learn", "remove", str(user / "essays")).status == 0
    assert getattr(config.load().learning, setting) == []


def test_a_folder_of_an_unknown_user_does_not_keep_the_others_from_being_read(
    shadowpen: Shadowpen, layout: store.Layout, texts: Path
) -> None:
    content = f"[learning]\nenabled = 'on'\nfolders = ['~nobody-of-that-name/texts', '{texts}']\n"
    store.write_atomic(layout.config_file, content.encode())
    found = shadowpen("learn", "preview", "--json")
    assert found.status == 0, found.err
    assert len(found.json["documents"]) == 1
    assert found.json["left_out"]["folders"] == {"not there": 1}
    assert shadowpen("uninstall", "--dry-run", "--json").status == 0


def test_a_version_that_cannot_be_built_for_want_of_packages_is_imported_all_the_same(
    layout: store.Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_torch(*_: object) -> None:
        raise TrainingUnavailable("Training needs torch.", "Install it.")

    monkeypatch.setattr(versions, "serving", lambda: (layout, None, "int8"))
    monkeypatch.setattr(versions, "ensure_graph", without_torch)
    learn._use_imported(layout, "v0001-20260501")
    assert "v0001-20260501 cannot be used yet: Training needs torch. Install it." in capsys.readouterr().err


def test_a_full_disk_does_not_keep_anybody_from_looking(
    shadowpen: Shadowpen, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StateUnusable("The disk is full.")

    shadowpen("learn", "add", str(texts))
    monkeypatch.setattr(known, "note", full)
    assert len(shadowpen("learn", "preview", "--json").json["documents"]) == 1
