"""The texts of a plan's sources: folders, feeds and pages.

A source that fails is noted in the report, and the others are read.
"""

from __future__ import annotations

import calendar
import io
import re
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.base.translation.language import words
from shadowpen.daemon.corpus.folders import FoundText, Report, read_folders
from shadowpen.daemon.formats.pieces import Unreadable
from shadowpen.daemon.preparation.fetching import Fetched, NotFetched, fetch
from shadowpen.daemon.preparation.plan import PlannedSource
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

_MOST_NAME = 80
(_FEEDS,) = words("feeds")
_READING_FEEDS = ("feedparser", "markdownify", "lxml")


def read(
    sources: tuple[PlannedSource, ...],
    learning: LearningSettings,
    report: Report,
    forgotten: ForgottenTexts,
    get: Callable[[str], Fetched] = fetch,
) -> Iterator[FoundText]:
    """Every text of every source, in the order of the plan; `get` is for tests."""
    for source in sources:
        if source.kind == "folder":
            yield from read_folders([source.place], learning, report, forgotten)
            continue
        try:
            fetched = get(source.place)
        except NotFetched as error:
            report.skip(str(error), source.place)
            continue
        yield from _entries(fetched, source, report) if source.kind == "feed" else [_page(fetched, source)]


def _page(fetched: Fetched, source: PlannedSource) -> FoundText:
    """A page as it came; what of it is its text, cleaning finds out. Its own date counts, else the present."""
    text = _decoded(fetched)
    return FoundText(_place(source.place, ""), text, time.time(), ".html")


def _entries(fetched: Fetched, source: PlannedSource, report: Report) -> Iterator[FoundText]:
    """The newest entries of a feed, whole or as much of each as the feed gives."""
    missing = [name for name in _READING_FEEDS if find_spec(name) is None]
    if missing:
        report.lacks(_FEEDS, missing, source.place)
        return
    import feedparser

    # A stream, since of bytes that are an address or a path feedparser would read what they name.
    feed = feedparser.parse(io.BytesIO(fetched.content), sanitize_html=False, resolve_relative_uris=False)
    if not feed.entries:
        report.skip("not a feed, or an empty one", source.place)
        return
    for number, entry in enumerate(feed.entries[: source.entries], 1):
        place = _place(source.place, str(entry.get("title") or entry.get("id") or number), number)
        text = _entry_text(entry)
        if text.strip():
            yield FoundText(place, text, _entry_time(entry), ".md")
        else:
            report.skip("empty", str(place))
    if len(feed.entries) > source.entries:
        report.skip(f"beyond the first {source.entries:,} entries", source.place)


def _entry_text(entry: Any) -> str:
    """The content of an entry, else its summary, as Markdown."""
    from shadowpen.daemon.formats.readers import pages

    contents = [part.get("value", "") for part in entry.get("content", [])] or [entry.get("summary", "")]
    try:
        return "\n\n".join(pages.markdown(content) for content in contents if content)
    except Unreadable:
        return ""


def _entry_time(entry: Any) -> float:
    """When it was published, in seconds since 1970; the present if it does not say."""
    told = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return float(calendar.timegm(told)) if told else time.time()
    except (ValueError, OverflowError, TypeError):
        return time.time()


def _place(address: str, title: str, number: int = 0) -> Path:
    """A place below the output that is unique, and made of letters that every system takes."""
    parts = urlsplit(address)
    plain = re.sub(r"[^\w.-]+", "-", f"{parts.path}-{parts.query}" if parts.query else parts.path).strip("-.")
    named = re.sub(r"[^\w-]+", "-", title).strip("-")[:_MOST_NAME]
    host = re.sub(r"[^\w.-]+", "-", parts.netloc.rpartition("@")[2]).strip(".-") or "page"
    return Path(host, plain[:_MOST_NAME] or "index", *([f"{number:04d}-{named}".strip("-")] if title else []))


def _decoded(fetched: Fetched) -> str:
    """The page as text: as the server says, as the page says, UTF-8, else Windows-1252."""
    declared = re.search(rb"charset=[\"']?([A-Za-z0-9_-]{1,40})", fetched.content[:4_000])
    for encoding in (fetched.encoding, declared[1].decode("ascii") if declared else "", "utf-8-sig"):
        try:
            if encoding:
                return fetched.content.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    return fetched.content.decode("cp1252", "replace")
