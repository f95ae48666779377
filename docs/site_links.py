"""A hook of `make site`: links to files outside the site become plain text, since nothing is published to point at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_DOCS = Path(__file__).resolve().parent
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
_PAGES = (".md", ".gif", ".png", ".svg")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Called by mkdocs for each page."""
    folder = (_DOCS / page.file.src_path).parent
    return _LINK.sub(lambda link: link[0] if is_in_site(link[2], folder) else link[1], markdown)


def is_in_site(target: str, folder: Path) -> bool:
    """Whether a link in a page of `folder` leads to another page, a picture, or out into the world."""
    path = target.partition("#")[0]
    if not path or re.match(r"[a-z]+:", path):
        return True
    found = (folder / path).resolve()
    return _DOCS in found.parents and found.suffix in _PAGES
