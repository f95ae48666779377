"""Get the ghost text for a place in a document.

The suggestion on the screen is answered from its record while it is typed along; else the daemon is asked. So it is
after a deletion, an undo or a paste: the daemon is quiet then, and counts why. There is no debounce here: clients wait
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
from shadowpen.lsp_server.documents.context import TextWindow, window
from shadowpen.lsp_server.documents.documents import OpenDocument
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text import type_through
from shadowpen.lsp_server.ghost_text.suggestions import SuggestionRecord, Suggestions
from shadowpen.lsp_server.ghost_text.type_through import Found

# The deadline is the daemon's matter; these only bound a wait for one that hangs or still starts.
AUTOMATIC_TIMEOUT_S = 2.0
EXPLICIT_TIMEOUT_S = 55.0
# While a ghost is typed along the editor keeps showing it: waiting this long for a longer one costs nothing.
_GROW_WAIT_S = 0.04
# A writer who pauses is still there when the daemon, caught by its deadline with nothing yet, has something.
_SECOND_DEADLINE_MS = 500

# After these edits what is remembered is not shown by itself: the daemon decides, by its rules
# (daemon.showing.silence.quiet).
_ASKED_AFTER: frozenset[LastEdit] = frozenset({"deleted", "pasted", "undone"})


class AskForCompletion(Protocol):
    """Ask the daemon for a completion, within `timeout_s`; `on_partial` gets the text as it grows."""

    def __call__(
        self, request: Complete, timeout_s: float, on_partial: Callable[[Partial], None], /
    ) -> Awaitable[Completion]: ...


@dataclass(frozen=True)
class Offer:
    """What may be shown at a place: `id` stays the same for one suggestion while it is typed along."""

    id: str
    text: str


@dataclass(frozen=True)
class Answer:
    """An answer for one place.

    What to show, best first, and the `request` that was answered with it or with nothing; "" without one.

    `reached` is how far the text goes that was asked for by a key; "" where none was.
    """

    offers: tuple[Offer, ...] = ()
    request: str = ""
    reached: Extent | Literal[""] = ""


@dataclass(frozen=True)
class SuggestOptions:
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
    """Finds ghost text for a place.

    Answers for all documents of one editor. `on_failure` hears of each error but a cancellation.
    """

    def __init__(
        self, suggestions: Suggestions, ask: AskForCompletion, on_failure: Callable[[ShadowpenError], None]
    ) -> None:
        self._suggestions = suggestions
        self._ask = ask
        self._on_failure = on_failure
        self._growing: set[asyncio.Task[None]] = set()

    async def suggest(self, document: OpenDocument, place: Point, wish: SuggestOptions) -> Answer:
        """What to show at `place`; nothing when the text moved on meanwhile."""
        context, revision = window(document.lines, place), document.revision
        anew = not wish.explicit and document.last_edit in _ASKED_AFTER
        reply, found = None, list[Found]()
        if wish.explicit or anew or not await self._is_typed_along(document, context, wish):
            reply, found = await self._fresh(document, context, wish)
        request = reply.id if reply is not None else ""
        reached = (reply.extent or wish.extent) if reply is not None and wish.explicit else ""
        silent = anew and (reply is None or not reply.suggestions)
        if silent or document.closed or document.revision != revision:
            return Answer((), request, reached)
        found = found or type_through.alternatives(self._suggestions, document.uri, context)
        offers = tuple(_offer(record, typed, wish) for record, typed in (found if wish.explicit else found[:1]))
        shown = tuple(offer for offer in offers if offer.text.strip())
        return Answer(shown, shown[0].id if shown else request, reached)

    async def _is_typed_along(self, document: OpenDocument, context: TextWindow, wish: SuggestOptions) -> bool:
        """Whether a suggestion made before goes on here; one that the deadline cut short gets a moment to grow."""
        found = type_through.find(self._suggestions, document.uri, context)
        if found is None:
            return False
        record, typed = found
        if not record.final or type_through.runs_out(record, typed):
            record.asked_at = typed
            task = asyncio.ensure_future(self._grow(document, context, wish, found))
            self._growing.add(task)
            task.add_done_callback(self._growing.discard)
            if not record.final:
                await asyncio.wait({task}, timeout=_GROW_WAIT_S)
        return True

    async def _grow(self, document: OpenDocument, context: TextWindow, wish: SuggestOptions, found: Found) -> None:
        reply = await self._reply(document, context, wish)
        if reply is not None and reply.suggestions:
            type_through.grow(*found, reply.suggestions[0].text, final=reply.final)

    async def _fresh(
        self, document: OpenDocument, context: TextWindow, wish: SuggestOptions
    ) -> tuple[Completion | None, list[Found]]:
        """Ask the daemon and keep what it suggests; what may be shown of that, best first. None: it did not answer."""
        reply = await self._reply(document, context, wish)
        if reply is not None and not reply.final and not reply.suggestions and wish.deadline_ms is None:
            reply = await self._reply(document, context, replace(wish, deadline_ms=_SECOND_DEADLINE_MS))
        if reply is None or document.closed:
            return None, []
        made = _records(reply, document, context)
        known = type_through.find(self._suggestions, document.uri, context)
        if made and known is not None and not wish.explicit and known[0].text[known[1] :] == made[0].text:
            return reply, [known]  # it keeps its id
        wanted = [one for one in made if wish.explicit or not type_through.is_unwanted(self._suggestions, one)]
        # The best is added last, so that it is found first; the others serve who types along one of them.
        kept = [self._suggestions.add(record) for record in reversed(wanted)]
        return reply, [(record, 0) for record in reversed(kept)]

    def _grows(self, document: OpenDocument, context: TextWindow, wish: SuggestOptions, partial: Partial) -> None:
        """Keep more of what was asked for by a key: it can be typed along before it is whole."""
        if document.closed or not partial.text.strip():
            return
        made = SuggestionRecord.made(partial.id, document, context, partial.text, final=False, model="")
        offer = _offer(self._suggestions.add(made), 0, wish)
        if wish.on_growth is not None and offer.text.strip():
            wish.on_growth(offer)

    async def _reply(self, document: OpenDocument, context: TextWindow, wish: SuggestOptions) -> Completion | None:
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


def _records(reply: Completion, document: OpenDocument, context: TextWindow) -> list[SuggestionRecord]:
    """The suggestions of an answer, best first."""
    return [
        SuggestionRecord.made(
            f"{reply.id}.{rank}" if rank else reply.id,
            document,
            context,
            one.text,
            final=reply.final,
            model=reply.model,
        )
        for rank, one in enumerate(reply.suggestions)
        if one.text.strip()
    ]


def _offer(record: SuggestionRecord, typed: int, wish: SuggestOptions) -> Offer:
    text = record.text[typed:]
    return Offer(record.id, text.split("\n", 1)[0] if wish.single_line else text)
