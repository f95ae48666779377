"""The command line: a table of commands that are imported only when called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ConfigInvalid, ShadowpenError, StateUnusable
from shadowpen.daemon.base.translation import language
from shadowpen.daemon.cli.table import LazyGroup

__all__ = ["group", "main", "run"]

_INTERRUPTED = 130
_SPEAKS_ON_THEM = "lsp"  # says itself that a standard stream is closed


class _Group(LazyGroup):
    """Prints the exit codes as they stand: click would fold them into a paragraph."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        for line in terminal.epilog().splitlines():
            formatter.write(f"{line}\n")


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shadowpen", message="shadowpen %(version)s")
def group() -> None:
    """Ghost text that writes like you: a private writing model on your own machine, for every editor."""


def main() -> None:
    """The console script `shadowpen`."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code; whatever goes wrong is said in one sentence."""
    _open_closed_streams(arguments)
    _speak_utf8()
    as_json = "--json" in arguments
    language.speak(lambda: language.ENGLISH if as_json else _language())
    try:
        return group.main(args=list(arguments), prog_name="shadowpen", standalone_mode=False) or 0
    except ShadowpenError as error:
        terminal.print_error(error, as_json=as_json)
        return error.exit_status
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        if as_json:
            terminal.print_error(ConfigInvalid(error.format_message(), "See `shadowpen --help`."), as_json=True)
        else:
            terminal.show_usage_error(error)
            _tell_commands(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        terminal.say("Interrupted.", err=True)
        return _INTERRUPTED
    except OSError as error:
        if os.environ.get("SHADOWPEN_TRACEBACK"):
            raise
        sentence = f"{error.filename or 'The output'} cannot be read or written: {error.strerror or error}."
        terminal.print_error(
            StateUnusable(sentence, "Check the permissions and the space on the disk."), as_json=as_json
        )
        return StateUnusable.exit_status
    except Exception as error:
        if os.environ.get("SHADOWPEN_TRACEBACK"):
            raise
        sentence = f"Something failed inside Shadowpen ({type(error).__name__}: {error})."
        hint = "Set SHADOWPEN_TRACEBACK=1 to see where; `shadowpen doctor` looks for causes on this machine."
        terminal.print_error(ShadowpenError(sentence, hint), as_json=as_json)
        return ShadowpenError.exit_status


def _language() -> str:
    """The user's language; the settings are read only where one may name it, since `--help` needs no other."""
    from shadowpen.daemon.base import store

    setting = "auto"
    try:
        is_named = b"interface" in store.read_bounded(store.layout().config_file)
    except (OSError, StateUnusable):  # there may be no home at all
        is_named = False
    if is_named or "SHADOWPEN_INTERFACE_LANGUAGE" in os.environ:
        from shadowpen.daemon.base import config

        setting = config.load().interface.language
    return language.chosen(setting)


def _tell_commands(error: click.ClickException) -> None:
    """Name the commands of a group that was given one it does not have."""
    ctx = error.ctx if isinstance(error, click.exceptions.NoSuchCommand) else None
    if ctx is not None and ctx.parent is not None and isinstance(ctx.command, click.Group):
        terminal.say(f"There are: {', '.join(ctx.command.list_commands(ctx))}.", err=True)


def _open_closed_streams(arguments: Sequence[str]) -> None:
    """Put an empty one in place of a standard stream that the caller has closed, before a file takes its number."""
    if list(arguments[:1]) == [_SPEAKS_ON_THEM]:
        return
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 (open to the end)


def _speak_utf8() -> None:
    """Use UTF-8 on standard streams, on Windows too.

    Where a code page was asked for by name, what it lacks is printed as a mark instead of ending the command.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            if os.name == "nt" and "PYTHONIOENCODING" not in os.environ:
                stream.reconfigure(encoding="utf-8")
            if stream is not sys.stdin:
                stream.reconfigure(errors="replace")
