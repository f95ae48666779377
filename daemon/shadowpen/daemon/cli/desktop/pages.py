"""Pages from templates: every value is escaped, and what was just done stands on the next page once.

Knows no figures and no routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shadowpen.daemon.base.errors import ShadowpenError

NAVIGATION = (
    ("/", "Overview"),
    ("/learned", "What it learned"),
    ("/versions", "Versions"),
    ("/report", "Report"),
    ("/settings", "Settings"),
    ("/write", "Write"),
)


class Pages:
    """Renders the templates of this folder for one browser."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._told = ""

    def page(self, path: str, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
        """The page of `template` at `path`, with what the last action told."""
        told, self._told = self._told, ""
        rendered = self._templates.get_template(template).render(
            values, navigation=NAVIGATION, path=path, told=told, title=dict(NAVIGATION).get(path, "Shadowpen")
        )
        return HTMLResponse(rendered, status)

    def done(self, path: str, told: str) -> Response:
        """Go on to the page at `path`, which shows `told`."""
        self._told = told
        return RedirectResponse(path, 303)

    def failed(self, failure: ShadowpenError, status: int = 400) -> Response:
        """A page with the sentence and the hint of an error."""
        return self.page("", "failed.html", {"message": failure.message, "hint": failure.hint}, status)
