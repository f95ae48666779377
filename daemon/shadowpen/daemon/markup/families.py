"""Choose the reader for a text by its language id or its file extension.

An editor's plain text is read as a lax Markdown, since many write so there; a file of plain text has no markup. This
file knows no text.
"""

from __future__ import annotations

from dataclasses import dataclass

from shadowpen.daemon.markup.languages.asciidoc import Asciidoc
from shadowpen.daemon.markup.languages.html import Html
from shadowpen.daemon.markup.languages.latex import Latex
from shadowpen.daemon.markup.languages.lesser import Commit, Fountain, Plain, Textile, Wiki
from shadowpen.daemon.markup.languages.markdown import Markdown
from shadowpen.daemon.markup.languages.org import Org
from shadowpen.daemon.markup.languages.rst import Restructured
from shadowpen.daemon.markup.languages.typst import Typst
from shadowpen.daemon.markup.lines import LineReader


@dataclass(frozen=True)
class LanguageFamily:
    """Languages that are read alike; `name` says how what stands within their lines is read."""

    name: str
    reader: LineReader


MARKDOWN = LanguageFamily("markdown", Markdown())
_MDX = LanguageFamily("markdown", Markdown(modules=True))
_VIMWIKI = LanguageFamily("markdown", Markdown(code_by_indent=False, obsidian=False, wiki=True))
_LAX = LanguageFamily("markdown", Markdown(code_by_indent=False, obsidian=False))
_COMMIT = LanguageFamily("commit", Commit())
_ORG = LanguageFamily("org", Org())
_RST = LanguageFamily("rst", Restructured())
_ASCIIDOC = LanguageFamily("asciidoc", Asciidoc())
_LATEX = LanguageFamily("latex", Latex())
_TYPST = LanguageFamily("typst", Typst())
_WIKI = LanguageFamily("wiki", Wiki())
_TEXTILE = LanguageFamily("textile", Textile())
_FOUNTAIN = LanguageFamily("fountain", Fountain())
_HTML = LanguageFamily("html", Html())
PLAIN = LanguageFamily("plain", Plain())

_LANGUAGES = {
    **dict.fromkeys(("markdown", "quarto", "rmd", "rmarkdown", "pandoc", "djot"), MARKDOWN),
    **dict.fromkeys(("mdx", "markdown.mdx"), _MDX),
    **dict.fromkeys(("vimwiki", "wiki"), _VIMWIKI),
    **dict.fromkeys(("", "plaintext", "text", "txt", "mail"), _LAX),
    **dict.fromkeys(("git-commit", "gitcommit", "hgcommit", "jjdescription", "scminput"), _COMMIT),
    **dict.fromkeys(("org", "norg"), _ORG),
    **dict.fromkeys(("rst", "restructuredtext"), _RST),
    **dict.fromkeys(("latex", "tex", "plaintex"), _LATEX),
    **dict.fromkeys(("mediawiki", "creole"), _WIKI),
    "asciidoc": _ASCIIDOC,
    "typst": _TYPST,
    "textile": _TEXTILE,
    "fountain": _FOUNTAIN,
    "html": _HTML,
}
_SUFFIXES = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mdwn", ".mkd", ".mkdn", ".qmd", ".rmd", ".dj", ".djot"), MARKDOWN),
    **dict.fromkeys((".org", ".norg"), _ORG),
    **dict.fromkeys((".tex", ".latex", ".ltx"), _LATEX),
    **dict.fromkeys((".adoc", ".asciidoc"), _ASCIIDOC),
    **dict.fromkeys((".htm", ".html", ".xhtml"), _HTML),
    ".mdx": _MDX,
    **dict.fromkeys((".rst", ".rest"), _RST),
    **dict.fromkeys((".wiki", ".mediawiki", ".dokuwiki", ".creole"), _WIKI),
    **dict.fromkeys((".fountain", ".spmd"), _FOUNTAIN),
    ".typ": _TYPST,
    ".textile": _TEXTILE,
}


def of_language(language: str) -> LanguageFamily | None:
    """How a document is read that its editor calls `language`; None if nobody here knows."""
    return _LANGUAGES.get(language)


def of_suffix(suffix: str) -> LanguageFamily:
    """How a file is read whose name ends in `suffix`."""
    return _SUFFIXES.get(suffix.lower(), PLAIN)
