"""What differs between the terminal editors that one suite drives: their keys, their settings, their expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .debian import Program
from .session import Desk, Session

Launch = Callable[[str, Path, Path, str, Desk], Session]


@dataclass(frozen=True, kw_only=True)
class EditorDriver:
    """One editor. Keys are what a terminal sends; `ways_out` are keys that leave ghost text behind, by name.

    `launch(program, home, file, configuration, desk)` starts it on a file, with a configuration in its home, and
    `configure(command, before)` makes one with the plug-in, a server `command`, and a request for every key.
    `ready` and `paused` are an expression and its value. `added_line_end`: what the server's copy has at its end where
    the file had no line end.
    """

    program: Program
    launch: Launch
    configure: Callable[[Sequence[str], str], str]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    added_line_end: str

    insert: str
    line_start: str
    leave: str
    undo: str
    dismiss: str
    ask: str
    next: str
    previous: str
    expand_all: str
    expand: str
    discard: str
    continue_paragraph: str
    why: str
    pause: str  # for so many minutes: a format with one place
    restart: str
    take_hint: str
    ready: tuple[str, str | bool]
    paused: tuple[str, str]
    ways_out: Mapping[str, str]
    ways_out_start: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.program.command

    def lines(self, text: str) -> list[str]:
        """The lines of a file with this text, as the editor counts them."""
        return (text.removesuffix("\n") if self.added_line_end else text).split("\n")
