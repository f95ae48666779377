"""daemon/markup/dates.py and front_matter.py: the day that a head, a first line, a name or a folder tells."""

from __future__ import annotations

import pytest

from shadowpen.daemon.markup.dates import day, in_name, told
from shadowpen.daemon.markup.prose import front_matter

DAY = "2012-02-03"
DAYS = [
    "2012-02-03",
    "2012-2-3",
    "20120203",
    "2012/02/03",
    "2012/2/3",
    "2012.2.3",
    "2012 02 03",
    "2012 Feb 3",
    "3 Feb 2012",
    "Feb. 3, 2012",
    "February 3rd 2012",
    "3rd of February, 2012",
    "the 3rd of February 2012",
    "Friday, 3 February 2012",
    "Fri Feb  3 10:20:00 2012",
    "Fri, 3 Feb 2012 10:20:00 +0100",
    "2012-02-03T10:20",
    "2012-02-03T10:20:30.123Z",
    "2012-02-03 10:20:30 +0100",
    "20120203T102030Z",
    "20120203T1020",
    "20120203102030",
    "2012-02-03 Fri 10:20",
    "<2012-02-03 Fri 10:20>",
    "[2012-02-03 Fri]",
    "[[2012-02-03]]",
    "[[2012-02-03|today]]",
    "[[Journal/2012-02-03]]",
    "[2012-02-03](x.md)",
    "03.02.2012",
    "3.2.2012",
    "3. 2. 2012",
    "2012. 2. 3.",
    "3.II.2012",
    "3 II 2012",
    "3-Feb-12",
    "Feb 3, '12",
    "Fri, 03 Feb 12",
    "3.2.12",
    "2/3/12",
    "03-02-2012",
    "02/03/2012",
    "2/3/2012",
    "3. Februar 2012",
    "3. Feb. 2012",
    "3 février 2012",
    "3 de febrero de 2012",
    "3 febbraio 2012",
    "3 de fevereiro de 2012",
    "3 februari 2012",
    "3. februar 2012",
    "3 februari 2012",
    "3 lutego 2012",
    "3. února 2012",
    "3 февраля 2012 г.",
    "3 лютого 2012",
    "3 Şubat 2012",
    "2012. február 3.",
    "2012年2月3日",
    "2012년 2월 3일",
    "3 Φεβρουαρίου 2012",
    "1328227200",
    "1328227200000",
    "2012-034",
    "2012-W05-5",
    "2012, 3 Feb",
    "03 feb 2012",
    "3-Feb-2012",
    "2012-Feb-03",
    "٢٠١٢-٠٢-٠٣",
    "datetime(year: 2012, month: 2, day: 3)",
    "'2012-02-03'",
    "2012‑02‑03",
    "2012–02–03",
]
NAMES = [
    "2012-02-03",
    "2012-02-03-title",
    "2012_02_03",
    "2012.02.03 title",
    "20120203",
    "20120203-title",
    "201202031011",
    "20120203T1011",
    "20120203_101112",
    "2012-02-03 10.11.12",
    "2012-02-03T10:11:12",
    "2012-02-03T10-11-12",
    "2012-02-03 10h11",
    "IMG_20120203_101112",
    "note-2012-02-03",
    "2012-2-3",
    "3 February 2012",
    "February 3, 2012",
    "Feb 3 2012",
    "Fri 3 Feb 2012",
    "Journal 2012-02-03",
    "2012-02-03 (1)",
    "03.02.2012",
    "3.2.2012 Notiz",
    "03-02-2012",
    "03_02_2012",
    "2012-02-03, Friday",
    "2012年2月3日",
    "20120203 Title",
    "2012-02-03_10-11",
    "day_2012_02_03_title",
    "2012 02 03 title",
    "2012-Feb-03",
    "03-Feb-2012",
    "2012-02-03",
    "2012-034",
    "2012-02-03T101112+0100",
    "2012-02-03 at 10.11",
    "Scan 2012-02-03 10-11",
    "chapter1-20120203",
]
PATHS = [
    "2012/02/03/title",
    "2012/02/2012-02-03",
    "2012/02/03",
    "2012/2/3 title",
    "2012/02-February/03-Friday",
    "2012/02 Feb/03",
    "2012/02/Friday 03",
    "2012-02/03",
    "2012/2012-02/03",
    "2012/February/3",
    "2012-02-03/index",
    "posts/2012-02-03-title/index",
    "2012/02/03/index",
    "2012/02/03/note 5",
]
NO_NAMES = [
    "v2.10.3",
    "report 12.5.3",
    "ISBN 9781234567890",
    "call 555-1234-567",
    "chapter 12",
    "room 20123",
    "1984",
    "12345678",
    "99999999",
    "2012",
    "192.168.2.12",
    "abc",
    "phone 015123456789",
    "a1b2c3d4",
    "20121332",
    "2012-02-30",
    "3 monkeys 2012",
    "may 5 things",
    "march of 1000 men",
    "order-2012020345678",
]
HEADS = [
    (".md", "---\nDate: 2012-02-03\n---\n"),
    (".md", '---\ndate: "2012-02-03T10:00:00+01:00"\n---\n'),
    (".md", "---\ndate: !!timestamp 2012-02-03\n---\n"),
    (".md", "---\ndate: 2012-02-03 # comment\n---\n"),
    (".md", "---\nДата: 2012-02-03\n---\n"),
    (".md", "---\n日期: 2012-02-03\n---\n"),
    (".md", "---\nErstellt: 03.02.2012\n---\n"),
    (".md", "---\ndate: >-\n  2012-02-03\n---\n"),
    (".adoc", "= T\n:page-date: 2012-02-03\n"),
    (".md", "---\ndates:\n  created: 2012-02-03\n---\n"),
    (".md", "---\ndate:\n  created: 2012-02-03\n  updated: 2020-01-01\n---\n"),
    (".md", "---\nmeta:\n  date: 2012-02-03\n---\n"),
    (".md", '---\n"date": 2012-02-03\n---\n'),
    (".md", "---\ndate : 2012-02-03\n---\n"),
    (".md", "---\ndateCreated: 2012-02-03\n---\n"),
    (".md", "---\ncreation date: 2012-02-03 10:00\nmodification date: x\n---\n"),
    (".md", "---\ncreated_at: 2012-02-03\n---\n"),
    (".md", "---\npubDate: 2012-02-03\n---\n"),
    (".md", "---\npublish_date: 2012-02-03\n---\n"),
    (".md", "---\npublishedDate: 2012-02-03\n---\n"),
    (".md", "---\nposted: 2012-02-03\n---\n"),
    (".md", "---\nissued: 2012-02-03\n---\n"),
    (".md", "---\ndatum: 2012-02-03\n---\n"),
    (".md", "---\nfecha: 2012-02-03\n---\n"),
    (".md", "---\nlast-modified: 2012-02-03\n---\n"),
    (".md", "---\n{date: 2012-02-03, title: x}\n---\n"),
    (".md", '---\n{"date": "2012-02-03"}\n---\n'),
    (".md", '+++\ndate = "2012-02-03"\n+++\n'),
    (".md", "+++\ndate = 2012-02-03\n[taxonomies]\ntags = []\n+++\n"),
    (".md", "+++\n[extra]\ndate = 2012-02-03\n+++\n"),
    (".md", '{"title": "x", "date": "2012-02-03T00:00:00Z"}\n\nx'),
    (".md", '{"meta": {"date": "2012-02-03"}}\n\nx'),
    (".md", '{\n"date": 1328227200\n}\n\nx'),
    (".md", "Title: x\nDate: 2012-02-03\n"),
    (".md", "Date: 2012-02-03\nTitle: x\n\ntext"),
    (".md", "date: 2012-02-03\n\ntext"),
    (".md", "Title: x\nCreated: 2012-02-03\n\nx"),
    (".md", "% T\n% A\n% 3 February 2012\n\nx"),
    (".md", "% T\n%\n% 2012-02-03\n\nx"),
    (".md", ".. title: x\n.. date: 2012-02-03 10:00:00 UTC\n\nx"),
    (".md", "<!-- \n.. title: x\n.. slug: y\n.. date: 2012-02-03 10:00:00 UTC+01:00\n-->\n\nx"),
    (".md", "---\ndate: [[2012-02-03]]\n---\n"),
    (".md", '---\ndate: "[[2012-02-03]]"\n---\n'),
    (".org", "#+date: 2012-02-03\n"),
    (".org", "#+DATE: [2012-02-03 Fri]\n"),
    (".org", ":PROPERTIES:\n:CREATED: [2012-02-03 Fri 10:00]\n:END:\n#+title: x\n"),
    (".org", "#+CREATED: 2012-02-03\n"),
    (".org", "#+options: x\n#+date: February 3, 2012\n"),
    (".rst", ":date: 2012-02-03\n\nx"),
    (".rst", "Title\n#####\n\n:date: 2012-02-03 10:20\n:tags: x\n"),
    (".rst", ".. date: 2012-02-03\n"),
    (".rst", ".. post:: Feb 3, 2012\n   :tags: x\n"),
    (".adoc", "= T\nAnn <a@x.org>\n2012-02-03\n\nx"),
    (".adoc", "= T\nAnn\n3 February 2012\n\nx"),
    (".adoc", "= T\nAnn\nv1.0, February 3, 2012: x\n\nx"),
    (".adoc", "= T\n:docdate: 2012-02-03\n"),
    (".adoc", "= T\n:date: 2012-02-03\n"),
    (".adoc", "= T\n:jbake-date: 2012-02-03\n"),
    (".tex", "\\date{February 3, 2012}\n"),
    (".tex", "\\date{2012-02-03}\n"),
    (".tex", "\\date{3rd February 2012}\n"),
    (".typ", "#let date = datetime(\n  year: 2012,\n  month: 2,\n  day: 3,\n)\n"),
    (".typ", '#show: x.with(\n  date: "2012-02-03",\n)\n'),
    (".typ", "#set document(date: datetime(day: 3, month: 2, year: 2012))\n"),
    (".fountain", "Title: x\nDraft date: February 3, 2012\n\nx"),
    (".textile", "---\ndate: 2012-02-03\n---\n"),
    (".norg", "@document.meta\ntitle: x\ncreated: 2012-02-03T10:00:00+0100\n@end\n"),
    (".txt", "Date: 2012-02-03\nSubject: x\n\nx"),
    (".txt", "Title: x\nDate: 2012-02-03\n\nx"),
    (".wiki", "%title x\n%date 2012-02-03\n"),
]


@pytest.mark.parametrize("words", DAYS)
def test_a_day_in_any_form(words: str) -> None:
    assert day(words) == DAY


@pytest.mark.parametrize("name", NAMES)
def test_a_day_in_any_name(name: str) -> None:
    assert in_name(f"{name}.md") == DAY


@pytest.mark.parametrize("path", PATHS)
def test_a_day_that_folders_tell(path: str) -> None:
    assert in_name(f"/x/{path}.md") == DAY
    assert in_name(f"/x/1999/{path}.md") == DAY


@pytest.mark.parametrize("name", NO_NAMES)
def test_numbers_that_are_no_day(name: str) -> None:
    assert in_name(f"{name}.md") == ""


def test_less_than_a_day_in_a_name() -> None:
    assert in_name("2012-02.md") == in_name("2012/02/title.md") == in_name("/x/2012-02/title.md") == "2012-02-01"
    assert in_name("2012-W05.md") == "2012-01-30"


@pytest.mark.parametrize(("suffix", "text"), HEADS)
def test_the_day_of_any_head(suffix: str, text: str) -> None:
    assert told(front_matter(text, suffix)[0].fields) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "# 2012-02-03\n\nx",
        "Friday, 3 February 2012\n\nx",
        "2012-02-03\n==========\n\nx",
        "\n*3 Feb 2012*\nx",
        "= 3.2.2012 =\nx",
    ],
)
def test_a_title_that_is_a_day(text: str) -> None:
    assert told(front_matter(text, ".md")[0].fields) == DAY


@pytest.mark.parametrize(
    "text", ["# The great storm of 3 February 2012\n\nx", "# 1984\n\nx", "On 3 February 2012 we moved.\n\nx", "# May\n"]
)
def test_a_title_about_a_day_is_none(text: str) -> None:
    assert told(front_matter(text, ".md")[0].fields) == ""
