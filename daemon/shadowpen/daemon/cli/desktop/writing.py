"""The routes of the page *Write*: ghost text, continuing a paragraph, expanding notes.

Nothing is learned from what is written there.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shadowpen.daemon.base.errors import RequestCancelled, RequestInvalid, ShadowpenError
from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.cli.desktop.forms import content
from shadowpen.daemon.client.asynchronous import AsyncWritingClient
from shadowpen.daemon.http.bodies import readable

_NAME = "shadowpen open"


class PageText(msgspec.Struct, frozen=True):
    """The text around the cursor, or notes with the text before them; `asked`: by a key, so that some text comes."""

    before: str = ""
    after: str = ""
    notes: str = ""
    asked: bool = False


Write = Callable[[AsyncWritingClient, PageText], Awaitable[str]]


class WritingRoutes:
    """The routes of the page's script, and the line to the daemon that they share."""

    def __init__(self) -> None:
        self._client: AsyncWritingClient | None = None

    @contextlib.asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Hold the line to the daemon as long as the application runs; the daemon starts with the first request."""
        async with AsyncWritingClient(_NAME) as self._client:
            yield

    def routes(self) -> list[Route]:
        """One route a verb."""
        verbs: dict[str, Write] = {"complete": _complete, "continue": _continue, "expand": _expand}
        return [self._route(verb, write) for verb, write in verbs.items()]

    def _route(self, verb: str, write: Write) -> Route:
        async def endpoint(request: Request) -> Response:
            assert self._client is not None
            try:
                wanted = await _wanted(request)
                return JSONResponse({"text": await write(self._client, wanted)})
            except RequestCancelled:  # a newer one is under way
                return JSONResponse({"text": ""})
            except ShadowpenError as failure:
                return JSONResponse({"text": "", "problem": translated(f"{failure.message} {failure.hint}".strip())})

        return Route(f"/write/{verb}", endpoint, methods=["POST"])


async def _wanted(request: Request) -> PageText:
    try:
        return msgspec.json.decode(readable(await content(request)), type=PageText)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestInvalid("The request cannot be read.", "Load the page again.") from error


async def _complete(client: AsyncWritingClient, wanted: PageText) -> str:
    done = await client.complete(wanted.before, wanted.after, only_if_likely=not wanted.asked)
    return done.text


async def _continue(client: AsyncWritingClient, wanted: PageText) -> str:
    return (await client.continue_text(wanted.before)).text


async def _expand(client: AsyncWritingClient, wanted: PageText) -> str:
    paragraphs = (await client.expand(wanted.notes, context=wanted.before)).paragraphs
    return paragraphs[0].text if paragraphs else ""
