"""What is found to learn from: folders and edits, each text once, each word with its author."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.journal.events import as_events

from shadowpen.daemon.base import store
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus import corpus, folders
from shadowpen.daemon.corpus.corpus import (
    CONTEXT,
    MODEL,
    OWN,
    Corpus,
    Document,
    collect,
    paragraphs,
    read_alone,
)
from shadowpen.daemon.markup import families
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.privacy.paths import PROSE_SUFFIXES
from shadowpen.daemon.storage.journal import Journal

_NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
_WORDS = str.split(
    "harbour boat tide morning letter brother winter river dog walked wrote waiting still kept wanted left along "
    "thought sent never always another which there would because through about should their being from this with have"
)


def prose(seed: int, words: int = 120) -> str:
    dice = random.Random(seed)
    return "The " + " ".join(dice.choices(_WORDS, k=words)) + "."


def learn(tmp_path: Path, **settings: Any) -> Corpus:
    texts = tmp_path / "texts"
    texts.mkdir(exist_ok=True)
    return collect(store.layout(), LearningSettings(folders=[str(texts)], **settings))


def accept(tmp_path: Path, id: str, context: str, suggested: str, kept: str, document: str, minutes: int = 0) -> None:
    time = (_NOW + timedelta(minutes=minutes)).isoformat()
    event = {"type": "accepted", "id": id, "time": time, "context": context, "suggested": suggested, "taken": suggested}
    Journal(store.layout().edits).append(
        as_events(
            event | {"document": document, "language": "markdown"},
            {"type": "kept", "id": id, "when": "2min", "time": time, "text": kept},
        )
    )


def words_of(document: Document, weight: float) -> str:
    covered = [OWN] * len(document.text)
    for span in document.spans:
        covered[span.start : span.end] = [span.weight] * (span.end - span.start)
    return "".join(c if w == weight else "|" for c, w in zip(document.text, covered, strict=True)).strip("|")


def test_documents_are_dated_by_front_matter_then_name_then_the_file(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "b.md").write_text("---\ndate: 2020-01-02\n---\n" + prose(1))
    (texts / "2019-03-04-a.md").write_text(prose(2))
    (texts / "c.txt").write_text(prose(3))
    os.utime(texts / "c.txt", (_NOW.timestamp(), _NOW.timestamp()))

    corpus = learn(tmp_path)

    assert [Path(document.origin).name for document in corpus.documents] == ["2019-03-04-a.md", "b.md", "c.txt"]
    assert datetime.fromtimestamp(corpus.documents[1].time, UTC).date().isoformat() == "2020-01-02"
    assert len({document.sha256 for document in corpus.documents}) == 3


@pytest.mark.parametrize("time", [2.0**60, -(2.0**60)])
def test_a_time_beyond_all_dates_is_one_that_can_be_told(tmp_path: Path, time: float) -> None:
    text = folders.FoundText(tmp_path / "a.md", prose(1), time, ".md")
    nothing = forgotten.ForgottenTexts()
    (document,) = corpus.from_texts([text], folders.Report(), nothing, nothing).documents
    assert 1 <= datetime.fromtimestamp(document.time, UTC).year <= 9999


def test_a_poisoned_folder_is_survived_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = tmp_path / "texts"
    (texts / "deep").mkdir(parents=True)
    (texts / "good.md").write_text(prose(1))
    (texts / "binary.md").write_bytes(b"\x00\x01\x02" * 100)
    (texts / "latin.txt").write_bytes(prose(7).replace("boat", "café").encode("latin-1"))
    (texts / "huge.txt").write_text("x" * 5_000)
    (texts / "line.md").write_text("y" * 3_000 + "\n\n" + prose(2))
    (texts / "loop").symlink_to(texts)
    (texts / "deep" / "up.md").symlink_to(texts / "good.md")
    os.link(texts / "good.md", texts / "zz-hard-link.md")
    os.mkfifo(texts / "pipe.md")
    (texts / "code.py").write_text("x = 1")
    (texts / ".env.md").write_text("KEY=1")
    (texts / "empty.md").write_text(" \n")
    (texts / "deutsch.md").write_text(
        "Es war ein langer Weg zum Hafen, und niemand hatte daran gedacht, eine Lampe mitzunehmen. Wir gingen deshalb "
        "sehr langsam und sprachen nicht miteinander, weil der Wind so laut war, dass man nichts verstehen konnte, und "
        "weil es kalt war. Am Ende kamen wir trotzdem noch rechtzeitig an das Wasser."
    )
    (texts / "locked.md").write_text(prose(5))
    real_open = os.open

    def refuse(path: Any, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith("locked.md"):
            raise PermissionError(13, "Permission denied")
        return real_open(path, *args, **kwargs)

    monkeypatch.setattr(folders, "MAX_FILE_BYTES", 4_000)
    monkeypatch.setattr(os, "open", refuse)
    corpus = learn(tmp_path)

    assert [Path(document.origin).name for document in corpus.documents] == ["good.md", "latin.txt", "line.md"]
    assert "café" in corpus.documents[1].text
    assert corpus.report.encodings == {"cp1252": 1}
    assert corpus.documents[2].text == prose(2)
    assert dict(corpus.report.files) == {
        "its content is not text": 1,
        "too large": 1,
        "a link, which is not followed": 2,
        "the same file under another name": 1,
        "not a regular file": 1,
        "not a kind of text that is read": 1,
        "its name says that it may hold secrets": 1,
        "empty": 1,
        "another language": 1,
        "unreadable": 1,
    }
    assert corpus.report.dropped["huge line"] == 3_000


def test_a_text_whose_cleaning_fails_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.md").write_text("A text on which the rules fail, whatever the reason for that may be.\n")
    (tmp_path / "good.md").write_text("A text that is read as ever, whatever happened to the one beside it.\n")
    clean = corpus.clean

    def failing(text: str, *more: Any) -> Any:
        return clean(text, *more) if "as ever" in text else text[len(text)]

    monkeypatch.setattr(corpus, "clean", failing)
    found = corpus.read_alone(str(tmp_path), LearningSettings(), forgotten.ForgottenTexts())
    assert [Path(document.origin).name for document in found.documents] == ["good.md"]
    assert any("failed" in reason for reason in found.report.files)


def test_no_folder_is_passed_over_without_a_word(tmp_path: Path) -> None:
    for name in ("build", "node_modules", ".obsidian", "essays"):
        (tmp_path / "texts" / name).mkdir(parents=True)
        (tmp_path / "texts" / name / "a.md").write_text(prose(len(name)))

    learning = LearningSettings(folders=[str(tmp_path / "texts"), str(tmp_path / "removed")])
    report = collect(store.layout(), learning).report

    assert report.folders == {"made by programs": 2, "hidden": 1, "not there": 1}
    assert report.document()["examples"]["folder: hidden"] == [str(tmp_path / "texts" / ".obsidian")]


def test_every_suffix_has_a_reader_of_its_own_or_is_plain_text() -> None:
    assert {suffix for suffix in PROSE_SUFFIXES if families.of_suffix(suffix) is families.PLAIN} == {".txt", ".text"}


def test_private_and_excluded_folders_are_not_read(tmp_path: Path) -> None:
    for name in ("open", "diary", "drafts"):
        (tmp_path / "texts" / name).mkdir(parents=True)
        (tmp_path / "texts" / name / "a.md").write_text(prose(len(name)))
    accept(tmp_path, "a", prose(9), "of the sea", "of the sea", f"file://{tmp_path}/texts/diary/b.md")

    corpus = learn(tmp_path, private_folders=[str(tmp_path / "texts" / "diary")], exclude=["drafts/"])

    assert [Path(document.origin).parent.name for document in corpus.documents] == ["open"]


def test_paragraphs_that_stand_twice_count_once(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "2020-01-01.md").write_text(f"{prose(1)}\n\n{prose(2)}")
    (texts / "2020-01-02.md").write_text(f"{prose(2).upper()}\n\nYes.\n\n{prose(3)}")
    (texts / "2020-01-03.md").write_text(f"{prose(1)}\n\n{prose(2)}")

    corpus = learn(tmp_path)

    assert [document.text for document in corpus.documents] == [f"{prose(1)}\n\n{prose(2)}", f"Yes.\n\n{prose(3)}"]


def test_the_models_words_are_told_from_the_authors(tmp_path: Path) -> None:
    context = prose(1) + " It was late and the sky "
    accept(tmp_path, "a", context, "was full of small clouds", "was full of large clouds", "untitled:1")
    accept(tmp_path, "b", context + "was full of large clouds and then it ", "rained all night.", "rained all night.",
           "untitled:1", minutes=3)  # fmt: skip

    (document,) = learn(tmp_path).documents

    assert document.text == context + "was full of large clouds and then it rained all night."
    # A single word in common is chance; what was typed between two edits is the author's.
    assert words_of(document, OWN) == " large clouds and then it "
    assert words_of(document, MODEL).split("|")[0] == "was full of"
    assert words_of(document, MODEL).endswith("rained all night.")
    assert words_of(document, CONTEXT).startswith(context)
    assert document.edits == ("a", "b")


def test_a_context_that_does_not_go_on_is_only_context(tmp_path: Path) -> None:
    accept(tmp_path, "a", prose(1) + " ", "in the end", "in the end", "untitled:1")
    accept(tmp_path, "b", prose(2) + " ", "after all", "after all of it", "untitled:1", minutes=3)

    (document,) = learn(tmp_path).documents

    assert document.text == f"{prose(1)} in the end\n\n{prose(2)} after all of it"
    assert words_of(document, OWN) == " of it"


def test_an_edit_in_a_learned_file_only_marks_the_models_words_there(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    path = tmp_path / "texts" / "a.md"
    path.write_text(prose(1) + " It was late and the sky was full of small\nclouds that evening.")
    taken = "was full of small clouds"
    accept(tmp_path, "a", prose(1) + " It was late and the sky ", taken, taken, path.as_uri())

    (document,) = learn(tmp_path).documents

    assert words_of(document, MODEL) == "was full of small clouds"
    assert words_of(document, CONTEXT) == ""


def test_paragraph_places() -> None:
    text = "One.\nstill one.\n\n\nTwo.\n \nThree."

    assert [text[start:end] for start, end in paragraphs(text)] == ["One.\nstill one.", "Two.", "Three."]


def test_what_was_typed_instead_is_the_authors_own(tmp_path: Path) -> None:
    context = prose(1) + " It was late and the sky "
    event = {
        "type": "dismissed", "id": "d", "time": _NOW.isoformat(), "context": context, "suggested": "was full of stars",
        "typed": "was full of gulls", "how": "typed_over", "document": "untitled:1", "language": "markdown",
    }  # fmt: skip
    Journal(store.layout().edits).append(as_events(event, event | {"id": "e", "typed": ""}))

    (document,) = learn(tmp_path).documents

    assert words_of(document, OWN) == "was full of gulls"
    assert words_of(document, MODEL) == ""
    assert (document.edits, document.journalled) == ((), ["d"]), "nothing was taken, but the line was learned from"


@pytest.mark.parametrize(("rating", "weight"), [(5, MODEL), (1, CONTEXT)])
def test_the_words_of_a_suggestion_called_bad_are_not_learned(tmp_path: Path, rating: int, weight: float) -> None:
    accept(tmp_path, "a", prose(1) + " ", "was full of clouds", "was full of clouds", "untitled:1")
    Journal(store.layout().edits).append(
        as_events({"type": "rated", "id": "a", "time": _NOW.isoformat(), "rating": rating})
    )

    (document,) = learn(tmp_path).documents

    assert words_of(document, weight).endswith("was full of clouds")


def test_what_was_forgotten_or_pasted_is_left_out_and_told(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.md").write_text(f"{prose(1)}\n\n{prose(2)}\n\n{prose(3)}")
    (texts / "b.md").write_text(prose(4))
    forgotten.remember(store.layout().forgotten, passages=[prose(1)], files=[os.path.realpath(texts / "b.md")])
    forgotten.remember(store.layout().pasted, passages=[prose(2)])

    corpus = learn(tmp_path)

    assert [document.text for document in corpus.documents] == [prose(3)]
    assert corpus.report.files == {"forgotten": 1}
    assert corpus.report.dropped == {"forgotten": len(prose(1)), "pasted": len(prose(2))}


def test_some_pasted_words_do_not_make_the_own_words_around_them_vanish(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    pasted, own = prose(2, 15), [prose(1, 34), prose(3, 34)]
    (tmp_path / "texts" / "a.md").write_text(f"{own[0]} {pasted} {own[1]}")
    forgotten.remember(store.layout().pasted, passages=[pasted])

    corpus = learn(tmp_path)

    (document,) = corpus.documents
    assert words_of(document, CONTEXT) == pasted.removesuffix(".")
    assert all(text.split()[5] in words_of(document, OWN) for text in own)
    assert corpus.report.dropped == {"pasted": len(pasted) - 1}


def test_a_stretch_of_ones_own_stays_in_a_paragraph_that_was_mostly_pasted(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    pasted = [prose(2, 40), prose(4, 40)]
    own = prose(1, 24)
    (tmp_path / "texts" / "a.md").write_text(f"{pasted[0]} {own} {pasted[1]}\n\n{pasted[0]} Quite so. {pasted[1]}")
    forgotten.remember(store.layout().pasted, passages=pasted)

    (document,) = learn(tmp_path).documents

    assert words_of(document, OWN).strip(".| ") == own.strip(".")
    assert "Quite so" not in document.text


NOTES = "ferry late again, 40 minutes met Anna at the quay"
EXPANDED = (
    "The ferry was late again, this time by 40 minutes, so I met Anna at the quay and we were glad of it all day."
)


def expand(tmp_path: Path, document: str) -> None:
    accept(tmp_path, "e", prose(1, 20) + "\n\n", EXPANDED, EXPANDED, document)
    (segment,) = store.layout().edits.glob("*.jsonl")
    segment.write_text(segment.read_text().replace('"notes":""', f'"notes":"{NOTES}"'))


def test_of_an_expanded_paragraph_the_words_of_the_notes_are_the_authors(tmp_path: Path) -> None:
    expand(tmp_path, "untitled:1")
    (document,) = learn(tmp_path).documents
    assert "met Anna at the quay" in words_of(document, OWN)
    assert "and we were glad of it all day." in words_of(document, MODEL)
    assert "this time by" in words_of(document, MODEL)


def test_of_a_paragraph_that_was_changed_later_the_own_words_count_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    file = tmp_path / "texts" / "a.md"
    changed = EXPANDED.replace("so I met Anna", "and of course nobody told me, until I met old Anna")
    file.write_text(f"{prose(1, 20)}\n\n{changed} {prose(5, 40)}")
    expand(tmp_path, file.as_uri())

    (document,) = learn(tmp_path).documents

    own = words_of(document, OWN)
    assert "and of course nobody told me, until" in own and "at the quay" in own
    assert "and we were glad of it all day." in words_of(document, MODEL)
    assert prose(5, 40).removeprefix("The ") in own


def test_a_folder_alone_is_read_without_the_journal(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.md").write_text(prose(1))
    accept(tmp_path, "a", prose(2) + " ", "in the end", "in the end", "untitled:1")

    corpus = read_alone(str(tmp_path / "texts"), LearningSettings(), forgotten.ForgottenTexts())

    assert [document.text for document in corpus.documents] == [prose(1)]
