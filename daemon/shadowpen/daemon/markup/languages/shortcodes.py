"""Shortcodes of Hugo and tags of Liquid and templates: which contain code or comments.

This file knows no lines around its own.
"""

from __future__ import annotations

import re

from shadowpen.daemon.markup.lines import LineKind

_CODE = (
    "highlight|code|codeblock|raw|verbatim|noformat|mermaid|plantuml|graphviz|math|katex|schema|style|stylesheet|"
    "javascript|script|chart|rawhtml|capture|gist_code"
)
_KINDS = {
    "comment": LineKind.COMMENT,
    "blockquote": LineKind.QUOTE,
    "quote": LineKind.QUOTE,
    "pullquote": LineKind.QUOTE,
}
_NAMES = f"{_CODE}|{'|'.join(_KINDS)}"
_OPENING = re.compile(
    rf"(?:\{{%-?\s*(?P<tag>{_NAMES})\b(?:[^%]|%(?!\}}))*%\}}"
    rf"|\{{\{{[<%]\s*(?P<code>{_NAMES})\b(?:[^<>%/]|[<>%/](?!\}}\}}))*[>%]\}}\}})",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    rf"\{{%-?\s*(?P<tag>{_NAMES})\b[^%\n]{{0,300}}%\}}.{{0,20000}}?\{{%-?\s*end(?P=tag)\s*-?%\}}"
    rf"|\{{\{{[<%]\s*(?P<code>{_NAMES})\b[^\n]{{0,300}}?[>%]\}}\}}.{{0,20000}}?\{{\{{[<%]\s*/\s*(?P=code)\s*[>%]\}}\}}",
    re.IGNORECASE | re.DOTALL,
)
_KRAMDOWN = re.compile(r"\{::(comment|nomarkdown)\b[^{}/\n]{0,200}\}")
# A mark of any name, and a template's: `{{date}}`, `{{ page.title }}`, `<% tp.date.now() %>`.
_MARKS = re.compile(
    r"\{#[^#\n]{0,400}#\}|\{\{\{[^{}\n]{1,200}\}\}\}|\{\{[<%][^{}]{0,400}?[>%]\}\}|\{%[^%]{0,400}?%\}|\{\{[^{}\n]{1,200}\}\}|<%[^%]{0,400}?%>"
)


def opening(line: str) -> tuple[str, LineKind] | None:
    """The pattern that closes the block which `line` begins with, and what it is; None if it begins with none."""
    if option := _KRAMDOWN.match(line):
        return r"\{:/\w*\}", LineKind.COMMENT if option[1] == "comment" else LineKind.CODE
    found = _OPENING.match(line)
    if found is None:
        return None
    name = (found["tag"] or found["code"]).lower()
    return closing(name, liquid=bool(found["tag"])), _KINDS.get(name, LineKind.CODE)


def closing(name: str, *, liquid: bool) -> str:
    return rf"\{{%-?\s*end{name}\s*-?%\}}" if liquid else rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}"


def without_shortcodes(text: str) -> str:
    """`text` without blocks of code and remarks on one line, and without the marks of all others."""
    if "{" not in text and "<%" not in text:
        return text
    return _MARKS.sub("", _BLOCK.sub("", text))
