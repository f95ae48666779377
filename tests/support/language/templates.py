"""Reads the sentences that people see out of the templates of pages, and the words that stand in one as they are.

`say` in a template shows a sentence in the reader's language. This file knows no catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import jinja2
from jinja2 import nodes

from .prose import split

_MARKED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_READ_ALOUD = ("alt", "aria-label", "placeholder", "title")


def sentences(path: Path) -> Iterator[str]:
    """Each sentence that the template has said, some more than once."""
    for call in jinja2.Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            assert isinstance(call.args[0], nodes.Const), f"{path.name}:{call.lineno}: no plain text"
            yield from split(call.args[0].value)


def words(path: Path) -> set[str]:
    """What is read in the page and is no value: it would be the same in every language."""
    page = _Words()
    page.feed(_MARKED.sub("", path.read_text("utf-8")))
    return page.found


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.found |= set(re.findall(r"[^\W\d_]+", data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _READ_ALOUD or name.startswith("data-"):
                self.handle_data(value or "")
