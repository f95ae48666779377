"""`shadowpen correct`, `rewrite`, `summarize`, `outline`, `reformat` and `tasks`.

The new text goes to standard output and nothing else does. Verbs of other packages run by `shadowpen tasks run`.
"""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.cli import text_input

if TYPE_CHECKING:
    from shadowpen.daemon.wire.protocol import VerbResult

_TIMEOUT_MS = 900_000
_DOCUMENT = "shadowpen-verb:"
_LANGUAGES = {".txt": "plaintext", ".tex": "latex", ".org": "org", ".rst": "rst", ".adoc": "asciidoc", ".typ": "typst"}
_NUMBER = re.compile(r"-?[0-9]{1,15}")  # more digits than any option has would not fit a message
_FILE = click.Path(path_type=Path, allow_dash=True)


@click.command()
@click.argument("file", required=False, type=_FILE)
@click.option("--diff", "as_diff", is_flag=True, help="Print the changed lines as a unified diff.")
@terminal.json_option
def correct(file: Path | None, as_diff: bool, as_json: bool) -> None:
    """Correct spelling and grammar of FILE, or of standard input, with as few edits as possible.

    Harper (the extra `grammar`) and tables of common mistakes propose edits; the model applies those that it finds much
    likelier than the original. Links, citations, code, formulas and placeholders are never changed. English only,
    at most 2,000 words. Example: echo "They was late becuase of rain." | shadowpen correct
    """
    text = _read(file)
    result = _run("correct", text, _language(file), {})
    if as_diff and not as_json:
        _print_diff(file, text, result, "corrected")
    else:
        _print(result, as_json=as_json)


@click.command()
@click.argument("file", required=False, type=_FILE)
@click.option(
    "--to",
    required=True,
    type=click.Choice(("shorter", "plainer", "formal", "friendlier")),
    help="Fewer words, plainer words, contractions written out, or contractions made.",
)
@click.option("--diff", "as_diff", is_flag=True, help="Print the changed lines as a unified diff.")
@terminal.json_option
def rewrite(file: Path | None, to: str, as_diff: bool, as_json: bool) -> None:
    """Make FILE, or standard input, shorter, plainer, more formal or friendlier, by small edits from word lists.

    Needless words and wordy phrases are cut where the model finds the sentence as good without them; contractions
    are made or written out by rule. Nothing else changes. Quotations, links and code stay. English only, at most 2,000
    words. Example: echo "In order to save time, we do not wait." | shadowpen rewrite --to shorter
    """
    text = _read(file)
    result = _run("rewrite", text, _language(file), {"to": to})
    if as_diff and not as_json:
        _print_diff(file, text, result, to)
    else:
        _print(result, as_json=as_json)


@click.command()
@click.argument("file", required=False, type=_FILE)
@click.option("--sentences", "-n", type=click.IntRange(0, 50), default=0, help="Number of sentences; 0: one in six.")
@terminal.json_option
def summarize(file: Path | None, sentences: int, as_json: bool) -> None:
    """Summarize FILE, or standard input, by its key sentences, printed unchanged."""
    _print(_run("summarize", _read(file), _language(file), {"sentences": sentences}), as_json=as_json)


@click.command()
@click.argument("file", required=False, type=_FILE)
@terminal.json_option
def outline(file: Path | None, as_json: bool) -> None:
    """List the first sentence of each paragraph of FILE, or of standard input, under its heading."""
    _print(_run("outline", _read(file), _language(file), {}), as_json=as_json)


@click.command()
@click.argument("file", required=False, type=_FILE)
@click.option(
    "--to",
    type=click.Choice(("list", "prose", "table", "plain", "markdown")),
    help="The new form; default: prose for a list or table, a list for prose.",
)
@terminal.json_option
def reformat(file: Path | None, to: str | None, as_json: bool) -> None:
    """Convert FILE, or standard input, between lists, prose and tables, by rule and without a model.

    It also converts Markdown to plain text and back. Text that contains code, formulas or quotations is refused: they
    fit neither a list, a table nor prose.
    """
    _print(_run("reformat", _read(file), _language(file), {"to": to or ""}), as_json=as_json)


@click.group(invoke_without_command=True)
@terminal.json_option
@click.pass_context
def tasks(context: click.Context, as_json: bool) -> None:
    """List the verbs: what each one does, and how well it works here or why it is not offered."""
    if context.invoked_subcommand is not None:
        return
    from shadowpen.daemon.base import config, store
    from shadowpen.daemon.tasks import registry

    settings = config.load().model
    found = registry.load(store.layout(), settings.tasks)
    rows = [_row(name, verb, settings.name) for name, verb in found.verbs.items()]
    if as_json:
        terminal.print_json({"tasks": rows, "problems": found.problems})
        return
    for row in rows:
        click.echo(f"{row['name']:<10} {translated(str(row['summary']))}")
        click.echo(f"{'':<10} {translated(_how(row))}")
    for problem in found.problems:
        terminal.say(problem, err=True)


@tasks.command("run")
@click.argument("verb")
@click.argument("file", required=False, type=_FILE)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An option of the verb; repeatable.")
@terminal.json_option
def run(verb: str, file: Path | None, settings: tuple[str, ...], as_json: bool) -> None:
    """Run any VERB, including those of other packages, on FILE or on standard input."""
    chosen = dict(_setting(each) for each in settings)
    _print(_run(verb, _read(file), _language(file), chosen), as_json=as_json)


def _row(name: str, verb: object, model: str) -> dict[str, object]:
    reads_model = bool(getattr(verb, "reads_model", False))
    offered = not getattr(verb, "unavailable", "")
    measured = str(getattr(verb, "measured", ""))
    if reads_model and model != "default":
        measured = ""  # it was with the default model
    return {
        "name": name,
        "summary": str(getattr(verb, "summary", "")),
        "offered": offered,
        "model": model if reads_model and offered else "",
        "measured": measured,
        "reason": str(getattr(verb, "unavailable", "")),
    }


def _how(row: dict[str, object]) -> str:
    if not row["offered"]:
        return f"Not offered: {row['reason']}"
    if not row["model"]:
        return f"By rule, without a model. {row['measured']}".rstrip()
    return f"Model: {row['model']}. {row['measured'] or 'Its quality was not measured with this model.'}"


def _setting(text: str) -> tuple[str, str | int | bool]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"'{text}' is not of the form NAME=VALUE.", param_hint="--set")
    if value in ("true", "false"):
        return name, value == "true"
    return name, int(value) if _NUMBER.fullmatch(value) else value


def _is_dash(file: Path | None) -> bool:
    return file is None or str(file) == "-"


def _read(file: Path | None) -> str:
    text = text_input.read(None if _is_dash(file) else file, "Type the text; end it with Ctrl-D on a line of its own.")
    if not text.strip():
        raise text_input.TextUnusable("The text is empty.", "Name a file, or write to standard input.")
    return text


def _language(file: Path | None) -> str:
    return "markdown" if file is None else _LANGUAGES.get(file.suffix.lower(), "markdown")


def _run(verb: str, text: str, language: str, options: dict[str, str | int | bool]) -> VerbResult:
    from shadowpen.daemon.base import store
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import RunVerb, VerbResult

    if sys.stderr.isatty() and not store.layout().connection_file.exists():
        terminal.say("Starting the daemon ...", err=True)
    with Client(name=f"shadowpen {verb}") as client:
        request = RunVerb(
            id=client.next_id(), document=_DOCUMENT, verb=verb, text=text, language=language, options=dict(options)
        )
        try:
            final = client.request(request, _TIMEOUT_MS)
        except RequestInvalid as error:  # it is the text or the wish that is wrong
            raise text_input.TextUnusable(error.message, error.hint) from error
    assert isinstance(final, VerbResult), final
    return final


def _print(result: VerbResult, *, as_json: bool) -> None:
    if as_json:
        import msgspec

        document = msgspec.to_builtins(result)
        document.pop("id"), document.pop("type")
        terminal.print_json({"text": result.text, "edits": [], "notes": [], **document})
        return
    _tell(result)
    sys.stdout.write(result.text if result.text.endswith("\n") else result.text + "\n")
    sys.stdout.flush()


def _print_diff(file: Path | None, text: str, result: VerbResult, how: str) -> None:
    _tell(result)
    lines = (text.splitlines(keepends=True), result.text.splitlines(keepends=True))
    name = "text" if _is_dash(file) else str(file)
    sys.stdout.writelines(difflib.unified_diff(*lines, name, f"{name} ({how})"))


def _tell(result: VerbResult) -> None:
    for note in result.notes:
        terminal.say(note, err=True)
