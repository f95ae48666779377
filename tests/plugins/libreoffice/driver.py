"""Drives a real office for the tests: runs in Debian's Python, which has its bridge, and obeys lines of JSON.

    python3 driver.py PROFILE

Starts a headless office with that profile. Each line is [name, argument, …]; the reply is one line of JSON:
{"value": …} or {"error": sentence}. Keys are sent to the window as a keyboard sends them.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.accessibility import AccessibleRole
from com.sun.star.awt import KeyEvent
from com.sun.star.beans import PropertyValue

PARAGRAPH = "com.sun.star.text.Paragraph"
KEYS = {"tab": 1282, "escape": 1281, "return": 1280, "right": 1027, "space": 1284, "backspace": 1283, "end": 1029}


def _without_environments() -> dict[str, str]:
    """The environment without Python's virtual ones in PATH, which the office takes for its own Python."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept = [place for place in places if not (Path(place).parent / "pyvenv.cfg").exists()]
    return {**os.environ, "PATH": os.pathsep.join(kept)}


class Office:
    """One office process and the document that was opened last."""

    def __init__(self, profile: str) -> None:
        pipe = f"shadowpen{time.time_ns()}"
        options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard"]
        command = ["soffice", *options, f"-env:UserInstallation=file://{profile}", f"--accept=pipe,name={pipe};urp;"]
        self.process = subprocess.Popen(
            command, env=_without_environments(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        while True:
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except Exception:
                if self.process.poll() is not None:
                    raise SystemExit("the office ended") from None
                time.sleep(0.05)
        self.desktop = self._new("com.sun.star.frame.Desktop")
        self.toolkit = self._new("com.sun.star.awt.Toolkit")
        self.dispatcher = self._new("com.sun.star.frame.DispatchHelper")
        self.document = None

    def _new(self, name: str) -> Any:
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    @property
    def controller(self) -> Any:
        return self.document.CurrentController

    # --- orders: each returns what JSON can hold ------------------------------------------------------

    def open(self, path: str | None = None) -> None:
        self.document = self.desktop.loadComponentFromURL(
            f"file://{path}" if path else "private:factory/swriter", "_blank", 0, ()
        )

    def close(self) -> None:
        self.document.close(True)

    def paragraphs(self) -> list[str]:
        found, texts = self.document.Text.createEnumeration(), []
        while found.hasMoreElements():
            element = found.nextElement()
            texts.append(element.String if element.supportsService(PARAGRAPH) else "TABLE")
        return texts

    def put(self, *texts: str) -> None:
        """Make the paragraphs of the document these, with the cursor at the end."""
        self.document.Text.setString("\r".join(texts))
        self.document.UndoManager.clear()
        self.controller.ViewCursor.gotoEnd(False)

    def cursor(self, paragraph: int, column: int, length: int = 0) -> None:
        """Put the cursor into a paragraph, and select from there."""
        view = self.controller.ViewCursor
        view.gotoStart(False)
        at = self.document.Text.createTextCursor()
        for _ in range(paragraph):
            at.gotoNextParagraph(False)
        at.goRight(column, False)
        at.goRight(length, True)
        view.gotoRange(at, False)

    def before(self) -> str:
        """The text of the paragraph before the cursor."""
        view = self.controller.ViewCursor
        at = view.Text.createTextCursorByRange(view.Start)
        at.gotoStartOfParagraph(True)
        return at.String

    def after(self) -> str:
        """The text of the paragraph behind the cursor."""
        view = self.controller.ViewCursor
        at = view.Text.createTextCursorByRange(view.Start)
        at.gotoEndOfParagraph(True)
        return at.String

    def key(self, name: str, modifiers: int = 0) -> None:
        """Press a key: one of KEYS, or a character."""
        name = "space" if name == " " else name
        code = KEYS.get(name) or (512 + ord(name.lower()) - ord("a") if "a" <= name.lower() <= "z" else 0)
        typed = {"space": " ", "tab": "\t"}.get(name, name if len(name) == 1 else "\0")
        event = KeyEvent()
        event.Source, event.Modifiers = self.controller.Frame.ComponentWindow, modifiers
        event.KeyCode, event.KeyChar = code, uno.Char(typed)
        self.toolkit.keyPress(event)
        self.toolkit.keyRelease(event)

    def type(self, text: str) -> None:
        for character in text:
            self.key(character)

    def command(self, url: str) -> None:
        """Choose an entry of a menu."""
        self.dispatcher.executeDispatch(self.controller.Frame, url, "", 0, ())

    def windows(self) -> int:
        """How many windows show the document."""
        found, count = self.document.Controllers, 0
        while found.hasMoreElements():
            found.nextElement()
            count += 1
        return count

    def close_window(self) -> None:
        """Close the window that was used last; the document stays open in another."""
        self.controller.Frame.close(True)

    def paste(self, text: str) -> None:
        """Put a text at the cursor without any key, as an input method or a tool bar does."""
        view = self.controller.ViewCursor
        view.Text.insertString(view.Start, text, False)

    def grey(self) -> str:
        """The grey text in the document."""
        return self._formatted("CharColor", 0x808080)

    def _formatted(self, name: str, value: object) -> str:
        """All text outside tables with that property."""
        found, texts = self.document.Text.createEnumeration(), []
        while found.hasMoreElements():
            element = found.nextElement()
            portions = element.createEnumeration() if element.supportsService(PARAGRAPH) else None
            while portions is not None and portions.hasMoreElements():
                portion = portions.nextElement()
                if portion.getPropertyValue(name) == value:
                    texts.append(portion.String)
        return "".join(texts)

    def color(self) -> int:
        return self.controller.ViewCursor.CharColor

    def undo(self) -> None:
        self.document.UndoManager.undo()

    def undo_titles(self) -> list[str]:
        return list(self.document.UndoManager.getAllUndoActionTitles())

    def save(self, path: str) -> None:
        self.document.storeAsURL(f"file://{path}", ())

    def export(self, path: str) -> None:
        text = PropertyValue()
        text.Name, text.Value = "FilterName", "Text"
        self.document.storeToURL(f"file://{path}", (text,))

    def modified(self) -> bool:
        return self.document.isModified()

    def set(self, name: str, value: object) -> None:
        self.document.setPropertyValue(name, value)

    def set_modified(self, value: bool) -> None:
        self.document.setModified(value)

    def tracked(self) -> int:
        """How many changes are tracked."""
        found, count = self.document.Redlines.createEnumeration(), 0
        while found.hasMoreElements():
            found.nextElement()
            count += 1
        return count

    def bold(self, paragraph: int, column: int, length: int) -> None:
        self.cursor(paragraph, column, length)
        self.controller.ViewCursor.CharWeight = 150.0

    def bold_text(self) -> str:
        return self._formatted("CharWeight", 150.0)

    def table(self, paragraph: int) -> None:
        """Put a table before a paragraph."""
        table = self.document.createInstance("com.sun.star.text.TextTable")
        table.initialize(1, 1)
        at = self.document.Text.createTextCursor()
        for _ in range(paragraph):
            at.gotoNextParagraph(False)
        self.document.Text.insertTextContent(at, table, False)

    def into_table(self, text: str) -> None:
        """Write into the first cell of the first table, with the cursor behind it."""
        cell = self.document.TextTables.getByIndex(0).getCellByName("A1")
        cell.setString(text)
        self.controller.select(cell)
        self.controller.ViewCursor.gotoRange(cell.End, False)

    def remove_table(self) -> None:
        self.document.TextTables.getByIndex(0).dispose()

    def select_shape(self) -> None:
        """Put a rectangle behind the text, and select it."""
        shape = self.document.createInstance("com.sun.star.drawing.RectangleShape")
        self.document.Text.insertTextContent(self.document.Text.End, shape, False)
        self.controller.select(shape)

    def end(self) -> None:
        self.controller.ViewCursor.gotoRange(self.document.Text.End, False)

    def told(self) -> bool:
        """Whether a bar with a sentence of Shadowpen's is shown."""
        return self.controller.hasInfobar("org.shadowpen.libreoffice")

    def sentence(self) -> str:
        """What the bar says, as a screen reader would find it."""
        return _spoken(self.controller.Frame.ContainerWindow.AccessibleContext)

    def insert(self, service: str, paragraph: int, column: int) -> None:
        """Put a field or a footnote into a paragraph."""
        thing = self.document.createInstance(service)
        at = self.document.Text.createTextCursor()
        for _ in range(paragraph):
            at.gotoNextParagraph(False)
        at.goRight(column, False)
        self.document.Text.insertTextContent(at, thing, False)

    def stop(self) -> None:
        with contextlib.suppress(Exception):
            self.desktop.terminate()
        self.process.wait(30)


def _spoken(context: Any) -> str:
    """The texts of labels in a window, without those of menus, tool bars and sidebars."""
    if context.AccessibleRole in (AccessibleRole.MENU_BAR, AccessibleRole.TOOL_BAR, AccessibleRole.SPLIT_PANE):
        return ""
    texts = [context.AccessibleName] if context.AccessibleRole == AccessibleRole.STATIC else []
    for number in range(min(context.AccessibleChildCount, 50)):
        texts.append(_spoken(context.getAccessibleChild(number).AccessibleContext))
    return " ".join(text for text in texts if text)


def main(profile: str) -> None:
    office = Office(profile)
    try:
        print(json.dumps({"value": "ready"}), flush=True)
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            try:
                reply = {"value": getattr(office, name)(*arguments)}
            except Exception as error:
                reply = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(reply), flush=True)
    finally:
        if office.process.poll() is None:
            office.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
