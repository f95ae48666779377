"""The routes of the pages. Each action is a form; what it told stands on the page that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.cli.desktop import learned, overview, settings_page, versions_page
from shadowpen.daemon.cli.desktop.forms import fields
from shadowpen.daemon.cli.desktop.pages import Pages
from shadowpen.daemon.cli.desktop.session import ENTRANCE, BrowserSession, SessionGuard
from shadowpen.daemon.cli.desktop.writing import WritingRoutes
from shadowpen.daemon.cli.learning.report import write_report
from shadowpen.daemon.http.app import HOSTS

Fields = Mapping[str, str]


def make_app(layout: store.Layout, session: BrowserSession) -> Starlette:
    """The application for one user and one browser."""
    writing, routes = WritingRoutes(), _PageRoutes(layout, session)
    return Starlette(
        routes=[
            *routes.general(),
            *routes.about_learning(),
            *routes.about_settings(),
            *writing.routes(),
            Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
        ],
        lifespan=writing.lifespan,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False),
            Middleware(SessionGuard, session=session),
        ],
    )


class _PageRoutes:
    """The routes of the pages of one home."""

    def __init__(self, layout: store.Layout, session: BrowserSession) -> None:
        self._layout, self._session, self._pages = layout, session, Pages()

    def general(self) -> list[Route]:
        """The way in, the first page, the report and the page to write on."""
        return [
            Route(ENTRANCE, self._enter, methods=["GET"]),
            self._show("/", "overview.html", overview.shown),
            self._act("/act", "/", lambda given: overview.act(self._layout, given.get("wish", ""))),
            self._show("/report", "report.html", lambda _: {}),
            Route("/report/page", self._report, methods=["GET"]),
            self._show("/write", "write.html", lambda _: {}),
        ]

    def about_learning(self) -> list[Route]:
        """What was learned, and forgetting it."""
        return [
            self._show("/learned", "learned.html", learned.shown),
            *(
                self._act(path, "/learned", partial(_with_field, action, self._layout, name))
                for path, name, action in (
                    ("/learned/folders", "folder", learned.add_folder),
                    ("/learned/folders/remove", "folder", learned.remove_folder),
                    ("/learned/words", "word", learned.add_word),
                    ("/learned/words/remove", "word", learned.remove_word),
                )
            ),
            Route("/learned/forget", self._ask_to_forget, methods=["GET"]),
            self._act(
                "/learned/forget",
                "/learned",
                lambda given: learned.forget(self._layout, given.get("kind", ""), given.get("value", "")),
            ),
        ]

    def about_settings(self) -> list[Route]:
        """Versions and settings."""
        return [
            self._show("/versions", "versions.html", versions_page.shown),
            self._act("/versions/use", "/versions", lambda given: versions_page.choose(given.get("version", ""))),
            self._act("/versions/rollback", "/versions", lambda _: versions_page.go_back()),
            self._show("/settings", "settings.html", settings_page.shown),
            self._act(
                "/settings",
                "/settings",
                lambda given: settings_page.change(self._layout, given.get("name", ""), given.get("value", "")),
            ),
            self._act("/settings/reset", "/settings", partial(_with_field, settings_page.reset, self._layout, "name")),
        ]

    def _show(self, path: str, template: str, values: Callable[[store.Layout], Mapping[str, Any]]) -> Route:
        async def endpoint(_: Request) -> Response:
            return await self._answer(lambda: self._pages.page(path, template, values(self._layout)))

        return Route(path, endpoint, methods=["GET"])

    def _act(self, path: str, then: str, action: Callable[[Fields], str]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                given = await fields(request)
            except ShadowpenError as failure:
                return self._pages.failed(failure)
            return await self._answer(lambda: self._pages.done(then, action(given)))

        return Route(path, endpoint, methods=["POST"])

    async def _enter(self, request: Request) -> Response:
        return self._session.enter(request)

    async def _ask_to_forget(self, request: Request) -> Response:
        kind, value = (request.query_params.get(name, "").strip() for name in ("kind", "value"))
        return await self._answer(
            lambda: self._pages.page("/learned/forget", "forget.html", learned.planned(self._layout, kind, value))
        )

    async def _report(self, _: Request) -> Response:
        return await self._answer(lambda: HTMLResponse(write_report(self._layout).html))

    async def _answer(self, work: Callable[[], Response]) -> Response:
        """What `work` answers, in a thread of its own; an error becomes a page."""
        try:
            return await run_in_threadpool(work)
        except ShadowpenError as failure:
            return self._pages.failed(failure)
        except OSError as error:  # a closed folder, a name that is too long
            return self._pages.failed(store.unusable(Path(error.filename or self._layout.data), error))


def _with_field(action: Callable[[store.Layout, str], str], layout: store.Layout, name: str, given: Fields) -> str:
    return action(layout, given.get(name, ""))
