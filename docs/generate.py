"""Writes the generated pages; `make docs` runs this, and tests/test_docs.py fails while one is stale.

docs/cli.md from every --help, docs/configuration.md from the settings, the tree in docs/architecture.md from the
first sentence of each file, in docs/models.md the families from what the tests try and the known models from their
table.
"""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import click

from shadowpen.daemon.base import config, terminal
from shadowpen.daemon.cli import group
from shadowpen.daemon.cli.table import COMMANDS
from shadowpen.exporters.recipes.ladder.known import known_models

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ARCHITECTURE = HERE / "architecture.md"
_TREE_BEGINS, _TREE_ENDS = "<!-- tree: written by `make docs` -->", "<!-- end of the tree -->"
MODELS = HERE / "models.md"
_FAMILIES_BEGIN, _FAMILIES_END = "<!-- families: written by `make docs` -->", "<!-- end of the families -->"
_KNOWN_BEGIN, _KNOWN_END = "<!-- known models: written by `make docs` -->", "<!-- end of the known models -->"
_NOTE_COLUMN = 30
_NOTE_WIDTH = 100
_SOURCE = (".py", ".lua", ".ts", ".el", ".vim")
# Folders of the top level in reading order; those of _LISTED are shown file by file.
_FOLDERS = {
    "daemon/shadowpen/daemon/": "shadowpen.daemon: serves one small model to every editor, and learns",
    "lsp_server/shadowpen/lsp_server/": "shadowpen.lsp_server: documents and positions; holds no model",
    "exporters/shadowpen/exporters/": "shadowpen.exporters: from a checkpoint to a verified ONNX model; runs once",
    "plugins/": "editors; thin, they speak nothing but LSP",
    "tests/": "mirrors the sources; e2e/ and plugins/ drive real processes and real editors",
    "docs/": "architecture, commands, settings, editors, protocol, contributing; decisions/ holds one page a decision",
    "requirements/": "the locked versions that the Makefile and CI install",
    "packaging/": "what package channels ask for, written by generate.py from templates/; nothing is published yet",
    ".github/": "issue templates, and the workflow that makes a draft release of a tag",
}
_LISTED = ("daemon/shadowpen/daemon/", "lsp_server/shadowpen/lsp_server/", "exporters/shadowpen/exporters/", "plugins/")
_FILES = {
    "daemon/shadowpen/": "the daemon's part of the namespace package; beside the daemon one file:",
    "daemon/shadowpen/client.py": "shadowpen.client: what Python programs import; the names of daemon/client",
    "Makefile": "demo, test, soak, model, lint, docs, site, lock, clean",
    "mkdocs.yml": "the documentation as a site: its pages in their order",
    "pyproject.toml": "dependencies, extras, entry points, what the wheel holds, lint, types, tests",
    ".ci/run": "what CI runs: `make test` on a bare machine",
}
_WIDTH = 100
_KINDS = {int: "whole number", float: "number", bool: "true or false", str: "string"}


def pages() -> dict[Path, str]:
    """Each generated page with what it should hold."""
    return {
        HERE / "cli.md": cli_page(),
        HERE / "configuration.md": configuration_page(),
        ARCHITECTURE: _with_tree(ARCHITECTURE.read_text("utf-8")),
        MODELS: _with_known(_with_families(MODELS.read_text("utf-8"))),
    }


# --- commands -----------------------------------------------------------------------------------------


def cli_page() -> str:
    """Every command's help, in the order of `shadowpen --help`."""
    parts = ["# Commands", "Generated from the help texts by `make docs`."]
    with click.Context(group, info_name="shadowpen", terminal_width=_WIDTH, **group.context_settings) as context:
        parts += ["## shadowpen", _block(group.get_help(context))]
        for name, entry in COMMANDS.items():
            parts += _command(name, entry.load(name), context)
    return "\n\n".join(parts) + "\n"


def _command(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    """The command and, below it, those of its group."""
    with click.Context(command, info_name=name, parent=parent, terminal_width=_WIDTH) as context:
        yield f"## {context.command_path}"
        yield _block(command.get_help(context))
        if isinstance(command, click.Group):
            for child in command.list_commands(context):
                found = command.get_command(context, child)
                assert found is not None, child
                yield from _command(child, found, context)


def _block(text: str) -> str:
    return f"```\n{text}\n```"


# --- settings -----------------------------------------------------------------------------------------


def configuration_page() -> str:
    """Every setting with its default, its limits and its reason."""
    parts = [
        "# Settings",
        "Generated from `daemon/base/sections.py` by `make docs`. `shadowpen config` shows the values in force and "
        "where each comes from; `shadowpen config set NAME VALUE` writes to `config.toml`. There are three sources, "
        "each overriding the one before: the default, `config.toml`, and the environment (`completion.deadline_ms` is "
        "`SHADOWPEN_COMPLETION_DEADLINE_MS`). An invalid value falls back to the default; `shadowpen config`, "
        "`shadowpen doctor` and the editor say so. An editor can only restrict.",
        "Settings whose names end in `_ms`, `_s` or `_mb` are in milliseconds, seconds or megabytes.",
    ]
    for section, kind in config.SECTIONS.items():
        rows = ["| Setting | Default | Values | Why |", "| --- | --- | --- | --- |"]
        rows += [_row(section, kind, field) for field in dataclasses.fields(kind)]
        parts += [f"## {section}", "\n".join(rows)]
    parts += ["## Places", _places()]
    return "\n\n".join(parts) + "\n"


def _row(section: str, kind: type, field: Any) -> str:
    default = getattr(kind(), field.name)
    cells = [f"`{section}.{field.name}`", f"`{_toml(default)}`", _limits(kind, field), field.metadata["why"]]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _limits(kind: type, field: Any) -> str:
    low, high, choices = (field.metadata[key] for key in ("low", "high", "choices"))
    if choices:
        return ", ".join(choices)
    if low is not None and high is not None:
        return f"{low:g} to {high:,.12g}"
    if low is not None:
        return f"{low:g} or more"
    return _KINDS.get(get_type_hints(kind)[field.name], "list of strings")


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _places() -> str:
    return (
        "`SHADOWPEN_HOME` puts all state into one folder. Without it the platform's folders are used "
        "(`shadowpen status` and `shadowpen config` name them). `SHADOWPEN_MODELS` moves only the models, "
        "`SHADOWPEN_OFFLINE=1` keeps `shadowpen setup` from asking the hub, and `SHADOWPEN_TRACEBACK=1` shows where a "
        "command failed."
    )


# --- the families in models.md ------------------------------------------------------------------------


def _with_families(page: str) -> str:
    """The page with the table between its two marks written anew."""
    before, _, rest = page.partition(_FAMILIES_BEGIN)
    _, _, after = rest.partition(_FAMILIES_END)
    return f"{before}{_FAMILIES_BEGIN}\n{_families()}\n{_FAMILIES_END}{after}"


def _families() -> str:
    sys.path.insert(0, str(ROOT / "tests"))
    try:
        from support.checkpoints.families import FAMILIES
    finally:
        sys.path.remove(str(ROOT / "tests"))
    rows = ["| Family | Models | Exporter | Tried with |", "| --- | --- | --- | --- |"]
    rows += [f"| {one.name} | {one.models} | {one.exporter} | {one.tried} |" for one in FAMILIES]
    return "\n".join(rows)


# --- the known models in models.md --------------------------------------------------------------------


def _with_known(page: str) -> str:
    """The page with the table of known models between its two marks written anew."""
    before, _, rest = page.partition(_KNOWN_BEGIN)
    _, _, after = rest.partition(_KNOWN_END)
    return f"{before}{_KNOWN_BEGIN}\n{_known()}\n{_KNOWN_END}{after}"


def _known() -> str:
    rows = ["| Model | Where | Parameters | Memory, int8 | Licence | Languages | Kind |", "| --- " * 7 + "|"]
    for one in known_models():
        languages = " ".join(one.languages) or "dozens"
        size = f"{one.millions:,} million"
        memory = terminal.size(one.memory_bytes())
        rows.append(f"| {one.name} | `{one.locator}` | {size} | {memory} | {one.licence} | {languages} | {one.kind} |")
    return "\n".join(rows)


# --- the tree in architecture.md ----------------------------------------------------------------------


def _with_tree(page: str) -> str:
    """The page with the tree between its two marks written anew."""
    before, _, rest = page.partition(_TREE_BEGINS)
    _, _, after = rest.partition(_TREE_ENDS)
    return f"{before}{_TREE_BEGINS}\n{_block(chr(10).join(_tree()))}\n{_TREE_ENDS}{after}"


def _tree() -> Iterator[str]:
    """One line a file of the product, one line a folder elsewhere."""
    for folder, note in _FOLDERS.items():
        yield _line(folder, note, 0)
        if folder in _LISTED:
            yield from _below(folder.rstrip("/"), 1)
    yield from (_line(name, note, 0) for name, note in _FILES.items())


def _below(folder: str, depth: int) -> Iterator[str]:
    names = [name.removeprefix(f"{folder}/").split("/") for name in files() if name.startswith(f"{folder}/")]
    for name in sorted({parts[0] for parts in names if len(parts) == 1 and parts[0].endswith(_SOURCE)}):
        if name != "__init__.py":
            yield _line(name, first_sentence(ROOT / folder / name), depth)
    for name in sorted({parts[0] for parts in names if len(parts) > 1}):
        yield _line(f"{name}/", first_sentence(ROOT / folder / name / "__init__.py"), depth)
        yield from _below(f"{folder}/{name}", depth + 1)


def _line(name: str, note: str, depth: int) -> str:
    return f"{'  ' * depth + name:<{_NOTE_COLUMN}} {note}".rstrip()


@cache
def files() -> tuple[str, ...]:
    """What git tracks, relative to the root."""
    command = ["git", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return tuple(sorted(name for name in listing.split("\0") if name and (ROOT / name).is_file()))


def first_sentence(path: Path) -> str:
    """What a source file says of itself; "" for a folder without such a file."""
    if not path.exists():
        return ""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        text = ast.get_docstring(ast.parse(text)) or ""
    elif path.suffix == ".el":
        text = re.sub(r"^;;; \S+ --- |\s+-\*-.*", "", text.partition("\n")[0])
    elif path.suffix == ".vim":
        comment = re.search(r"(?:^#[^\n]*\n)+", text, re.MULTILINE)
        text = re.sub(r"^#", "", comment[0], flags=re.MULTILINE) if comment else ""
    else:
        comment = re.match(r"(?:(?:--+|//)[^\n]*\n?)+|/\*.*?\*/", text, re.DOTALL)
        text = re.sub(r"^\s*(?:--+|//+|/?\*+/?)", "", comment[0], flags=re.MULTILINE) if comment else ""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    sentence = re.match(r"(.+?[.!?])(?:\s+(?![a-z0-9])|$)", paragraph)
    return _short((sentence[1] if sentence else paragraph).rstrip(".*/ "))


def _short(sentence: str) -> str:
    """A long sentence up to its last part that fits, not cut within parentheses."""
    if len(sentence) <= _NOTE_WIDTH:
        return sentence
    parts = [match.start() for match in re.finditer(r"[,;:] | \(", sentence[:_NOTE_WIDTH])]
    whole = [end for end in parts if sentence.count("(", 0, end) == sentence.count(")", 0, end)]
    return sentence[: whole[-1]] if whole else sentence


if __name__ == "__main__":
    for path, content in pages().items():
        path.write_text(content, "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
