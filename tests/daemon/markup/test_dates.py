"""daemon/markup/dates.py and front_matter.py: the day that a head or a name tells."""

from __future__ import annotations

import pytest

from shadowpen.daemon.markup.dates import day, in_name, told
from shadowpen.daemon.markup.prose import front_matter


@pytest.mark.parametrize(
    "words",
    [
        *(
            "2012-02-03",
            "2012-2-3",
            "2012/02/03",
            "2012.02.03",
            "20120203",
            "201202031011",
            "2012-02-03T10:20:00+01:00",
        ),
        *("February 3, 2012", "Feb 3rd, 2012", "3 February 2012", "Fri, 03 Feb 2012 10:20:00 +0000", "3. Februar 2012"),
        *(
            "3 février 2012",
            "03.02.2012",
            "2/3/2012",
            "<2012-02-03 Fri>",
            "[[2012-02-03]]",
            "2012年2月3日",
            "1328227200",
        ),
        *("datetime(year: 2012, month: 2, day: 3)", "2012-02-03 10:20"),
    ],
)
def test_a_day_in_many_forms(words: str) -> None:
    assert day(words) == "2012-02-03"


@pytest.mark.parametrize(
    ("words", "expected"), [("2012-02", "2012-02-01"), ("May 2012", "2012-05-01"), ("2012", "2012-01-01")]
)
def test_less_than_a_day(words: str, expected: str) -> None:
    assert day(words) == expected


@pytest.mark.parametrize("words", ["", "today", "2012-13-40", "99999999", "\u0662\u0660", "3 of 5", "x" * 10_000])
def test_no_day(words: str) -> None:
    assert day(words) == ""


@pytest.mark.parametrize(
    "name",
    [
        *("2012-02-03.md", "2012-02-03-title.md", "201202031011 Zettel.md", "2012-02-03T10-11 note.md", "20120203.txt"),
        *("note 2012_02_03.md", "20120203-101112.md", "2012-2-3.md", "3 February 2012.md", "2012/02/03.md"),
        *("2012/02/03-title.md", "2012-02-03 10.11 x.md"),
    ],
)
def test_a_day_in_a_name(name: str) -> None:
    assert in_name(name) == "2012-02-03"


@pytest.mark.parametrize("name", ["note.md", "chapter 12.md", "1984.md", "123456789012345678.md", "v2.10.3.md"])
def test_no_day_in_a_name(name: str) -> None:
    assert in_name(name) == ""


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".md", "---\ndate: 2012/02/03\n---\n"),
        (".md", "---\ntitle: x\nDate created: '2012-2-3'\n---\n"),
        (".md", "---\ndate:\n  - 2012-02-03\n---\n"),
        (".md", "---\ncreated: 2012-02-03\nupdated: 2020-01-01\n---\n"),
        (".md", "+++\ndate = 2012-02-03T10:00:00Z\n+++\n"),
        (".md", '{\n "date": "2012-02-03"\n}\n'),
        (".md", "Title: x\nDate: 2012-02-03 10:20\n\nx"),
        (".md", "% x\n% y\n% February 3, 2012\n"),
        (".md", "<!--\n.. title: x\n.. date: 2012-02-03 10:00\n-->\n"),
        (".org", "#+TITLE: x\n#+DATE: <2012-02-03 Fri>\n"),
        (".org", "* x\n:PROPERTIES:\n:CREATED: [2012-02-03 Fri]\n:END:\n"),
        (".rst", ".. title: x\n.. date: 2012-02-03\n"),
        (".rst", "x\n=\n\n:Date: 2012-02-03\n"),
        (".adoc", "= x\nAnn <a@x.org>\nv1.0, 2012-02-03\n"),
        (".adoc", "= x\n:revdate: 2012-02-03\n"),
        (".tex", "\\documentclass{x}\n\\date{3 February 2012}\n"),
        (".typ", "#set document(date: datetime(year: 2012, month: 2, day: 3))\n"),
        (".fountain", "Title: x\nDraft date: 2/3/2012\n\n"),
    ],
)  # fmt: skip
def test_the_day_of_a_head(suffix: str, text: str) -> None:
    assert told(front_matter(text, suffix)[0].fields) == "2012-02-03"


@pytest.mark.parametrize(
    "text", ["---\n\nWords.\n\n---\n", "---\nJust words here.\n---\n", "Dear Ann: how are you?\n\nx", "{{< x >}}\n"]
)
def test_what_is_no_head(text: str) -> None:
    found, body = front_matter(text, ".md")
    assert (found.lines, body) == (0, text)
