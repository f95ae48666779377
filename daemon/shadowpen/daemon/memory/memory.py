"""The user's memory: everything they wrote or accepted, searchable from the next key on.

    memory = Memory.open(layout.memory, tokenizer)
    recall = memory.look_up(ids)             what followed these tokens, for blending.blend and the trigger
    phrase = memory.phrase(ids, stub)        several words at once, where the author wrote them before
    memory.learn(text)                       at once, in place of a text with the same origin
    memory.forget(origins)                   at once, and out of the file before it returns
    memory.refresh(collect)                  exactly what the sources hold now; makes anew what is damaged

One index file that is only ever replaced whole, and a live text of what came since. That is in no file: the sources
(the journal, the folders) have it. Looking up never raises, and waits for a change no longer than some tokens take;
whatever is wrong with the file costs the memory, not the key. Knows neither models nor how texts are collected.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence, Set
from functools import partial
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ShadowpenError, StateUnusable
from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.memory import attribution, phrases, places, recall
from shadowpen.daemon.memory.attribution import AttributedText, Match
from shadowpen.daemon.memory.index import snapshot
from shadowpen.daemon.memory.index.codes import DEPTH, Code
from shadowpen.daemon.memory.index.kept import BoundedCache
from shadowpen.daemon.memory.index.live import LiveText
from shadowpen.daemon.memory.index.snapshot import Damaged, Snapshot
from shadowpen.daemon.memory.index.texts import Learned, Text, TextEncoder, digest_of, learned
from shadowpen.daemon.memory.phrases import Phrase
from shadowpen.daemon.memory.recall import NOTHING, Index, Recall
from shadowpen.daemon.wire.reports import MemoryReport

LIVE_TOKENS = 50_000  # more go into the index file at the next refresh
_FILE = "index.bin"
_ABANDONED_AFTER_S = 600.0
_ATTEMPTS = 3
_TURN_S = 0.0005
_NAMED_MATCHES = 8
_KEPT_RECALLS = 256  # a key asks for what follows the tokens that the key before it asked for


class _Overtaken(StateUnusable):
    """The folder changed meanwhile; nothing was written."""


class Memory:
    """The memory: all indexes together.

    Safe to use from several threads. `problem` says what is wrong with the file, "" when nothing is.
    """

    def __init__(self, folder: Path, tokens: TextEncoder) -> None:
        self._path = folder / _FILE
        self._tokens = tokens
        self._code = Code.of(len(tokens.token_bytes))
        self._tokenizer = hashlib.sha256(b"\0".join(tokens.token_bytes)).hexdigest()
        # Taken in this order: whoever writes the file, whoever changes what is held, whoever touches it.
        self._writing, self._changing, self._lock = threading.Lock(), threading.Lock(), threading.Lock()
        self._snapshot: Snapshot | None = None
        self._live = LiveText(self._code, tokens.token_bytes)
        self._recalls: BoundedCache[tuple[int, ...], Recall] = BoundedCache(_KEPT_RECALLS)  # until the next change
        self._moment = 0
        self._changed: dict[str, int] = {}  # origin → the moment it was last learned or forgotten
        self.problem = ""

    @classmethod
    def open(cls, folder: Path, tokens: TextEncoder) -> Memory:
        """The memory in `folder`, which need not exist. Never raises: what cannot be used is empty until a refresh."""
        memory = cls(folder, tokens)
        memory._remove_unfinished(_ABANDONED_AFTER_S)
        memory._snapshot = memory._mapped()
        return memory

    # --- asked at every key ----------------------------------------------------------------------

    def look_up(self, ids: Sequence[int]) -> Recall:
        """What followed the last of `ids`, the tokens up to the cursor, or to the unfinished word."""
        if self.is_empty:
            return NOTHING
        try:
            with self._lock:
                asked = tuple(ids[-DEPTH:])
                known = self._recalls.get(asked)
                if known is None:
                    known = recall.recall(self._indexes(), ids, self._code)
                    self._recalls.keep(asked, known)
                return known
        except Exception as error:
            self._give_up(error)
            return NOTHING

    def phrase(self, ids: Sequence[int], stub: bytes = b"", max_words: int = 12) -> Phrase | None:
        """What the author wrote before after `ids` and the bytes of the unfinished word; None if nothing."""
        if self.is_empty:
            return None
        try:
            with self._lock:
                indexes, token_bytes = self._indexes(), self._tokens.token_bytes
                again = phrases.find_taken(indexes, ids, stub, token_bytes, max_words)
                if again is not None:
                    return again
                return phrases.find(recall.matches(indexes, ids, self._code), stub, token_bytes, max_words)
        except Exception as error:
            self._give_up(error)
            return None

    @property
    def is_empty(self) -> bool:
        return self._snapshot is None and not self._live.tokens

    @property
    def written_s(self) -> float:
        """When the file was last written, in seconds since 1970; 0 where there is none."""
        try:
            return self._path.stat().st_mtime
        except OSError:
            return 0.0

    @property
    def moment(self) -> int:
        """A counter that changes whenever something is learned or forgotten."""
        return self._moment

    def where(self, remembered: Phrase | AttributedText, moment: int) -> list[places.SourcePlace]:
        """The documents and lines that it comes from, each once; reads those files, so not at every key.

        A phrase stands there; of what was lent to the model the longest match that led to its words does, see
        attribution. Nothing that was learned after `moment`: what was just taken is not where it came from.
        """
        matches = self._matches(remembered, moment)
        with self._lock:
            quoted = [
                places.quote(match.origin, match.tokens, self._tokens.token_bytes, self._code)
                for match in matches
                if match.stands and not self._is_newer(match.document, moment)
            ]
        return list(dict.fromkeys(map(places.locate, quoted)))

    # --- learning and forgetting -----------------------------------------------------------------

    def learn(self, text: Text) -> None:
        """Remember `text` from now on, secrets left out; some 20 microseconds a token."""
        taught = learned(text, self._tokens, self._code, scan=True)
        with self._changing:
            self._learn(taught)

    def forget(self, origins: Iterable[str]) -> int:
        """Forget these texts; how many there were.

        They are not offered any more from the first moment, and in no file when this returns: a file that cannot be
        written anew is removed. A refresh brings back what the sources still hold.
        """
        gone = set(origins)
        with self._changing, self._lock:
            self._moment += 1
            begun = self._moment
            self._changed.update(dict.fromkeys(gone, begun))
            filed = self._snapshot.standing if self._snapshot is not None else {}
            known = {origin for origin in gone if origin in filed or origin in self._live.documents}
            for origin in known:
                self._live.drop(origin)
            if self._snapshot is not None:
                self._snapshot.strike(known)
            self._recalls.clear()
        with self._writing:
            current = self._snapshot
            if current is None:
                self._path.unlink(missing_ok=True)
            elif current.has_struck:
                self._remove_unfinished(0)
                self._without_struck(current, begun)
        return len(known)

    def refresh(self, collect: Callable[[], Iterable[Text]], most_live_tokens: int | None = None) -> bool:
        """Hold exactly what `collect()` gives, but for what changes while it runs; whether the file was written anew.

        It is not for up to `most_live_tokens` (LIVE_TOKENS) of new text, which are held live instead. Looking up,
        learning and forgetting go on meanwhile. Where the whole folder is removed meanwhile, because something was
        forgotten, the sources are asked again. StateUnusable, with all as it was, if the file cannot be written.
        """
        most_live = LIVE_TOKENS if most_live_tokens is None else most_live_tokens
        with self._writing:
            for _ in range(_ATTEMPTS - 1):
                with contextlib.suppress(_Overtaken):
                    return self._refreshed(collect, most_live)
            return self._refreshed(collect, most_live)

    @property
    def wants_refresh(self) -> bool:
        """Whether the file is damaged or missing something, or the live text has become slow."""
        return bool(self.problem) or self._live.tokens > LIVE_TOKENS

    def report(self) -> MemoryReport:
        """Numbers for `shadowpen status`."""
        current, live = self._snapshot, self._live
        return MemoryReport(
            documents=(len(current.standing) if current is not None else 0) + len(live.documents),
            tokens=(current.tokens if current is not None else 0) + live.tokens,
            live_tokens=live.tokens,
            file_bytes=current.size_bytes if current is not None else 0,
            problem=self.problem,
        )

    # --- inside ----------------------------------------------------------------------------------

    def _refreshed(self, collect: Callable[[], Iterable[Text]], most_live_tokens: int) -> bool:
        folder = os.open(store.private_directory(self._path.parent), os.O_RDONLY)
        try:
            return self._made_equal(collect, most_live_tokens, folder)
        finally:
            os.close(folder)

    def _made_equal(self, collect: Callable[[], Iterable[Text]], most_live_tokens: int, folder: int) -> bool:
        if self._snapshot is not None and not snapshot.is_whole(self._path):
            self._give_up(Damaged("it was changed"))
        with self._changing:
            begun, known = self._moment, self._known()
        wanted = {text.origin: text for text in collect()}
        fresh = [text for origin, text in wanted.items() if known.get(origin) != digest_of(text)]
        taught = [learned(text, self._tokens, self._code, scan=False) for text in fresh]
        if self._fits_live(wanted.keys(), taught, most_live_tokens):
            self._check_still(folder)
            self._hold(wanted.keys(), taught, begun)
            return False
        self._rewrite(wanted.keys(), taught, begun, folder)
        return True

    def _matches(self, remembered: Phrase | AttributedText, moment: int) -> list[Match]:
        if isinstance(remembered, Phrase):
            return [Match(origin, len(remembered.ids), remembered.order) for origin in remembered.origins]
        longest: list[Match] = []
        for at in remembered.led:
            with self._lock:  # for each by itself: a key may be waiting
                found = attribution.found_again(
                    self._indexes(), remembered, at, self._code, lambda document: not self._is_newer(document, moment)
                )
            if found and found[0].order > max((match.order for match in longest), default=0):
                longest = found
        return longest[:_NAMED_MATCHES]

    def _indexes(self) -> list[Index]:
        """The newest first."""
        live: list[Index] = [self._live] if self._live.tokens else []
        return [*live, self._snapshot] if self._snapshot is not None else live

    def _known(self) -> dict[str, str]:
        """Origin → digest of all that is held."""
        filed = self._snapshot.standing if self._snapshot is not None else {}
        known = {origin: entry.digest for origin, entry in filed.items()}
        known.update((origin, text.digest) for origin, text in self._live.documents.items())
        return known

    def _learn(self, taught: Learned) -> None:
        with self._lock:
            self._moment += 1
            self._changed[taught.origin] = self._moment
            if self._snapshot is not None:
                self._snapshot.strike([taught.origin])
            self._recalls.clear()
        steps = self._live.learn(taught)
        learning = True
        while learning:
            with self._lock:
                learning = next(steps, False) is not False
                self._recalls.clear()
            if learning:
                time.sleep(_TURN_S)  # or whoever waits for the lock would not get it before the end

    def _is_newer(self, origin: str, moment: int) -> bool:
        return self._changed.get(origin, 0) > moment

    def _fits_live(self, wanted: Set[str], taught: Sequence[Learned], most_live_tokens: int) -> bool:
        """Whether the file holds nothing that must go, and the rest is little."""
        current = self._snapshot
        if current is None:
            return not wanted
        unchanged = wanted - {text.origin for text in taught}
        little = self._live.tokens + sum(len(text.ids) for text in taught) <= most_live_tokens
        return little and not current.has_struck and current.standing.keys() <= unchanged

    def _check_still(self, folder: int) -> None:
        """Raise if the memory's folder is not the open one any more: somebody removed it."""
        if not self._path.parent.is_dir() or not os.path.samestat(os.fstat(folder), self._path.parent.stat()):
            raise _Overtaken("The memory was removed while it was being rebuilt.", "It is rebuilt at the next start.")

    def _hold(self, wanted: Set[str], taught: Iterable[Learned], begun: int) -> None:
        with self._changing:
            with self._lock:
                for origin in self._live.documents.keys() - wanted:
                    if not self._is_newer(origin, begun):
                        self._live.drop(origin)
                self._recalls.clear()
            for text in taught:
                if not self._is_newer(text.origin, begun):
                    self._learn(text)

    def _rewrite(self, wanted: Set[str], taught: Iterable[Learned], begun: int, folder: int) -> None:
        with self._changing:
            current = self._snapshot
            held = [current.read(filed) for filed in current.standing.values()] if current is not None else []
            held += self._live.documents.values()
        texts = {text.origin: text for text in [*held, *taught] if text.origin in wanted}
        texts = {origin: text for origin, text in texts.items() if not self._is_newer(origin, begun)}
        if texts:
            snapshot.write(self._path, texts.values(), self._tokenizer, self._code, partial(self._check_still, folder))
        else:
            self._path.unlink(missing_ok=True)
        with self._changing:
            live = LiveText(self._code, self._tokens.token_bytes)
            for text in self._live.documents.values():
                if self._is_newer(text.origin, begun):
                    deque(live.learn(text), maxlen=0)
            self._swap(begun, live)

    def _without_struck(self, current: Snapshot, begun: int) -> None:
        try:
            current.rewrite(self._path)
        except ShadowpenError:
            self._path.unlink(missing_ok=True)
        with self._changing:
            self._swap(begun, self._live)

    def _swap(self, begun: int, live: LiveText) -> None:
        """Serve the new file. What changed after `begun` is in the live text, or nowhere, and not in the file."""
        opened = self._mapped()
        newer = {origin: moment for origin, moment in self._changed.items() if moment > begun}
        if opened is not None:
            opened.strike(newer)
        with self._lock:
            self._snapshot, self._live, self._changed = opened, live, newer
            self._recalls.clear()

    def _mapped(self) -> Snapshot | None:
        self.problem = ""
        try:
            return Snapshot(self._path, self._tokenizer, self._code, self._tokens.token_bytes)
        except FileNotFoundError:
            return None
        except Exception as error:  # Damaged, or whatever else foreign bytes bring about
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        """Go on without the file, until a refresh makes it anew."""
        LOGGER.warning("the memory's index cannot be used: %s", describe(error))
        self._snapshot = None
        self._recalls.clear()
        self.problem = "The memory's index was damaged; it is being rebuilt from your texts."

    def _remove_unfinished(self, older_than_s: float) -> None:
        """Remove unfinished files of processes that were killed."""
        for path in self._path.parent.glob(f".{_FILE}.*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime <= time.time() - older_than_s:
                    path.unlink()
