"""Imports only go down, serving imports nothing heavy, and files and functions stay small enough to read."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("daemon", "exporters", "lsp_server")
MOST_LINES_OF_A_FILE = 600
MOST_LINES_OF_A_FUNCTION = 60

# Layers of the daemon from the bottom up: a file imports from its own layer and from those below it.
DAEMON_LAYERS = (
    ("errors", "telemetry", "eagerness"),
    ("store", "protocol", "headings"),
    (
        "config",
        "transport",
        "lock",
        "counters",
        "scheduler",
        "storms",
        "events",
        "signals",
        "power",
        "vocabulary",
        "drawing",
    ),
    ("config_file", "launch", "logs", "registry", "journal", "versions", "outbox", "engine", "text", "privacy"),
    ("attention",),
    ("showing",),
    ("link", "blocking_client", "tasks", "memory"),
    ("remembering", "client", "model", "model_slot", "training"),
    ("worker", "explaining"),
    ("server",),
    ("recording", "forgetting"),
    ("__main__",),
    ("bench",),
    ("evaluation",),
    ("reporting",),
    ("cli",),
)
# What the other packages may know of the daemon.
LSP_SERVER_KNOWS = {
    "telemetry",
    "client",
    "protocol",
    "config",
    "config_file",
    "errors",
    "store",
    "privacy",
    "headings",
    "attention",
    "vocabulary",
}
EXPORTERS_KNOW = {"telemetry", "store", "errors", "config", "config_file", "registry", "text", "cli"}
# Where a candidate is trained, exported, gated and announced.
LEARNING_KNOWS = EXPORTERS_KNOW | {"tasks", "training", "versions", "blocking_client", "protocol"}
LEARNING_FILES = {"base_tuning.py", "candidate.py", "full_tuning.py", "scoring.py", "training_process.py"}


def _files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _module(path: Path) -> str:
    return ".".join(("shadowpen", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def _imports(path: Path) -> Iterator[str]:
    """Every module of ours that the file imports, inside functions too, not what is imported for its types alone."""
    for node in _executed(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            is_package = (ROOT.joinpath(*node.module.split(".")[1:])).is_dir() and node.module.startswith("shadowpen")
            for alias in node.names:
                yield f"{node.module}.{alias.name}" if is_package else node.module


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _executed(node)


def _of_daemon(module: str) -> str | None:
    """The file or folder below daemon/ that a module is in."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["shadowpen", "daemon"] and len(parts) > 2 else None


def _height(part: str) -> int:
    return next(height for height, layer in enumerate(DAEMON_LAYERS) if part in layer)


def test_every_part_of_the_daemon_has_its_layer() -> None:
    parts = {_of_daemon(_module(path)) for path in _files("daemon")} - {None}
    known = {part for layer in DAEMON_LAYERS for part in layer}
    assert parts <= known, "a new file: give it its layer in DAEMON_LAYERS"


@pytest.mark.parametrize("path", _files("daemon"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_daemon_imports_downwards(path: Path) -> None:
    own = _of_daemon(_module(path))
    upward = [
        module
        for module in _imports(path)
        if (part := _of_daemon(module)) and own and part != own and _height(part) > _height(own)
    ]
    assert upward == []
    assert not [
        module for module in _imports(path) if module.startswith(("shadowpen.lsp_server", "shadowpen.exporters"))
    ]


@pytest.mark.parametrize(("folder", "known"), [("lsp_server", LSP_SERVER_KNOWS), ("exporters", EXPORTERS_KNOW)])
def test_the_other_packages_know_little_of_the_daemon(folder: str, known: set[str]) -> None:
    others = {"lsp_server", "exporters"} - {folder}
    for path in _files(folder):
        modules = list(_imports(path))
        allowed = LEARNING_KNOWS if folder == "exporters" and path.name in LEARNING_FILES else known
        assert {part for module in modules if (part := _of_daemon(module))} <= allowed, path
        assert not [module for module in modules if module.split(".")[1:2] and module.split(".")[1] in others], path


def test_only_training_and_verifying_import_torch() -> None:
    allowed = {"daemon/training", "exporters"}
    for path in _files(*CODE):
        heavy = {module.split(".")[0] for module in _imports(path)} & {"torch", "transformers", "peft", "optimum"}
        where = str(path.relative_to(ROOT))
        assert not heavy or any(where.startswith(folder) for folder in allowed), where


def _modules_after(code: str, tmp_path: Path) -> set[str]:
    report = f"{code}\nimport sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-P", "-c", report], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n"))


def test_serving_imports_neither_torch_nor_transformers(tmp_path: Path) -> None:
    """All of the daemon but its training, all of the language server, and the onnxruntime that serves."""
    modules = [
        _module(path)
        for path in _files("daemon", "lsp_server")
        if "training" not in path.parts and path.name != "__main__.py"
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
    loaded = _modules_after("import shadowpen.lsp_server.server", tmp_path)
    assert not {"onnxruntime", "onnx", "tokenizers", "numpy"} & loaded


@pytest.mark.parametrize("path", _files(*CODE, "tests"), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_can_be_read_in_one_go(path: Path) -> None:
    source = path.read_text("utf-8")
    assert source.count("\n") <= MOST_LINES_OF_A_FILE
    functions = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {node.name: length for node in functions if (length := _length(node)) > MOST_LINES_OF_A_FUNCTION}
    assert long == {}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_file_of_the_product_says_what_it_is() -> None:
    silent = [str(path) for path in _files(*CODE) if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []
