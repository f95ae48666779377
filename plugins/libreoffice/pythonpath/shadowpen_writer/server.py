"""The language server: started when it is first needed, asked, and what is said where it cannot answer.

All methods are called in the office's main thread, and so is what they are given; nothing waits. Knows neither
documents nor windows.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .child import Child
from .words import said

HANDSHAKE_S = 30.0
ANSWER_S = 30.0
WRITING_S = 150.0  # longer than the server's own limit
_NEEDED = ("shadowpen.accept", "shadowpen.continue", "shadowpen.expand", "shadowpen.verb")
_ANEW = "Install Shadowpen again, then run `shadowpen install libreoffice` in a terminal."
_DOCTOR = "Run `shadowpen doctor` in a terminal."
_NO_METHOD = -32601
_STORED = Path(__file__).resolve().parents[2] / "command.json"


def stored_command(path: Path = _STORED) -> list[str]:
    """The program that installed this extension; "shadowpen lsp" where none is noted."""
    try:
        command = json.loads(path.read_text("utf-8"))
        if isinstance(command, list) and command and all(isinstance(word, str) for word in command):
            return command
    except (OSError, ValueError, TypeError):
        pass
    return ["shadowpen", "lsp"]


def _ignore(result: Any) -> None:
    pass


class Server:
    """One language server for all windows.

    `in_main` has a function called in the main thread; `tell` puts a sentence before the writer's eyes; `asked` answers
    the server's requests (method, params, reply); `noted` takes its notifications; `gone` is called when it has ended.
    """

    def __init__(
        self,
        command: list[str],
        version: str,
        in_main: Callable[[Callable[[], None]], None],
        tell: Callable[[str], None],
        asked: Callable[..., None],
        noted: Callable[[str, dict[str, Any]], None],
        gone: Callable[[], None],
        handshake_s: float = HANDSHAKE_S,
        locale: str = "",
    ) -> None:
        self._command, self._version, self._locale = command, version, locale
        self._in_main, self._tell = in_main, tell
        self._asked, self._noted, self._gone = asked, noted, gone
        self._handshake_s = handshake_s
        self._child = None
        self.status = {}  # what it last said of itself
        self._ready = False
        self._early = []  # what is to be sent once it is ready
        self._waiting = {}
        self._count = 0

    def start(self) -> bool:
        """Start it unless it runs; False if it cannot be started, which the writer is told."""
        if self._child is not None:
            return True
        child = None

        def arrived(message: dict[str, Any]) -> None:
            self._in_main(lambda: self._arrived(child, message))

        def ended(status: int) -> None:
            self._in_main(lambda: self._ended(child, status))

        try:
            child = self._child = Child(self._command, arrived, ended)
        except OSError as error:
            reason = error.strerror or str(error)
            self._tell(said("Shadowpen cannot be started: {}: {}. {}", self._command[0], reason, said(_ANEW)))
            return False
        self._send_request("initialize", self._introduction(), self._shaken, self._handshake_s)
        return True

    def stop(self) -> None:
        """Let it tell the daemon what is left, and end."""
        child, self._child = self._child, None
        if child is not None:
            child.send({"id": "shutdown", "method": "shutdown", "params": None})
            child.send({"method": "exit", "params": None})
            child.finish()
        self._forget()

    @property
    def starting(self) -> bool:
        """Whether it cannot suggest anything yet, since daemon or model are still coming up."""
        return self.status.get("state", "starting") == "starting"

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def request(
        self, method: str, params: dict[str, Any], on_result: Callable[[Any], None], patience_s: float = ANSWER_S
    ) -> None:
        """Ask; `on_result` gets the result, or None where none comes: then the writer is told why."""
        if self._ready:
            self._send_request(method, params, on_result, patience_s)
        elif self._child is None:
            on_result(None)
        else:
            self._early.append((lambda: self._send_request(method, params, on_result, patience_s), on_result))

    def execute(
        self, command: str, arguments: list[Any], on_result: Callable[[Any], None] = _ignore, token: str | None = None
    ) -> None:
        """Run a command of the server; `token` names its progress."""
        params = {"command": command, "arguments": arguments}
        if token is not None:
            params["workDoneToken"] = token
        self.request("workspace/executeCommand", params, on_result, ANSWER_S if token is None else WRITING_S)

    # --- inside --------------------------------------------------------------------------------------

    def _introduction(self) -> dict[str, Any]:
        inline = {"dynamicRegistration": False}
        return {
            "processId": os.getpid(),
            "clientInfo": {"name": "LibreOffice", "version": self._version},
            "locale": self._locale or None,
            "rootUri": None,
            "initializationOptions": {"singleLine": True, "grammar": False},
            "capabilities": {
                "general": {"positionEncodings": ["utf-16"]},
                "window": {"workDoneProgress": True},
                "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
                "textDocument": {"synchronization": {"didSave": False}, "inlineCompletion": inline},
            },
        }

    def _shaken(self, result: Any) -> None:
        if result is None:
            return
        capabilities = result.get("capabilities") or {}
        commands = (capabilities.get("executeCommandProvider") or {}).get("commands") or []
        lacking = [name for name in _NEEDED if name not in commands]
        if "inlineCompletionProvider" not in capabilities or lacking:
            version = (result.get("serverInfo") or {}).get("version", said("of an unknown version"))
            self._give_up(said("Shadowpen ({}) is too old for this extension. {}", version, said(_ANEW)))
            return
        self._child.send({"method": "initialized", "params": {}})
        self._ready = True
        early, self._early = self._early, []
        for send, _ in early:
            send()

    def _send(self, message: dict[str, Any]) -> None:
        if self._ready:
            self._child.send(message)
        elif self._child is not None:
            self._early.append((lambda: self._child.send(message), _ignore))

    def _send_request(
        self, method: str, params: dict[str, Any], on_result: Callable[[Any], None], patience_s: float
    ) -> None:
        self._count += 1
        name, child = self._count, self._child
        timer = threading.Timer(patience_s, lambda: self._in_main(lambda: self._silent(child, name)))
        timer.daemon = True
        timer.start()
        self._waiting[name] = (on_result, timer)
        child.send({"id": name, "method": method, "params": params})

    def _arrived(self, child: Any, message: dict[str, Any]) -> None:
        if child is not self._child:
            return
        if "method" not in message:
            self._answered(message)
        elif "id" in message:
            self._asked(message["method"], message.get("params") or {}, self._replier(child, message["id"]))
        else:
            if message["method"] == "shadowpen/status":
                self.status = message.get("params") or {}
            self._noted(message["method"], message.get("params") or {})

    def _replier(self, child: Any, name: Any) -> Callable[..., None]:
        def reply(result: Any, known: bool = True) -> None:
            if known:
                child.send({"id": name, "result": result})
            else:
                child.send({"id": name, "error": {"code": _NO_METHOD, "message": "This is not known here."}})

        return reply

    def _answered(self, message: dict[str, Any]) -> None:
        on_result, timer = self._waiting.pop(message.get("id"), (None, None))
        if timer is None:
            return
        timer.cancel()
        if "error" in message:
            sentence = (message["error"] or {}).get("message") or said("There was an error.")
            self._tell(said("Shadowpen: {}", sentence))
        on_result(message.get("result"))

    def _silent(self, child: Any, name: int) -> None:
        if child is self._child and name in self._waiting:
            self._give_up(said("Shadowpen does not answer. {}", said(_DOCTOR)))

    def _ended(self, child: Any, status: int) -> None:
        if child is self._child:
            self._child = None
            self._forget()
            self._tell(said("Shadowpen has stopped ({}). The next command starts it again. {}", status, said(_DOCTOR)))

    def _give_up(self, sentence: str) -> None:
        child, self._child = self._child, None
        child.kill()
        self._forget()
        self._tell(sentence)

    def _forget(self) -> None:
        """Nobody gets an answer any more."""
        self.status = {}
        self._gone()
        early, waiting = self._early, list(self._waiting.values())
        self._ready, self._early, self._waiting = False, [], {}
        for _, timer in waiting:
            timer.cancel()
        for on_result in [on_result for _, on_result in early] + [on_result for on_result, _ in waiting]:
            on_result(None)
