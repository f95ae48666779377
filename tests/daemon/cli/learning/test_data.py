"""A folder prepared by command: the very texts that would be learned, and a report of the rest."""

from __future__ import annotations

import json
import random
import stat
from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base import store
from shadowpen.daemon.corpus import annotation
from shadowpen.daemon.privacy import forgotten

_WORDS = str.split(
    "harbour boat tide morning letter brother winter river the dog and walked wrote of waiting still to a"
)


def prose(seed: int) -> str:
    return "The " + " ".join(random.Random(seed).choices(_WORDS, k=80)) + "."


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    (folder / "2024-03-01.md").write_text(
        f"{prose(1)}\n\nWrite to jane@example.org, who is waiting for it.\n\n> {prose(2)}"
    )
    (folder / "deep" / "page.html").write_text(f"<html><body><article><p>{prose(3)}</p></article></body></html>")
    (folder / "copy.txt").write_text(prose(1))
    (folder / "b.png").write_bytes(b"\0")
    return folder


def test_texts_are_cleaned_into_another_folder_with_a_report(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"

    told = shadowpen("data", "prepare", "--input", str(texts), "--output", str(target), "--json").json

    first = (target / "2024-03-01.md.txt").read_text()
    assert first == f"{prose(1)}\n\nWrite to ⟦email⟧, who is waiting for it.\n"
    assert (target / "deep" / "page.html.txt").read_text() == prose(3) + "\n"
    assert sorted(path.name for path in target.rglob("*.*")) == ["2024-03-01.md.txt", "page.html.txt", "report.json"]
    assert told == json.loads((target / "report.json").read_text())
    assert {text["text"]: text["date"] for text in told["texts"]}["2024-03-01.md.txt"] == "2024-03-01"
    assert told["left_out"]["files"] == {"not a prose file by its name": 1, "nothing new": 1}
    assert {"secrets", "quote", "double"} <= set(told["left_out"]["characters"])
    assert told["left_out"]["left_undone"] == []
    assert stat.S_IMODE((target / "report.json").stat().st_mode) == 0o600
    assert not store.layout().edits.exists()


def test_pasted_text_is_quarantined(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    forgotten.remember(store.layout().pasted, passages=[prose(3)])

    told = shadowpen("data", "prepare", "--input", str(texts), "--output", str(tmp_path / "out"), "--json").json

    assert [text["text"] for text in told["texts"]] == ["2024-03-01.md.txt"]
    assert told["left_out"]["characters"]["pasted"] == len(prose(3))


def test_people_get_a_table(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    said = shadowpen("data", "prepare", "--input", str(texts), "--output", str(tmp_path / "out")).out

    assert "2 texts" in said
    assert "1 file" in said
    assert "not a prose file by its name" in said


def test_what_was_forgotten_is_not_prepared(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    forgotten.remember(store.layout().forgotten, passages=[prose(3)])
    target = tmp_path / "out"

    shadowpen("data", "prepare", "--input", str(texts), "--output", str(target))

    assert not (target / "deep").exists()


def test_annotations_lie_beside_the_texts(
    shadowpen: Shadowpen, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotation, "load", lambda pipeline: lambda text: {"entities": [[0, 3, pipeline]]})
    target = tmp_path / "out"

    shadowpen("data", "prepare", "--input", str(texts), "--output", str(target), "--annotate", "small")

    assert json.loads((target / "2024-03-01.md.txt.json").read_text()) == {"entities": [[0, 3, "small"]]}


def test_without_the_library_nothing_is_written(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"

    said = shadowpen("data", "prepare", "--input", str(texts), "--output", str(target), "--annotate", "none_such")

    assert said.status == 2 and not target.exists()


@pytest.mark.parametrize("target", ["texts", "texts/out", "full"])
def test_a_target_that_would_mix_things_up_is_refused(
    shadowpen: Shadowpen, texts: Path, tmp_path: Path, target: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")

    assert shadowpen("data", "prepare", "--input", str(texts), "--output", str(tmp_path / target)).status == 2
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"


def test_a_folder_that_is_not_there_is_told(shadowpen: Shadowpen, tmp_path: Path) -> None:
    assert shadowpen("data", "prepare", "--input", str(tmp_path / "no"), "--output", str(tmp_path / "out")).status == 2
