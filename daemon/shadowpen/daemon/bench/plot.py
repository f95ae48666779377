"""Plot of cost by document length and by number of documents.

matplotlib is an optional extra. Knows the report's keys and measures nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shadowpen.daemon.base import drawing
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.extras import install_hint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".svg", ".png", ".pdf")
_INCHES = (9.0, 6.0)


def require(path: Path) -> None:
    """ConfigInvalid where `path` could not be drawn in the end: no matplotlib, or another format."""
    if path.suffix.lower() not in FORMATS:
        raise ConfigInvalid(f"{path.name} is no picture that can be drawn.", f"End its name in {' or '.join(FORMATS)}.")
    if not drawing.is_installed():
        raise ConfigInvalid("A plot needs matplotlib, which is not installed.", install_hint("report"))


def draw(report: Mapping[str, Any], path: Path) -> None:
    """Write the picture; the same report gives the same bytes of SVG."""
    require(path)
    matplotlib = drawing.matplotlib()
    from matplotlib.figure import Figure

    lengths, numbers = report["growth"]["length"], report["growth"]["documents"]
    with matplotlib.rc_context({"svg.hashsalt": "shadowpen", "font.size": 9}):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axes = figure.subplots(2, 2, sharex="col")
        _milliseconds(axes[0, 0], lengths, "words")
        _milliseconds(axes[0, 1], numbers, "documents")
        _line(axes[1, 0], lengths, "words", "cpu_ms_per_key", "CPU ms per key")
        _line(axes[1, 1], numbers, "documents", "daemon_mb", "daemon, MB resident")
        for each in (axes[0, 0], axes[0, 1]):
            each.set_xscale("log")
        axes[1, 0].set_xlabel("words in the document")
        axes[1, 1].set_xlabel("open documents")
        about = report["machine"]
        figure.suptitle(f"{about['model']} on {about['device_name']}")
        dateless = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, metadata=dateless)


def _milliseconds(axes: Axes, measured: list[Mapping[str, Any]], across: str) -> None:
    for rank in ("p50", "p90"):
        at = [point[across] for point in measured]
        axes.plot(at, [point["answer_ms"][rank] for point in measured], marker="o", label=rank)
    _finish(axes, "key to answer, ms")
    axes.legend()


def _line(axes: Axes, measured: list[Mapping[str, Any]], across: str, key: str, label: str) -> None:
    axes.plot([point[across] for point in measured], [point[key] for point in measured], marker="o", color="black")
    _finish(axes, label)


def _finish(axes: Axes, label: str) -> None:
    axes.set_ylabel(label)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
