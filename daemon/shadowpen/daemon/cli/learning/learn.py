"""`shadowpen learn`: turn learning on or off, choose folders, preview what would be learned.

Answers are settings in config.toml, taken up at once by whoever stores or learns. Cleaning and redaction are the
training's own: the preview shows its very result.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import config_file, store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, ModelError, StateUnusable, TrainingError
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli import text_input
from shadowpen.daemon.cli.learning import added_folder, allowed
from shadowpen.daemon.cli.learning.left_out import print_left_out
from shadowpen.daemon.privacy.consent import KEPT

if TYPE_CHECKING:
    from shadowpen.daemon.corpus.corpus import Corpus, Document
    from shadowpen.daemon.corpus.split import Encode

_KEPT = {
    "both": KEPT,
    "accepted": "what you accept",
    "written": "what you write where a suggestion was shown and not accepted",
}


@click.group()
def learn() -> None:
    """Choose whether Shadowpen learns from you and from which folders, and preview what it would learn."""


@learn.command()
@click.option(
    "--keep",
    type=click.Choice(["both", "accepted", "written"]),
    help="accepted: only what you accept; written: only what you write where a suggestion was shown.",
)
def on(keep: str | None) -> None:
    """Keep what you accept, and what you write where a suggestion was shown, and learn from it."""
    layout = store.layout()
    config_file.write(layout.config_file, "learning", "enabled", "on")
    if keep is not None:
        config_file.write(layout.config_file, "learning", "keep", keep)
    kept = _KEPT[configuration.load(layout.config_file).learning.keep]
    terminal.say(f"Learning is on. Shadowpen keeps {kept}, with up to 1,000 characters before it.")
    terminal.say(f"It is kept in {layout.edits}: files of text that you can read, edit and delete.")
    terminal.say("What you delete within two minutes, or before you close the document, is not kept.")
    terminal.say("Keys, passwords, card and account numbers are removed first. Nothing leaves this machine.")
    terminal.say("`shadowpen learn add DIR` adds a folder of your own texts, `shadowpen learn preview` shows it all.")
    _warn_of_environment("enabled")
    _warn_of_environment("keep")


@learn.command()
def off() -> None:
    """Stop keeping what you accept and write, and stop training."""
    layout = store.layout()
    stops = allowed.switch_off(layout)
    terminal.say("Learning is off: nothing is kept from now on, and no training starts.")
    if stops:
        terminal.say("The current training run stops.")
    if layout.edits.is_dir():
        terminal.say(f"What was kept stays in {layout.edits}; `shadowpen forget --since 1970-01-01` removes it.")
        if configuration.load(layout.config_file).learning.folders:
            terminal.say("That also forgets the texts of your folders: they will not be learned again later.")
    _warn_of_environment("enabled")


@learn.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--private", is_flag=True, help="Mark FOLDER private: nothing in it is kept or learned.")
@terminal.json_option
def add(folder: Path, private: bool, as_json: bool) -> None:
    """Learn from the texts in FOLDER and its subfolders, and list which files are read, which are not, and why."""
    layout = store.layout()
    place = allowed.checked_folder(layout, folder, private=private)
    setting: Literal["private_folders", "folders"] = "private_folders" if private else "folders"
    added = allowed.add_folder(layout, place, setting)
    learning = configuration.load(layout.config_file).learning
    corpus = None
    if not private:
        terminal.say(f"Reading {place}…", err=True)
        corpus = added_folder.read(layout, place, learning, is_new=added)
    found = added_folder.told(place, corpus, may_learn=learning.enabled == "on")
    if as_json:
        terminal.print_json(found | {"was_there": not added, "enabled": learning.enabled})
        return
    if not added:
        terminal.say(f"{place} is already in the list.")
    if corpus is None:
        terminal.say(f"Nothing of {place} is kept or learned. Suggestions still appear there.")
    else:
        terminal.say(found["message"])
        print_left_out(corpus.report, place)
    if learning.enabled != "on":
        terminal.say("Nothing is learned yet: `shadowpen learn on` allows it.", err=True)
    _warn_of_environment(setting)


@learn.command()
@click.argument("folder", type=click.Path(path_type=Path))
def remove(folder: Path) -> None:
    """Stop learning from FOLDER, or remove its private mark."""
    found = allowed.remove_folder(store.layout(), folder)
    if not found:
        raise ConfigInvalid(f"{folder} is not in the list.", "`shadowpen learn list` shows the list.")
    terminal.say(f"{store.real(folder)} is {'no longer learned from' if 'folders' in found else 'no longer private'}.")
    if "folders" in found:
        terminal.say(
            "Versions that learned from it remain; `shadowpen versions use base` returns to the model without your "
            "text."
        )


@learn.command("list")
@terminal.json_option
def list_(as_json: bool) -> None:
    """Show whether learning is on, its folders, and the private folders."""
    settings = configuration.load().learning
    layout = store.layout()
    if as_json:
        folders = {"folders": settings.folders, "private_folders": settings.private_folders}
        answer = {"enabled": settings.enabled, "keep": settings.keep}
        terminal.print_json({**answer, **folders, "exclude": settings.exclude, "edits": str(layout.edits)})
        return
    answers = {"on": "on", "off": "off", "ask": "not answered yet: nothing is kept (`shadowpen learn on|off`)"}
    rows = {
        "learning": translated(answers[settings.enabled]),
        "kept": translated(_KEPT[settings.keep]) if settings.enabled == "on" else "",
        "edits": str(layout.edits),
        "folders": ", ".join(settings.folders) or translated("none"),
        "private": ", ".join(settings.private_folders) or translated("none"),
        "excluded": ", ".join(settings.exclude),
    }
    for name in words("learning", "kept", "edits", "folders", "private", "excluded"):
        if rows[name]:
            click.echo(f"{terminal.padded(name, 10)}{rows[name]}")


@learn.command()
@click.option("--text", is_flag=True, help="Print the cleaned and redacted text instead of a table.")
@terminal.json_option
def preview(text: bool, as_json: bool) -> None:
    """Show exactly what would be learned (documents, tokens, edits), and what is left out and why."""
    from shadowpen.daemon.corpus.corpus import collect
    from shadowpen.daemon.learning import known

    corpus = collect(store.layout(), configuration.load().learning)
    with contextlib.suppress(StateUnusable):  # only `shadowpen status` misses the counts
        known.note(store.layout(), corpus.documents)
    if text and not as_json:
        for document in corpus.documents:
            click.echo(f"=== {terminal.visible(document.origin)}\n{document.text}\n")
        return
    encode = _encoder()
    rows = [_row(document, *_tokens(document, encode)) for document in corpus.documents]
    if as_json:
        terminal.print_json(
            {
                "documents": [
                    asdict(row) | ({"text": document.text} if text else {})
                    for row, document in zip(rows, corpus.documents, strict=True)
                ],
                **_totals(rows),
                "left_out": corpus.report.document() | {"unreadable_lines": corpus.unreadable_lines},
            }
        )
    else:
        _print_preview(rows, corpus)


@learn.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--without-journal", is_flag=True, help="Leave out the texts of the journal.")
def export_(file: Path, without_journal: bool) -> None:
    """Write everything learned to a new FILE, encrypted with a passphrase.

    FILE holds all versions with their ledgers, the journal of what you accepted, and fingerprints of text that you
    pasted or deleted with `shadowpen forget`. It holds neither the texts in your folders nor the memory, which is
    rebuilt from the journal and your folders. You are asked for the passphrase, unless it comes from a pipe.
    """
    from shadowpen.daemon.transfer import exporting

    found = exporting.export(store.layout(), file, _passphrase(new=True), with_journal=not without_journal)
    what = "without the journal" if without_journal else "with the journal"
    terminal.say(f"{file} holds {len(found.versions)} versions, {what}. Without the passphrase nobody can open it.")


@learn.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def import_(file: Path) -> None:
    """Add everything learned from FILE, which `shadowpen learn export` wrote on another machine.

    What this machine already has stays. If it uses the base, it switches to the version that the other
    machine used. You are asked for the passphrase, unless it comes from a pipe.
    """
    from shadowpen.daemon.transfer import importing

    layout = store.layout()
    imported = importing.import_(layout, file, _passphrase(new=False))
    terminal.say(f"New: {len(imported.versions)} versions, {imported.edits} lines of the journal.")
    renamed = [f"{there} is {here} here" for there, here in imported.versions.items() if here != there]
    for line in renamed:
        terminal.say(f"  {line}")
    if imported.left_out:
        terminal.say(f"Left out, because they learned what you had forgotten here: {', '.join(imported.left_out)}.")
    _use_imported(layout, imported.current)
    if imported.contents.journal and configuration.load().learning.enabled != "on":
        terminal.say("Nothing is learned from it yet: `shadowpen learn on` allows it.", err=True)


def _use_imported(layout: store.Layout, version: str) -> None:
    """Have the version that answered on the other machine answer here, where none does."""
    from shadowpen.daemon.cli.learning import versions as choosing
    from shadowpen.daemon.storage import versions as registry

    answers = registry.current(layout).version
    if not version or answers == version:
        return
    if answers:
        terminal.say(
            f"{answers} stays in use; `shadowpen versions use {version}` chooses the one of the other machine."
        )
        return
    try:
        _, model, precision = choosing.serving()
        choosing.ensure_graph(layout, version, precision)
        registry.use(layout, model, version, precision)
        terminal.say(choosing.reloaded(layout, version))
    except (ModelError, TrainingError) as error:  # a graph is built by what trains, which need not be installed
        terminal.say(f"{version} cannot be used yet: {error.message} {error.hint}", err=True)


def _passphrase(*, new: bool) -> str:
    """Asked for, or the first line of what is piped in; never an argument, which others could see."""
    if sys.stdin.isatty():
        return str(click.prompt(translated("Passphrase"), hide_input=True, confirmation_prompt=new, err=True))
    return text_input.first_line()


def _tokens(document: Document, encode: Encode | None) -> tuple[int, int]:
    """(all tokens, the author's own), by the model's tokenizer or about."""
    if encode is None:
        from shadowpen.daemon.learning.known import about_tokens

        return about_tokens(document)
    from shadowpen.daemon.corpus.split import tokenised

    tokens = tokenised(document, encode)
    return len(tokens.ids), tokens.own


def _encoder() -> Encode | None:
    """The tokenizer of the model in use; None while none is installed."""
    from shadowpen.daemon.corpus.split import encoder
    from shadowpen.daemon.storage import models

    try:
        model = models.resolve(configuration.load().model.name)
        return encoder(model.tokenizer, model.manifest.architecture.vocab)
    except ModelError:
        return None


@dataclass(frozen=True)
class PreviewedText:
    """A text that would be learned: its size in tokens, the user's own among them, and its accepted edits."""

    origin: str
    date: str
    tokens: int
    own_tokens: int
    edits: int


def _row(document: Document, tokens: int, own: int) -> PreviewedText:
    date = datetime.fromtimestamp(document.time, UTC).date().isoformat()
    return PreviewedText(document.origin, date, tokens, own, len(document.edits))


def _totals(rows: list[PreviewedText]) -> dict[str, int]:
    return {name: sum(getattr(row, name) for row in rows) for name in ("tokens", "own_tokens", "edits")}


def _print_preview(rows: list[PreviewedText], corpus: Corpus) -> None:
    from rich.table import Table

    if not rows:
        terminal.say("There is nothing to learn from yet. `shadowpen learn add DIR` adds a folder of your texts.")
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        table.add_column(translated("text"), overflow="fold")
        for name in words("date", "tokens", "own", "edits"):
            table.add_column(translated(name), justify="right", no_wrap=True)
        for row in rows:
            cells = (row.date, f"{row.tokens:,}", f"{row.own_tokens:,}", str(row.edits or ""))
            table.add_row(terminal.visible(row.origin), *cells)
        terminal.console().print(table)
        totals = _totals(rows)
        terminal.say(
            f"\n{len(rows)} texts, {totals['tokens']:,} tokens, {totals['own_tokens']:,} of them your own words, "
            f"{totals['edits']} accepted edits."
        )
    print_left_out(corpus.report)
    terminal.say("`shadowpen learn preview --text` prints the text itself.")


def _warn_of_environment(name: str) -> None:
    current = configuration.load()
    source = current.sources[f"learning.{name}"]
    if source.startswith("$"):
        terminal.say(f"! The environment overrides it: {source[1:]} = {getattr(current.learning, name)}.", err=True)
