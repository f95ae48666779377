"""The conversation about an open expansion: its notes, what was shown, and the changes so far.

One for each document, and few in all: the next expansion in a document, taking one, closing the document or an hour end
it. This file knows neither documents nor how a turn is carried out.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from msgspec import structs

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.wire.protocol import MOST_INSTRUCTION, MOST_SHOWN, MOST_TURNS, Expand, Turn

_MOST_DOCUMENTS = 16
_LASTS_S = 3600.0


@dataclass
class _Thread:
    """What was asked for last, and all paragraphs that came of it."""

    request: Expand
    since_s: float
    offered: set[str] = field(default_factory=set)


@dataclass
class ExpansionThreads:
    """The threads by document; `clock` counts seconds."""

    clock: Callable[[], float] = time.monotonic
    _threads: OrderedDict[str, _Thread] = field(default_factory=OrderedDict)

    def asked(self, request: Expand, instruction: str, shown: str) -> Expand:
        """`request` with the turns of its thread, the last of them `instruction` about what is `shown`.

        Without an instruction it asks for more of the same where it has another seed, and begins a thread where not.
        RequestInvalid where there is nothing to go on from.
        """
        self._expire()
        thread = self._threads.get(request.document)
        if thread is not None and not _is_about(thread.request, request):
            thread = None
        if not instruction:
            is_more = thread is not None and request.seed != 0
            return structs.replace(request, turns=thread.request.turns) if is_more and thread else request
        if thread is None:
            raise RequestInvalid("There is no expansion to change.", "Expand the notes again.")
        if len(thread.request.turns) >= MOST_TURNS:
            raise RequestInvalid(f"A paragraph can be changed {MOST_TURNS} times.", "Expand the notes again.")
        if len(instruction) > MOST_INSTRUCTION or not shown.strip() or len(shown) > MOST_SHOWN:
            raise RequestInvalid("This change cannot be made.", "Ask for it in fewer words.")
        turn = Turn(instruction=instruction, shown=shown)
        return structs.replace(request, seed=thread.request.seed, turns=[*thread.request.turns, turn])

    def answered(self, request: Expand, texts: Iterable[str]) -> list[int]:
        """The thread goes on with `request`, which was answered with `texts`; returns the places of those new in it."""
        thread = self._threads.get(request.document)
        if thread is None or not _is_about(thread.request, request) or not (request.turns or request.seed):
            thread = _Thread(request, self.clock())
        thread.request = request
        new = [place for place, text in enumerate(texts) if text not in thread.offered]
        thread.offered.update(texts)
        self._threads[request.document] = thread
        self._threads.move_to_end(request.document)
        while len(self._threads) > _MOST_DOCUMENTS:
            self._threads.popitem(last=False)
        return new

    def end(self, document: str) -> None:
        """The paragraph was taken, or its document closed."""
        self._threads.pop(document, None)

    def _expire(self) -> None:
        now = self.clock()
        for document in [name for name, thread in self._threads.items() if now - thread.since_s > _LASTS_S]:
            self.end(document)


def _is_about(thread: Expand, request: Expand) -> bool:
    """Whether they are about the same notes at the same place."""
    return (thread.notes, thread.heading, thread.before, thread.free) == (
        request.notes,
        request.heading,
        request.before,
        request.free,
    )
