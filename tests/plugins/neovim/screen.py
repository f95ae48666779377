"""What a real Neovim draws: an embedded process with a UI attached, its grid kept cell by cell.

`Screen` runs pynvim's loop in a thread. Every `flush` of Neovim becomes a `Frame`; all of them are kept, so that a
test can say what was never on the screen. Waits hang on a condition that every frame and every event of `Happenings`
notifies; nothing polls. Knows nothing of Shadowpen.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pynvim
from support.screens.happenings import WAIT_S, Happenings

Cell = tuple[str, int]


@dataclass(frozen=True)
class Frame:
    """One state of the screen, drawn at `drawn_s` (time.perf_counter): `rows` of (text, highlight id) cells.

    A wide character's second cell is empty.
    """

    rows: tuple[tuple[Cell, ...], ...]
    drawn_s: float

    @property
    def lines(self) -> list[str]:
        return ["".join(text for text, _ in row).rstrip() for row in self.rows]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Screen:
    """A Neovim of `width` by `height` cells editing `file` with the configuration `init`."""

    def __init__(
        self, program: Path, init: Path, file: Path, happenings: Happenings, width: int = 80, height: int = 20
    ) -> None:
        self.happenings = happenings
        self.width, self.height = width, height
        self.frames: list[Frame] = []
        self._cells: list[list[Cell]] = []
        self._colours: dict[int, dict[str, Any]] = {}
        self._attached = threading.Event()
        self._failure: BaseException | None = None
        argv = [str(program), "--embed", "-n", "-i", "NONE", "-u", str(init), str(file)]
        self._nvim = pynvim.attach("child", argv=argv)
        self._process: int = self._nvim.funcs.getpid()
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)
        self._thread.start()
        assert self._attached.wait(WAIT_S), "Neovim did not start"

    # --- the loop of pynvim, in its thread -----------------------------------------------------------

    def _run(self) -> None:
        def attach() -> None:
            self._nvim.ui_attach(self.width, self.height, rgb=True, ext_linegrid=True)
            self._attached.set()

        with contextlib.suppress(EOFError, OSError):  # the editor has quit
            self._nvim.run_loop(lambda *_: None, self._on_notification, attach, err_cb=self._on_error)

    def _on_error(self, message: str) -> None:
        self._failure = RuntimeError(message)

    def _on_notification(self, name: str, batches: list[list[Any]]) -> None:
        if name != "redraw":
            return
        for event, *calls in batches:
            handler = getattr(self, f"_on_{event}", self._ignored)
            for arguments in calls:
                handler(*arguments)

    def _ignored(self, *_: Any) -> None:
        """A kind of event that draws no cell."""

    def _on_grid_resize(self, _grid: int, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._on_grid_clear(_grid)

    def _on_grid_clear(self, _grid: int) -> None:
        self._cells = [[(" ", 0)] * self.width for _ in range(self.height)]

    def _on_hl_attr_define(self, number: int, rgb: dict[str, Any], *_: Any) -> None:
        self._colours[number] = rgb

    def _on_grid_line(self, _grid: int, row: int, column: int, cells: list[list[Any]], *_: Any) -> None:
        highlight = 0
        for cell in cells:
            highlight = cell[1] if len(cell) > 1 else highlight
            for _repeat in range(cell[2] if len(cell) > 2 else 1):
                self._cells[row][column] = (cell[0], highlight)
                column += 1

    def _on_grid_scroll(self, _grid: int, top: int, bottom: int, left: int, right: int, rows: int, _cols: int) -> None:
        forwards = range(top, bottom - rows)
        backwards = range(bottom - 1, top - rows - 1, -1)
        for row in forwards if rows > 0 else backwards:
            self._cells[row][left:right] = self._cells[row + rows][left:right]

    def _on_flush(self) -> None:
        with self.happenings.changed:
            self.frames.append(Frame(tuple(tuple(row) for row in self._cells), time.perf_counter()))
            self.happenings.changed.notify_all()

    # --- for the test --------------------------------------------------------------------------------

    def call(self, function: Callable[[pynvim.Nvim], Any]) -> Any:
        """The result of `function(nvim)`, run in the loop's thread after all that went before."""
        done = threading.Event()
        outcome: list[Any] = []

        def run() -> None:
            try:
                outcome.extend((function(self._nvim), None))
            except Exception as error:
                outcome.extend((None, error))
            done.set()

        self._nvim.async_call(run)
        assert done.wait(WAIT_S), f"Neovim does not answer\n{self.text}"
        if outcome[1] is not None:
            raise outcome[1]
        return outcome[0]

    def keys(self, keys: str) -> None:
        """Type `keys` (as in a mapping: `<Tab>`, `<lt>`), all in one burst."""
        self.call(lambda nvim: nvim.input(keys))

    def lua(self, code: str, *arguments: Any) -> Any:
        return self.call(lambda nvim: nvim.exec_lua(code, *arguments))

    def command(self, line: str) -> None:
        self.call(lambda nvim: nvim.command(line))

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    @property
    def text(self) -> str:
        return self.frame.text if self.frames else ""

    @property
    def buffer(self) -> list[str]:
        return self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)")

    @property
    def cursor(self) -> tuple[int, int]:
        """(line from 1, byte from 0)."""
        row, column = self.lua("return vim.api.nvim_win_get_cursor(0)")
        return row, column

    def colour(self, text: str) -> list[dict[str, Any]]:
        """The attributes of the cells that show `text`, in the newest frame."""
        for row in self.frame.rows:
            start = "".join(cell or "\0" for cell, _ in row).find(text)
            if start >= 0:
                return [self._colours.get(highlight, {}) for _, highlight in row[start : start + len(text)]]
        raise AssertionError(f"{text!r} is not on the screen\n{self.text}")

    def _text_in(self, colour: int) -> str:
        cells = (cell for row in self.frame.rows for cell in row)
        return "".join(text for text, number in cells if self._colours.get(number, {}).get("foreground") == colour)

    def wait_text_in(self, group: str) -> str:
        """The text in that colour, once there is some."""
        colour = self.lua("return vim.api.nvim_get_hl(0, { name = ..., link = false }).fg", group)
        what = f"text in the colour of {group}"
        return self.happenings.wait(lambda: self._text_in(colour).strip(), what, lambda: self.text)

    def wait_for(self, text: str) -> None:
        self.happenings.wait(lambda: text in self.text, f"{text!r} on the screen", lambda: self.text)

    def wait_gone(self, text: str) -> None:
        self.happenings.wait(lambda: text not in self.text, f"no {text!r} on the screen", lambda: self.text)

    def wait_buffer(self, *lines: str) -> None:
        self.wait_buffer_where(lambda buffer: buffer == list(lines), f"not {list(lines)}")

    def wait_buffer_where(self, fits: Callable[[list[str]], bool], what: str = "which does not fit") -> None:
        """Until the buffer's lines fit; looked at once a frame, as a change of text always draws one."""
        while True:
            seen, buffer = len(self.frames), self.buffer
            if fits(buffer):
                return
            assert self._await_frame(seen), f"the buffer is {buffer}, {what}\n{self.text}"

    def _await_frame(self, seen: int) -> bool:
        with self.happenings.changed:
            return self.happenings.changed.wait_for(lambda: len(self.frames) > seen, WAIT_S)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._nvim.async_call(lambda: self._nvim.command("qall!", async_=True))
        self._thread.join(WAIT_S)
        if self._thread.is_alive():
            os.kill(self._process, signal.SIGKILL)
            self._thread.join()
        self._nvim.close()
        assert self._failure is None, self._failure
