"""What holds no running text in org, reStructuredText, AsciiDoc, Typst and commit messages.

Told from the lines before the cursor, of which the first need not be the document's: a mark that closes what was never
seen to open closes nothing. Names are those of `markup.Spot`. Markdown and TeX are `markup`'s own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

COMMITS = frozenset(("git-commit", "gitcommit", "hgcommit", "jjdescription"))

_ORG_BEGIN = re.compile(r"\s*(?:#\+begin_(?:src|example|export|comment)|@code|@math)\b", re.IGNORECASE)
_ORG_END = re.compile(r"\s*(?:#\+end_(?:src|example|export|comment)|@end)\b", re.IGNORECASE)
_ORG_MARKUP = re.compile(r"\s*(?:#(?:\+|\s|\Z)|:[\w-]+:)")
_ADOC_FENCE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,})\s*\Z")
_ADOC_MARKUP = re.compile(r"//|:!?[\w-]+!?:|\[[^\]]*\]?\Z|(?:image|include)::")
_RST_LITERAL = re.compile(r"\s*\.\.\s+(?:code|code-block|sourcecode|parsed-literal|highlight|raw|math)::")
_RST_DIRECTIVE = re.compile(r"\s*\.\.\s+[\w:-]+::")
_RST_MARKUP = re.compile(r"\s*(?:\.\.\s+(?:_|\[|(?:image|figure|include|toctree|contents)::)|:[\w-]+:(?!`))")
_TYPST_MARKUP = re.compile(r"\s*(?:#(?:let|set|show|import|include)\b|//)")
_FENCE = re.compile(r"\s*`{3,}")
_SCISSORS = re.compile(r"[#;] -+ >8 -+")
_COMMENT = re.compile(r"[#;](?!\d)|HG:|JJ:")


def held(prefix: str, language: str) -> str:
    """What the end of `prefix` is in: "code", "math", "markup", or "" for what may be running text."""
    judge = _JUDGES.get(language)
    return judge(prefix.split("\n")) if judge is not None else ""


def _org(lines: Sequence[str]) -> str:
    is_open = False
    for line in lines[:-1]:
        is_open = not _ORG_END.match(line) if is_open else bool(_ORG_BEGIN.match(line))
    return "code" if is_open else "markup" if _ORG_MARKUP.match(lines[-1]) else ""


def _asciidoc(lines: Sequence[str]) -> str:
    fence = ""
    for line in lines[:-1]:
        found = _ADOC_FENCE.match(line)
        if found:
            fence = found[1] if not fence else "" if found[1] == fence else fence
    return "code" if fence else "markup" if _ADOC_MARKUP.match(lines[-1]) else ""


def _rst(lines: Sequence[str]) -> str:
    """What is indented more than the line above that ends with two colons is literal, but for most directives."""
    last = lines[-1]
    deep = _indent(last)
    for line in reversed(lines[:-1]):
        if line.strip() and _indent(line) < deep:
            ends_so = line.rstrip().endswith("::") and not _RST_DIRECTIVE.match(line)
            if ends_so or _RST_LITERAL.match(line):
                return "code"
            deep = _indent(line)
    return "markup" if _RST_LITERAL.match(last) or _RST_MARKUP.match(last) else ""


def _typst(lines: Sequence[str]) -> str:
    if sum(bool(_FENCE.match(line)) for line in lines[:-1]) % 2:
        return "code"
    if _TYPST_MARKUP.match(lines[-1]):
        return "markup"
    begin = next((number for number in range(len(lines) - 1, 0, -1) if not lines[number].strip()), 0)
    paragraph = re.sub(r"\\.", "", "\n".join(lines[begin:]))
    return "math" if paragraph.count("$") % 2 else ""


def _commit(lines: Sequence[str]) -> str:
    """Git's own lines, and the whole change below its scissors."""
    if any(_SCISSORS.match(line) for line in lines[:-1]):
        return "code"
    return "markup" if _COMMENT.match(lines[-1]) else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


_JUDGES: dict[str, Callable[[Sequence[str]], str]] = {
    **dict.fromkeys(COMMITS, _commit),
    **dict.fromkeys(("org", "norg"), _org),
    **dict.fromkeys(("rst", "restructuredtext"), _rst),
    "asciidoc": _asciidoc,
    "typst": _typst,
}
