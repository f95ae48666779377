"""What is told from several texts: copies, near copies, templates, other languages, what was forgotten."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from typing import Any

import pytest

from shadowpen.daemon.corpus import filtering
from shadowpen.daemon.corpus.documents import CONTEXT, Document, Span
from shadowpen.daemon.corpus.filtering import without_doubles, without_known, without_other_languages
from shadowpen.daemon.corpus.folders import Report
from shadowpen.daemon.privacy import forgotten

_WORDS = str.split(
    "harbour boat tide morning letter brother winter river dog walked wrote waiting still kept wanted left along "
    "thought sent never always another which there would because through about should their being from this with have"
)
_GERMAN = (
    "Es war ein langer Weg zum Hafen, und niemand hatte daran gedacht, eine Lampe mitzunehmen. Wir gingen deshalb "
    "sehr langsam und sprachen nicht miteinander, weil der Wind so laut war, dass man nichts verstehen konnte, und "
    "weil es kalt war. Am Ende kamen wir trotzdem noch rechtzeitig an das Wasser, wo das Boot lag, das mein Bruder "
    "am Abend vorher aus dem Schuppen geholt hatte, und wir fuhren hinaus, obwohl es schon dunkel wurde."
)


def prose(seed: int, words: int = 60) -> str:
    dice = random.Random(seed)
    return "The " + " ".join(dice.choices(_WORDS, k=words)) + "."


def document(*paragraphs: str, origin: str = "/a.md", time: float = 0.0) -> Document:
    return Document(origin, "\n\n".join(paragraphs), "0" * 64, time)


def changed(paragraph: str, *places: int) -> str:
    said = paragraph.split()
    for place in places:
        said[place] = "something"
    return " ".join(said)


def test_a_draft_with_a_changed_word_is_a_near_double_and_another_text_is_not() -> None:
    report = Report()
    first, draft = document(prose(1), prose(2)), document(changed(prose(1), 20), prose(3), origin="/b.md")

    left = without_doubles([first, draft], report)

    assert [found.text for found in left] == [first.text, prose(3)]
    assert report.dropped == {"near double": len(changed(prose(1), 20))}
    assert not report.left_undone


def test_a_paragraph_written_anew_is_no_double() -> None:
    anew = changed(prose(1), *range(0, 60, 6))

    assert len(without_doubles([document(prose(1)), document(anew, origin="/b.md")], Report())) == 2


def test_a_text_made_from_a_template_goes_altogether() -> None:
    report = Report()
    records = [changed(prose(1), place) for place in range(10, 40, 3)]

    assert without_doubles([document(prose(2)), document(*records, origin="/log.md")], report) == [document(prose(2))]
    assert report.examples["made from a template"] == ["/log.md"]


def test_without_the_library_exact_doubles_still_go_and_the_report_says_what_was_not_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(filtering, "find_spec", lambda name: None if name == "datasketch" else real(name))
    report = Report()
    texts = [document(prose(1)), document(changed(prose(1), 20), prose(1).upper(), origin="/b.md")]

    left = without_doubles(texts, report)

    assert [found.text for found in left] == [prose(1), changed(prose(1), 20)]
    assert report.left_undone == {filtering.NEAR_DOUBLES}


def test_a_paragraph_in_another_language_goes_and_spans_stay_where_they_were() -> None:
    report = Report()
    text = f"{prose(1)}\n\n{_GERMAN}\n\n{prose(2)}"
    marked = Document("/a.md", text, "0" * 64, 0.0, (Span(text.index(prose(2)), len(text), CONTEXT),))

    (left,) = without_other_languages([marked, document(prose(3), prose(4), prose(5))], report)[:1]

    assert left.text == f"{prose(1)}\n\n{prose(2)}"
    assert [left.text[span.start : span.end] for span in left.spans] == [prose(2)]
    assert report.dropped == {"another language": len(_GERMAN)}


def test_what_was_forgotten_goes_wherever_it_stands(tmp_path: Path) -> None:
    report = Report()
    known = forgotten.remember(tmp_path, passages=[prose(1)])
    copy = f"As I said: {prose(1)} And more."

    (left,) = without_known([document(prose(2), copy), document(prose(1), origin="/b.md")], known, "forgotten", report)

    assert left.text == prose(2)
    assert report.files == {"forgotten": 1}
    assert report.dropped["forgotten"] == len(copy) + len(prose(1))


@pytest.mark.parametrize("text", ["Too short.", "7" * 500, ""])
def test_of_what_is_too_short_the_language_is_not_told(text: Any) -> None:
    assert filtering.language_of(text) == ""
