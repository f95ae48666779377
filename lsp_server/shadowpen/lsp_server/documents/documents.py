"""The open documents, kept in step with the editor by its own edits.

Positions are the client's until here and `Point`s behind it. Text that no encoding can hold (lone
surrogates) becomes U+FFFD on the way in. This file knows neither suggestions nor the daemon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from shadowpen.daemon.text.common_prefix import common_prefix_length
from shadowpen.daemon.wire.protocol import LastEdit
from shadowpen.lsp_server.documents.line_index import LineIndex
from shadowpen.lsp_server.documents.positions import Encoding, Point, column_of, units_of
from shadowpen.lsp_server.editor.mending import NO_VERSION

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class DocumentEdit:
    """One change as it was made: at `start`, `removed` gave way to `inserted`."""

    start: Point
    removed: str
    inserted: str


@dataclass
class OpenDocument:
    """One open text."""

    uri: str
    language: str
    version: int | None  # as the client counts; None: it does not
    lines: LineIndex
    encoding: Encoding = Encoding.UTF16
    cursor: Point | None = None  # where a suggestion was last asked for
    last_edit: LastEdit = ""
    revision: int = 0  # counts the edits that changed anything: versions may be missing, stand still or go back
    closed: bool = False  # what is still being made for it has no place any more

    def place(self, position: types.Position) -> Point:
        """The place of a client's position; outside the text it is the nearest place inside."""
        if position.line >= len(self.lines):
            return self.lines.end()
        return Point(position.line, column_of(self.lines.line(position.line), position.character, self.encoding))

    def position(self, place: Point) -> types.Position:
        return types.Position(place.line, units_of(self.lines.line(place.line), place.column, self.encoding))

    def edits(self, changes: Sequence[types.TextDocumentContentChangeEvent]) -> Iterator[DocumentEdit]:
        """Carry out the changes of one notification; each edit is yielded when the text contains it, and no later one.

        What a menu puts in, takes out and puts in otherwise at one stroke is one edit: what came of it.
        """
        if not _takes_back(changes):
            yield from map(self.apply, changes)
            return
        before = self.lines.text()
        for change in changes:
            self.apply(change)
        start, end, inserted = difference(before, self.lines.text())
        if start != end or inserted:
            origin = Point(0, 0)
            yield DocumentEdit(origin.after(before[:start]), before[start:end], inserted)

    def apply(self, change: types.TextDocumentContentChangeEvent) -> DocumentEdit:
        """Carry out one change; a whole new text is reduced to the part that differs."""
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end, text = self._spelled_out(change)
        else:
            old, origin = self.lines.text(), Point(0, 0)
            first, last, text = difference(old, sane(change.text))
            start, end = origin.after(old[:first]), origin.after(old[:last])
        removed = self.lines.replace(start, end, text)
        self.revision += removed != text
        return DocumentEdit(start, removed, text)

    def _spelled_out(self, change: types.TextDocumentContentChangePartial) -> tuple[Point, Point, str]:
        """An edit in whole characters: where it halves one (a surrogate pair), the other half goes with the text."""
        first, last = sorted((change.range.start, change.range.end), key=lambda at: (at.line, at.character))
        start, end = self.place(first), self.place(last)
        head, tail = self._halved(start, first), self._halved(end, last)
        text = sane(head[: len(head) // 2] + change.text + tail[len(tail) // 2 :])
        return start, end.after(" ") if tail else end, text

    def _halved(self, place: Point, position: types.Position) -> str:
        """The surrogate pair at `place` that `position` is in the middle of; "" if it is in the middle of none."""
        line = self.lines.line(place.line)
        if self.encoding is not Encoding.UTF16 or place.column == len(line) or place.line != position.line:
            return ""
        if units_of(line, place.column, self.encoding) >= position.character:
            return ""
        pair = line[place.column].encode("utf-16-le")
        return "".join(chr(int.from_bytes(half, "little")) for half in (pair[:2], pair[2:]))


class Documents:
    """All open texts by their URI."""

    def __init__(self) -> None:
        self.encoding = Encoding.UTF16
        self._open: dict[str, OpenDocument] = {}

    def open(self, item: types.TextDocumentItem) -> OpenDocument:
        document = OpenDocument(
            item.uri,
            str(item.language_id),
            known_version(item.version),
            LineIndex(sane(item.text)),
            encoding=self.encoding,
        )
        self.close(item.uri)
        self._open[item.uri] = document
        return document

    def get(self, uri: str) -> OpenDocument | None:
        return self._open.get(uri)

    def close(self, uri: str) -> None:
        document = self._open.pop(uri, None)
        if document is not None:
            document.closed = True

    def __iter__(self) -> Iterator[OpenDocument]:
        return iter(list(self._open.values()))


def known_version(version: int) -> int | None:
    """The version a client sent, None if it sent none."""
    return None if version == NO_VERSION else version


def sane(text: str) -> str:
    """`text` with every lone surrogate replaced, so that it can be encoded; its length in UTF-16 stays."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def difference(old: str, new: str) -> tuple[int, int, str]:
    """The part of `old`, from one offset to another, that gave way to a part of `new`."""
    head = common_prefix_length(old, new)
    # Never cut between \r and \n: a place cannot stand there.
    while head and old[head - 1] == "\r":
        head -= 1
    tail = common_prefix_length(old[head:][::-1], new[head:][::-1])
    while tail and old[len(old) - tail] == "\n":
        tail -= 1
    return head, len(old) - tail, new[head : len(new) - tail]


def _takes_back(changes: Sequence[types.TextDocumentContentChangeEvent]) -> bool:
    """Whether some of what one change put in is taken out by another, as neither typing nor edits at several places do.

    Keys that a client gathers put in a letter each; edits at several places never begin at the same place.
    """
    spans = [change.range for change in changes if isinstance(change, types.TextDocumentContentChangePartial)]
    starts = {(span.start.line, span.start.character) for span in spans}
    lines = {at.line for span in spans for at in (span.start, span.end)}
    within_a_line = len(spans) == len(changes) and len(lines) == 1 and len(starts) < len(spans)
    removes = any(span.start != span.end for span in spans)
    return within_a_line and removes and any(len(change.text) > 1 for change in changes)
