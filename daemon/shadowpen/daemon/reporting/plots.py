"""Plots of figures as inline SVG.

matplotlib comes with the extra `report`; without it there is no picture.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shadowpen.daemon.base import drawing
from shadowpen.daemon.base.extras import install_hint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES = (7.0, 2.8)
_BAR_WIDTH = 0.8

Series = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True)
class Plot:
    """Data of a plot.

    Each of `series` has a value for each of `names`, None where there is none; `kind` is "lines" or "bars".
    """

    kind: str
    names: Sequence[str]
    series: Series
    unit: str


def can_draw() -> bool:
    return drawing.is_installed()


def missing() -> str:
    """What to say where nothing can be drawn."""
    return f"Plots need matplotlib, which is not installed. {install_hint('report')}"


def drawn(plot: Plot) -> str:
    """An <svg> element, the same for the same numbers; "" where there is nothing to draw, or nothing to draw with."""
    if not can_draw() or not any(value is not None for values in plot.series.values() for value in values):
        return ""
    draw: Callable[[Axes, Plot], None] = _bars if plot.kind == "bars" else _lines
    return _svg(lambda axes: draw(axes, plot))


def _svg(draw: Callable[[Axes], None]) -> str:
    matplotlib = drawing.matplotlib()
    from matplotlib.figure import Figure

    # Names are the user's: a dollar sign in one is no formula.
    with matplotlib.rc_context(
        {"svg.hashsalt": "shadowpen", "svg.fonttype": "none", "font.size": 9, "text.parse_math": False}
    ):
        figure = Figure(figsize=_INCHES, layout="constrained")
        draw(figure.subplots())
        target = io.StringIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")  # the browser's fonts have it
            figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    svg = target.getvalue()
    return svg[svg.index("<svg") :]


def _lines(axes: Axes, plot: Plot) -> None:
    for name, values in plot.series.items():
        points = [(place, value) for place, value in enumerate(values) if value is not None]
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", markersize=3, label=_label(name))
    _finish(axes, plot)


def _bars(axes: Axes, plot: Plot) -> None:
    width = _BAR_WIDTH / max(1, len(plot.series))
    for number, (name, values) in enumerate(plot.series.items()):
        offset = (number - (len(plot.series) - 1) / 2) * width
        heights = [0.0 if value is None else value for value in values]
        axes.bar([place + offset for place in range(len(values))], heights, width, label=_label(name))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    _finish(axes, plot)


def _finish(axes: Axes, plot: Plot) -> None:
    few = max(1, len(plot.names) // 12)
    places = range(0, len(plot.names), few)
    axes.set_xticks(list(places), [plot.names[place] for place in places], rotation=30, ha="right")
    axes.set_ylabel(plot.unit)
    axes.grid(alpha=0.3)
    if len(plot.series) > 1:
        axes.legend()


def _label(name: str) -> str:
    """A leading underscore would hide it from the legend."""
    return f" {name}" if name.startswith("_") else name
