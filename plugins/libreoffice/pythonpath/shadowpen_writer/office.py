"""The office with its windows and the one language server behind them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.frame import XTerminateListener

from . import telling
from .server import Server, stored_command
from .window import Window
from .words import said, speak

_WARNING = 2  # MessageType of the protocol: what is above it only informs
_WRITER = "com.sun.star.text.TextDocument"
_office = None


def of(context: Any) -> Office:
    """The one office of this process."""
    global _office
    if _office is None:
        _office = Office(context)
    return _office


class Call(unohelper.Base, XCallback):
    """A function to be called in the main thread."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work

    def notify(self, data: Any) -> None:
        self._work()


class Office(unohelper.Base, XTerminateListener):
    """The windows that Shadowpen was asked for, by the document's name in this process."""

    def __init__(self, context: Any) -> None:
        services = context.getServiceManager()
        self._callback = services.createInstanceWithContext("com.sun.star.awt.AsyncCallback", context)
        self._desktop = services.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self._desktop.addTerminateListener(self)
        self._windows = {}
        self._last = None  # the controller whose command was the last
        version = _configured(services, context, "Product", "ooSetupVersionAboutBox")
        locale = _configured(services, context, "L10N", "ooLocale")
        speak(locale)
        told = (self._tell, self._asked, self._noted, self._gone)
        self._server = Server(stored_command(), version, self._in_main, *told, locale=locale)

    def run(self, command: str, controller: Any) -> None:
        """Carry out a command in the window of `controller`."""
        document = controller.getModel() if controller is not None else None
        if document is None or not document.supportsService(_WRITER):
            return
        self._last = controller
        try:
            self._window(controller, document.RuntimeUID).run(command)
        except Exception as error:
            self._failed(error)

    def _window(self, controller: Any, name: str) -> Window:
        """The window of `controller`, which shows the document of that name: no other one of it is used any more."""
        window = self._windows.get(name)
        if window is not None and window.controller != controller:
            window.leave()
        if name not in self._windows:
            self._windows[name] = Window(controller, self._server, self._in_main, self._closed)
        return self._windows[name]

    def _closed(self, window: Window) -> None:
        self._windows = {name: one for name, one in self._windows.items() if one is not window}

    def _in_main(self, work: Callable[[], None]) -> None:
        def safely() -> None:
            try:
                work()
            except Exception as error:
                self._failed(error)

        self._callback.addCallback(Call(safely), None)

    def _failed(self, error: Exception) -> None:
        """A mistake of ours, or an object that is gone: say so, and leave the document alone."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        self._tell(said("Shadowpen could not do that ({}, {}:{}).", type(error).__name__, place.name, place.lineno))

    def _tell(self, sentence: str, *, warning: bool = True) -> None:
        if self._last is not None and self._last.getFrame() is not None:
            telling.say(self._last, sentence, warning=warning)

    def _gone(self) -> None:
        for window in self._windows.values():
            window.forget()

    # --- what the server asks and tells --------------------------------------------------------------

    def _asked(self, method: str, params: dict[str, Any], reply: Any) -> None:
        if method == "workspace/applyEdit":
            try:
                reason = self._apply(params)
            except Exception:
                reply({"applied": False})  # the server waits for it
                raise
            reply({"applied": False, "failureReason": reason} if reason else {"applied": True})
        elif method == "workspace/configuration":
            reply([None] * len(params.get("items") or ()))
        else:
            known = ("window/workDoneProgress/create", "window/showMessageRequest", "client/registerCapability")
            reply(None, method in known)

    def _apply(self, params: dict[str, Any]) -> str:
        """Make an edit of the server's; "" or why it was not made."""
        for change in params["edit"].get("documentChanges") or ():
            address = change["textDocument"]
            for window in self._windows.values():
                if window.copy.held and window.copy.uri == address["uri"]:
                    title = params.get("label") or "Shadowpen"
                    return window.apply(address.get("version"), change["edits"], title)
        return said("the document is no longer open")

    def _noted(self, method: str, params: dict[str, Any]) -> None:
        if method == "window/showMessage":
            text = params.get("message", "")
            warning = params.get("type", _WARNING) <= _WARNING
            self._tell(text if text.startswith("Shadowpen") else said("Shadowpen: {}", text), warning=warning)
        elif method == "shadowpen/status":
            for window in list(self._windows.values()):
                window.status_changed()
        elif method == "$/progress":
            for window in self._windows.values():
                window.orders.progress(params.get("token"), params.get("value") or {})

    # --- the office ----------------------------------------------------------------------------------

    def queryTermination(self, event: Any) -> None:
        pass

    def notifyTermination(self, event: Any) -> None:
        self._server.stop()

    def disposing(self, event: Any) -> None:
        pass


def _configured(services: Any, context: Any, node: str, name: str) -> str:
    """What the office's configuration says of itself; "" where it says nothing."""
    provider = services.createInstanceWithContext("com.sun.star.configuration.ConfigurationProvider", context)
    try:
        from com.sun.star.beans import NamedValue

        path = NamedValue("nodepath", f"/org.openoffice.Setup/{node}")
        view = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", (path,))
        return str(view.getPropertyValue(name) or "")
    except Exception:
        return ""
