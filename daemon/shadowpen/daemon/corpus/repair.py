"""Repair damaged text: saved web pages and wrongly decoded characters.

Both are mended by libraries of the extra `data`; without them a page is left out and letters stay as they are, and
the report says so. This file knows no paragraphs.
"""

from __future__ import annotations

import logging
import re
import warnings
from importlib.util import find_spec

PAGES = frozenset({".htm", ".html", ".xhtml"})
NO_MENDING = "wrongly decoded letters were not detected: ftfy is not installed (the extra `data`)"
_NOT_THE_AUTHORS = ["//blockquote", "//q", "//pre", "//code", "//figure", "//form"]
_CHATTERING = ("trafilatura", "htmldate", "courlan", "justext")
_LONGEST_PART = 200_000  # characters of a page without a body that is read as one
_LONGEST_LINE = 10_000  # in a longer one nobody's letters are mended


def page_text(page: str) -> str | None:
    """The main text of a web page as Markdown, with front matter; None if it has none, or nothing can read it."""
    if find_spec("trafilatura") is None:
        return None
    if len(page) < _LONGEST_PART and not re.search(r"<body\b", page, re.IGNORECASE):
        page = f"<html><body>{page}</body></html>"  # of a part of a page nothing is told
    for name in _CHATTERING:  # they quote what they read, and what is read goes into no log
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the parsers below it, about what people write into pages
        import trafilatura

        text: str | None = trafilatura.extract(
            page,
            output_format="markdown",
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            prune_xpath=_NOT_THE_AUTHORS,
        )
    return text


def mended(text: str) -> str:
    """`text` with "donâ€™t" as "don’t"; what is right already stays."""
    if text.isascii() or find_spec("ftfy") is None:
        return text
    import ftfy

    return "\n".join(
        line if line.isascii() or len(line) > _LONGEST_LINE else ftfy.fix_encoding(line) for line in text.split("\n")
    )


def left_undone() -> set[str]:
    """Steps that make texts better and cannot be taken with what is installed."""
    return {NO_MENDING} if find_spec("ftfy") is None else set()


def missing_for(suffix: str) -> list[str]:
    """The packages that a text of this kind needs and that are not installed: web pages have one."""
    return [name for name in ("trafilatura",) if suffix.lower() in PAGES and find_spec(name) is None]
