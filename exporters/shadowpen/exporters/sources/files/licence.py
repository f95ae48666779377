"""The licence of a checkpoint, and its text beside the weights.

A source states the licence in its metadata or brings a text; where it brings none, LICENSE says what was stated and by
whom. Some makers want their terms accepted explicitly: those are listed here. This file judges no licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path

from shadowpen.daemon.base.errors import LicenceNotAccepted

TEXT = "LICENSE"
UNKNOWN = "unknown"
TERMS: Mapping[str, str] = {"gemma": "https://ai.google.dev/gemma/terms"}  # to be accepted, and where they stand
_TEXT_NAMES = re.compile(r"((\w+[-_])?terms|licen[cs]e|copying|notice)([-._].*)?", re.IGNORECASE)
_MAX_TEXT_BYTES = 1 << 20
_KNOWN_TEXTS = (
    ("Apache License", "Apache-2.0"),
    ("MIT License", "MIT"),
    ("GNU GENERAL PUBLIC LICENSE", "GPL"),
    ("Gemma Terms of Use", "gemma"),
    ("LLAMA 3", "llama3"),
)


def is_text(name: str) -> bool:
    """Whether a file of that name holds a licence or a notice."""
    return bool(_TEXT_NAMES.fullmatch(name)) and Path(name).suffix.lower() not in (".json", ".py")


def wants_acceptance(name: str) -> bool:
    return name.lower() in TERMS


def not_accepted(name: str) -> LicenceNotAccepted:
    """The error for a licence that must be accepted first."""
    return LicenceNotAccepted(
        f"The terms of the licence '{name}' must be accepted first; they are at {TERMS[name.lower()]}.",
        "Read them there, then run the same command with --accept-licence.",
    )


def readable(name: str, text: str) -> str:
    """A licence's text without markup, if the file of that name is a page of HTML."""
    if Path(name).suffix.lower() not in (".html", ".htm"):
        return text
    reader = _Page()
    reader.feed(text)
    lines = (" ".join(line.split()) for line in "".join(reader.article or reader.page).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Page(HTMLParser):
    """The text of a page, and that of its <article>."""

    _SILENT = ("script", "style", "template", "button")
    _BLOCKS = ("p", "li", "div", "br", "h1", "h2", "h3", "h4", "tr", "ul", "ol", "section")

    def __init__(self) -> None:
        super().__init__()
        self.page: list[str] = []
        self.article: list[str] = []
        self._silent = 0
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self._SILENT
        self._inside += tag == "article"
        if tag in self._BLOCKS:
            self._add("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self._SILENT and self._silent > 0
        self._inside -= tag == "article" and self._inside > 0
        if tag in self._BLOCKS:
            self._add("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._add(" ".join(data.split("\n")))

    def _add(self, text: str) -> None:
        self.page.append(text)
        if self._inside:
            self.article.append(text)


def texts_in(folder: Path) -> list[Path]:
    """The licence files of a folder, LICENSE before NOTICE; of a sane size."""
    found = (path for path in folder.iterdir() if path.is_file() and is_text(path.name))
    return sorted(path for path in found if path.stat().st_size <= _MAX_TEXT_BYTES)


def settle(folder: Path, stated: str, origin: str, texts: Iterable[str] = ()) -> str:
    """Write `folder`/LICENSE from `texts`, or from what is `stated`; returns the licence's name, "unknown" at worst.

    `stated` is the name that the source gives ("" for none); `origin` says where it stands.
    """
    joined = "\n\n".join(text.strip("\n") for text in texts)
    name = stated.strip() or _recognised(joined)
    content = joined or _sentence(name, origin)
    (folder / TEXT).write_text(content + "\n", encoding="utf-8")
    (folder / TEXT).chmod(0o600)
    return name


def front_matter_licence(readme: Path) -> str:
    """The `license:` line at the head of a model card, "" where there is none."""
    if not readme.is_file():
        return ""
    with readme.open(encoding="utf-8", errors="replace") as file:
        head = file.read(1 << 16)
    block = re.match(r"---\n(.*?)\n---", head, re.DOTALL)
    line = re.search(r"^license:[ \t]*([\w.+-]+)[ \t]*$", block[1], re.MULTILINE) if block else None
    return line[1] if line else ""


def _recognised(text: str) -> str:
    head = text[:4096]
    return next((name for mark, name in _KNOWN_TEXTS if mark in head), "see LICENSE" if text else UNKNOWN)


def _sentence(name: str, origin: str) -> str:
    if name == UNKNOWN:
        return f"No licence is stated at {origin}. Ask its makers before you use this model."
    return f"The licence stated at {origin} is: {name}. No text came with the model."
