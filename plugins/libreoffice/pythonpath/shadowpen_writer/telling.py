"""Sentences for the writer, in a bar above the document that waits for nobody.

Answers arrive when they like, also for a document that was closed meanwhile: nobody is told those. Asked for the bar of
a closed document, LibreOffice 7.4 crashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from com.sun.star.beans import StringPair
from com.sun.star.container import NoSuchElementException
from com.sun.star.frame.InfobarType import INFO, WARNING

_BAR = "org.shadowpen.libreoffice"
_MOST = 300


def say(controller: Any, sentence: str, *, warning: bool = False, buttons: Sequence[tuple[str, str]] = ()) -> None:
    """Show a sentence in the place of the one before; `buttons` are (title, command)."""
    if _is_closed(controller):
        return
    hush(controller)
    kind = WARNING if warning else INFO
    pairs = tuple(StringPair(title, "vnd.shadowpen:" + command) for title, command in buttons)
    controller.appendInfobar(_BAR, "", _cut(sentence), kind, pairs, True)


def go_on(controller: Any, sentence: str) -> None:
    """Show another sentence in the bar that is there; none if the writer has closed it."""
    if not _is_closed(controller) and controller.hasInfobar(_BAR):
        controller.updateInfobar(_BAR, "", _cut(sentence), INFO)


def hush(controller: Any) -> None:
    """Take the bar away."""
    try:
        if not _is_closed(controller) and controller.hasInfobar(_BAR):
            controller.removeInfobar(_BAR)
    except NoSuchElementException:
        pass


def _is_closed(controller: Any) -> bool:
    return controller.getModel() is None


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= _MOST else "… " + sentence[-_MOST:]
