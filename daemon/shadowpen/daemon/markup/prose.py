"""What of a marked-up file is not its author's prose: front matter, code, quotes, tables, HTML, link targets.

One line-by-line reader for each family of markup, each giving the lines that stay and how many characters went, by
reason. What the author types while writing (headings, list markers, emphasis) stays: it is part of how they write.
This file knows nothing of paragraphs or of learning.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

LINK = "⟦link⟧"  # stands for an address that the sentence cannot do without; never learned

_FENCE = re.compile(r"\s{0,12}(`{3,}|~{3,})")
_QUOTE = re.compile(r"\s{0,3}>")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_RULE = re.compile(r"\s{0,3}(?:([-*_])(?:[ \t]*\1){2,}|=+|-+)\s*\Z")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*\Z")
_DEFINITION = re.compile(r"\s{0,3}\[(?!\^)[^\]]+\]:\s*\S+")
_HTML_BLOCK = re.compile(
    r"\s*<(pre|script|style|table|figure|svg|iframe|video|audio|object|math|form)\b", re.IGNORECASE
)
_SHORTCODE = re.compile(r"\{\{[<%].*?[>%]\}\}|\{%.*?%\}")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FRONT_MATTER = re.compile(
    r"\A(?:---[ \t]*\n(.*?)\n(?:---|\.\.\.)|\+\+\+[ \t]*\n(.*?)\n\+\+\+)[ \t]*(?:\n|\Z)", re.DOTALL
)

_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])")
_INLINE_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((?:[^()\n]|\([^()\n]*\))*\)")
_REFERENCE_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\[[^\]\n]*\]")
_FOOTNOTE = re.compile(r"\[\^[^\]\n]+\](?::[ \t]*)?")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>")
_AUTOLINK = re.compile(r"<(?:https?|ftp|mailto):[^\s<>]+>")
_ADDRESS = re.compile(
    r"\b(?:https?|ftp|gemini|gopher)://[^\s<>\])}]*[^\s<>\])}.,;:!?'\"]|\bwww\.[^\s<>\])}]*[^\s<>\])}.,;:!?'\"]"
)


@dataclass
class Stripped:
    """What stays, line by line, and what went: reason → characters."""

    lines: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def drop(self, reason: str, text: str) -> None:
        """Count what goes; what stood on both sides of it is not one paragraph."""
        self.dropped[reason] += len(text)
        if self.lines and self.lines[-1].strip():
            self.lines.append("")


def front_matter(text: str) -> tuple[str, str]:
    """The YAML or TOML block at the head of a text ("" if none), and what follows it."""
    found = _FRONT_MATTER.match(text)
    return ((found[1] or found[2] or ""), text[found.end() :]) if found else ("", text)


def strip(text: str, suffix: str) -> Stripped:
    """The prose of `text`, read as the markup that a file's `suffix` stands for."""
    return _READERS.get(suffix.lower(), _plain)(text)


def _plain(text: str) -> Stripped:
    out = Stripped()
    for line in text.split("\n"):
        out.lines.append(_addresses(line, out))
    return out


def _markdown(text: str) -> Stripped:
    out = Stripped()
    without_comments = _COMMENT.sub("", text)
    out.dropped["html"] += len(text) - len(without_comments)
    lines = without_comments.split("\n")
    place = 0
    while place < len(lines):
        taken, reason = _markdown_block(lines, place, out.lines)
        if taken:
            out.drop(reason, "\n".join(lines[place : place + taken]))
            place += taken
        else:
            out.lines.append(_inline(lines[place], out))
            place += 1
    return out


def _markdown_block(lines: list[str], place: int, kept: list[str]) -> tuple[int, str]:
    """How many lines from `place` on are a block to drop, and why; 0 if the line stays."""
    line = lines[place]
    before = kept[-1] if kept else ""
    if fence := _FENCE.match(line):
        closing = re.compile(rf"\s*{re.escape(fence[1][0])}{{{len(fence[1])},}}\s*\Z")
        return _until(lines, place, lambda other: bool(closing.match(other)), inclusive=True), "code"
    if block := _HTML_BLOCK.match(line):
        closing_tag = f"</{block[1].lower()}>"
        if closing_tag in line.lower():
            return 1, "html"
        return _until(lines, place, lambda other: closing_tag in other.lower(), inclusive=True), "html"
    if _QUOTE.match(line):
        return _until(lines, place, lambda other: not other.strip()), "quote"
    if line.lstrip().startswith("|") or ("|" in line and place + 1 < len(lines) and _is_table_rule(lines[place + 1])):
        return _until(lines, place, lambda other: "|" not in other), "table"
    if line.startswith(("    ", "\t")) and line.strip() and not before.strip() and not _in_list(kept):
        count = _until(lines, place, lambda other: bool(other.strip()) and not other.startswith(("    ", "\t")))
        return (0, "") if _is_sentence(line) else (count, "code")
    if _DEFINITION.match(line):
        return 1, "link target"
    if _RULE.match(line):
        return 1, "rule"
    return 0, ""


def _until(lines: list[str], place: int, ends: Callable[[str], bool], *, inclusive: bool = False) -> int:
    """Lines from `place` up to the first later one that `ends` it, with that one if `inclusive`; or all the rest."""
    for later in range(place + 1, len(lines)):
        if ends(lines[later]):
            return later - place + inclusive
    return len(lines) - place


def _is_sentence(line: str) -> bool:
    """Whether an indented line is a paragraph, as some people write them, rather than code."""
    symbols = sum(line.count(symbol) for symbol in "{}()[];=<>$|_\\/&*+`#~^")
    return len(line.split()) >= 8 and symbols <= len(line) / 40


def _is_table_rule(line: str) -> bool:
    return "|" in line and bool(_TABLE_RULE.match(line))


def _in_list(kept: Sequence[str]) -> bool:
    """Whether the last paragraph that stayed belongs to a list: what is indented below it is its text."""
    for line in reversed(kept[-40:]):
        if _LIST_ITEM.match(line):
            return True
        if line.strip() and not line.startswith((" ", "\t")):
            return False
    return False


def _inline(line: str, out: Stripped) -> str:
    for pattern, replacement, reason in (
        (_SHORTCODE, "", "html"),
        (_IMAGE, "", "image"),
        (_INLINE_LINK, r"\1", "link target"),
        (_REFERENCE_LINK, r"\1", "link target"),
        (_FOOTNOTE, "", "footnote mark"),
        (_AUTOLINK, LINK, "link target"),
        (_TAG, "", "html"),
    ):
        changed = pattern.sub(replacement, line)
        out.dropped[reason] += max(0, len(line) - len(changed))
        line = changed
    return html.unescape(_addresses(line, out))


def _addresses(line: str, out: Stripped) -> str:
    changed = _ADDRESS.sub(LINK, line)
    out.dropped["link target"] += max(0, len(line) - len(changed))
    return changed


def _org(text: str) -> Stripped:
    out = Stripped()
    block = re.compile(r"\s*#\+begin_(\w+)", re.IGNORECASE)
    for line, ending in _blocks(text, block, r"\s*#\+end_{0}", out, kept={"center", "verse"}):
        if ending or re.match(r"\s*(?:#\+|# |:[A-Z_]+:|\|)", line):
            out.drop("markup", line)
            continue
        line = re.sub(r"\[\[[^\]]+\]\[([^\]]+)\]\]", r"\1", line)
        out.lines.append(_addresses(re.sub(r"\[\[[^\]]+\]\]", LINK, line), out))
    return out


def _latex(text: str) -> Stripped:
    out = Stripped()
    _, begin, body = text.partition(r"\begin{document}")
    out.drop("markup", text[: len(text) - len(body)] if begin else "")
    block = re.compile(r"\s*\\begin\{(\w+\*?)\}")
    source = re.sub(r"(?<!\\)%.*", "", body if begin else text)
    for line, ending in _blocks(
        source, block, r"\s*\\end\{{{0}\}}", out, kept={"itemize", "enumerate", "abstract", "document"}
    ):
        if ending or re.match(
            r"\s*\\(?!(?:section|subsection|subsubsection|chapter|paragraph|item|emph|textit|textbf)\b)", line
        ):
            out.drop("markup", line)
        else:
            out.lines.append(_addresses(line, out))
    return out


def _blocks(text: str, begin: re.Pattern[str], end: str, out: Stripped, kept: set[str]) -> Iterator[tuple[str, bool]]:
    """Lines outside blocks that `begin` and `end` mark, each with whether it only marks one that is `kept`."""
    closing: re.Pattern[str] | None = None
    for line in text.split("\n"):
        if closing is not None:
            out.drop("code", line)
            if closing.match(line):
                closing = None
            continue
        opened = begin.match(line)
        if opened and opened[1].lower() not in kept:
            closing = re.compile(end.format(re.escape(opened[1])), re.IGNORECASE)
            out.drop("code", line)
            continue
        yield line, bool(opened) or bool(re.match(end.format(r"\w+\*?"), line, re.IGNORECASE))


def _restructured(text: str) -> Stripped:
    out = Stripped()
    indent = -1  # of the directive or literal block being passed over
    for line in text.split("\n"):
        blank, depth = not line.strip(), len(line) - len(line.lstrip())
        if indent >= 0 and (blank or depth > indent):
            out.drop("code", line)
            continue
        indent = -1
        if re.match(r"\s*\.\.(?: |\Z)", line):
            indent = depth
            out.drop("markup", line)
        elif re.match(r"([=\-~^\"'#*+.:_])\1{2,}\s*\Z", line):
            out.drop("rule", line)
        else:
            if line.rstrip().endswith("::"):
                indent, line = depth, line.rstrip()[:-1]
            line = re.sub(r"`([^`<\n]+?)\s*<[^>\n]+>`__?", r"\1", line)
            out.lines.append(_addresses(line, out))
    return out


_READERS: dict[str, Callable[[str], Stripped]] = {
    **dict.fromkeys((".md", ".markdown", ".mkd", ".mdx", ".qmd", ".rmd", ".dj"), _markdown),
    **dict.fromkeys((".org", ".norg"), _org),
    **dict.fromkeys((".tex", ".latex"), _latex),
    **dict.fromkeys((".rst", ".adoc", ".asciidoc"), _restructured),
}
