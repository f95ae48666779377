"""The table of formats by file suffix: our own, and those of other packages.

A plug-in is an entry point of the group `shadowpen.formats`: its name is the suffix without the dot, its value the
reader (`pieces.Read`). This file imports none of them; only the reading process does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.translation.language import words
from shadowpen.daemon.plugins import registry
from shadowpen.daemon.plugins.registry import Plugin

MAILDIR = "maildir/"  # no suffix tells it
_MEGABYTE = 1_000_000
_MANY_TEXTS_S = 600.0  # for a file that holds thousands
_READERS = "shadowpen.daemon.formats.readers"


@dataclass(frozen=True)
class Format:
    """Where its reader is (`module:function`), the packages that it needs, and the largest file that is opened.

    `limit_s` is the time for one file, in seconds. `plural` names such files in messages. `package` is the one that
    brings a plug-in, "" for our own.
    """

    plural: str
    target: str
    needs: tuple[str, ...] = ()
    most_bytes: int = 50 * _MEGABYTE
    limit_s: float = 60.0
    package: str = ""

    def missing(self) -> list[str]:
        """The packages that it needs and that are not installed, by the names under which they are installed."""
        return [name for name in self.needs if find_spec(_MODULES.get(name, name)) is None]


_FOLDERS = (".scriv", ".mbox")  # programs that keep one thing in a folder of files
# The names of packages whose modules are called otherwise.
_MODULES = {"mail-parser-reply": "mailparser_reply"}
_PAGES = ("markdownify", "lxml")
_FOR_MAIL = ("mail-parser-reply", *_PAGES)
_MAIL, _MAILBOXES = words("mail", "mailboxes")

OWN: dict[str, Format] = {
    ".docx": Format("Word documents", f"{_READERS}.office:word", ("mammoth", *_PAGES)),
    ".odt": Format("OpenDocument texts", f"{_READERS}.opendocument:read", _PAGES),
    ".rtf": Format("RTF documents", f"{_READERS}.office:rich_text", ("striprtf",)),
    ".epub": Format("EPUB books", f"{_READERS}.books:epub", _PAGES),
    ".pdf": Format("PDF documents", f"{_READERS}.pdf:read", ("pypdf",)),
    ".ipynb": Format("Jupyter notebooks", f"{_READERS}.notebooks:jupyter", most_bytes=20 * _MEGABYTE),
    ".canvas": Format("Obsidian canvases", f"{_READERS}.notebooks:canvas", most_bytes=20 * _MEGABYTE),
    ".eml": Format(_MAIL, f"{_READERS}.mailboxes:eml", _FOR_MAIL),
    ".mbox": Format(_MAILBOXES, f"{_READERS}.mailboxes:mbox", _FOR_MAIL, 2_000 * _MEGABYTE, _MANY_TEXTS_S),
    MAILDIR: Format(_MAILBOXES, f"{_READERS}.mailboxes:maildir", _FOR_MAIL, limit_s=_MANY_TEXTS_S),
    ".scriv": Format("Scrivener projects", f"{_READERS}.scrivener:read", ("striprtf", *_PAGES), limit_s=_MANY_TEXTS_S),
    ".zip": Format(
        "archives of Google Takeout", f"{_READERS}.takeout:read", ("mammoth", *_PAGES), 8_000 * _MEGABYTE, _MANY_TEXTS_S
    ),
}


# The names that plug-ins cannot have.
RESERVED = tuple(suffix.lstrip(".") for suffix in OWN)


def find(path: Path) -> Format | None:
    """The format of a file or folder, ours first; None if it has none of these."""
    suffix = path.suffix.lower()
    if store.is_folder(path):
        return OWN[MAILDIR] if _is_maildir(path) else OWN[suffix] if suffix in _FOLDERS else None
    if not suffix and os.path.isfile(f"{path}.msf"):  # noqa: PTH113 (Thunderbird's index lies beside each mailbox)
        return OWN[".mbox"]
    return OWN.get(suffix) or plug_ins().get(suffix)


def is_read(name: str) -> bool:
    """Whether a format reads files of this name, as far as the name tells."""
    return os.path.splitext(name)[1].lower() in (OWN.keys() | plug_ins().keys())  # noqa: PTH122


def formats() -> tuple[Format, ...]:
    """Every format, ours first."""
    return *OWN.values(), *plug_ins().values()


@cache
def plug_ins() -> dict[str, Format]:
    """The formats of other packages, by suffix."""
    return {
        _suffix(plugin): Format(f"files that end in {_suffix(plugin)}", plugin.target, package=plugin.package)
        for plugin in registry.others("formats", RESERVED).values()
    }


def _suffix(plugin: Plugin) -> str:
    return "." + plugin.name.lower().lstrip(".")


def _is_maildir(path: Path) -> bool:
    return all(store.is_folder(path / name) for name in ("cur", "new", "tmp"))
