"""Shows progress on standard error: a bar per step on a terminal, one line per step elsewhere.

Knows nothing of what the steps are.
"""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from shadowpen.daemon.base.translation.language import translated

_QUIET_S = 10.0  # between two lines about one step where there is no terminal


class ProgressDisplay:
    """A Progress (see `progress`) and a context manager: the last step is closed when the block ends."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._bars: Bars | None = None
        if self._console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
            self._bars = Bars(*columns, console=self._console)
        self._step = ""
        self._task: TaskID | None = None
        self._said = 0.0

    def __enter__(self) -> ProgressDisplay:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars:
            if kind is None:
                self._close()
            self._bars.stop()

    def __call__(self, step: str, done: float = 0, total: float = 0) -> None:
        if self._bars:
            self._draw(self._bars, step, done, total)
        else:
            self._say(step, done, total)

    def _draw(self, bars: Bars, step: str, done: float, total: float) -> None:
        if step != self._step or self._task is None:
            self._close()
            self._step, self._task = step, bars.add_task(translated(step), total=total or None)
        bars.update(self._task, completed=min(done, total) if total else done, total=total or None)

    def _close(self) -> None:
        """A step that ended is a full bar, whether or not its length was known."""
        if self._bars and self._task is not None:
            total = self._bars.tasks[self._task].total or 1
            self._bars.update(self._task, completed=total, total=total)
            self._task = None

    def _say(self, step: str, done: float, total: float) -> None:
        now = time.monotonic()
        if step != self._step:
            self._step, self._said = step, now
            self._console.print(translated(step), markup=False)
        elif total and now - self._said >= _QUIET_S:
            self._said = now
            self._console.print(f"{translated(step)}: {min(done / total, 1):.0%}", markup=False)
