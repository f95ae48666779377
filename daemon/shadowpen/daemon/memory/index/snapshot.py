"""The memory's index file: replaced as a whole, never changed, read from a private copy.

    text     every document backwards, the newest first, separators between (see codes)
    kinds    what each token counts, a byte each
    order    the places where a counted token follows, sorted by the tokens before them (uint32)
    header   the documents: origin, time, digest, where each lies
    tail     where the header begins, checksums, a magic number

Of each million tokens 7 MB with a vocabulary below 65,535. Looking up is a binary search per length of context.
"""

from __future__ import annotations

import bisect
import mmap
import os
import shutil
import stat
import struct
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from shadowpen.daemon.base import store
from shadowpen.daemon.memory.index.codes import DEPTH, KIND_WEIGHTS, OWN, Code
from shadowpen.daemon.memory.index.counted import Counted
from shadowpen.daemon.memory.index.kept import BoundedCache
from shadowpen.daemon.memory.index.ordering import sorted_places
from shadowpen.daemon.memory.index.taken import beginnings
from shadowpen.daemon.memory.index.texts import Learned

MOST_TOKENS = 1 << 31
_MAGIC = b"SPmemory1"
_TAIL = struct.Struct(f"<QII{len(_MAGIC)}s")  # where the header begins, crc32 of it and of what lies before it
_OFTEN = 128
_FREQUENT = 1_024  # contexts that stand at more places are asked for again and again, and worth a larger sample
_KEPT_SPANS, _KEPT_FOLLOWERS = 32_768, 2_048  # at most 4 and 20 MB
_SAMPLE, _LARGER_SAMPLE = 128, 256
_FEW = 8  # are read one by one before an array pays
_ONE = np.uint32(1)
_PIECE = 1 << 20


class Damaged(Exception):
    """The index file is damaged and will be rebuilt."""


class DocumentEntry(msgspec.Struct, frozen=True, array_like=True):
    """A document's entry: its tokens lie backwards at `start`..`start + length`."""

    origin: str
    time: float
    digest: str
    start: int
    length: int


class _Header(msgspec.Struct, frozen=True):
    tokenizer: str
    width: int
    tokens: int
    places: int
    documents: list[DocumentEntry]


class Snapshot:
    """The index file, opened.

    A mapped copy of the file. What is struck out counts no more, here; the file stays as it is until rewritten.

    A place is where a context ends; the token that follows it stands at `place - 1`.
    """

    def __init__(self, path: Path, tokenizer: str, code: Code, token_bytes: Sequence[bytes]) -> None:
        self._code, self._tokenizer = code, tokenizer
        self._map, header, header_at = _mapped(path)
        if header.tokenizer != tokenizer or header.width != code.width:
            raise Damaged("made with another tokenizer")
        _check(header, header_at)
        self._filed = header.documents
        self._starts = [filed.start for filed in self._filed]
        self.standing = {filed.origin: filed for filed in self._filed}  # the documents that are not struck out
        self.tokens, self.size_bytes = header.tokens, len(self._map)
        self._kinds_at = header.tokens * code.width
        self._text = np.frombuffer(self._map, code.dtype, header.tokens)
        self._kinds = np.frombuffer(self._map, np.uint8, header.tokens, self._kinds_at)
        self._order = np.frombuffer(self._map, "<u4", header.places, _aligned(self._kinds_at + header.tokens))
        if header.places and not 0 < int(self._order.min()) <= int(self._order.max()) <= header.tokens:
            raise Damaged("places outside the text")
        self._sorted = self._order.data
        self._begun: dict[bytes, list[int]] = {}
        for words, start in beginnings(self._text[::-1], self._kinds[::-1], token_bytes):
            self._begun.setdefault(words, []).insert(0, self.tokens - start)
        self._context = _reader(self._map, code.width)
        self._spans: BoundedCache[bytes, tuple[int, int]] = BoundedCache(_KEPT_SPANS)
        self._followers: BoundedCache[tuple[int, int], Counted] = BoundedCache(_KEPT_FOLLOWERS)

    # --- looking up ------------------------------------------------------------------------------

    def spans(self, context: bytes, orders: int) -> list[tuple[int, int]]:
        """Of the contexts whose last 1, 2, ... `orders` tokens are these, the range; as far as there are any."""
        found: list[tuple[int, int]] = []
        span = (0, len(self._sorted))
        for order in range(1, orders + 1):
            prefix = context[: order * self._code.width]
            span = self._spans.get(prefix) or self._narrowed(prefix, *span)
            if span[0] == span[1]:
                break
            found.append(span)
        return found

    def _narrowed(self, prefix: bytes, low: int, high: int) -> tuple[int, int]:
        """The part of a range whose contexts begin with `prefix`."""
        low = bisect.bisect_left(self._sorted, prefix, low, high, key=self._context)
        high = bisect.bisect_left(self._sorted, self._code.highest(prefix), low, high, key=self._context)
        if high - low > _OFTEN:
            self._spans.keep(prefix, (low, high))
        return low, high

    def followers(self, span: tuple[int, int]) -> Counted:
        """The tokens that follow the contexts of a range, each with its weight; of many a sample, scaled."""
        known = self._followers.get(span)
        if known is not None:
            return known
        low, high = span
        if high - low <= _FEW:
            told = map(self.token, self._sorted[low:high])
            return Counted.of(_weights(told, 1))
        is_frequent = high - low > _FREQUENT
        step = -(-(high - low) // (_LARGER_SAMPLE if is_frequent else _SAMPLE))
        following = self._order[low:high:step] - _ONE
        tokens, kinds = self._text[following].tolist(), self._kinds[following].tobytes()
        if kinds.count(OWN) == len(kinds):  # as nearly always; counting in C takes half the time
            found = Counted.of({token: float(count * step) for token, count in Counter(tokens).items()})
        else:
            found = Counted.of(_weights(zip(tokens, kinds, strict=True), step))
        if high - low > _SAMPLE:
            self._followers.keep(span, found)
        return found

    def places(self, span: tuple[int, int], most: int) -> list[int]:
        """Up to `most` places of a range, evenly spread, newest first."""
        low, high = span
        return sorted(self._sorted[low : high : -(-(high - low) // most)].tolist())

    def token(self, place: int) -> tuple[int, int]:
        """The token that follows a place and its kind; (separator, CONTEXT) where nothing does."""
        width, at = self._code.width, place - 1
        if not 0 <= at < self.tokens:
            return self._code.separator, 0
        return int.from_bytes(self._map[at * width : place * width], "big"), self._map[self._kinds_at + at]

    def onward(self, place: int, tokens: int) -> int:
        """The place `tokens` further on in its text; backwards with a negative number."""
        return place - tokens

    def begun(self, words: bytes) -> list[int]:
        """The places where phrases that were taken once begin with these two words, newest first."""
        return self._begun.get(words, [])

    def document(self, place: int) -> DocumentEntry:
        return self._filed[bisect.bisect_right(self._starts, place - 1) - 1]

    # --- documents -------------------------------------------------------------------------------

    def strike(self, origins: Iterable[str]) -> None:
        """Strike out these documents. Only the private copy of the mapped pages changes, not the file."""
        for filed in [self.standing.pop(origin) for origin in set(origins) & self.standing.keys()]:
            self._kinds[filed.start : filed.start + filed.length] = 0
        self._followers.clear()

    @property
    def has_struck(self) -> bool:
        """Whether the file holds what should no longer be in it."""
        return len(self.standing) < len(self._filed)

    def read(self, filed: DocumentEntry) -> Learned:
        """A document as it was learned."""
        part = slice(filed.start, filed.start + filed.length)
        return Learned(filed.origin, filed.time, filed.digest, self._text[part][::-1], self._kinds[part][::-1])

    def rewrite(self, path: Path) -> None:
        """Write the file anew without what is struck out; the order of what stays holds."""
        kept = np.zeros(self.tokens, bool)
        kept[0] = kept[-DEPTH:] = True
        staying = [filed for filed in self._filed if filed.origin in self.standing]
        for filed in staying:
            kept[filed.start : filed.start + filed.length + 1] = True
        shift = np.cumsum(~kept, dtype=np.uint32)
        order = self._order[kept[self._order]]
        documents = [msgspec.structs.replace(filed, start=filed.start - int(shift[filed.start])) for filed in staying]
        header = _Header(self._tokenizer, self._code.width, int(kept.sum()), len(order), documents)
        _write(path, header, self._text[kept], self._kinds[kept], order - shift[order])


def _reader(mapped: mmap.mmap, width: int) -> Callable[[int], bytes]:
    """The context of a place; called some sixty times a look-up, so without a look at anything else."""
    length = DEPTH * width

    def context(place: int) -> bytes:
        at = place * width
        return mapped[at : at + length]

    return context


def _weights(told: Iterable[tuple[int, int]], step: int) -> dict[int, float]:
    """Token → weight, of tokens and their kinds where each stands for `step`."""
    weights: dict[int, float] = {}
    for token, kind in told:
        if kind:
            weights[token] = weights.get(token, 0.0) + KIND_WEIGHTS[kind] * step
    return weights


def write(
    path: Path,
    documents: Iterable[Learned],
    tokenizer: str,
    code: Code,
    just_before: Callable[[], None] = lambda: None,
) -> None:
    """Make `path` the index of `documents`. `just_before` it appears there is called, and may raise to prevent it."""
    newest_first = sorted(documents, key=lambda document: -document.time)
    separator = np.asarray([code.separator], code.dtype)
    nothing = np.zeros(1, np.uint8)
    texts, kinds, filed, at = [separator], [nothing], [], 1
    for document in newest_first:
        length = len(document.ids)
        filed.append(DocumentEntry(document.origin, document.time, document.digest, at, length))
        texts += [document.ids[::-1], separator]
        kinds += [document.kinds[::-1], nothing]
        at += length + 1
    native = np.concatenate([*texts, np.repeat(separator, DEPTH)]).astype(separator.dtype.newbyteorder("="))
    kind = np.concatenate([*kinds, np.zeros(DEPTH, np.uint8)])
    if len(native) > MOST_TOKENS:
        raise Damaged("more text than can be indexed")
    told = (native[1:] != code.separator) & (native[:-1] != code.separator) & (kind[:-1] > 0)
    places = (np.flatnonzero(told) + 1).astype(np.uint32)
    order = sorted_places(native, places, code) if len(places) else places
    header = _Header(tokenizer, code.width, len(native), len(order), filed)
    _write(path, header, native.astype(code.dtype), kind, order, just_before)


def is_whole(path: Path) -> bool:
    """Whether every byte is as it was written; reads the whole file, so not while somebody waits."""
    try:
        with _regular(path) as file:
            file.seek(-_TAIL.size, 2)
            header_at, _, expected, _ = _TAIL.unpack(file.read())
            file.seek(0)
            crc = 0
            while header_at > 0 and (piece := file.read(min(1 << 20, header_at))):
                crc = zlib.crc32(piece, crc)
                header_at -= len(piece)
    except (OSError, ValueError, struct.error):
        return False
    return header_at == 0 and crc == expected


def _write(
    path: Path,
    header: _Header,
    text: np.ndarray,
    kinds: np.ndarray,
    order: np.ndarray,
    just_before: Callable[[], None] = lambda: None,
) -> None:
    content = msgspec.json.encode(header)
    filling = bytes(_aligned(text.nbytes + kinds.nbytes) - text.nbytes - kinds.nbytes)
    crc = 0
    with store.atomic_file(path) as file:
        for part in (text.data.cast("B"), kinds.data, filling, order.astype("<u4", copy=False).data.cast("B")):
            crc = zlib.crc32(part, crc)
            file.write(part)
        file.write(content)
        file.write(_TAIL.pack(file.tell() - len(content), zlib.crc32(content), crc, _MAGIC))
        just_before()


def _mapped(path: Path) -> tuple[mmap.mmap, _Header, int]:
    """The content, the header and where that begins.

    Mapped is a copy without a name: whoever cuts the file short (a sync program, a restore) would end this process.
    """
    try:
        with _regular(path) as file, tempfile.TemporaryFile(dir=path.parent) as copy:
            shutil.copyfileobj(file, copy, _PIECE)
            copy.flush()
            mapped = mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_COPY)
        header_at, header_crc, _, magic = _TAIL.unpack(mapped[-_TAIL.size :])
        content = mapped[header_at : -_TAIL.size]
        if magic != _MAGIC or zlib.crc32(content) != header_crc:
            raise Damaged("torn")
        return mapped, msgspec.json.decode(content, type=_Header), header_at
    except FileNotFoundError:
        raise
    except (OSError, OverflowError, ValueError, struct.error, msgspec.DecodeError) as error:
        raise Damaged(type(error).__name__) from error


def _regular(path: Path) -> BinaryIO:
    """The open file; ValueError for what is none: to open a pipe would wait for ever."""
    file = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise ValueError("not a regular file")


def _check(header: _Header, size: int) -> None:
    """Raise unless everything the header says lies in the `size` bytes before it."""
    if min(header.tokens, header.places) < 0 or header.tokens > MOST_TOKENS:
        raise Damaged("impossible sizes")
    if _aligned(header.tokens * (header.width + 1)) + 4 * header.places != size:
        raise Damaged("another size than it says")
    end = 0
    for filed in header.documents:
        if filed.start < end or filed.length < 0:
            raise Damaged("documents overlap")
        end = filed.start + filed.length
    if end > header.tokens:
        raise Damaged("documents outside the text")


def _aligned(offset: int) -> int:
    return -(-offset // 8) * 8
