"""A folder prepared by command: the very texts that would be learned, and a report of the rest."""

from __future__ import annotations

import json
import random
import stat
from pathlib import Path

import pytest
from support import documents
from support.command_line import Shadowpen
from support.local_server import serving

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
    assert told["left_out"]["files"] == {"not a kind of text that is read": 1, "all of it is in other texts": 1}
    assert {"secrets", "quote", "double"} <= set(told["left_out"]["characters"])
    assert told["left_out"]["left_undone"] == []
    assert stat.S_IMODE((target / "report.json").stat().st_mode) == 0o600
    assert not store.layout().edits.exists()


def test_names_as_long_as_they_may_be_are_prepared_too(shadowpen: Shadowpen, tmp_path: Path) -> None:
    folder, target = tmp_path / "texts", tmp_path / "out"
    folder.mkdir()
    for number, name in enumerate(("長" * 83, "n" * 251 + "1", "n" * 251 + "2")):
        (folder / f"{name}.md").write_text(prose(20 + number))

    told = shadowpen("data", "prepare", "--input", str(folder), "--output", str(target), "--json").json

    assert {(target / text["text"]).read_text() for text in told["texts"]} == {f"{prose(n)}\n" for n in (20, 21, 22)}


def test_pasted_text_is_quarantined(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    forgotten.remember(store.layout().pasted, passages=[prose(3)])

    told = shadowpen("data", "prepare", "--input", str(texts), "--output", str(tmp_path / "out"), "--json").json

    assert [text["text"] for text in told["texts"]] == ["2024-03-01.md.txt"]
    assert told["left_out"]["characters"]["pasted"] == len(prose(3))


def test_people_get_a_table(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    said = shadowpen("data", "prepare", "--input", str(texts), "--output", str(tmp_path / "out")).out

    assert "2 texts" in said
    assert "1 file" in said
    assert "not a kind of text that is read" in said


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


def test_a_plan_is_carried_out_with_what_it_fetches(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    page = f"<html><body><article><h1>Far</h1><p>{prose(7)}</p></article></body></html>".encode()
    feed = (
        f"<rss><channel><item><title>One</title><description>{prose(8)}</description></item></channel></rss>".encode()
    )
    answers = {"/page": page, "/feed": feed}
    target = tmp_path / "out"
    with serving(lambda path: (200, {"Content-Type": "text/html; charset=utf-8"}, answers[path])) as (address, asked):
        plan = tmp_path / "corpus.toml"
        plan.write_text(
            f'[[data_sources]]\nfolder = "{texts.name}"\n[[data_sources]]\npage = "{address}/page"\n'
            f'[[data_sources]]\nfeed = "{address}/feed"\n[annotation_schema]\nsentences = true\n'
        )
        told = shadowpen("data", "prepare", "--config", str(plan), "--output", str(target), "--json").json

    said = {(target / text["text"]).read_text().strip() for text in told["texts"]}
    assert {prose(8), prose(3)} <= said and any(prose(7) in text for text in said)
    assert asked == ["/page", "/feed"]
    assert (target / "2024-03-01.md.txt.json").is_file()
    assert told == json.loads((target / "report.json").read_text())


def test_people_are_told_of_annotations_and_media(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    plan = tmp_path / "corpus.toml"
    plan.write_text(
        '[[data_sources]]\nfolder = "texts"\n[annotation_schema]\nentities = true\n[media]\nimages = true\n'
    )

    said = shadowpen("data", "prepare", "--config", str(plan), "--output", str(tmp_path / "out")).out

    assert "sentences and" in said and "by rules for English" in said and "Images and recordings in words: none" in said


@pytest.mark.parametrize(
    "arguments",
    [[], ["--input", "texts", "--config", "corpus.toml"], ["--config", "none.toml"], ["--config", "bad.toml"]],
)
def test_a_plan_that_is_none_is_told(shadowpen: Shadowpen, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "bad.toml").write_text("[[data_sources]]\nfolder = 7\n")
    named = [str(tmp_path / part) if "." in part else part for part in arguments]

    assert shadowpen("data", "prepare", *named, "--output", str(tmp_path / "out")).status == 2
    assert not (tmp_path / "out").exists()


def test_a_plan_does_not_write_into_what_it_reads(shadowpen: Shadowpen, texts: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text('[[data_sources]]\nfolder = "texts"\n')

    said = shadowpen("data", "prepare", "--config", str(tmp_path / "corpus.toml"), "--output", str(texts / "out"))

    assert said.status == 2 and not (texts / "out").exists()


def test_what_a_document_calls_its_texts_leads_nowhere_else(shadowpen: Shadowpen, tmp_path: Path) -> None:
    inner = '<BinderItem UUID="BBBB" Type="Text"><Title>stolen</Title></BinderItem>'
    for _ in range(4):
        inner = f'<BinderItem UUID="AAAA" Type="Folder"><Title>..</Title><Children>{inner}</Children></BinderItem>'
    documents.scrivener(tmp_path / "texts" / "Novel.scriv", inner, {"BBBB": documents.rtf(prose(1))})
    target = tmp_path / "deep" / "out"

    told = shadowpen("data", "prepare", "--input", str(tmp_path / "texts"), "--output", str(target), "--json").json

    assert [text["text"] for text in told["texts"]] == ["Novel.scriv/stolen (BBBB).txt"]
    assert (target / "Novel.scriv" / "stolen (BBBB).txt").read_text() == prose(1) + "\n"
    assert [path for path in tmp_path.rglob("stolen*") if target not in path.parents] == []
