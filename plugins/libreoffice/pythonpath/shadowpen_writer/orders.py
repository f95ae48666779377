"""What takes seconds: the paragraph written on, notes made into one, spelling and grammar corrected.

The server writes and sends one edit, which is made only if the document is still as it was read. Knows no keys.
"""

from __future__ import annotations

import re
from typing import Any

from . import telling
from .copy_of import Copy
from .excerpt import Unplaceable
from .server import Server
from .unrecorded import one_step
from .words import said

_CHANGED = "the text changed meanwhile and was left as it is"
_WRITING = "Shadowpen is writing …"
_PARAGRAPHS = re.compile(r"\n+")


class Orders:
    """The orders of one window, one at a time; `copy` is the server's of its document."""

    def __init__(self, controller: Any, document: Any, server: Server, copy: Copy) -> None:
        self._controller, self._document = controller, document
        self._server, self._copy = server, copy
        self._token = None
        self._count = 0

    def proceed(self) -> None:
        """Write the paragraph on, at its end."""
        cursor = self._paragraph()
        self._copy.read(cursor.getEnd())
        self._order("shadowpen.continue", [self._copy.uri, self._copy.position(cursor.getEnd())])

    def expand(self, selection: Any) -> None:
        """Make a paragraph of the notes that are selected."""
        self._copy.read(selection.getStart())
        self._order("shadowpen.expand", [self._copy.uri, self._span(selection)])

    def correct(self, selection: Any) -> None:
        """Correct what is selected, or the paragraph at the cursor."""
        reach = selection if selection is not None else self._paragraph()
        self._copy.read(reach.getStart())
        self._order("shadowpen.verb", [self._copy.uri, self._span(reach), "correct"])

    def cancel(self) -> None:
        if self._token is not None:
            self._server.notify("window/workDoneProgress/cancel", {"token": self._token})

    def progress(self, token: str | None, value: dict[str, Any]) -> None:
        """Show the text so far."""
        if token == self._token and value.get("kind") == "report" and value.get("message"):
            telling.go_on(self._controller, "{} {}".format(said(_WRITING), " ".join(value["message"].split())))

    def apply(self, version: int | None, edits: list[dict[str, Any]], title: str) -> str:
        """Make the server's edits as one undo step; "" or why not."""
        self._copy.update(self._controller.getViewCursor().getStart())
        if not self._copy.held or (version is not None and version != self._copy.version):
            return said(_CHANGED)
        try:
            changes = [(self._copy.span(edit["range"]), self._text(edit)) for edit in edits]
        except Unplaceable:
            return said("it would change a field, a footnote or the like")
        with one_step(self._document, title):
            ends = [_replace(cursor, text) for cursor, text in changes]
        if ends:
            self._controller.getViewCursor().gotoRange(ends[-1], False)
        self._copy.update(self._controller.getViewCursor().getStart())
        return ""

    def _text(self, edit: dict[str, Any]) -> str:
        """What an edit puts in, with the office's ends of paragraphs; line breaks stay where there were some."""
        text: str = edit["newText"]
        return text if self._copy.has_line_breaks(edit["range"]) else _PARAGRAPHS.sub("\r", text)

    def _paragraph(self) -> Any:
        view = self._controller.getViewCursor()
        cursor = view.getText().createTextCursorByRange(view.getEnd())
        cursor.gotoStartOfParagraph(False)
        cursor.gotoEndOfParagraph(True)
        return cursor

    def _span(self, reach: Any) -> dict[str, dict[str, int]]:
        return {"start": self._copy.position(reach.getStart()), "end": self._copy.position(reach.getEnd())}

    def _order(self, command: str, arguments: list[Any]) -> None:
        if self._token is not None:
            telling.say(self._controller, said("Shadowpen is still writing."), buttons=[(said("Cancel"), "cancel")])
            return
        self._count += 1
        token = self._token = f"{command}.{self._document.RuntimeUID}.{self._count}"
        telling.say(self._controller, said(_WRITING), buttons=[(said("Cancel"), "cancel")])
        self._server.execute(command, arguments, self._ended, token)

    def _ended(self, result: Any) -> None:
        self._token = None
        if result is None:
            return  # the writer was told why
        reason = result.get("reason")
        if reason:
            telling.say(self._controller, said("Shadowpen: {}.", reason.rstrip(".。")), warning=True)
        else:
            telling.hush(self._controller)


def _replace(cursor: Any, text: str) -> Any:
    """Put `text` in the place of a range, looking as that did; returns where it ends."""
    body, is_empty = cursor.getText(), cursor.isCollapsed()
    fresh = body.createTextCursorByRange(cursor.getEnd())
    old = body.createTextCursorByRange(cursor.getStart())
    body.insertString(fresh, text, True)
    if is_empty:  # then `old` has moved behind the text
        return fresh.getEnd()
    old.gotoRange(fresh.getStart(), True)
    old.setString("")
    return fresh.getEnd()
