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
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
MOST_LINES_OF_THE_README = 120
MOST_COLUMNS = 120
SOURCE = re.compile(r"(?<![\w./-])((?:\.\./)*[\w.-]+(?:/[\w.-]+)+\.(?:py|lua|ts|mjs|el|vim))\b")
# A source file followed by names of functions or classes: `path/file.py` (`one`, `other`).
WALKED = re.compile(r"`([\w./-]+\.(?:py|lua|ts))`\s\((`\w+`(?:,\s`\w+`)*)[;)]")
# Programs outside the repository that a page speaks of.
OUTSIDE = {"checks/typist.py"}


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = _generator()
GENERATED = GENERATE.pages()


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_generated_pages_are_fresh(page: Path) -> None:
    assert page.read_text("utf-8") == GENERATED[page], "run `make docs`"


def _tree() -> str:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    return page.partition("<!-- tree")[2].partition("<!-- end")[0]


def _source(name: str) -> Path:
    """The file that a page names; inside the packages `daemon/wire/lock.py` is enough."""
    top, _, below = name.partition("/")
    return next((path for path in (ROOT / name, ROOT / top / "shadowpen" / top / below) if path.exists()), ROOT / name)


def _without_tree(page: Path) -> str:
    text = page.read_text("utf-8")
    return text.partition("<!-- tree")[0] + text.partition("<!-- end")[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_source_files_that_are_named_exist(page: Path) -> None:
    named = {name.lstrip("./") for name in SOURCE.findall(_without_tree(page))} - OUTSIDE
    assert {name for name in named if not _source(name).exists()} == set()


def test_the_walks_name_functions_that_their_files_hold() -> None:
    steps = WALKED.findall(_without_tree(ROOT / "docs/architecture.md"))
    assert len(steps) > 20
    missing = [
        (name, word)
        for name, words in steps
        for word in re.findall(r"\w+", words)
        if not re.search(rf"\b{word}\b", _source(name).read_text("utf-8"))
    ]
    assert missing == []


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").read_text("utf-8").count("\n") <= MOST_LINES_OF_THE_README


@pytest.mark.parametrize("row", range(1, 11))
def test_ten_changes_name_the_files_to_open(row: int) -> None:
    page = (ROOT / "docs/contributing.md").read_text("utf-8")
    table = page.partition("## Ten changes")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) == 10
    paths = re.findall(r"`([\w./-]+/[\w./-]+)`", rows[row - 1])
    assert 1 <= len(paths) <= 2
    assert [path for path in paths if not _source(path).exists()] == []


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \| .+ \|$", index, re.MULTILINE)
    assert [name for _, name, _ in listed] == [page.name for page in DECISIONS]
    for page, (number, _, title) in zip(DECISIONS, listed, strict=True):
        assert page.read_text("utf-8").startswith(f"# {number}. {title}\n"), page.name


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_has_its_form(page: Path) -> None:
    text = page.read_text("utf-8")
    status = re.search(r"^Status: (accepted|superseded by \[(\d{4})\]\(\2-[a-z0-9-]+\.md\))", text, re.MULTILINE)
    assert status
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    order = [name for name in ("Context", "Decision", "Consequences", "Numbers") if name in headings]
    assert headings == order
    assert "Decision" in headings
    prose = [line for line in text.splitlines() if not line.startswith("|")]
    assert [line for line in prose if len(line) > MOST_COLUMNS] == []


def test_the_tree_names_every_source_file_and_every_path_of_it_exists() -> None:
    named: set[str] = set()
    stack: list[str] = []
    for line in _tree().splitlines()[2:-1]:
        indent = (len(line) - len(line.lstrip())) // 2
        stack[indent:] = [line.split()[0]]
        path = "".join(stack)
        assert (ROOT / path).exists(), path
        named.add(path)
    code = ("daemon/", "lsp_server/", "exporters/", "plugins/")
    sources = {
        name
        for name in GENERATE.files()
        if name.startswith(code) and name.endswith((".py", ".lua", ".ts", ".el", ".vim"))
    }
    assert {name for name in sources if not name.endswith("__init__.py")} <= named
    assert {f"{name.rpartition('/')[0]}/" for name in sources} <= named


def test_every_file_of_the_tree_says_what_it_is() -> None:
    sources = (".py", ".lua", ".ts", ".el", ".vim")
    assert [line for line in _tree().splitlines() if line.endswith(sources)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
    local = [link for link in links if not link.startswith(("http:", "https:", "mailto:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def _commands_in(page: Path) -> list[tuple[list[str], bool]]:
    """Every `shadowpen …` in code, as words, and whether it stands in a block, where it is whole."""
    text = page.read_text("utf-8")
    inline = re.findall(r"`(shadowpen [^`\n]+)`", text)
    blocks = re.findall(r"^(?:.*\| |\.venv\\Scripts\\)?(shadowpen [a-z][^#\n]*)", _fenced(text), re.MULTILINE)
    return [(shlex.split(one, comments=True), one in blocks) for one in inline + blocks]


def _fenced(text: str) -> str:
    return "\n".join(re.findall(r"^```(?:sh|powershell)?\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED], ids=lambda page: page.name)
def test_commands_that_are_named_are_understood(page: Path) -> None:
    for words, is_whole in _commands_in(page):
        if re.fullmatch(r"[a-z]+", words[1]):
            assert _why_not_understood(words[1:], is_whole=is_whole) == "", " ".join(words)


def _why_not_understood(words: list[str], *, is_whole: bool) -> str:
    """What the parser of the command line has against it, without carrying anything out; "" for nothing."""
    if words[0] not in COMMANDS:
        return "there is no such command"
    command, context = COMMANDS[words[0]].load(words[0]), click.Context(cli.group)
    rest = words[1:]
    while isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z][a-z-]*", rest[0]):
        found = command.get_command(context, rest[0])
        if found is None:
            return f"it has no {rest[0]}"
        command, rest = found, rest[1:]
    if isinstance(command, click.Group):
        return ""
    try:
        values, extra, _ = command.make_parser(click.Context(command)).parse_args(
            [word for word in rest if word not in ("--help", "-h", "…", "|")]
        )
    except click.UsageError as error:
        is_name_alone = not is_whole and rest[-1].startswith("--")  # an option that is only spoken of
        return "" if is_name_alone and "requires an argument" in error.message else error.message
    if extra:
        return f"it takes no {extra}"
    for parameter in command.params:
        value = values.get(str(parameter.name))
        if is_whole and isinstance(parameter, click.Argument) and parameter.required and not value:
            return f"it needs {parameter.name}"
        choices = parameter.type.choices if isinstance(parameter.type, click.Choice) else None
        if choices and isinstance(value, str) and value.isalpha() and value.islower() and value not in choices:
            return f"{parameter.name} cannot be {value}"
    return ""


@pytest.mark.parametrize(
    "line", ["frobnicate", "learn onn", "pause --forever", "manual perhaps", "stop now", "setup --name"]
)
def test_a_command_that_does_not_exist_would_be_noticed(line: str) -> None:
    assert _why_not_understood(line.split(), is_whole=True)


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
