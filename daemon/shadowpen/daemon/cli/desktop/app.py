"""The routes of the pages. Each action is a form; what it told stands on the page that follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.cli.desktop import learned, overview, settings_page, versions_page
from shadowpen.daemon.cli.desktop.forms import fields
from shadowpen.daemon.cli.desktop.pages import Pages
from shadowpen.daemon.cli.desktop.session import ENTRANCE, BrowserSession, SessionGuard
from shadowpen.daemon.cli.desktop.writing import WritingRoutes
from shadowpen.daemon.cli.learning.report import served_status
from shadowpen.daemon.http.app import HOSTS
from shadowpen.daemon.privacy.consent import journal_allowed
from shadowpen.daemon.reporting.report import write

Fields = Mapping[str, str]
Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(layout: store.Layout, session: BrowserSession) -> Starlette:
    """The application for one user and one browser."""
    writing = WritingRoutes()
    return Starlette(
        routes=[*_routes(layout, Pages(), session), *writing.routes()],
        lifespan=writing.lifespan,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False),
            Middleware(SessionGuard, session=session),
        ],
    )


def _routes(layout: store.Layout, pages: Pages, session: BrowserSession) -> list[Route | Mount]:
    def show(path: str, template: str, values: Callable[[store.Layout], Mapping[str, Any]]) -> Route:
        async def endpoint(_: Request) -> Response:
            return await _answer(pages, lambda: pages.page(path, template, values(layout)))

        return Route(path, endpoint, methods=["GET"])

    def act(path: str, then: str, action: Callable[[Fields], str]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                given = await fields(request)
            except ShadowpenError as failure:
                return pages.failed(failure)
            return await _answer(pages, lambda: pages.done(then, action(given)))

        return Route(path, endpoint, methods=["POST"])

    async def enter(request: Request) -> Response:
        return session.enter(request)

    async def ask_to_forget(request: Request) -> Response:
        given = request.query_params
        return await _answer(
            pages,
            lambda: pages.page(
                "/learned/forget",
                "forget.html",
                learned.planned(layout, given.get("kind", ""), given.get("value", "").strip()),
            ),
        )

    async def report(_: Request) -> Response:
        return await _answer(pages, lambda: HTMLResponse(_report(layout)))

    return [
        Route(ENTRANCE, enter, methods=["GET"]),
        show("/write", "write.html", lambda _: {}),
        show("/", "overview.html", overview.shown),
        act("/act", "/", lambda given: overview.act(layout, given.get("wish", ""))),
        show("/learned", "learned.html", learned.shown),
        act("/learned/folders", "/learned", lambda given: learned.add_folder(layout, given.get("folder", ""))),
        act(
            "/learned/folders/remove", "/learned", lambda given: learned.remove_folder(layout, given.get("folder", ""))
        ),
        act("/learned/words", "/learned", lambda given: learned.add_word(layout, given.get("word", ""))),
        act("/learned/words/remove", "/learned", lambda given: learned.remove_word(layout, given.get("word", ""))),
        Route("/learned/forget", ask_to_forget, methods=["GET"]),
        act(
            "/learned/forget",
            "/learned",
            lambda given: learned.forget(layout, given.get("kind", ""), given.get("value", "")),
        ),
        show("/versions", "versions.html", versions_page.shown),
        act("/versions/use", "/versions", lambda given: versions_page.choose(given.get("version", ""))),
        act("/versions/rollback", "/versions", lambda _: versions_page.go_back()),
        show("/report", "report.html", lambda _: {}),
        Route("/report/page", report, methods=["GET"]),
        show("/settings", "settings.html", settings_page.shown),
        act(
            "/settings",
            "/settings",
            lambda given: settings_page.change(layout, given.get("name", ""), given.get("value", "")),
        ),
        act("/settings/reset", "/settings", lambda given: settings_page.reset(layout, given.get("name", ""))),
        Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
    ]


async def _answer(pages: Pages, work: Callable[[], Response]) -> Response:
    """What `work` answers, in a thread of its own; an error becomes a page."""
    try:
        return await run_in_threadpool(work)
    except ShadowpenError as failure:
        return pages.failed(failure)


def _report(layout: store.Layout) -> str:
    counting = journal_allowed(config.load(layout.config_file))
    return write(layout, served=served_status(layout), counting=counting).html
