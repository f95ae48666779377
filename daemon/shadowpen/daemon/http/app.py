"""The routes: /v1/models, /v1/completions and /v1/chat/completions, for one user of this machine.

Every request must name this machine as its host, so that a page in a browser cannot reach it under another name, and
show the token. A browser lets no page ask but those that this machine serves, such as JupyterLab's; they, too, need the
token. Knows neither the wire nor models.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shadowpen.daemon.base.errors import (
    ConfigInvalid,
    DaemonError,
    ModelError,
    RequestCancelled,
    RequestInvalid,
    ShadowpenError,
)
from shadowpen.daemon.client.asynchronous import AsyncWritingClient
from shadowpen.daemon.http import bodies, shapes, verbs
from shadowpen.daemon.http.access_token import admits
from shadowpen.daemon.http.shapes import AnswerShape
from shadowpen.daemon.http.verbs import WantedText
from shadowpen.daemon.http.writing import Busy, Places, write

HOSTS = ("127.0.0.1", "localhost")
_PAGES_OF_THIS_MACHINE = r"https?://(localhost|127\.0\.0\.1)(:\d{1,5})?"
TEXTS_AT_ONCE = 8
BODY_TIMEOUT_S = 30.0

_STATUSES: tuple[tuple[type[ShadowpenError], int], ...] = (
    (RequestInvalid, 400),
    (ConfigInvalid, 400),
    (RequestCancelled, 409),
    (ModelError, 503),
    (DaemonError, 503),
)
Result = TypeVar("Result")


def make_app(token: str, name: str = "shadowpen serve") -> Starlette:
    """The application; its client of the daemon lives as long as it runs."""
    served = _Served(name)
    routes = [
        Route("/v1/models", served.models, methods=["GET"]),
        Route("/v1/models/{name}", served.model, methods=["GET"]),
        Route("/v1/completions", served.completions, methods=["POST"]),
        Route("/v1/chat/completions", served.chat, methods=["POST"]),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False),
            # Outside the guard, since a browser first asks for leave, without the token.
            Middleware(
                CORSMiddleware,
                allow_origin_regex=_PAGES_OF_THIS_MACHINE,
                allow_methods=["POST"],
                allow_headers=["Authorization", "Content-Type"],
            ),
            Middleware(TokenGuard, token=token),
        ],
        exception_handlers={ShadowpenError: _failed, HTTPException: _refused, Busy: _busy},
        lifespan=served.lifespan,
    )


class TokenGuard:
    """Lets nobody in who does not show the token, whatever the path."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or admits(self._token, dict(scope["headers"]).get(b"authorization", b"")):
            await self._app(scope, receive, send)
            return
        why = RequestInvalid("The token is missing or wrong.", "`shadowpen serve --token` prints it.")
        response = JSONResponse(shapes.error(why), 401, {"WWW-Authenticate": "Bearer"})
        await response(scope, receive, send)


class _Served:
    """The handlers of the routes, and the client they share."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._places = Places(TEXTS_AT_ONCE)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with AsyncWritingClient(self._name) as self._client:
            yield

    async def models(self, _: Request) -> Response:
        return JSONResponse(shapes.models())

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in verbs.MODELS:
            raise HTTPException(404, f"There is no model {name[:80]}.")
        return JSONResponse(shapes.model(name))

    async def completions(self, request: Request) -> Response:
        body = bodies.completion_body(await _content(request))
        wanted = verbs.of_completion(body)
        shape = AnswerShape("text", verbs.known(body.model), body.text)
        return await self._answer(request, body, wanted, shape, body.text if body.echo else "")

    async def chat(self, request: Request) -> Response:
        body = bodies.chat_body(await _content(request))
        shape = AnswerShape("chat", verbs.known(body.model), "".join(message.text for message in body.messages))
        return await self._answer(request, body, verbs.of_chat(body), shape)

    async def _answer(
        self, request: Request, body: bodies.RequestBody, wanted: WantedText, shape: AnswerShape, echoed: str = ""
    ) -> Response:
        if body.stream:
            events = self._events(wanted, shape, echoed, usage=body.wants_usage)
            return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        with self._places.taken() as place:
            choices = await _while_there(request, write(self._client, place, wanted))
        if echoed:
            choices = [choice._replace(text=echoed + choice.text) for choice in choices]
        return JSONResponse(shape.whole(choices), headers={"Cache-Control": "no-store"})

    async def _events(
        self, wanted: WantedText, shape: AnswerShape, echoed: str, *, usage: bool
    ) -> AsyncIterator[bytes]:
        """The events of a stream; a failure after the first byte is an event too."""
        if shape.kind == "chat":
            yield shape.opening()
        if echoed:
            yield shape.piece(echoed)
        sent = ""
        try:
            with self._places.taken() as place:
                async for text, reason in self._growing(place, wanted):
                    if text.startswith(sent) and text != sent:
                        yield shape.piece(text[len(sent) :])
                        sent = text
                    if reason:
                        yield shape.ending(reason)
        except ShadowpenError as failure:
            yield shapes.event(shapes.error(failure))
            return
        except Busy:
            yield shapes.event(shapes.error(_too_many()))
            return
        if usage:
            yield shape.usage_event(sent)
        yield shapes.DONE

    async def _growing(self, place: str, wanted: WantedText) -> AsyncIterator[tuple[str, str]]:
        """Each longer text with "", at last the whole with the reason why it ends."""
        grown: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        writing = asyncio.create_task(write(self._client, place, wanted, lambda text: grown.put_nowait((text, ""))))
        writing.add_done_callback(lambda _: grown.put_nowait(("", "")))
        try:
            while not (writing.done() and grown.empty()):
                yield await grown.get()
            yield writing.result()[0]
        finally:
            writing.cancel()


async def _content(request: Request) -> bytes:
    """The body, within its limits of size and time; RequestCancelled when the client goes before its end."""
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for piece in request.stream():
                content += piece
                if len(content) > bodies.MOST_BODY_BYTES:
                    raise HTTPException(413, f"A request may have {bodies.MOST_BODY_BYTES:,} bytes.")
    except ClientDisconnect:
        raise RequestCancelled("The client is gone.") from None
    except TimeoutError:
        raise HTTPException(408, f"The request did not arrive within {BODY_TIMEOUT_S:.0f} seconds.") from None
    return bytes(content)


async def _while_there(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which ends at once when the client goes: then nobody reads what this raises."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_leaves(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise RequestCancelled("The client is gone.")
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


async def _leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _failed(_: Request, failure: Exception) -> Response:
    assert isinstance(failure, ShadowpenError)
    status = next((status for kind, status in _STATUSES if isinstance(failure, kind)), 500)
    return JSONResponse(shapes.error(failure), status)


async def _refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, HTTPException)
    why = RequestInvalid(f"{refusal.detail.rstrip('.')}.", "See docs/serve.md.")  # Starlette's own have no stop
    return JSONResponse(shapes.error(why), refusal.status_code, refusal.headers)


async def _busy(_: Request, __: Exception) -> Response:
    return JSONResponse(shapes.error(_too_many()), 429, {"Retry-After": "1"})


def _too_many() -> RequestInvalid:
    return RequestInvalid(f"{TEXTS_AT_ONCE} texts are being written already.", "Try again in a moment.")
