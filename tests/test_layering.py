"""Imports only go down, serving imports nothing heavy, and folders, files and functions stay small enough to read."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("daemon", "exporters", "lsp_server")
# What Python programs import: it gives the names of the daemon's client, and nothing imports it.
FACADE = ROOT / "daemon/shadowpen/client.py"
MOST_FILES_OF_A_FOLDER = 12
MOST_LOOSE_FILES = 3  # of a package, beside its folders
MOST_LINES_OF_A_FILE = 600
MOST_LINES_OF_A_FUNCTION = 60

# The folders of each package from the bottom up: a file imports from its own folder and from those before it.
# Loose files without a place put their package together: they import all of it, and nothing imports them.
ORDER = {
    "daemon": (
        "base",
        "plugins",
        "wire",
        "client",
        "text",
        "privacy",
        "storage",
        "markup",
        "grammar",
        "formats",
        "engine",
        "showing",
        "corpus",
        "preparation",
        "learning",
        "monitoring",
        "transfer",
        "trainer",
        "memory",
        "tasks",
        "serving",
        "__main__",
        "http",
        "typist",
        "evaluation",
        "bench",
        "reporting",
        "cli",
    ),
    "lsp_server": ("editor", "documents", "grammar", "ghost_text", "writing", "session", "handlers"),
    "exporters": ("progress", "progress_display", "sources", "checkpoints", "graphs", "recipes", "lab"),
}
# What the other packages may know of the daemon: whole folders, or single files of one.
KNOWN = {
    "lsp_server": {
        "base",
        "wire",
        "privacy",
        "markup",
        "grammar",
        "text.common_prefix",
        "text.sentences",
        "storage.own_words",
        "showing.silence.attention",
        "showing.naming",
        "showing.silence.reasons",
    },
    "exporters": {
        "base",
        "plugins",
        "wire",
        "storage",
        "text",
        "privacy.forgotten",
        "engine.onnx_cache",
        "engine.onnx_engine",
        "engine.pace",
        "corpus",
        "learning",
        "monitoring",
        "transfer.repository",
        "trainer",
        "tasks.expansion.prompts",
        "evaluation.bootstrap",
        "evaluation.harm.guard",
        "evaluation.harm.pairs",
        "evaluation.keys",
        "evaluation.reading",
        "serving.model",
    },
}


def _files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py") if path != FACADE)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts[1:]).removesuffix(".__init__")


MODULES = {_module(path): path for path in _files(*CODE)}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Every module that the file imports, inside functions and for its types too."""
    found: list[str] = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.append(full if full in MODULES else node.module)
    return tuple(found)


def _package(module: str) -> str:
    return module.split(".")[1] if module.startswith("shadowpen.") else ""


def _height(module: str) -> int | None:
    """The place of the module's folder in ORDER, None for a loose file."""
    below, order = module.split(".")[2:], ORDER[_package(module)]
    return order.index(below[0]) if below and below[0] in order else None


@pytest.mark.parametrize("package", CODE)
def test_every_folder_has_its_place_in_the_order(package: str) -> None:
    folders = {path.relative_to(ROOT / package / "shadowpen" / package).parts[0] for path in _files(package)}
    assert {name for name in folders if not name.endswith(".py")} <= set(ORDER[package]), "give it its place in ORDER"


@pytest.mark.parametrize("path", _files(*CODE), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_downwards(path: Path) -> None:
    own = _module(path)
    inside = [module for module in _imports(path) if _package(module) == _package(own)]
    if (height := _height(own)) is not None:
        upward = [module for module in inside if (other := _height(module)) is None or other > height]
        assert upward == []


@pytest.mark.parametrize("path", _files(*CODE), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_packages_know_little_of_each_other(path: Path) -> None:
    own = _package(_module(path))
    others = {module for module in _imports(path) if _package(module) not in ("", own)}
    known = tuple(f"shadowpen.daemon.{name}" for name in KNOWN.get(own, ()))
    assert {module for module in others if not f"{module}.".startswith(tuple(f"{name}." for name in known))} == set()


def test_the_facade_knows_the_client_alone_and_nothing_knows_the_facade() -> None:
    known = {module for module in _imports(FACADE) if module.startswith("shadowpen.")}
    assert {".".join(module.split(".")[:3]) for module in known} == {"shadowpen.daemon.base", "shadowpen.daemon.client"}
    assert [path for path in MODULES.values() if "shadowpen.client" in _imports(path)] == []


def test_no_import_goes_in_a_circle() -> None:
    """Not even for types."""
    graph = {module: {other for other in _imports(path) if other in MODULES} for module, path in MODULES.items()}
    try:
        TopologicalSorter({module: others - {module} for module, others in graph.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_folder_holds_more_files_than_one_sees_at_once() -> None:
    plugins = [path for end in ("*.lua", "*.ts", "*.el", "*.vim", "*.py") for path in (ROOT / "plugins").rglob(end)]
    ours = [path for path in plugins if "node_modules" not in path.parts]
    held = Counter(path.parent for path in [*_files(*CODE, "tests"), *ours] if path.name != "__init__.py")
    full = {str(folder.relative_to(ROOT)): count for folder, count in held.items() if count > MOST_FILES_OF_A_FOLDER}
    assert full == {}, "split it by subject"


@pytest.mark.parametrize("package", CODE)
def test_a_package_has_few_loose_files(package: str) -> None:
    loose = [path.name for path in (ROOT / package / "shadowpen" / package).glob("*.py") if path.name != "__init__.py"]
    assert len(loose) <= MOST_LOOSE_FILES, loose


def test_a_class_name_means_one_class() -> None:
    homes: dict[str, list[str]] = {}
    for path in _files(*CODE):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_only_training_and_verifying_import_torch() -> None:
    allowed = ("daemon/shadowpen/daemon/trainer/", "exporters/")
    for path in _files(*CODE):
        heavy = {module.split(".")[0] for module in _imports(path)} & {"torch", "transformers", "peft", "optimum"}
        where = str(path.relative_to(ROOT))
        assert not heavy or where.startswith(allowed), where


def _modules_after(code: str, tmp_path: Path) -> set[str]:
    report = f"{code}\nimport sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-P", "-c", report], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n"))


def test_serving_imports_neither_torch_nor_transformers(tmp_path: Path) -> None:
    """All of the daemon but its trainer, all of the language server, and the onnxruntime that serves."""
    modules = [
        _module(path)
        for path in _files("daemon", "lsp_server")
        if "trainer" not in path.parts and path.name != "__main__.py"
    ]
    loaded = _modules_after(f"import onnxruntime\nimport {', '.join(modules)}", tmp_path)
    assert set(modules) <= loaded
    assert not {"torch", "transformers", "peft", "optimum"} & loaded


@pytest.mark.parametrize("arguments", [["--help"], ["status", "--help"], ["complete", "--help"], ["--version"]])
def test_help_imports_nothing_of_the_product(arguments: list[str], tmp_path: Path) -> None:
    loaded = _modules_after(f"from shadowpen.daemon.cli import run\nassert run({arguments!r}) == 0", tmp_path)
    assert "shadowpen.daemon.cli.table" in loaded
    assert not {"onnxruntime", "onnx", "zmq", "pygls", "numpy", "rich", "tokenizers", "huggingface_hub"} & loaded


def test_the_language_server_never_loads_a_model_runtime(tmp_path: Path) -> None:
    loaded = _modules_after("import shadowpen.lsp_server.serve", tmp_path)
    assert not {"onnxruntime", "onnx", "tokenizers", "numpy"} & loaded


@pytest.mark.parametrize("path", _files(*CODE, "tests"), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_can_be_read_in_one_go(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= MOST_LINES_OF_A_FILE
    functions = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: length for node in functions if (length := _length(node)) > MOST_LINES_OF_A_FUNCTION}
    assert long == {}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_file_of_the_product_says_what_it_is() -> None:
    silent = [str(path) for path in _files(*CODE) if not ast.get_docstring(_tree(path))]
    assert silent == []
