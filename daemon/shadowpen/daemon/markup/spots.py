"""Where in a document the cursor stands: plain text, a heading, a table, code, a link's address, front matter.

One pass over the lines before the cursor, which keeps what is open. The text may begin anywhere in its document, so
a mark that closes what was never seen to open counts as opening only if it can. This file knows no suggestion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shadowpen.daemon.markup.literal import held

MARKDOWN = frozenset(
    (
        *("markdown", "markdown.mdx", "mdx", "quarto", "rmd", "pandoc", "djot", "vimwiki", "wiki", ""),
        *("plaintext", "text", "mail", "git-commit", "gitcommit", "hgcommit", "jjdescription"),
    )
)
_INDENT_IS_CODE = frozenset(("markdown", "markdown.mdx", "mdx", "quarto", "rmd", "pandoc"))
TEX = frozenset(("latex", "tex", "plaintex"))


class Spot(StrEnum):
    """What the cursor is in. The upper ones are `SILENT`: nothing is suggested there unasked."""

    FRONT_MATTER = "front_matter"
    CODE = "code"
    MATH = "math"
    MARKUP = "markup"  # a tag, a comment, a command
    ADDRESS = "address"  # of a link, or one that stands for itself
    CODE_SPAN = "code_span"
    TABLE = "table"
    HEADING = "heading"
    LINK_TEXT = "link_text"
    LIST = "list"
    TEXT = "text"


SILENT = frozenset((Spot.FRONT_MATTER, Spot.CODE, Spot.MATH, Spot.MARKUP, Spot.ADDRESS))

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})(.*)\Z")
_FRONT_MATTER = re.compile(r"(---|\+\+\+)\s*\Z")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_LIST = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
_TABLE = re.compile(r"\s*\|")
_INDENTED = re.compile(r"(?: {4}|\t)")
_ADDRESS = re.compile(
    r"(?:\]\([^)\s]*|\A\s{0,3}\[[^\]]+\]:\s*\S*|<[a-z][a-z0-9+.-]*:[^>\s]*|\b(?:https?|ftp|file)://\S*|\bwww\.\S*)\Z"
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*\Z|<!--(?:(?!-->).)*\Z")
_LINK_TEXT = re.compile(r"\[[^\[\]]*\Z")
_TEX_COMMAND = re.compile(
    r"\\[A-Za-z@]*\Z|\\(?:\w*ref|cite\w*|label|input|include\w*|url|href|usepackage)\*?(?:\[[^\]]*\])?\{[^}]*\Z"
)
_TEX_CODE = ("verbatim", "lstlisting", "minted", "tikzpicture")
_TEX_MATH = ("equation", "align", "gather", "multline", "math", "displaymath")
_TEX_BLOCK = re.compile(rf"\\(begin|end)\{{({'|'.join(_TEX_CODE + _TEX_MATH)})\*?\}}")


def spot(prefix: str, language: str) -> Spot:
    """What the end of `prefix` is in. Languages without rules know addresses only."""
    line = prefix[prefix.rfind("\n") + 1 :]
    if language in TEX:
        return _in_tex(prefix, line)
    if within := held(prefix, language):
        return Spot(within)
    if language in MARKDOWN:
        block = _Blocks.over(prefix, indent_is_code=language in _INDENT_IS_CODE)
        if block is not Spot.TEXT:
            return block
        if _in_code_span(prefix):
            return Spot.CODE_SPAN
    if _ADDRESS.search(line):
        return Spot.ADDRESS
    return _on_line(line) if language in MARKDOWN else Spot.TEXT


def _on_line(line: str) -> Spot:
    if _TAG.search(line):
        return Spot.MARKUP
    if _TABLE.match(line):
        return Spot.TABLE
    if _HEADING.match(line):
        return Spot.HEADING
    if _LINK_TEXT.search(line) and not line.endswith(("[", "[ ", "[x")):
        return Spot.LINK_TEXT
    return Spot.LIST if _LIST.match(line) else Spot.TEXT


@dataclass
class _Blocks:
    """What is open after each whole line."""

    indent_is_code: bool
    fence: str = ""
    front: str = ""
    math: bool = False
    after_blank: bool = True
    indented: bool = False
    in_list: bool = False

    @classmethod
    def over(cls, prefix: str, *, indent_is_code: bool) -> Spot:
        """The block that the last line of `prefix` is in; TEXT for anything that holds running text."""
        *lines, last = prefix.split("\n")
        blocks = cls(indent_is_code)
        for number, line in enumerate(lines):
            blocks.read(line, first=number == 0)
        return blocks.holds(last)

    def read(self, line: str, *, first: bool) -> None:
        blank = not line.strip()
        mark = _FRONT_MATTER.match(line)
        fence = _FENCE.match(line)
        if self.front:
            self.front = "" if mark and mark[1] == self.front else self.front
        elif first and mark:
            self.front = mark[1]
        elif self.fence:
            closes = fence and fence[1].startswith(self.fence) and not fence[2].strip()
            self.fence = "" if closes else self.fence
        elif fence and "`" not in fence[2]:
            self.fence = fence[1]
        elif line.strip().startswith("$$"):
            self.math = not self.math if line.count("$$") % 2 else self.math
        elif not blank:
            self.indented = bool(_INDENTED.match(line)) and (self.indented or self.after_blank) and not self.in_list
            self.in_list = bool(_LIST.match(line)) or (self.in_list and line[:1].isspace())
        self.after_blank = blank

    def holds(self, last: str) -> Spot:
        if self.front:
            return Spot.FRONT_MATTER
        if self.math:
            return Spot.MATH
        begun = _FENCE.match(last)
        return Spot.CODE if self.fence or begun or self._is_indented_code(last) else Spot.TEXT

    def _is_indented_code(self, last: str) -> bool:
        deep = self.indent_is_code and bool(_INDENTED.match(last))
        return deep and (self.after_blank or self.indented) and not self.in_list


def _in_code_span(prefix: str) -> bool:
    """Whether a run of backticks is open in the last paragraph."""
    paragraph = prefix[prefix.rfind("\n\n") + 1 :]
    open_run = ""
    for run in re.findall(r"`+", paragraph):
        if not open_run:
            open_run = run
        elif run == open_run:
            open_run = ""
    return bool(open_run)


def _in_tex(prefix: str, line: str) -> Spot:
    bare = re.sub(r"\\[$%]", "", line)
    if "%" in bare or _TEX_COMMAND.search(line):
        return Spot.MARKUP
    opened = [kind for word, kind in _TEX_BLOCK.findall(prefix) if word == "begin"]
    closed = [kind for word, kind in _TEX_BLOCK.findall(prefix) if word == "end"]
    if len(opened) > len(closed):
        return Spot.CODE if opened[-1] in _TEX_CODE else Spot.MATH
    paragraph = re.sub(r"\\.", "", prefix[prefix.rfind("\n\n") + 1 :])
    return Spot.MATH if paragraph.count("$") % 2 else Spot.TEXT
