"""Progress of a long measurement: bars on a terminal, lines elsewhere, always on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.translation.language import translated


@contextmanager
def bars(*, hidden: bool) -> Iterator[Callable[[str, float, float], None]]:
    """A bar a step on a terminal's standard error, a line a step elsewhere."""
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = terminal.console(error=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=hidden or not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: float, total: float) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(translated(step), total=total or None)
                if not hidden and not console.is_terminal:
                    console.print(translated(step), markup=False)
            bars.update(tasks[step], completed=done, total=total or None)

        yield tell
