"""`shadowpen data prepare`: write a folder's learnable texts to another folder, with a report.

The steps are the training's own (`corpus.read_alone`); this command only writes down what they give.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import store, terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli.learning.left_out import print_left_out

if TYPE_CHECKING:
    from shadowpen.daemon.corpus.annotation import Annotate
    from shadowpen.daemon.corpus.corpus import Corpus
    from shadowpen.daemon.corpus.folders import Report

REPORT = "report.json"


@click.group()
def data() -> None:
    """Clean a folder of texts as learning would."""


@data.command()
@click.option("--input", "source", type=click.Path(path_type=Path), help="Folder of texts to read.")
@click.option("--config", "plan_file", type=click.Path(path_type=Path), help="Plan that says what to read, and how.")
@click.option(
    "--output", "target", type=click.Path(path_type=Path), required=True, help="New or empty folder to write."
)
@click.option("--annotate", metavar="PIPELINE", help="Add entities and parts of speech with this spaCy pipeline.")
@terminal.json_option
def prepare(source: Path | None, plan_file: Path | None, target: Path, annotate: str | None, as_json: bool) -> None:
    """Write the learnable text of one folder into another: cleaned, without duplicates and secrets.

    With --config, it reads every source that a plan such as corpus.toml names: folders, feeds and pages. Feeds and
    pages are fetched; no other command does that. Nothing is learned. The report (report.json) lists what was left out
    and why.
    """
    if (source is None) == (plan_file is None):
        raise ConfigInvalid("Name one of --input and --config.", "`shadowpen data prepare --help` explains both.")
    target = store.real(target)
    if source is not None:
        told, report = _of_folder(store.real(source), target, annotate)
    else:
        assert plan_file is not None
        if annotate:
            raise ConfigInvalid("--annotate goes with --input.", "Name the pipeline in [annotation_schema] instead.")
        told, report = _of_plan(store.expanded(plan_file), target)
    told |= {"left_out": report.document()}
    written = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    store.write_atomic(target / REPORT, written.encode("utf-8", "replace"))
    if as_json:
        terminal.print_json(told)
        return
    terminal.say(f"{len(told['texts'])} texts with {told['characters']:,} characters are in {target}.")
    _print_further(told)
    print_left_out(report, store.real(source) if source is not None else None)


def _of_folder(source: Path, target: Path, annotate: str | None) -> tuple[dict[str, Any], Report]:
    from shadowpen.daemon.corpus import annotation
    from shadowpen.daemon.corpus.corpus import read_alone
    from shadowpen.daemon.privacy import forgotten

    _check(source, target)
    annotated = annotation.load(annotate) if annotate else None
    layout = store.layout()
    known = forgotten.load(layout.forgotten), forgotten.load(layout.pasted)
    corpus = read_alone(str(source), configuration.load().learning, *known)
    told = {"input": str(source), "output": str(target), **_written(corpus, source, target, annotated)}
    return told, corpus.report


def _of_plan(plan_file: Path, target: Path) -> tuple[dict[str, Any], Report]:
    from shadowpen.daemon.preparation import plan as plans
    from shadowpen.daemon.preparation.prepare import KeptOut, carry_out
    from shadowpen.daemon.privacy import forgotten

    plan = plans.load(plan_file)
    for source in plan.sources:
        if source.kind == "folder":
            _check(Path(source.place), target)
    _check_target(target)
    layout = store.layout()
    known = forgotten.load(layout.forgotten), forgotten.load(layout.pasted)
    told, report = carry_out(plan, target, KeptOut(configuration.load().learning, *known))
    return {"config": str(plan_file), "output": str(target), **told}, report


def _print_further(told: dict[str, Any]) -> None:
    """What a plan's report tells besides the texts, a line each."""
    if "statistics" in told:
        numbers = told["statistics"]
        terminal.say(f"They hold {numbers['sentences']:,} sentences and {numbers['words']:,} words.")
    if "annotations" in told:
        found = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in told["annotations"]["found"].items())
        terminal.say(f"Annotated by {told['annotations']['by']}: {found or 'nothing'}.")
    if "media" in told:
        found = ", ".join(f"{count:,} by {by}" for by, count in told["media"].items())
        terminal.say(f"Images and recordings in words: {found or 'none'}.")


def _check(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise ConfigInvalid(f"{source} is not a folder.", "Name the folder that holds the texts.")
    if target == source or source in target.parents:
        raise ConfigInvalid(
            f"{target} is inside {source}.", "Choose a folder elsewhere; otherwise the next run would read it."
        )
    _check_target(target)


def _check_target(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigInvalid(f"{target} is not empty.", "Name a new folder.")


def _written(corpus: Corpus, source: Path, target: Path, annotated: Annotate | None) -> dict[str, Any]:
    """Each document under the name it has below `source`, and `.txt` (`a.md.txt`); what was written.

    What `annotated` says of it is beside it, under the same name and `.json`.
    """
    from shadowpen.daemon.preparation.prepare import names

    texts = []
    for document, name in zip(corpus.documents, names(corpus.documents, [source]), strict=True):
        path = target / name
        store.write_atomic(path, document.text.encode("utf-8", "replace") + b"\n", durable=False)
        if annotated is not None:
            notes = json.dumps(annotated(document.text), ensure_ascii=False).encode("utf-8", "replace")
            store.write_atomic(path.with_name(f"{path.name}.json"), notes + b"\n", durable=False)
        date = datetime.fromtimestamp(document.time, UTC).date().isoformat()
        texts.append({"text": name, "date": date, "characters": len(document.text)})
    return {"texts": texts, "characters": sum(len(document.text) for document in corpus.documents)}
