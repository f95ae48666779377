"""Render pages from templates: every value is escaped; a notice about the last action is shown once.

In a template `say` puts one of our sentences, whose values are numbered, into the reader's language, and the filter
`translated` does so with a finished one. Knows no figures and no routes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.translation.language import tag, translated, words

NAVIGATION = dict(
    zip(
        ("/", "/learned", "/versions", "/report", "/settings", "/write"),
        words("Overview", "What it learned", "Versions", "Report", "Settings", "Write"),
        strict=True,
    )
)
_KEY = re.compile(r"`([^`]+)`")


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
        self._templates.globals["say"] = _said
        self._templates.filters |= {"translated": translated, "with_keys": _with_keys}
        self._told = ""

    def page(self, path: str, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
        """The page of `template` at `path`, with what the last action told."""
        told, self._told = self._told, ""
        rendered = self._templates.get_template(template).render(
            values,
            navigation=NAVIGATION,
            path=path,
            told=told,
            title=NAVIGATION.get(path, "Shadowpen"),
            language=tag(),
        )
        return HTMLResponse(rendered, status)

    def done(self, path: str, told: str) -> Response:
        """Go on to the page at `path`, which shows `told`."""
        self._told = told
        return RedirectResponse(path, 303)

    def failed(self, failure: ShadowpenError, status: int = 400) -> Response:
        """A page with the sentence and the hint of an error."""
        return self.page("", "failed.html", {"message": failure.message, "hint": failure.hint}, status)


def _said(sentence: str, *values: object) -> str:
    return translated(sentence.format(*values))


def _with_keys(text: str) -> Markup:
    """`text` with what stands between backticks as keys of the keyboard."""
    return Markup(_KEY.sub(r"<kbd>\1</kbd>", str(escape(text))))
