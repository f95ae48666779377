"""Keyed fingerprints of forgotten text, files and edits, so that they never return.

    forgotten/key       32 random bytes; without it a fingerprint tells nothing
    forgotten/prints    sorted 64-bit BLAKE2b hashes under that key
    forgotten/others/   the same of other machines, a folder each, taken over with what was learned there

Text is known by its runs of words, whatever their case, punctuation and line breaks, so a copy in another file is
known too. Nothing here can be turned back into text; deleting the folder lets everything return. Whoever stores or
learns text asks here first; this file knows neither the journal nor what is learned.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.privacy.addresses import split_uri

SCHEMA = 1
PASSAGE_WORDS = 8  # in a row, and a text is a copy; two people rarely write the same eight
PHRASE_WORDS = 5  # of a phrase that was named
_MOST_BYTES = 256 << 20  # of the prints, 8 bytes each
_KEY_BYTES = 4096
_OTHERS = "others"
_SHORTEST_WHOLE = 3  # a paragraph of fewer words is anybody's
_HAN_AND_KANA = "぀-ヿ㐀-䶿一-鿿"
_WORD = re.compile(rf"[{_HAN_AND_KANA}]|[^\W_{_HAN_AND_KANA}]+")


class _Stored(msgspec.Struct, frozen=True):
    schema: int
    windows: list[int]  # how long the runs of words are
    prints: bytes


class ForgottenTexts:
    """Texts that the user had forgotten, as hashes.

    What was forgotten until now. Without anything every answer is no and costs nothing.

    `others` are asked too: what was forgotten on other machines, under their own keys.
    """

    def __init__(
        self,
        key: bytes = b"",
        windows: Sequence[int] = (),
        prints: NDArray[np.uint64] | None = None,
        others: Sequence[ForgottenTexts] = (),
    ) -> None:
        self.key, self.windows, self.others = key, tuple(windows), tuple(others)
        self.prints = np.empty(0, np.uint64) if prints is None else prints

    def __bool__(self) -> bool:
        return bool(self.key or self.others)

    def plus(
        self,
        *,
        files: Iterable[str] = (),
        edits: Iterable[str] = (),
        passages: Iterable[str] = (),
        phrases: Iterable[str] = (),
    ) -> ForgottenTexts:
        """All of this and more, in memory.

        `passages` are paragraphs: any PASSAGE_WORDS of them in a row are known again, shorter ones as a whole. Of
        `phrases` PHRASE_WORDS in a row are, or all if they have fewer.
        """
        key = self.key or secrets.token_bytes(32)
        windows = set(self.windows)
        prints = {_print(key, "file", name) for name in files} | {_print(key, "edit", id) for id in edits}
        for text, size in [*((text, PASSAGE_WORDS) for text in passages), *((text, PHRASE_WORDS) for text in phrases)]:
            said = words(text)
            if size == PASSAGE_WORDS and len(said) < size:
                prints |= {_print(key, "whole", " ".join(said))} if len(said) >= _SHORTEST_WHOLE else set()
                continue
            size = min(size, len(said))
            if size:
                windows.add(size)
                prints |= {_run(key, said[place : place + size]) for place in _places(said, size)}
        together = np.union1d(self.prints, np.array(sorted(prints), np.uint64))
        return ForgottenTexts(key, sorted(windows), together, self.others)

    def knows_file(self, place: str) -> bool:
        """Whether the file at `place` (a real path, or an editor's address), or a folder above it, is forgotten."""
        if not self:
            return False
        above = [str(parent) for parent in Path(place).parents] if Path(place).is_absolute() else []
        if self._known([_print(self.key, "file", name) for name in (place, *above)]).any():
            return True
        return any(other.knows_file(place) for other in self.others)

    def knows_document(self, document: str) -> bool:
        """As knows_file, by an editor's address."""
        if not self:
            return False
        scheme, path = split_uri(document)
        return self.knows_file(place_of(path) if scheme == "file" else document)

    def knows_edit(self, id: str) -> bool:
        if self and self._known([_print(self.key, "edit", id)]).any():
            return True
        return any(other.knows_edit(id) for other in self.others)

    def covers(self, text: str) -> bool:
        """Whether something forgotten stands in `text`, a paragraph or less."""
        return bool(self) and self._last(text) is not None

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where something forgotten stands in `text`, a paragraph or less: characters from and to, in their order."""
        alone = self._own_places(text)
        if not self.others:
            return alone
        together: list[tuple[int, int]] = []
        for start, end in sorted(alone + [place for other in self.others for place in other.places(text)]):
            if together and start <= together[-1][1]:
                start, before = together.pop()
                end = max(before, end)
            together.append((start, end))
        return together

    def _own_places(self, text: str) -> list[tuple[int, int]]:
        """The same without what was forgotten on other machines."""
        found = list(_WORD.finditer(text)) if self.key else []
        said = [match[0].casefold() for match in found]
        if said and len(said) < PASSAGE_WORDS and self._known([_print(self.key, "whole", " ".join(said))]).any():
            return [(found[0].start(), found[-1].end())]
        covered = np.zeros(len(said) + 1, bool)  # one more, that the last run ends
        for size in self.windows:
            known = self._known([_run(self.key, said[place : place + size]) for place in _places(said, size)])
            for place in np.flatnonzero(known):
                covered[place : place + size] = True
        edges = np.flatnonzero(np.diff(np.concatenate([[False], covered]).astype(np.int8)))
        return [(found[start].start(), found[end - 1].end()) for start, end in edges.reshape(-1, 2).tolist()]

    def rest_after(self, text: str) -> str:
        """What follows the last forgotten passage in `text`; all of it if there is none."""
        last = self._last(text) if self else None
        return text if last is None else text[last:]

    def _last(self, text: str) -> int | None:
        """Where the last forgotten run of words in `text` ends."""
        found = list(_WORD.finditer(text))
        said = [match[0].casefold() for match in found]
        if len(said) < PASSAGE_WORDS and self._known([_print(self.key, "whole", " ".join(said))]).any():
            return len(text)
        ends = [-1]
        for size in self.windows:
            known = self._known([_run(self.key, said[place : place + size]) for place in _places(said, size)])
            if known.any():
                ends.append(found[int(np.flatnonzero(known)[-1]) + size - 1].end())
        ends += [last for other in self.others if (last := other._last(text)) is not None]
        return max(ends) if max(ends) >= 0 else None

    def _known(self, prints: Sequence[int]) -> NDArray[np.bool_]:
        asked = np.array(prints, np.uint64)
        if not len(self.prints) or not len(asked):
            return np.zeros(len(asked), bool)
        place = np.minimum(np.searchsorted(self.prints, asked), len(self.prints) - 1)
        return np.asarray(self.prints[place] == asked)


class Watched:
    """`ForgottenTexts` that is read again when it has changed on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, ForgottenTexts()
        self._stamp: tuple[tuple[int, int], ...] = ((0, 0),)

    def __call__(self) -> ForgottenTexts:
        stamp = tuple(_stamp(part / "prints") for part in (self._folder, *parts(self._folder)))
        if stamp != self._stamp:
            self._read, self._stamp = load(self._folder), stamp
        return self._read


def _stamp(path: Path) -> tuple[int, int]:
    """What changes with a file; nothing if it is not there."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    except OSError as error:
        raise store.unusable(path.parent, error) from error
    return status.st_mtime_ns, status.st_ino


def load(folder: Path) -> ForgottenTexts:
    """What `folder` (Layout.forgotten) holds. StateUnusable if it is damaged: then nothing may be stored or learned."""
    own = _load_one(folder)
    others = [_load_one(other) for other in sorted((folder / _OTHERS).glob("*")) if other.is_dir()]
    return ForgottenTexts(own.key, own.windows, own.prints, others)


def _load_one(folder: Path) -> ForgottenTexts:
    try:
        content = store.read_bounded(folder / "prints", _MOST_BYTES)
    except FileNotFoundError:
        return ForgottenTexts()
    except OSError as error:
        raise store.unusable(folder, error) from error
    try:
        key = store.read_bounded(folder / "key", _KEY_BYTES)
        stored = msgspec.msgpack.decode(content, type=_Stored)
        if stored.schema != SCHEMA or not key:
            raise ValueError
        return ForgottenTexts(key, stored.windows, np.frombuffer(stored.prints, "<u8"))
    except (OSError, ValueError, msgspec.DecodeError, RecursionError) as error:
        raise StateUnusable(
            f"The record of forgotten text in {folder} is damaged.",
            "Delete that folder and forget the text again; until then nothing is stored or learned.",
        ) from error


def remember(
    folder: Path,
    *,
    files: Iterable[str] = (),
    edits: Iterable[str] = (),
    passages: Iterable[str] = (),
    phrases: Iterable[str] = (),
) -> ForgottenTexts:
    """Add to what is forgotten (see Forgotten.plus), on the disk, and return all; nobody else may add meanwhile."""
    together = load(folder).plus(files=files, edits=edits, passages=passages, phrases=phrases)
    save(folder, together)
    return together


def save(folder: Path, forgotten: ForgottenTexts) -> None:
    """Put it in place of what `folder` holds; the key first, for without it the rest is damaged."""
    stored = _Stored(SCHEMA, list(forgotten.windows), forgotten.prints.astype("<u8").tobytes())
    store.write_atomic(folder / "key", forgotten.key)
    store.write_atomic(folder / "prints", msgspec.msgpack.encode(stored))


def parts(folder: Path) -> list[Path]:
    """The folders with a key and prints each: this machine's own, and those of others."""
    return [one for one in (folder, *sorted((folder / _OTHERS).glob("*"))) if (one / "prints").is_file()]


def take_over(folder: Path, other: Path) -> bool:
    """Ask `other`, of another machine, from now on too; False if that is so already. StateUnusable if it is damaged."""
    theirs = _load_one(other)
    name = hashlib.sha256(theirs.key).hexdigest()[:16]
    if not theirs.key:
        return False
    mine = _load_one(folder)
    place = folder if mine.key == theirs.key else folder / _OTHERS / name
    before = _load_one(place)
    prints = np.union1d(before.prints, theirs.prints)
    if len(prints) == len(before.prints):
        return False
    store.private_directory(folder)
    save(place, ForgottenTexts(theirs.key, sorted({*before.windows, *theirs.windows}), prints))
    return True


def words(text: str) -> list[str]:
    """The words by which text is known again; a character of Chinese or Japanese counts as one."""
    return [word.casefold() for word in _WORD.findall(text)]


def place_of(path: str) -> str:
    """A path as `ForgottenTexts.knows_file` wants it: links resolved."""
    return os.path.realpath(path)


def _places(said: Sequence[str], size: int) -> range:
    return range(len(said) - size + 1)


def _run(key: bytes, said: Sequence[str]) -> int:
    return _print(key, f"{len(said)}", " ".join(said))


def _print(key: bytes, kind: str, content: str) -> int:
    named = f"{kind}\0{content}".encode("utf-8", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8, key=key).digest(), "little")
