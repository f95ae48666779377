"""Help texts in the user's language, wrapped by display width.

Commands and options are written in English where they are defined; they are translated here, when help is printed. In
English this is click's own help. This file knows no command.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base.translation.language import ENGLISH, spoken, translated

if TYPE_CHECKING:
    from rich.text import Text

_EXTRA = re.compile(r"(.*?)((?:  \[[^]]*\])*)")  # what stands behind an option's help: "  [default: 20; required]"
# A wide letter may end a line, unless a mark follows that must not begin the next.
_PIECES = re.compile(
    r"[\u2e80-\u9fff\uff00-\uffef][，。；：！？、）」』》”’]*|[^\s\u2e80-\u9fff\uff00-\uffef]+[，。；：！？、）”]*|\s+"
)
_GAP = 2


class HelpFormatter(click.HelpFormatter):
    """click's formatter, for people who read another language than English."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix if spoken() == ENGLISH else f"{translated('Usage')}: ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(translated(heading))

    def write_text(self, text: str) -> None:
        if spoken() == ENGLISH:
            super().write_text(text)
            return
        indent = " " * self.current_indent
        paragraphs = re.split(r"\n\s*\n", text.strip("\n"))
        written = [_paragraph(paragraph, self.width - self.current_indent) for paragraph in paragraphs]
        self.write("\n\n".join("\n".join(indent + line for line in lines) for lines in written) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = _GAP) -> None:
        if spoken() == ENGLISH:
            super().write_dl(rows, col_max, col_spacing)
            return
        rows = list(rows)
        first = min(max((columns(name) for name, _ in rows), default=0), col_max) + col_spacing
        room = max(self.width - first - self.current_indent, 10)
        for name, text in rows:
            lines = wrapped(_with_extra(text), room)
            head = f"{'':{self.current_indent}}{name}"
            if columns(name) > first - col_spacing:
                self.write(f"{head}\n")
                head = " " * self.current_indent
            gap = first + self.current_indent - columns(head)
            self.write(f"{head}{'':{gap}}{lines[0]}".rstrip() + "\n")
            for line in lines[1:]:
                self.write(f"{'':{first + self.current_indent}}{line}\n")


class HelpContext(click.Context):
    """A command line that is helped along by `HelpFormatter`."""

    formatter_class = HelpFormatter


def translate(command: click.Command) -> click.Command:
    """The command, whose help and that of all below it is printed by `HelpFormatter`."""
    command.context_class = HelpContext
    if spoken() != ENGLISH and command.help and not command.short_help:
        # click would cut it in the middle of a sentence, which is no message any more.
        command.short_help = translated(first_sentence(command.help))
    for child in command.commands.values() if isinstance(command, click.Group) else ():
        translate(child)
    return command


def first_sentence(text: str) -> str:
    """The first sentence of a help text, on one line."""
    paragraph = " ".join(re.split(r"\n\s*\n", inspect.cleandoc(text))[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-Z`-])", paragraph)[0]


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    from rich.cells import cell_len

    return cell_len(text)


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, as far as its words allow it."""
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if line and columns(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line or not piece.isspace() else ""
    return [*lines, line.rstrip()]


def foldable(text: str, style: str = "") -> Text:
    """Our own words for a cell of a table; in a language without blanks they may be folded between two letters."""
    from rich.containers import Lines
    from rich.text import Text

    class Foldable(Text):
        def wrap(self, console: Any, width: int, **options: Any) -> Lines:  # type: ignore[override]
            return Lines(Text(line, style=self.style) for line in wrapped(self.plain, width))

    return Text(text, style=style) if spoken() == ENGLISH else Foldable(translated(text), style=style)


def _paragraph(text: str, width: int) -> Iterator[str]:
    if text.startswith("\b"):  # click's mark for lines that stay as they are
        yield from map(translated, text.splitlines()[1:])
    else:
        yield from wrapped(translated(" ".join(text.split())), width)


def _with_extra(text: str) -> str:
    match = _EXTRA.fullmatch(re.sub(r"\s*\n\s*", " ", text.strip()))
    assert match is not None, text
    extra = re.sub(r"[^][;]+[^][; ]", lambda part: translated(part[0]), match[2])
    return translated(match[1]) + extra
