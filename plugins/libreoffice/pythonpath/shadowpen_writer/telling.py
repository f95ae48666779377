"""Sentences for the writer, in a bar above the document that waits for nobody."""

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
    hush(controller)
    kind = WARNING if warning else INFO
    pairs = tuple(StringPair(title, "vnd.shadowpen:" + command) for title, command in buttons)
    controller.appendInfobar(_BAR, "", _cut(sentence), kind, pairs, True)


def go_on(controller: Any, sentence: str) -> None:
    """Show another sentence in the bar that is there; none if the writer has closed it."""
    if controller.hasInfobar(_BAR):
        controller.updateInfobar(_BAR, "", _cut(sentence), INFO)


def hush(controller: Any) -> None:
    """Take the bar away."""
    try:
        if controller.hasInfobar(_BAR):
            controller.removeInfobar(_BAR)
    except NoSuchElementException:
        pass


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= _MOST else "… " + sentence[-_MOST:]
