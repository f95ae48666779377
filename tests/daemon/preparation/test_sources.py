"""Feeds and pages as texts: each entry by itself and dated, a source that fails told, the others read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.folders import FoundText, Report
from shadowpen.daemon.preparation import sources
from shadowpen.daemon.preparation.fetching import Fetched, NotFetched
from shadowpen.daemon.preparation.plan import PlannedSource
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

_RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Boats</title>
<item><title>First / day</title><pubDate>Mon, 04 Mar 2019 10:00:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>The <b>whole</b> entry.</p><blockquote>quoted</blockquote>]]></content:encoded></item>
<item><title>Second</title><description>&lt;p&gt;Only a summary.&lt;/p&gt;</description></item>
<item><title>Third</title></item><item><title>Fourth</title><description>Beyond.</description></item>
</channel></rss>"""
_ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title><entry><title>One</title><id>urn:1</id>
<published>2018-02-03T04:05:06Z</published><content type="html">&lt;p&gt;An entry.&lt;/p&gt;</content></entry></feed>"""
_ENTITIES = '<!DOCTYPE x [<!ENTITY a "boats"><!ENTITY b "&a;&a;">]>'
_BOMB = f"{_ENTITIES}<rss><channel><item><title>&b;</title></item></channel></rss>"


def read(
    source: PlannedSource, content: str | bytes, report: Report | None = None, encoding: str = ""
) -> list[FoundText]:
    def get(address: str) -> Fetched:
        body = content.encode() if isinstance(content, str) else content
        return Fetched(body, address, encoding)

    return list(sources.read((source,), LearningSettings(), report or Report(), ForgottenTexts(), get))


def test_each_entry_of_a_feed_is_a_text() -> None:
    report = Report()

    first, second = read(PlannedSource("feed", "https://example.org/blog/feed.xml", 3), _RSS, report)

    assert first.text == "The **whole** entry.\n\n> quoted"
    assert datetime.fromtimestamp(first.time, UTC).isoformat() == "2019-03-04T10:00:00+00:00"
    assert str(first.path) == "example.org/blog-feed.xml/0001-First-day"
    assert second.text == "Only a summary."
    assert report.files == {"empty": 1, "beyond the first 3 entries": 1}


def test_atom_is_read_too() -> None:
    (entry,) = read(PlannedSource("feed", "https://example.org/atom"), _ATOM)

    assert entry.text == "An entry."
    assert datetime.fromtimestamp(entry.time, UTC).date().isoformat() == "2018-02-03"


@pytest.mark.parametrize("content", ["", "<html><p>No feed.</p></html>", "\0\0", "<rss>"])
def test_what_is_no_feed_is_told(content: str) -> None:
    report = Report()

    assert read(PlannedSource("feed", "https://example.org/x"), content, report) == []
    assert report.files == {"not a feed, or an empty one": 1}


@pytest.mark.parametrize("as_bytes", [True, False])
def test_a_feed_cannot_name_a_file_or_an_address_to_be_read_in_its_place(tmp_path: Path, as_bytes: bool) -> None:
    private = tmp_path / "private.xml"
    private.write_text(_RSS)

    assert read(PlannedSource("feed", "https://a.b/"), os.fsencode(private) if as_bytes else str(private)) == []


def test_entities_of_a_feed_are_not_expanded() -> None:
    assert not any("boatsboats" in str(found.path) for found in read(PlannedSource("feed", "https://a.b/x"), _BOMB))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("<p>Grün</p>".encode(), ""),
        ("<p>Grün</p>".encode("latin-1"), "iso-8859-1"),
        ('<meta charset="iso-8859-1"><p>Grün</p>'.encode("latin-1"), "no-such-encoding"),
        ("<p>Grün</p>".encode("cp1252"), ""),
    ],
)
def test_pages_are_decoded_as_they_say(content: bytes, encoding: str) -> None:
    (page,) = read(PlannedSource("page", "https://example.org/a/b?c=d"), content, encoding=encoding)

    assert "Grün" in page.text and page.suffix == ".html"
    assert str(page.path) == "example.org/a-b-c-d"


@pytest.mark.parametrize("address", ["https://a.b/../../etc/passwd", "https://u:p@a.b/%2e%2e/x", "https://a.b/\\..\\c"])
def test_no_address_leads_out_of_the_folder(address: str) -> None:
    (page,) = read(PlannedSource("page", address), "x")

    assert ".." not in page.path.parts and not page.path.is_absolute() and "p@" not in str(page.path)


def test_a_source_that_fails_does_not_take_the_others_with_it() -> None:
    def get(address: str) -> Fetched:
        if "bad" in address:
            raise NotFetched("the address cannot be reached")
        return Fetched(b"<p>x</p>", address, "")

    report = Report()
    asked = (PlannedSource("page", "https://bad.org/"), PlannedSource("page", "https://good.org/"))
    found = list(sources.read(asked, LearningSettings(), report, ForgottenTexts(), get))

    assert [str(page.path) for page in found] == ["good.org/index"]
    assert report.examples == {"the address cannot be reached": ["https://bad.org/"]}


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "find_spec", lambda name: None if name == "feedparser" else find_spec(name))
    report = Report()

    assert read(PlannedSource("feed", "https://example.org/x"), _RSS, report) == []
    assert report.needs == {"feeds": ["feedparser"]} and "pip install feedparser" in report.needed()
