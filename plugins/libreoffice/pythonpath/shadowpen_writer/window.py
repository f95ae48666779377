"""One document in its window: what happens there, and what its commands do.

Writer is not asked anything from another thread, and never waits. Of several windows of a document, the one that was
used last has one of these. Knows nothing of processes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import unohelper
from com.sun.star.awt import XFocusListener, XKeyHandler, XMouseClickHandler
from com.sun.star.document import XDocumentEventListener
from com.sun.star.uno import Exception as UnoException
from com.sun.star.util import XModifyListener

from . import telling
from .copy_of import Copy
from .ghost import Ghost
from .orders import Orders
from .server import Server
from .words import said

_SYNC_S = 0.3
_NO_CURSOR = "put the cursor into the text first"
_MAY_KEEP = "May Shadowpen keep on this machine, and learn, what you accept and write where a suggestion was shown?"
# Commands of the buttons below that question: their titles, and what the server gets.
_ANSWERS = {
    "keep-both": ("Keep Both", ["on", "both"]),
    "keep-accepted": ("Only What I Accept", ["on", "accepted"]),
    "keep-nothing": ("Keep Nothing", ["off"]),
}
_LEARNING_IS = {True: "learning is on.", False: "learning is off."}
_BEFORE_THESE = ("OnSave", "OnSaveAs", "OnCopyTo", "OnPrint", "OnPrepareUnload")


class Window(unohelper.Base, XKeyHandler, XMouseClickHandler, XFocusListener, XDocumentEventListener, XModifyListener):
    """The window of `controller`; `in_main` calls a function in the main thread, later; `closed` is called at its end.

    It ends before the document where another window of it is used, or where the print preview takes its place.
    """

    def __init__(
        self,
        controller: Any,
        server: Server,
        in_main: Callable[[Callable[[], None]], None],
        closed: Callable[[Window], None],
    ) -> None:
        self.controller, self.document = controller, controller.getModel()
        self._server, self._in_main, self._closed = server, in_main, closed
        self.copy = Copy(server, self.document)
        self._ghost = Ghost(controller, self.document, self._taken, self._dismissed)
        self.orders = Orders(controller, self.document, server, self.copy)
        self._timer = None
        self._put_off = None  # what was asked for while the server was starting
        self._component_window = controller.getFrame().getComponentWindow()
        controller.addKeyHandler(self)
        controller.addMouseClickHandler(self)
        self._component_window.addFocusListener(self)
        self.document.addDocumentEventListener(self)
        self.document.addModifyListener(self)

    def run(self, command: str) -> None:
        """Carry out a command of the menu or a key."""
        self._ghost.remove()
        if command == "cancel":
            self.orders.cancel()
        elif command == "status" and self._server.start():
            self._server.execute("shadowpen.status", [], self._say_status)
        elif command == "learning":
            buttons = [(said(title), name) for name, (title, _) in _ANSWERS.items()]
            telling.say(self.controller, said(_MAY_KEEP), buttons=buttons)
        elif command in _ANSWERS and self._server.start():
            self._server.execute("shadowpen.learn", _ANSWERS[command][1], self._say_learning)
        elif self.document.isReadonly():
            self.say(said("this document cannot be changed"))
        elif not self._is_in_text():
            self.say(said(_NO_CURSOR))
        elif self._server.start():
            self._write(command)

    def say(self, sentence: str) -> None:
        telling.say(self.controller, said("Shadowpen: {}.", sentence.rstrip(".。")), warning=True)

    def forget(self) -> None:
        """The server is gone."""
        self._ghost.remove()
        self._put_off = None
        self.copy.forget()

    def leave(self) -> None:
        """Let go of the document, of which another window is used."""
        self._ghost.remove()
        self._end()
        self.controller.removeKeyHandler(self)
        self.controller.removeMouseClickHandler(self)
        self._component_window.removeFocusListener(self)
        self._let_go()

    def apply(self, version: int | None, edits: list[dict[str, Any]], title: str) -> str:
        """Make the server's edits; "" or why not. A suggestion on the screen is no change of the text."""
        self._ghost.remove()
        return self.orders.apply(version, edits, title) if self._is_in_text() else said(_NO_CURSOR)

    def status_changed(self) -> None:
        """Ask again for what the server could not answer before, if the cursor is still there."""
        if self._put_off is not None and not self._server.starting and self._is_in_text():
            asked, self._put_off = self._put_off, None
            self.copy.update(self._place())
            if self.copy.held and asked == self._here():
                self._suggest()
            else:
                telling.hush(self.controller)

    # --- commands ------------------------------------------------------------------------------------

    def _write(self, command: str) -> None:
        selection = self._selection()
        if command == "write":
            command = "expand" if selection is not None else "continue"
        if command == "suggest":
            self._suggest()
        elif command == "continue":
            self.orders.proceed()
        elif command == "correct":
            self.orders.correct(selection)
        elif command == "why":
            self._why()
        elif selection is None:
            self.say(said("there are no notes to expand: select some words first"))
        else:
            self.orders.expand(selection)

    def _is_in_text(self) -> bool:
        """Whether there is a cursor: where a picture or a frame is selected there is none."""
        try:
            return self.controller.getViewCursor().getText() is not None
        except UnoException:
            return False

    def _selection(self) -> Any:
        """What is selected, one stretch of text; None where it is a mere cursor."""
        view = self.controller.getViewCursor()
        if view.isCollapsed():
            return None
        return view.getText().createTextCursorByRange(view)

    def _place(self) -> Any:
        return self.controller.getViewCursor().getStart()

    def _here(self) -> tuple[int, dict[str, int]]:
        """The text and the place in it, to be compared later."""
        return self.copy.version, self.copy.position(self._place())

    def _suggest(self) -> None:
        telling.hush(self.controller)
        self.copy.read(self._place())
        asked = self._here()
        params = {"textDocument": {"uri": self.copy.uri}, "position": asked[1], "context": {"triggerKind": 1}}
        self._server.request("textDocument/inlineCompletion", params, lambda result: self._arrived(asked, result))

    def _arrived(self, asked: tuple[int, dict[str, int]], result: Any) -> None:
        if result is None or not self.copy.held or self._ghost.shown or not self._is_in_text():
            return
        self.copy.update(self._place())
        if not self.copy.held or asked != self._here():
            return
        items = [item for item in result.get("items", ()) if item.get("insertText", "").strip()]
        if items:
            self._ghost.show(items[0])
            self._server.notify("textDocument/didShowCompletion", {"item": items[0]})
        elif self._server.starting:
            self._put_off = asked
            telling.say(self.controller, said("Shadowpen is starting …"))
        elif self._server.status.get("state") == "error":
            status = self._server.status
            self.say("{} {}".format(status.get("message", ""), status.get("hint", "")))
        else:
            self._why()

    def _why(self) -> None:
        self._server.execute("shadowpen.why", [], self._say_why)

    def _say_why(self, result: Any) -> None:
        text = (result or {}).get("text") or said("Shadowpen: there is nothing to explain yet.")
        telling.say(self.controller, text.replace("\n", " · "))

    def _say_status(self, result: Any) -> None:
        state = (result or {}).get("state", "off")
        rest = [(result or {}).get(name) for name in ("modelName", "message", "hint")]
        telling.say(self.controller, said("Shadowpen: {}", " · ".join(word for word in (said(state), *rest) if word)))

    def _say_learning(self, result: Any) -> None:
        if result is not None:  # else the writer was told why
            learning = said(_LEARNING_IS[result.get("learning") == "on"])
            telling.say(self.controller, said("Shadowpen: {}", learning))

    # --- the suggestion ------------------------------------------------------------------------------

    def _taken(self, item: dict[str, Any], text: str, whole: bool) -> None:
        self.copy.update(self._place())
        command = item.get("command")
        if whole and command:
            self._server.execute(command["command"], command.get("arguments") or [])
        elif not whole:
            length = len(text.encode("utf-16-le")) // 2
            params = {"item": item, "acceptedLength": length}
            self._server.notify("textDocument/didPartiallyAcceptCompletion", params)

    def _dismissed(self, item: dict[str, Any]) -> None:
        arguments = (item.get("command") or {}).get("arguments") or []
        self._server.execute("shadowpen.dismiss", arguments[:1])

    # --- what happens in the window ------------------------------------------------------------------

    def keyPressed(self, event: Any) -> bool:
        return self._ghost.key(event)

    def keyReleased(self, event: Any) -> bool:
        return False

    def mousePressed(self, event: Any) -> bool:
        self._ghost.remove()
        return False

    def mouseReleased(self, event: Any) -> bool:
        return False

    def focusGained(self, event: Any) -> None:
        pass

    def focusLost(self, event: Any) -> None:
        if self._closed is not None:
            self._ghost.remove()

    def documentEventOccured(self, event: Any) -> None:
        if event.EventName in _BEFORE_THESE:
            self._ghost.remove()
        elif event.EventName == "OnViewClosed" and event.ViewController == self.controller:
            self._end()
            # Not now: LibreOffice 7.4 crashes where a text is changed while a view of it goes.
            self._in_main(self._let_go)

    def modified(self, event: Any) -> None:
        if self._ghost.shown:
            # What comes without a key of ours: an input method, a tool bar, a macro.
            self._in_main(self._ghost.remove)
        if self.copy.held and self._timer is None:
            self._timer = threading.Timer(_SYNC_S, lambda: self._in_main(self._synchronize))
            self._timer.daemon = True
            self._timer.start()

    def _synchronize(self) -> None:
        """Tell the server what was typed; a suggestion on the screen is no text of the document's."""
        self._timer = None
        if not self._ghost.shown and self.copy.held and self._is_in_text():
            self.copy.update(self._place())

    def disposing(self, event: Any) -> None:
        if event.Source == self.document:
            self._ghost.forget()
            self._end()
            self.document = None

    def _end(self) -> None:
        """Nothing is done in this window any more."""
        if self._closed is not None:
            closed, self._closed = self._closed, None
            self._put_off = None
            self.orders.cancel()
            self.copy.close()
            closed(self)

    def _let_go(self) -> None:
        """Leave nothing of ours in a document that stays."""
        if self.document is not None:
            self._ghost.remove()
            self.document.removeDocumentEventListener(self)
            self.document.removeModifyListener(self)
