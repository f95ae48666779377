"""Archives of Google Takeout with their Drive folder.

Of any other archive nothing is read. What lies in it is read as it would be in a folder, by its ending.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import archive, office, opendocument, pages, pdf
from shadowpen.daemon.privacy.paths import PROSE_SUFFIXES
from shadowpen.daemon.text.encodings import decode

_MOST_UNPACKED_BYTES = 1_000_000_000  # of all members together
_PAGE = (".html", ".htm", ".xhtml")
_PROSE = PROSE_SUFFIXES.difference(_PAGE)


def read(path: Path, terms: Terms) -> Iterator[Piece | LeftOut]:
    """One piece for each document; members that cannot be read are left out, the others count."""
    with archive.opened(path) as found:
        members = [member for member in found.infolist() if not member.is_dir()]
        if not _is_googles([member.filename for member in members]):
            raise Unreadable("an archive, but not one of Google Takeout")
        left_bytes = _MOST_UNPACKED_BYTES
        other = 0
        for member in sorted(members, key=lambda member: member.filename):
            suffix = PurePosixPath(member.filename).suffix.lower()
            if suffix not in (*_READ, *_PROSE):
                other += 1
                continue
            left_bytes -= member.file_size
            if left_bytes < 0:
                yield LeftOut(f"unpacks to more than {_MOST_UNPACKED_BYTES // 1_000_000_000} GB")
                return
            yield from _member(found, member, suffix, terms)
        if other:
            yield LeftOut(
                "not a kind of text that is read", f"{other:,} {'file' if other == 1 else 'files'} in the archive"
            )


def _is_googles(names: list[str]) -> bool:
    """Takeout's folders stand in one of that name; a document as a page is one page with its pictures."""
    if any(PurePosixPath(name).parts[:1] == ("Takeout",) for name in names):
        return True
    pages_ = [name for name in names if name.lower().endswith(_PAGE)]
    return len(pages_) == 1 and all(name in pages_ or name.startswith("images/") for name in names)


def _member(found: zipfile.ZipFile, member: zipfile.ZipInfo, suffix: str, terms: Terms) -> Iterator[Piece | LeftOut]:
    name = _safe(member.filename)
    try:
        content = archive.member(found, member.filename, terms)
        if suffix in _PROSE:
            yield _text(content, name, suffix, _date(member))
        else:
            for piece in _READ[suffix](content, terms, name):
                dated = isinstance(piece, Piece) and not piece.date
                yield Piece(piece.text, name, piece.suffix, _date(member)) if dated else piece  # type: ignore[union-attr]
    except Unreadable as error:
        yield LeftOut(str(error), name)
    except MemoryError:
        raise
    except Exception:  # one that is damaged does not take the others with it
        yield LeftOut("damaged, or not what its name says", name)


def _text(content: bytes, name: str, suffix: str, date: str) -> Piece | LeftOut:
    decoded = decode(content)
    return LeftOut("its content is not text", name) if decoded is None else Piece(decoded.text, name, suffix, date)


def _word(content: bytes, terms: Terms, name: str) -> Iterator[Piece | LeftOut]:
    yield office.of_word(io.BytesIO(content), terms, name)


def _opendocument(content: bytes, terms: Terms, name: str) -> Iterator[Piece | LeftOut]:
    yield opendocument.of_archive(io.BytesIO(content), terms, name)


def _rich_text(content: bytes, terms: Terms, name: str) -> Iterator[Piece | LeftOut]:
    yield office.of_rich_text(content, terms, name)


def _page(content: bytes, terms: Terms, name: str) -> Iterator[Piece | LeftOut]:
    yield Piece(pages.markdown(content), name)


def _pdf(content: bytes, terms: Terms, name: str) -> Iterator[Piece | LeftOut]:
    yield from pdf.of_file(io.BytesIO(content), terms, name)


_READ = {
    ".docx": _word,
    ".odt": _opendocument,
    ".rtf": _rich_text,
    ".pdf": _pdf,
    **dict.fromkeys(_PAGE, _page),
}


def _safe(name: str) -> str:
    """A member's place without steps upwards."""
    return "/".join(part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("..", "/", "."))


def _date(member: zipfile.ZipInfo) -> str:
    try:
        return datetime(*member.date_time).isoformat()
    except ValueError:
        return ""
