"""From a place in a document to the ghost text for it.

The suggestion on the screen is answered from memory while it is typed along; else the daemon is asked. So it is after
a deletion, an undo or a paste: the daemon is quiet then, and counts why. There is no debounce here: clients wait
already, and latest wins. A failure is never an answer: it is reported and nothing is shown. This file knows neither
positions nor the protocol to the editor.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from shadowpen.daemon.base.errors import RequestCancelled, ShadowpenError
from shadowpen.daemon.markup.headings import Heading
from shadowpen.daemon.wire.protocol import Complete, Completion, Extent, LastEdit, Partial
from shadowpen.lsp_server.documents.context import Context, window
from shadowpen.lsp_server.documents.documents import Document
from shadowpen.lsp_server.documents.positions import Place
from shadowpen.lsp_server.ghost_text.type_through import Ghost, Ghosts

# The deadline is the daemon's matter; these only bound a wait for one that hangs or still starts.
AUTOMATIC_TIMEOUT_S = 2.0
EXPLICIT_TIMEOUT_S = 55.0
# While a ghost is typed along the editor keeps showing it: waiting this long for a longer one costs nothing.
_GROW_WAIT_S = 0.04
# A writer who pauses is still there when the daemon, caught by its deadline with nothing yet, has something.
_SECOND_DEADLINE_MS = 500

# After these edits what is remembered is not shown by itself: the daemon decides, by its rules (daemon.showing.quiet).
_ASKED_AFTER: frozenset[LastEdit] = frozenset({"deleted", "pasted", "undone"})


class Ask(Protocol):
    """Ask the daemon, for so many seconds at most; `on_partial` gets the text as it grows."""

    def __call__(
        self, request: Complete, timeout_s: float, on_partial: Callable[[Partial], None], /
    ) -> Awaitable[Completion]: ...


@dataclass(frozen=True)
class Offer:
    """What may be shown at a place: `id` stays the same for one suggestion while it is typed along."""

    id: str
    text: str
    model: str


@dataclass(frozen=True)
class Wish:
    """How to ask: on the user's word or by itself, and by when at the latest (None: the daemon's deadline).

    On the user's word it goes as far as `extent` and begins with what is `shown`; `on_growth` gets it as it is made.
    """

    explicit: bool = False
    deadline_ms: int | None = None
    single_line: bool = False
    headings: tuple[Heading, ...] = ()  # above the text that the request carries
    extent: Extent = "clause"
    shown: str = ""
    on_growth: Callable[[Offer], None] | None = None


class Suggester:
    """Answers for all documents of one editor. `on_failure` hears of each error but a cancellation."""

    def __init__(self, ask: Ask, on_failure: Callable[[ShadowpenError], None]) -> None:
        self._ask = ask
        self._on_failure = on_failure
        self._growing: set[asyncio.Task[None]] = set()
        self.ghosts = Ghosts()
        self.last = ""  # the request that `suggest` was answered with, "" where there was none
        self.reached: Extent | Literal[""] = ""  # how far the text went that `suggest` was last asked for by a key

    async def suggest(self, document: Document, place: Place, wish: Wish) -> list[Offer]:
        """What to show at `place`, best first; nothing when the text moved on meanwhile."""
        context, revision, reply = window(document.lines, place), document.revision, None
        anew = not wish.explicit and document.last_edit in _ASKED_AFTER
        if wish.explicit or anew or not await self._typed_along(document, context, wish):
            reply = await self._fresh(document, context, wish)
        self.last = reply.id if reply is not None else ""
        self.reached = (reply.extent or wish.extent) if reply is not None and wish.explicit else ""
        silent = anew and (reply is None or not reply.suggestions)
        if silent or document.closed or document.revision != revision:
            return []
        return [offer for offer in self._offers(document.uri, context, wish) if offer.text.strip()]

    def _offers(self, uri: str, context: Context, wish: Wish) -> list[Offer]:
        found = self.ghosts.alternatives(uri, context)
        texts = [(ghost, ghost.text[typed:]) for ghost, typed in (found if wish.explicit else found[:1])]
        return [Offer(ghost.id, _first_line(text) if wish.single_line else text, ghost.model) for ghost, text in texts]

    async def _typed_along(self, document: Document, context: Context, wish: Wish) -> bool:
        """Whether a suggestion made before goes on here; one that the deadline cut short gets a moment to grow."""
        found = self.ghosts.find(document.uri, context)
        if found is None:
            return False
        ghost, typed = found
        if not ghost.final or ghost.runs_out(typed):
            ghost.asked_at = typed
            task = asyncio.ensure_future(self._grow(document, context, wish, ghost, typed))
            self._growing.add(task)
            task.add_done_callback(self._growing.discard)
            if not ghost.final:
                await asyncio.wait({task}, timeout=_GROW_WAIT_S)
        return True

    async def _grow(self, document: Document, context: Context, wish: Wish, ghost: Ghost, typed: int) -> None:
        reply = await self._reply(document, context, wish)
        if reply is not None and reply.suggestions:
            ghost.grow(typed, reply.suggestions[0].text, final=reply.final)

    async def _fresh(self, document: Document, context: Context, wish: Wish) -> Completion | None:
        """Ask the daemon, and remember what it says; None if it did not answer."""
        reply = await self._reply(document, context, wish)
        if reply is not None and not reply.final and not reply.suggestions and wish.deadline_ms is None:
            reply = await self._reply(document, context, replace(wish, deadline_ms=_SECOND_DEADLINE_MS))
        if reply is None or document.closed:
            return None
        suggestions = [(rank, one) for rank, one in enumerate(reply.suggestions) if one.text.strip()]
        if suggestions and not wish.explicit and self._is_remembered(document.uri, context, suggestions[0][1].text):
            return reply
        # The best is added last, so that it is found first; the others serve who types along one of them.
        for rank, suggestion in reversed(suggestions):
            id = f"{reply.id}.{rank}" if rank else reply.id
            made = Ghost.made(id, context, suggestion.text, final=reply.final, model=reply.model)
            if wish.explicit or not self.ghosts.is_unwanted(document.uri, made):
                self.ghosts.add(document.uri, made)
        return reply

    def _grows(self, document: Document, context: Context, wish: Wish, partial: Partial) -> None:
        """More of what was asked for by a key: it can be typed along before it is whole."""
        if document.closed or not partial.text.strip():
            return
        made = Ghost.made(partial.id, context, partial.text, final=False, model="")
        self.ghosts.add(document.uri, made)
        text = _first_line(partial.text) if wish.single_line else partial.text
        if wish.on_growth is not None and text.strip():
            wish.on_growth(Offer(partial.id, text, ""))

    def _is_remembered(self, uri: str, context: Context, text: str) -> bool:
        """Whether that was said here before: it keeps its id."""
        found = self.ghosts.find(uri, context)
        return found is not None and found[0].text[found[1] :] == text

    async def _reply(self, document: Document, context: Context, wish: Wish) -> Completion | None:
        request = Complete(
            id=uuid.uuid4().hex,
            document=document.uri,
            prefix=context.prefix,
            suffix=context.suffix,
            version=document.version,
            language=document.language,
            deadline_ms=wish.deadline_ms,
            explicit=wish.explicit,
            last_edit=document.last_edit,
            headings=list(wish.headings),
            extent=wish.extent,
            shown=wish.shown,
        )
        limit_s = EXPLICIT_TIMEOUT_S if wish.explicit else AUTOMATIC_TIMEOUT_S
        try:
            return await self._ask(request, limit_s, lambda partial: self._grows(document, context, wish, partial))
        except RequestCancelled:
            return None
        except ShadowpenError as error:
            self._on_failure(error)
            return None

    def close(self) -> None:
        for task in self._growing:
            task.cancel()


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
