"""Access control of the pages: only the browser that opened this start's link gets in.

The link holds a key that works once and becomes a cookie. Knows no page.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shadowpen.daemon.base.translation.language import translated, words

ENTRANCE = "/enter"
_RANDOM_BYTES = 32
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self';"
        " img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    # With "no-referrer", browsers would send `Origin: null` with our own forms, and SessionGuard turn them away.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_CLOSED, _FOREIGN = words(
    "Shadowpen shows these pages to one browser only. Run `shadowpen open` again for a new link.\n",
    "This request did not come from Shadowpen's own pages.\n",
)


class BrowserSession:
    """One browser's session: the key of its link, which works once, and the cookie that it becomes."""

    def __init__(self) -> None:
        self._key = secrets.token_urlsafe(_RANDOM_BYTES)
        self._cookie = secrets.token_urlsafe(_RANDOM_BYTES)

    def link(self, origin: str) -> str:
        """The address that opens the pages, once."""
        return f"{origin}{ENTRANCE}?key={self._key}"

    def enter(self, request: Request) -> Response:
        """Exchange the key for the cookie."""
        shown = parse_qs(request.url.query).get("key", [""])[0]
        if not self._key or not hmac.compare_digest(shown.encode(), self._key.encode()):
            return PlainTextResponse(translated(_CLOSED), 403)
        self._key = ""
        answer = RedirectResponse("/", 303)
        # Cookies do not know ports: another start of ours on this machine has another name.
        answer.set_cookie(_name(request), self._cookie, httponly=True, samesite="strict", path="/")
        return answer

    def knows(self, request: Request) -> bool:
        """Whether the request shows the cookie."""
        return hmac.compare_digest(request.cookies.get(_name(request), "").encode(), self._cookie.encode())


class SessionGuard:
    """Let nobody in without the cookie, nor any change that another page asks for; add headers to every answer."""

    def __init__(self, app: ASGIApp, session: BrowserSession) -> None:
        self._app, self._session = app, session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer: ASGIApp = self._app
        if request.url.path != ENTRANCE:
            if not self._session.knows(request):
                answer = PlainTextResponse(translated(_CLOSED), 403)
            elif request.method != "GET" and request.headers.get("origin") != f"http://{request.url.netloc}":
                answer = PlainTextResponse(translated(_FOREIGN), 403)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await answer(scope, receive, send_with_headers)


def _name(request: Request) -> str:
    return f"shadowpen-{request.scope['server'][1]}"  # what a request calls the port may be no port
