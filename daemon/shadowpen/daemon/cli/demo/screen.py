"""Display of the demo: a terminal redrawn at each key, or plain lines.

This file is given texts and draws them; it knows neither the script nor the server.
"""

from __future__ import annotations

import time
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

_FRAME_S = 1 / 30
_WIDTH = 88
_BORDER = 4
_ROWS = 14  # of the document; what is above scrolls away
_GHOST = "bright_black italic"


class Screen(Protocol):
    """Shows the text with the ghost behind its cursor, and the steps as they are taken."""

    paced: bool  # whether somebody watches, so that keys and pauses take a person's time

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def title(self, text: str) -> None: ...

    def draw(self, text: str, ghost: str = "") -> None: ...

    def step(self, what: str, detail: str, ms: float | None = None) -> None: ...


class Terminal:
    """The document in a frame that is redrawn in place, below the steps; as often as a slow terminal keeps up with."""

    paced = True

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False)
        self._width = min(_WIDTH, console.width)
        self._rows = max(3, min(_ROWS, console.height - 4))
        self._text, self._ghost = "", ""
        self._drawn_s = 0.0

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ghost = ""
        self._refresh()
        self._live.stop()

    def title(self, text: str) -> None:
        self._console.print(Text(text, style="bold"))
        self._refresh()

    def draw(self, text: str, ghost: str = "") -> None:
        changed = ghost != self._ghost
        self._text, self._ghost = text, ghost
        if changed or time.monotonic() - self._drawn_s >= _FRAME_S:
            self._refresh()

    def step(self, what: str, detail: str, ms: float | None = None) -> None:
        self._console.print(Text.assemble(f"  {what:<12}", (detail, "cyan"), _milliseconds(ms)))
        self._refresh()

    def _refresh(self) -> None:
        page = Text(self._text)
        page.append(self._ghost[:1] or " ", style=f"reverse {_GHOST}")
        page.append(self._ghost[1:], style=_GHOST)
        lines = list(page.wrap(self._console, self._width - _BORDER))
        panel = Panel(
            Text("\n").join(lines[-self._rows :]), width=self._width, height=self._rows + 2, border_style="dim"
        )
        self._live.update(panel, refresh=True)
        self._drawn_s = time.monotonic()


class Lines:
    """A display of one line per step, for logs."""

    paced = False

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def title(self, text: str) -> None:
        self._print(text)

    def draw(self, text: str, ghost: str = "") -> None:
        """Do nothing: keys are not logged."""

    def step(self, what: str, detail: str, ms: float | None = None) -> None:
        self._print(f"  {what:<12}{detail}{_milliseconds(ms)}")

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)


def _milliseconds(ms: float | None) -> str:
    if ms is None:
        return ""
    return f"   {ms:.1f} ms" if ms < 10 else f"   {ms:,.0f} ms"
