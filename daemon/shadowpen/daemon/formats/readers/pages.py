"""Convert the HTML of documents, books and mail to Markdown."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Comment
from lxml import etree
from markdownify import MarkdownConverter

from shadowpen.daemon.formats.pieces import Unreadable

_NO_TEXT = ("head", "script", "style", "nav", "img", "svg", "math", "iframe", "object", "template", "noscript")
_DEEPEST = 400  # tags within tags; Python ends soon behind it
_ENTITIES = re.compile(rb"<!ENTITY", re.IGNORECASE)


def markdown(page: str | bytes) -> str:
    """The text of an HTML document; Unreadable if it is nested as nobody writes."""
    tree = BeautifulSoup(page, "lxml")
    for tag in tree.find_all(_NO_TEXT):
        tag.decompose()
    for comment in tree.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    try:
        return (
            _Converter(
                heading_style="atx",
                bullets="-",
                escape_asterisks=False,
                escape_underscores=False,
                escape_misc=False,
                autolinks=False,
            )
            .convert_soup(tree)
            .replace("\xa0", " ")
        )
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def xml(content: bytes) -> Any:
    """The root of an XML document without entities of its own, which only bombs have here; Unreadable otherwise."""
    if _ENTITIES.search(content):
        raise Unreadable("defines XML entities, which are not allowed")
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise Unreadable("damaged, or not what its name says") from error
    return root


class _Converter(MarkdownConverter):  # type: ignore[misc]
    """Links lose their addresses; a line break within a paragraph stays one."""

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return text

    def convert_sup(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """Marks of footnotes are no text; what else is raised is."""
        return "" if re.fullmatch(r"\s*\[?\d{1,4}\]?\s*", text) else text
