"""`shadowpen bench`: measure the installed model, and the whole way from a key to its answer.

What is typed is Samuel Pepys' diary for May 1663 (public domain), or a text of the user's. This file knows options and
output; what is measured is daemon.bench's.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid

if TYPE_CHECKING:
    from shadowpen.daemon.bench.machine import Machine

_TEXT = Path(__file__).parents[2] / "typist" / "demo_diary.txt"
_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_MANNERS = ("quick", "llama.vim")
_MOST_TEXT_BYTES = 20_000_000


@click.command()
@click.option("--quick", is_flag=True, help="Fewer samples: about two minutes instead of ten.")
@terminal.json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown tables.")
@click.option("--output", "target", type=_FILE, help="Also write the JSON document to this file.")
@click.option("--plot", "picture", type=_FILE, help="Plot how cost grows (.svg, .png or .pdf); needs matplotlib.")
@click.option("--text", "source", type=_EXISTING, help="Type this text instead of the built-in one.")
@click.option(
    "--seed", type=terminal.SEED, default=0, show_default=True, help="Random seed of typing pace and long documents."
)
@click.option("--against", metavar="URL", help="Also replay against the llama-server at http://127.0.0.1:PORT.")
@click.option(
    "--manner",
    type=click.Choice(_MANNERS),
    default="quick",
    show_default=True,
    help="Limits of the peer's requests: 6 tokens in 60 ms, or llama.vim's own 128 in 250 ms with follow-ups.",
)
@click.option(
    "--from", "earlier", type=_EXISTING, help="Show the JSON document of an earlier run instead of measuring."
)
def bench(
    quick: bool,
    as_json: bool,
    as_markdown: bool,
    target: Path | None,
    picture: Path | None,
    source: Path | None,
    seed: int,
    against: str | None,
    manner: str,
    earlier: Path | None,
) -> None:
    """Measure speed, memory and keys saved on this machine.

    It runs in temporary homes that are removed afterwards: nothing of yours is read, learned or changed
    except the installed model and the settings, which are used as they are. A busy machine distorts the figures.
    """
    from shadowpen.daemon.bench import plan

    if as_json and as_markdown:
        raise ConfigInvalid(
            "--json and --markdown cannot be combined.",
            "Use --markdown with --output FILE to write the JSON to a file.",
        )
    for path in (target, picture):
        _require_folder(path)
    if picture is not None:
        from shadowpen.daemon.bench import plot

        plot.require(picture)
    wanted = plan.quick(seed) if quick else plan.full(seed)
    report = _read(earlier) if earlier else _measure(wanted, source or _TEXT, against, manner)
    if target is not None:
        _write(target, report)
    if picture is not None:
        plot.draw(report, picture)
    _print(report, as_json=as_json, as_markdown=as_markdown)


def _measure(wanted: Any, source: Path, against: str | None, manner: str) -> dict[str, Any]:
    from shadowpen.daemon.bench import peer, run

    server = peer.LlamaServer(peer.address(against), peer.MANNERS[manner]) if against else None
    text = _decoded(source)
    with _PartBars() as progress:
        return run.measure(
            store.layout(), wanted, text, against=server, introduce=progress.introduce, tell=progress.tell
        )


class _PartBars:
    """A bar a part on a terminal's standard error, a line a part elsewhere."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = terminal.console(error=True)
        self._bars = Progress(
            TextColumn("{task.description:<20}"), BarColumn(), TimeElapsedColumn(), console=self._console
        )
        self._parts: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def introduce(self, about: Machine) -> None:
        self._console.print(f"{about.model} on {about.device} ({about.device_name})")

    def tell(self, part: str, share: float) -> None:
        if part not in self._parts:
            self._parts[part] = self._bars.add_task(part, total=1.0)
            if not self._console.is_terminal:
                self._console.print(f"Measuring: {part}")
        self._bars.update(self._parts[part], completed=share)


def _print(report: dict[str, Any], *, as_json: bool, as_markdown: bool) -> None:
    from shadowpen.daemon.bench import tables

    if as_json:
        terminal.print_json(report)
    elif as_markdown:
        click.echo(tables.markdown(report), nl=False)
    else:
        console = terminal.console()
        for table in tables.tables(report):
            console.print(tables.drawn(table))


def _require_folder(path: Path | None) -> None:
    """Check first that the report can be written."""
    if path is not None and not path.absolute().parent.is_dir():
        raise ConfigInvalid(f"There is no folder {path.absolute().parent} to write to.", "Create it first.")


def _write(path: Path, report: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise store.unusable(path, error) from error


def _decoded(path: Path) -> str:
    try:
        return store.read_bounded(path, _MOST_TEXT_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path} cannot be read as UTF-8 text.", "Choose another file.") from error


def _read(path: Path) -> dict[str, Any]:
    """The report of an earlier run; ConfigInvalid where the file is none, or one of another version."""
    from shadowpen.daemon.bench.run import SCHEMA

    try:
        report = json.loads(_decoded(path))
    except ValueError:
        report = None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise ConfigInvalid(f"{path} is not a report of this version of `shadowpen bench`.", "Measure again.")
    return report
