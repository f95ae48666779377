"""In-memory index of text learned since the index file was written.

A sorted list of contexts, each with its place. Insertion moves a few hundred kilobytes at the most, which is quicker
than any tree in Python up to some 100,000 tokens; beyond, the index is written anew. Not for two threads at once.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

from shadowpen.daemon.memory.index.codes import CONTEXT, DEPTH, KIND_WEIGHTS, Code
from shadowpen.daemon.memory.index.counted import Counted
from shadowpen.daemon.memory.index.kept import BoundedCache
from shadowpen.daemon.memory.index.taken import beginnings
from shadowpen.daemon.memory.index.texts import Learned

_PLACE_BYTES = 4
_NEWEST = (1 << 8 * _PLACE_BYTES) - 1
_SAMPLE = 128
_KEPT = 2_048


class LiveText:
    """A searchable text in memory.

    See `Snapshot` for all that is asked; a place is that of the next token.
    """

    def __init__(self, code: Code, token_bytes: Sequence[bytes]) -> None:
        self._code, self._token_bytes = code, token_bytes
        self._begun: dict[bytes, list[int]] = {}
        self._entries: list[bytes] = []
        self._ids: list[int] = []
        self._kinds = bytearray()
        self._owners: list[tuple[int, Learned]] = []  # where each text begins
        self._followers: BoundedCache[tuple[int, int], Counted] = BoundedCache(_KEPT)  # until the next change
        self.documents: dict[str, Learned] = {}

    @property
    def tokens(self) -> int:
        """What is held, texts that were dropped since included."""
        return len(self._ids)

    # --- learning --------------------------------------------------------------------------------

    def learn(self, learned: Learned) -> Iterator[None]:
        """Take in a text, in place of one with the same origin; yields after every few tokens, for others' turn."""
        self.drop(learned.origin)
        begin = len(self._ids)
        self.documents[learned.origin] = learned
        self._owners.append((begin, learned))
        self._ids += [*learned.ids.tolist(), self._code.separator]
        self._kinds += learned.kinds.tobytes() + bytes([CONTEXT])
        for words, start in beginnings(learned.ids, learned.kinds, self._token_bytes):
            self._begun.setdefault(words, []).insert(0, begin + start)
        for count, (place, entry) in enumerate(self._contexts(begin, len(learned.ids))):
            if self._kinds[place] and self._ids[place] != self._code.separator:
                bisect.insort(self._entries, entry)
            if count % 64 == 63:
                self._followers.clear()
                yield
        self._followers.clear()

    def drop(self, origin: str) -> bool:
        """Take a text out, exactly; whether there was one."""
        learned = self.documents.pop(origin, None)
        if learned is None:
            return False
        index = next(i for i, (_, owner) in enumerate(self._owners) if owner is learned)
        begin, _ = self._owners[index]
        for _, entry in self._contexts(begin, len(learned.ids)):
            at = bisect.bisect_left(self._entries, entry)
            if at < len(self._entries) and self._entries[at] == entry:
                del self._entries[at]
        self._followers.clear()
        for place in range(begin, begin + len(learned.ids)):
            self._ids[place], self._kinds[place] = self._code.separator, CONTEXT
        return True

    def _contexts(self, begin: int, length: int) -> Iterator[tuple[int, bytes]]:
        """Every place of a text that has a token before it, and its entry: those tokens; newer places come first."""
        width, separator = self._code.width, self._code.separator
        keep = (DEPTH - 1) * width
        context = self._code.context(())
        for place in range(begin, begin + length):
            if place > begin and self._ids[place - 1] != separator:
                yield place, context + (_NEWEST - place).to_bytes(_PLACE_BYTES, "big")
            context = self._ids[place].to_bytes(width, "big") + context[:keep]

    # --- looking up ------------------------------------------------------------------------------

    def spans(self, context: bytes, orders: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        low, high = 0, len(self._entries)
        for order in range(1, orders + 1):
            prefix = context[: order * self._code.width]
            low = bisect.bisect_left(self._entries, prefix, low, high)
            high = bisect.bisect_left(self._entries, self._code.highest(prefix) + b"\xff" * _PLACE_BYTES, low, high)
            if low == high:
                break
            found.append((low, high))
        return found

    def followers(self, span: tuple[int, int]) -> Counted:
        known = self._followers.get(span)
        if known is not None:
            return known
        low, high = span
        step = -(-(high - low) // _SAMPLE)
        weights: dict[int, float] = {}
        for entry in self._entries[low:high:step]:
            place = _NEWEST - int.from_bytes(entry[-_PLACE_BYTES:], "big")
            token, weight = self._ids[place], KIND_WEIGHTS[self._kinds[place]] * step
            weights[token] = weights.get(token, 0.0) + weight
        found = Counted.of(weights)
        self._followers.keep(span, found)
        return found

    def places(self, span: tuple[int, int], most: int) -> list[int]:
        low, high = span
        chosen = self._entries[low : high : -(-(high - low) // most)]
        return sorted((_NEWEST - int.from_bytes(entry[-_PLACE_BYTES:], "big") for entry in chosen), reverse=True)

    def token(self, place: int) -> tuple[int, int]:
        if not 0 <= place < len(self._ids):
            return self._code.separator, CONTEXT
        return self._ids[place], self._kinds[place]

    def onward(self, place: int, tokens: int) -> int:
        return place + tokens

    def begun(self, words: bytes) -> list[int]:
        return self._begun.get(words, [])

    def document(self, place: int) -> Learned:
        return self._owners[bisect.bisect_right(self._owners, place, key=lambda owner: owner[0]) - 1][1]
