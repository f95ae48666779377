"""Lines of less common markup: Textile, MediaWiki and its kin, Fountain, commit messages, plain text.

Only what is surely no prose is told apart. This file knows neither what stands within a line nor what is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.markup.lines import BLANK, KINDS, TEXT, Line, LineKind, ReaderState, inside

_PLAIN_RULE = re.compile(r"\s*([-=*_~#^+·•–—])(?:[ \t]*\1){2,}\s*\Z")
_TEXTILE_BLOCK = re.compile(
    r"(bc|pre|notextile|###|bq|table|h[1-6]|fn\d+|p)((?:\([^)\n]*\)|\{[^}\n]*\}|\[[^\]\n]*\]|[<>=])*)(\.\.?)(?::\S+)?\s"
)
_TEXTILE_ALIAS = re.compile(r"\[[^\]\n]{1,100}\](?:https?|ftp|mailto):\S+\s*\Z")
_TEXTILE_ITEM = re.compile(r"[*#]+\s")
NAMESPACES = (  # of what is shown or filed, and no word of the text
    "(?i:File|Image|Category|Datei|Bild|Kategorie|Fichier|Catégorie|Archivo|Imagen|Categoría|Immagine|Categoria|"
    "Ficheiro|Bestand|Categorie|Plik|Kategoria|Файл|Категория|Fil|Tiedosto|Luokka|文件|分类|ファイル)"
)
_WIKI_HEADING = re.compile(r"(={1,6})([^=\n].*?)\1\s*\Z")
_WIKI_HELD = re.compile(
    r"<(pre|code|nowiki|syntaxhighlight|source|math|gallery|timeline|score|file|blockquote|html|php)\b[^>\n]*>",
    re.IGNORECASE,
)
_WIKI_ITEM = re.compile(r"[*#:;]+\s*\S|\s{2,}[*-]\s*\S")  # DokuWiki's are indented
_WIKI_MARKUP = re.compile(
    rf"%(?:title|date|nohtml|template|toc)\b|~~[A-Z]+~~|(?:\[\[{NAMESPACES}:[^\]\n]*\]\]\s*)+\Z|__[A-Z]+__|#REDIRECT\b",
    re.IGNORECASE,
)
_SCENE = re.compile(r"(?:(?:INT|EXT|EST|INT\.?/EXT|I/E)[. ]|\.(?=[^.\s]))", re.IGNORECASE)
_SECTION = re.compile(r"(#{1,6})\s+")
_TITLE_PAGE = re.compile(r"(?!(?:FADE|CUT|DISSOLVE|SMASH|MATCH|JUMP|OPEN|OVER)\b)[A-Za-z][A-Za-z ]{0,20}:(?:\s|\Z)")
_SCISSORS = re.compile(r"[#;] -+ >8 -+")
_GIT = re.compile(r"[#;](?!\d)|HG:|JJ:")
_NEVER = r"(?!)"


@dataclass(frozen=True)
class Plain:
    """A reader of text without markup, where people still draw lines below titles and between parts."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if not line.strip():
            return BLANK, state.with_paragraph(False)
        if _PLAIN_RULE.match(line):
            underlines = state.paragraph and len(set(line.split())) == 1 and " " not in line.strip()
            return KINDS[LineKind.UNDERLINE if underlines else LineKind.RULE], state.with_paragraph(False)
        return TEXT, state.with_paragraph(True)


@dataclass(frozen=True)
class Textile:
    """A reader of Textile; `bc..` and its kin go on to the next block of any name."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        found = _TEXTILE_BLOCK.match(line)
        if state.mark and not (state.style and found):
            return self._within(state, line)
        if not line.strip():
            return BLANK, state.with_paragraph(False)
        if found is not None:
            return self._block(state.closed()._replace(style=""), found)
        if line.startswith("|"):
            return KINDS[LineKind.TABLE], state.with_paragraph(False)
        if _TEXTILE_ALIAS.match(line):
            return KINDS[LineKind.DEFINITION], state.with_paragraph(False)
        if held := re.match(r"<(pre|notextile|code)\b", line, re.IGNORECASE):
            mark = rf"</{held[1].lower()}>"
            closed = re.search(mark, line, re.IGNORECASE)
            return KINDS[LineKind.CODE], state if closed else state.opened(mark, LineKind.CODE)
        item = bool(_TEXTILE_ITEM.match(line))
        return Line(LineKind.ITEM, starts=True) if item else TEXT, state.with_paragraph(True)

    def _within(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        if state.mark != _NEVER:
            return inside(state, line)
        if not line.strip() and not state.style:
            return BLANK, state.closed()
        return KINDS[state.kind], state

    def _block(self, state: ReaderState, found: re.Match[str]) -> tuple[Line, ReaderState]:
        name = found[1].lower()
        if name[0] == "h":
            return Line(LineKind.HEADING, found.end(), level=int(name[1]), starts=True), state.with_paragraph(False)
        if name == "p" or name.startswith("fn"):
            return Line(LineKind.TEXT, found.end(), starts=True), state.with_paragraph(True)
        kind = {"bq": LineKind.QUOTE, "table": LineKind.TABLE, "###": LineKind.COMMENT}.get(name, LineKind.CODE)
        style = "more" if found[3] == ".." else ""
        return KINDS[kind], state.opened(_NEVER, kind, firm=True)._replace(style=style)


@dataclass(frozen=True)
class Wiki:
    """A reader of MediaWiki, DokuWiki and their kin. Its style is the number of braces that are open."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if state.mark:
            return inside(state, line)
        if state.style:
            return self._template(state, line, int(state.style))
        if not line.strip():
            return BLANK, state.with_paragraph(False)
        return self._marked(state, line) or (TEXT, state.with_paragraph(True))

    def _marked(self, state: ReaderState, line: str) -> tuple[Line, ReaderState] | None:
        if heading := _WIKI_HEADING.match(line):
            level = len(heading[1])
            found = Line(LineKind.HEADING, level, heading.end(2), level, starts=True)
            return found, state.with_paragraph(False)
        if line.startswith("{{{"):
            return KINDS[LineKind.CODE], state if "}}}" in line else state.opened(r"\}\}\}", LineKind.CODE)
        if line.startswith("{{") and "{{{" not in line:
            return self._template(state, line, 0)
        if line.lstrip().startswith("{|"):
            return KINDS[LineKind.TABLE], state if "|}" in line else state.opened(r"\|\}", LineKind.TABLE)
        if line.lstrip().startswith("<!--"):
            return KINDS[LineKind.COMMENT], state if "-->" in line else state.opened("-->", LineKind.COMMENT)
        if (held := _WIKI_HELD.match(line.lstrip())) and f"</{held[1].lower()}" not in line.lower():
            kind = {"math": LineKind.MATH, "blockquote": LineKind.QUOTE}.get(held[1].lower(), LineKind.CODE)
            return KINDS[kind], state.opened(rf"</{held[1].lower()}\s*>", kind)
        if line.startswith("%%"):
            return KINDS[LineKind.COMMENT], state.with_paragraph(False)
        if _WIKI_MARKUP.match(line):
            return KINDS[LineKind.MARKUP], state.with_paragraph(False)
        if re.match(r"-{4,}\s*\Z", line):
            return KINDS[LineKind.RULE], state.with_paragraph(False)
        if _WIKI_ITEM.match(line):
            return Line(LineKind.ITEM, starts=True), state.with_paragraph(True)
        return (KINDS[LineKind.INDENTED], state.with_paragraph(False)) if line[0] == " " else None

    def _template(self, state: ReaderState, line: str, depth: int) -> tuple[Line, ReaderState]:
        depth += line.count("{{") - line.count("}}")
        behind = line.rpartition("}}")[2] if depth <= 0 else ""
        if behind.strip():
            return Line(LineKind.TEXT, len(line) - len(behind), starts=True), state._replace(style="", paragraph=True)
        return KINDS[LineKind.MARKUP], state._replace(style=str(depth) if depth > 0 else "", paragraph=False)


@dataclass(frozen=True)
class Fountain:
    """A reader of Fountain: notes and what is struck out go, and the title page does."""

    start: ReaderState = ReaderState(style="first")

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if state.mark:
            return inside(state, line)
        if not line.strip():
            return BLANK, state._replace(paragraph=False, style="") if state.style or state.paragraph else state
        if state.style == "first" and not _TITLE_PAGE.match(line):
            state = state._replace(style="")
        if state.style:
            return KINDS[LineKind.FRONT_MATTER], state._replace(style="title")
        for begin, end, mark in (("/*", "*/", r"\*/"), ("[[", "]]", r"\]\]")):
            at = line.find(begin)
            if at >= 0 and line.find(end, at) < 0 and mark not in state.unclosed:
                return Line(LineKind.TEXT if line[:at].strip() else LineKind.COMMENT, end=at), state.opened(
                    mark, LineKind.COMMENT
                )
        if section := _SECTION.match(line):
            found = Line(LineKind.HEADING, section.end(), level=len(section[1]), starts=True)
            return found, state.with_paragraph(False)
        if _SCENE.match(line):
            return Line(LineKind.HEADING, level=6, starts=True), state.with_paragraph(False)
        return (KINDS[LineKind.RULE] if re.match(r"={3,}\s*\Z", line) else TEXT), state.with_paragraph(True)


@dataclass(frozen=True)
class Commit:
    """A reader of commit messages: Git's own lines are no text, nor is the whole change below its scissors."""

    start: ReaderState = ReaderState()

    def read(self, state: ReaderState, line: str) -> tuple[Line, ReaderState]:
        """See `lines.LineReader`."""
        if state.mark:
            return KINDS[LineKind.CODE], state
        if _SCISSORS.match(line):
            return KINDS[LineKind.MARKUP], state.opened(_NEVER, LineKind.CODE, firm=True)
        if _GIT.match(line):
            return KINDS[LineKind.MARKUP], state
        return (TEXT, state.with_paragraph(True)) if line.strip() else (BLANK, state.with_paragraph(False))
