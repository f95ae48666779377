"""Describe images and recordings in words: from files beside them, from the texts, or by a model.

An image has a sidecar (`a.jpg.txt`, `a.txt`) or an alternative text in a note that shows it; a recording has subtitles
(`.srt`, `.vtt`) or a transcript beside it. Else a model from a local folder describes it; nothing is fetched.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from shadowpen.daemon.base import store
from shadowpen.daemon.corpus.folders import Report
from shadowpen.daemon.preparation.plan import MediaRules
from shadowpen.daemon.privacy.forgotten import ForgottenTexts
from shadowpen.daemon.privacy.paths import Settings, path_verdict
from shadowpen.daemon.privacy.redaction import redact
from shadowpen.daemon.text.encodings import decode

IMAGES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"))
RECORDINGS = frozenset((".wav", ".mp3", ".m4a", ".ogg", ".oga", ".opus", ".flac", ".mp4", ".webm", ".mkv", ".mov"))
_SHOWING = frozenset((".md", ".markdown", ".mdx", ".qmd", ".html", ".htm"))
_SUBTITLES = (".srt", ".vtt")
_MOST_FILES = 20_000
_MOST_SIDECAR_BYTES = 2_000_000
_MOST_IMAGE_BYTES = 50_000_000
_MOST_RECORDING_BYTES = 500_000_000
_MARKDOWN_IMAGE = re.compile(r"!\[([^\]\n]{1,1000})\]\(<?([^)>\s]{1,500})>?[^)\n]{0,200}\)")
_HTML_IMAGE = re.compile(r"<img\s[^>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(src|alt)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_TIMES = re.compile(r"^\s*(?:\d\d:)?\d\d:\d\d[.,]\d{3}\s+-->.*$")
_TAGS = re.compile(r"<[^>\n]{0,100}>")

Describe = Callable[[Path], str]


@dataclass(frozen=True)
class Described:
    """A file in words. `by` is sidecar, alt text, caption or transcript (the last two are a model's)."""

    path: Path
    text: str
    by: str


class Undescribed(Exception):
    """A model cannot describe a file: a few words for the report."""


def describe(
    folder: Path,
    media: MediaRules,
    settings: Settings,
    forgotten: ForgottenTexts,
    report: Report,
    caption: Describe | None,
    transcribe: Describe | None,
) -> Iterator[Described]:
    """Every image and recording below `folder` that the plan asks for and the settings allow; others are reported."""
    files = list(_files(folder, report))
    told = _alternative_texts(files, settings) if media.images else {}
    for path in files:
        suffix = path.suffix.lower()
        is_image = suffix in IMAGES
        if not ((is_image and media.images) or (suffix in RECORDINGS and media.audio)):
            continue
        if not path_verdict(str(path), settings).keep or (forgotten and forgotten.knows_file(os.path.realpath(path))):
            report.skip("secret, private or excluded", path)
            continue
        found = _beside(path, is_image) or _said(path, told)
        if found is None:
            found = _by_model(path, caption if is_image else transcribe, is_image, report)
        if found is not None and found.text.strip():
            yield Described(found.path, redact(found.text.strip())[0], found.by)


def _by_model(path: Path, model: Describe | None, is_image: bool, report: Report) -> Described | None:
    limit = _MOST_IMAGE_BYTES if is_image else _MOST_RECORDING_BYTES
    if model is None:
        report.skip(f"{'image' if is_image else 'recording'} without words, and no model is named", path)
    elif path.stat().st_size > limit:
        report.skip("too large", path)
    else:
        try:
            return Described(path, model(path), "caption" if is_image else "transcript")
        except Undescribed as error:
            report.skip(str(error), path)
    return None


def _beside(path: Path, is_image: bool) -> Described | None:
    """What stands in a file of the same name beside it."""
    endings = (".txt",) if is_image else (*_SUBTITLES, ".txt")
    for ending in endings:
        for other in (path.with_name(path.name + ending), path.with_suffix(ending)):
            text = _text(other)
            if text and text.strip():
                return Described(path, subtitles(text) if ending in _SUBTITLES else text, "sidecar")
    return None


def subtitles(text: str) -> str:
    """The words of subtitles (SubRip, WebVTT) as one paragraph, lines that roll on only once."""
    said: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        lines = block.split("\n")
        times = next((number for number, line in enumerate(lines) if _TIMES.match(line)), None)
        for line in lines[times + 1 :] if times is not None else []:
            plain = unescape(_TAGS.sub("", line)).strip()
            if plain and not _TIMES.match(line) and said[-1:] != [plain]:
                said.append(plain)
    return " ".join(said)


def _said(path: Path, told: dict[Path, str]) -> Described | None:
    text = told.get(path)
    return Described(path, text, "alt text") if text else None


def _alternative_texts(files: list[Path], settings: Settings) -> dict[Path, str]:
    """What notes and pages in the folder say of the images that they show."""
    found: dict[Path, str] = {}
    for path in files:
        if path.suffix.lower() not in _SHOWING or not path_verdict(str(path), settings).keep:
            continue
        text = _text(path) or ""
        shown = [(match[2], match[1]) for match in _MARKDOWN_IMAGE.finditer(text)]
        for match in _HTML_IMAGE.finditer(text):
            told = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(match[0])}
            shown.append((told.get("src", ""), told.get("alt", "")))
        for place, said in shown:
            if place and said.strip() and "://" not in place:
                found.setdefault(Path(os.path.normpath(path.parent / unquote(place))), unescape(said.strip()))
    return found


def _files(folder: Path, report: Report) -> Iterator[Path]:
    """Regular files below a folder, hidden ones and links left out."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > _MOST_FILES:
                report.skip(f"more than {_MOST_FILES:,} files", folder)
                return
            yield path


def _text(path: Path) -> str | None:
    try:
        if path.is_symlink():
            return None
        decoded = decode(store.read_bounded(path, _MOST_SIDECAR_BYTES))
    except OSError:
        return None
    return decoded.text if decoded is not None else None


def line(described: Described, folder: Path) -> str:
    """One line of JSON about a file."""
    told = {"file": str(described.path.relative_to(folder)), "text": described.text, "by": described.by}
    return json.dumps(told, ensure_ascii=False)
