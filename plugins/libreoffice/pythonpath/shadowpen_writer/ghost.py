"""One suggestion, grey behind the cursor until a key takes it or anything else happens.

While it is shown it stands in the document, since Writer can draw nothing else there. It leaves no trace: neither
putting it in nor taking it out is recorded, and it is gone before any other key, click, command or saving is carried
out. What is taken is put in anew, as an undo step. Knows no server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from com.sun.star.awt import Key, KeyModifier

from .unrecorded import one_step, unrecorded

GREY = 0x808080
_WORD = re.compile(r"\s*\S+")
_TITLE = "Shadowpen"


class Ghost:
    """The suggestion of one window; `controller` shows `document`.

    `taken(item, text, whole)` and `dismissed(item)` are called when the writer did that.
    """

    def __init__(
        self,
        controller: Any,
        document: Any,
        taken: Callable[[dict[str, Any], str, bool], None],
        dismissed: Callable[[dict[str, Any]], None],
    ) -> None:
        self._controller, self._document = controller, document
        self._taken, self._dismissed = taken, dismissed
        self._range = self._item = None
        self._done = ""  # of the item's text, what was taken before

    @property
    def shown(self) -> bool:
        return self._range is not None

    def show(self, item: dict[str, Any], done: str = "") -> None:
        """Show what of an item is left behind `done`."""
        self.remove()
        view = self._controller.getViewCursor()
        text = view.getText()
        cursor = text.createTextCursorByRange(view.getStart())
        with unrecorded(self._document):
            text.insertString(cursor, item["insertText"][len(done) :], True)
            cursor.setPropertyValue("CharColor", GREY)
        self._range, self._item, self._done = cursor, item, done
        view.gotoRange(cursor.getStart(), False)

    def remove(self) -> None:
        """Take it out of the document."""
        cursor, self._range = self._range, None
        if cursor is not None:
            with unrecorded(self._document):
                cursor.setPropertyToDefault("CharColor")
                cursor.setString("")

    def forget(self) -> None:
        """The document is gone, and the suggestion with it."""
        self._range = None

    def key(self, event: Any) -> bool:
        """Do what a key does to it; whether that was all."""
        if not self.shown or (event.KeyCode == 0 and not event.KeyChar.value.strip("\0")):
            return False
        control = event.Modifiers == KeyModifier.MOD1
        if event.KeyCode == Key.TAB and not event.Modifiers:
            self._take(self._rest())
        elif event.KeyCode == Key.RIGHT and control:
            self._take(_WORD.match(self._rest()).group())
        elif event.KeyCode == Key.ESCAPE and not event.Modifiers:
            self.remove()
            self._dismissed(self._item)
        else:
            self.remove()
            return False
        return True

    def _rest(self) -> str:
        return self._item["insertText"][len(self._done) :]

    def _take(self, piece: str) -> None:
        item, done = self._item, self._done + piece
        self.remove()
        view = self._controller.getViewCursor()
        with one_step(self._document, _TITLE):
            cursor = view.getText().createTextCursorByRange(view.getStart())
            view.getText().insertString(cursor, piece, False)
        view.gotoRange(cursor.getEnd(), False)
        whole = not item["insertText"][len(done) :].strip()
        self._taken(item, done, whole)
        if not whole:
            self.show(item, done)
