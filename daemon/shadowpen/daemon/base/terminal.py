"""Output of commands: text or one JSON document, errors as a sentence with a hint, exit codes.

rich is imported only where something is drawn, so that `shadowpen complete` stays quick. This file
knows no command.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.translation.language import ENGLISH, spoken, translated

if TYPE_CHECKING:
    from rich.console import Console

EXIT_CODES = {
    0: "done",
    1: "an error inside Shadowpen, or `doctor` found something that fails",
    2: "an invalid command line, text or setting",
    3: "the state folder cannot be used (disk, owner, permission)",
    4: "the model is missing, damaged or unsupported",
    5: "a model could not be downloaded or read",
    6: "the daemon cannot be reached, or it refused the request",
    7: "training is not possible",
    75: "a daemon is already running (`shadowpen daemon`)",
    130: "interrupted",
}
SEED = click.IntRange(0, 2**53)  # at most protocol.MOST_SEED; numpy's generators refuse negative ones


# Control characters, ends of lines and paragraphs, marks and overrides of direction, and halves of characters.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def epilog() -> str:
    """The exit codes, for the end of `shadowpen --help`."""
    meanings = (f"  {code:<4} {translated(meaning)}" for code, meaning in EXIT_CODES.items())
    return f"{translated('Exit codes:')}\n" + "\n".join(meanings)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json`, given to the command as `as_json`."""
    text = "Print one JSON document and nothing else."
    return click.option("--json", "as_json", is_flag=True, help=text)(command)


def print_json(document: object) -> None:
    """One JSON document on standard output, readable by people too; dataclasses in it are objects."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def _plain(value: object) -> object:
    """The value in terms of JSON: a dataclass as an object, all else as a text."""
    is_object = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return dataclasses.asdict(value) if is_object else str(value)  # type: ignore[call-overload]


def print_error(error: ShadowpenError, *, as_json: bool) -> None:
    """The sentence and the hint on standard error; for a script the same as a document on standard output."""
    if as_json:
        print_json({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
        return
    click.echo(f"{click.style('shadowpen:', bold=True)} {translated(error.message)}", err=True)
    if error.hint:
        click.echo(f"  {click.style('→', fg='cyan')} {translated(error.hint)}", err=True)


def show_usage_error(error: click.ClickException) -> None:
    """click's own message about a command line, with the way to its help."""
    if spoken() == ENGLISH:
        error.show()
        return
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    if ctx is not None:
        click.echo(ctx.get_usage(), err=True)
        say(f"Try `{ctx.command_path} --help`.", err=True)
    click.echo(f"\n{translated(error.format_message())}", err=True)


def say(text: str, *, err: bool = False) -> None:
    """Print our own words, in the language of whoever reads them; never what a user wrote."""
    click.echo(translated(text), err=err)


def padded(text: str, width: int) -> str:
    """Our own words, with blanks up to so many columns."""
    from rich.cells import cell_len

    shown = translated(text)
    return shown + " " * max(0, width - cell_len(shown))


def console(*, error: bool = False) -> Console:
    """A rich console on standard output (or error) that shows text as it is: no colours for numbers, no markup."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, soft_wrap=False, markup=False)


def visible(name: str) -> str:
    """A name from outside as it can be printed: what would steer a terminal, or turn a line around, as its code."""
    return _STEERING.sub(lambda found: ascii(found[0])[1:-1], name)


def size(count: float) -> str:
    """Bytes as people read them: "267 MB"."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
