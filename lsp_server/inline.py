"""From a place in a document to the ghost text for it.

The suggestion on the screen is answered from memory while it is typed along; else the daemon is asked.
There is no debounce here: clients wait already, and latest wins. A failure is never an answer: it is
reported and nothing is shown. This file knows neither positions nor the protocol to the editor.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from shadowpen.daemon.errors import RequestCancelled, ShadowpenError
from shadowpen.daemon.headings import Heading
from shadowpen.daemon.protocol import Complete, Completion
from shadowpen.lsp_server.context import Context, window
from shadowpen.lsp_server.documents import Document
from shadowpen.lsp_server.positions import Place
from shadowpen.lsp_server.type_through import Ghost, Ghosts

# The deadline is the daemon's matter; these only bound a wait for one that hangs or still starts.
AUTOMATIC_TIMEOUT_S = 2.0
EXPLICIT_TIMEOUT_S = 55.0
# While a ghost is typed along the editor keeps showing it: waiting this long for a longer one costs nothing.
_GROW_WAIT_S = 0.04
# A writer who pauses is still there when the daemon, caught by its deadline with nothing yet, has something.
_SECOND_DEADLINE_MS = 500

Ask = Callable[[Complete, float], Awaitable[Completion]]


@dataclass(frozen=True)
class Offer:
    """What may be shown at a place: `id` stays the same for one suggestion while it is typed along."""

    id: str
    text: str
    model: str


@dataclass(frozen=True)
class Wish:
    """How to ask: on the user's word or by itself, and by when at the latest (None: the daemon's deadline)."""

    explicit: bool = False
    deadline_ms: int | None = None
    single_line: bool = False
    headings: tuple[Heading, ...] = ()  # above the text that the request carries


class Suggester:
    """Answers for all documents of one editor. `on_failure` hears of each error but a cancellation."""

    def __init__(self, ask: Ask, on_failure: Callable[[ShadowpenError], None]) -> None:
        self._ask = ask
        self._on_failure = on_failure
        self._growing: set[asyncio.Task[None]] = set()
        self.ghosts = Ghosts()
        self.last = ""  # the request that `suggest` was answered with, "" where there was none

    async def suggest(self, document: Document, place: Place, wish: Wish) -> list[Offer]:
        """What to show at `place`, best first; nothing when the text moved on meanwhile."""
        context, revision, answered = window(document.lines, place), document.revision, ""
        if wish.explicit or not await self._typed_along(document, context, wish):
            answered = await self._fresh(document, context, wish)
        self.last = answered
        if document.closed or document.revision != revision:
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

    async def _fresh(self, document: Document, context: Context, wish: Wish) -> str:
        """Ask the daemon; the request it answered, with something or nothing, "" if it did not."""
        reply = await self._reply(document, context, wish)
        if reply is not None and not reply.final and not reply.suggestions and wish.deadline_ms is None:
            reply = await self._reply(document, context, replace(wish, deadline_ms=_SECOND_DEADLINE_MS))
        if reply is None or document.closed:
            return ""
        # The best is added last, so that it is found first; the others serve who types along one of them.
        for rank, suggestion in reversed(list(enumerate(reply.suggestions))):
            if suggestion.text.strip():
                id = f"{reply.id}.{rank}" if rank else reply.id
                made = Ghost.made(id, context, suggestion.text, final=reply.final, model=reply.model)
                self.ghosts.add(document.uri, made)
        return reply.id

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
        )
        try:
            return await self._ask(request, EXPLICIT_TIMEOUT_S if wish.explicit else AUTOMATIC_TIMEOUT_S)
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
