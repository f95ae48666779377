"""The documentation says what the code says: generated pages are fresh, named files and commands exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import click
import pytest

from shadowpen.daemon import cli
from shadowpen.daemon.cli.setup.settings import names
from shadowpen.daemon.cli.table import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = _generator()


@pytest.mark.parametrize("page", GENERATE.pages(), ids=lambda page: page.name)
def test_generated_pages_are_fresh(page: Path) -> None:
    assert page.read_text("utf-8") == GENERATE.pages()[page], "run `make docs`"


def _tree() -> str:
    readme = (ROOT / "README.md").read_text("utf-8")
    return readme.partition("<!-- tree")[2].partition("<!-- end")[0]


def test_the_tree_names_every_source_file_and_every_path_of_it_exists() -> None:
    named, stack = set(), []
    for line in _tree().splitlines()[2:-1]:
        indent = (len(line) - len(line.lstrip())) // 2
        stack[indent:] = [line.split()[0]]
        path = "".join(stack)
        assert (ROOT / path).exists(), path
        named.add(path)
    code = ("daemon/", "lsp_server/", "exporters/", "plugins/")
    sources = {name for name in GENERATE.files() if name.startswith(code) and name.endswith((".py", ".lua", ".ts"))}
    assert {name for name in sources if not name.endswith("__init__.py")} <= named
    assert {f"{name.rpartition('/')[0]}/" for name in sources} <= named


def test_every_file_of_the_tree_says_what_it_is() -> None:
    sources = (".py", ".lua", ".ts")
    assert [line for line in _tree().splitlines() if line.endswith(sources)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
    local = [link for link in links if not link.startswith(("http:", "https:", "mailto:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def _commands_in(page: Path) -> list[list[str]]:
    """Every `shadowpen …` in code, as words."""
    text = page.read_text("utf-8")
    inline = re.findall(r"`(shadowpen [^`\n]+)`", text)
    blocks = re.findall(r"^(?:.*\| |\.venv\\Scripts\\)?(shadowpen [a-z][^#\n]*)", _fenced(text), re.MULTILINE)
    return [shlex.split(command, comments=True) for command in inline + blocks]


def _fenced(text: str) -> str:
    return "\n".join(re.findall(r"```(?:sh|powershell)\n(.*?)```", text, re.DOTALL))


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATE.pages() or page.name == "README.md"])
def test_commands_that_are_named_exist(page: Path) -> None:
    for _, name, *rest in _commands_in(page):
        if not re.fullmatch(r"[a-z]+", name):
            continue
        assert name in COMMANDS, name
        command = COMMANDS[name].load(name)
        context = click.Context(cli.group)
        if isinstance(command, click.Group) and rest and rest[0].isalpha() and rest[0].islower():
            found = command.get_command(context, rest[0])
            assert found is not None, (name, *rest)
            command, rest = found, rest[1:]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in rest if word.startswith("--")} <= known, (name, *rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_are_named_exist(page: Path) -> None:
    found = re.findall(
        r"(?<![\w.])((?:model|completion|daemon|learning)\.[a-z_]+(?:_[a-z]+)+)\b", page.read_text("utf-8")
    )
    modules = {
        name for name in found if (ROOT / "daemon/shadowpen" / name.replace(".", "/")).with_suffix(".py").exists()
    }
    assert set(found) - modules <= set(names())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)) <= targets
