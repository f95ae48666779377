"""Changes of a document that leave no trace, and changes that are one undo step. Knows no suggestions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unrecorded(document: Any) -> Iterator[None]:
    """Changes in here can neither be undone nor are they tracked; the document counts as saved if it did."""
    undo, modified = document.getUndoManager(), document.isModified()
    tracked = document.getPropertyValue("RecordChanges")
    if tracked:
        document.setPropertyValue("RecordChanges", False)
    undo.lock()
    try:
        yield
    finally:
        undo.unlock()
        if tracked:
            document.setPropertyValue("RecordChanges", True)
        if not modified:
            document.setModified(False)


@contextmanager
def one_step(document: Any, title: str) -> Iterator[None]:
    """All changes in here are one undo step of this title."""
    undo = document.getUndoManager()
    undo.enterUndoContext(title)
    try:
        yield
    finally:
        undo.leaveUndoContext()
