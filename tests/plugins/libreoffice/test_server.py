"""What the extension says where the language server cannot answer, and the protocol's places: no office is needed."""

from __future__ import annotations

import ast
import json
import queue
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PLUGIN = Path(__file__).resolve().parents[3] / "plugins/libreoffice"
OFFICES_PYTHON = (3, 8)  # what LibreOffice 7.0 brings

ANSWERS = """
import json, sys
def receive():
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        length = int(line.split(b":")[1])
    return json.loads(sys.stdin.buffer.read(length)) if length else None
def send(message):
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
    sys.stdout.buffer.flush()
"""
COMMANDS = ["shadowpen.accept", "shadowpen.continue", "shadowpen.expand", "shadowpen.verb"]
NEW = {"inlineCompletionProvider": {}, "executeCommandProvider": {"commands": COMMANDS}}


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The extension's modules that need no office, as the office would import them."""
    monkeypatch.syspath_prepend(str(PLUGIN / "pythonpath"))
    from shadowpen_writer import positions, server, words

    yield positions, server, words
    for name in [name for name in sys.modules if name.startswith("shadowpen_writer")]:
        del sys.modules[name]


class MainThread:
    """Stands in for the office's main thread: `until` does what was handed to it."""

    def __init__(self) -> None:
        self.work: queue.Queue[Callable[[], None]] = queue.Queue()
        self.told: list[str] = []

    def until(self, done: Callable[[], Any]) -> None:
        while not done():
            self.work.get(timeout=60)()


def start(modules: Any, command: list[str], **more: Any) -> tuple[Any, MainThread]:
    main = MainThread()

    def nothing(*_: Any) -> None:
        """Stands in for who listens."""

    server = modules[1].Server(command, "7.4", main.work.put, main.told.append, nothing, nothing, nothing, **more)
    server.start()
    return server, main


def program(body: str) -> list[str]:
    return [sys.executable, "-c", ANSWERS + body]


def test_an_old_program_is_named_with_its_version(modules: Any) -> None:
    answer = {"capabilities": {}, "serverInfo": {"name": "shadowpen", "version": "0.0.9"}}
    _, main = start(modules, program(f"send({{'id': receive()['id'], 'result': {answer}}}); receive()"))
    main.until(lambda: main.told)
    assert "0.0.9" in main.told[0] and "too old" in main.told[0] and "shadowpen install libreoffice" in main.told[0]


def test_office_and_server_speak_the_same_language(modules: Any) -> None:
    modules[2].speak("zh-CN")
    answer = "{'capabilities': {}, 'serverInfo': {'version': asked['params']['locale']}}"
    told = f"asked = receive(); send({{'id': asked['id'], 'result': {answer}}}); receive()"
    _, main = start(modules, program(told), locale="zh-CN")
    main.until(lambda: main.told)
    assert main.told[0].startswith("Shadowpen（zh-CN）的版本对这个扩展来说太旧。请重新安装 Shadowpen")


@pytest.mark.parametrize(
    ("locale", "chinese"), [("zh-CN", True), ("zh_TW", True), ("zh", True), ("en-US", False), ("", False)]
)
def test_it_speaks_the_offices_language(modules: Any, locale: str, chinese: bool) -> None:
    modules[2].speak(locale)
    assert (modules[2].said("Shadowpen: {}.", "x") == "Shadowpen：x。") is chinese


def test_a_silent_program_is_ended_and_nobody_waits_for_it(modules: Any) -> None:
    server, main = start(modules, program("receive(); receive()"), handshake_s=0.05)
    answers: list[Any] = []
    server.request("textDocument/inlineCompletion", {}, answers.append)
    main.until(lambda: answers)
    assert answers == [None] and "does not answer" in main.told[0] and "shadowpen doctor" in main.told[0]


@pytest.mark.parametrize("last", ["sys.exit(3)", "print('no protocol', flush=True); receive()"])
def test_a_program_that_ends_is_started_again_by_the_next_order(modules: Any, last: str) -> None:
    server, main = start(
        modules, program(f"send({{'id': receive()['id'], 'result': {{'capabilities': {NEW}}}}}); receive(); {last}")
    )
    answers: list[Any] = []
    server.request("textDocument/inlineCompletion", {}, answers.append)
    main.until(lambda: answers)
    assert answers == [None] and "has stopped" in main.told[0]
    assert server.start()
    server.stop()


def test_an_answer_arrives_whatever_python_the_office_has_set_up(
    modules: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    shake = f"send({{'id': receive()['id'], 'result': {{'capabilities': {NEW}}}}}); receive(); "
    server, main = start(modules, program(f"{shake} send({{'id': receive()['id'], 'result': 7}}); receive()"))
    answers: list[Any] = []
    server.request("textDocument/inlineCompletion", {}, answers.append)
    main.until(lambda: answers)
    assert answers == [7] and main.told == []
    server.stop()


def test_a_missing_program_is_named(modules: Any) -> None:
    server, main = start(modules, ["/nowhere/shadowpen", "lsp"])
    assert "/nowhere/shadowpen: No such file or directory" in main.told[0]
    answers: list[Any] = []
    server.request("textDocument/inlineCompletion", {}, answers.append)
    assert answers == [None]


@pytest.mark.parametrize("stored", [None, "[]", "{", '{"a": 1}', "[1]"])
def test_without_a_noted_program_it_starts_the_one_on_the_path(
    modules: Any, tmp_path: Path, stored: str | None
) -> None:
    path = tmp_path / "command.json"
    if stored is not None:
        path.write_text(stored, "utf-8")
    assert modules[1].stored_command(path) == ["shadowpen", "lsp"]
    path.write_text(json.dumps(["/opt/shadowpen", "lsp"]), "utf-8")
    assert modules[1].stored_command(path) == ["/opt/shadowpen", "lsp"]


@pytest.mark.parametrize(
    ("old", "new", "at", "until", "text"),
    [
        ("", "a", (0, 0), (0, 0), "a"),
        ("one\n\ntwo", "one\n\ntwo!", (2, 3), (2, 3), "!"),
        ("😀 a", "😀 b", (0, 3), (0, 4), "b"),
        ("aa", "a", (0, 1), (0, 2), ""),
        ("one\ntwo\nthree", "three", (0, 0), (2, 0), ""),
    ],
)
def test_a_change_is_the_smallest_that_leads_there(
    modules: Any, old: str, new: str, at: tuple[int, int], until: tuple[int, int], text: str
) -> None:
    change = modules[0].change(old, new)
    span = {name: (change["range"][name]["line"], change["range"][name]["character"]) for name in ("start", "end")}
    assert (span, change["text"]) == ({"start": at, "end": until}, text)
    assert modules[0].change(new, new) is None


def test_places_and_positions_lead_to_each_other(modules: Any) -> None:
    text = "The 😀 one\n\nÄrger\n"
    for offset in range(len(text) + 1):
        assert modules[0].offset(text, modules[0].position(text, offset)) == offset
    assert modules[0].offset(text, {"line": 9, "character": 0}) == len(text)


def test_the_offices_old_python_can_read_all_of_it() -> None:
    sources = sorted(PLUGIN.rglob("*.py"))
    assert len(sources) > 8
    for source in sources:
        ast.parse(source.read_text("utf-8"), feature_version=OFFICES_PYTHON)
        imported = {
            node.module.split(".")[0]
            for node in ast.walk(ast.parse(source.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
        }
        assert imported <= {"com", "shadowpen_writer", *sys.stdlib_module_names}, source.name
