"""The documentation as a site: every page is in mkdocs.yml, and every link and anchor leads somewhere.

mkdocs itself is not installed for tests: `make site` builds the site, and fails at the same faults.
"""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from fnmatch import fnmatch
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))


def _hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_links", DOCS / "site_links.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOOK = _hook()


def _named(nav: Any) -> list[str]:
    """All pages of a part of the navigation."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [name for part in parts for name in _named(part)]


def test_every_page_has_one_place_in_the_navigation() -> None:
    named = _named(SITE["nav"])
    assert len(named) == len(set(named))
    apart = SITE["not_in_nav"].split()
    pages = {page.relative_to(DOCS).as_posix() for page in PAGES}
    assert {name for name in pages if not any(fnmatch(name, pattern) for pattern in apart)} == set(named)


def test_nothing_is_loaded_from_elsewhere_when_it_is_read() -> None:
    assert SITE["theme"]["font"] is False
    assert SITE["plugins"] == ["search"] and "extra_javascript" not in SITE and "extra_css" not in SITE


@cache
def _anchors(page: Path) -> frozenset[str]:
    """What a link may point to in a page: its headings as mkdocs names them."""
    tokens = MarkdownIt().parse(page.read_text("utf-8"))
    found: list[str] = []
    for heading, text in pairwise(tokens):
        if heading.type == "heading_open":
            plain = "".join(one.content for one in text.children or () if one.type in ("text", "code_inline"))
            name = _slug(plain)
            count = sum(re.fullmatch(rf"{re.escape(name)}(_\d+)?", known) is not None for known in found)
            found.append(f"{name}_{count}" if count else name)
    return frozenset(found)


def _slug(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def _links(page: Path) -> list[str]:
    tokens = MarkdownIt().enable("table").parse(page.read_text("utf-8"))
    inline = [child for token in tokens for child in token.children or ()]
    return [str(one.attrs["href"]) for one in inline if one.type == "link_open"]


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_and_anchors_resolve(page: Path) -> None:
    lost = []
    for link in _links(page):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize(
    ("link", "stays"),
    [
        ("learning.md#forgetting", True),
        ("#the-tree", True),
        ("https://pytorch.org", True),
        ("images/vscode.gif", True),
        ("../plugins/vscode/dist", False),
        ("plugins/command", False),
        ("generate.py", False),
    ],
)
def test_links_out_of_the_site_become_text(link: str, stays: bool) -> None:
    class Page:
        file = type("File", (), {"src_path": "vscode.md"})

    written = HOOK.on_page_markdown(f"see [this]({link}).", Page())
    assert written == (f"see [this]({link})." if stays else "see this.")
