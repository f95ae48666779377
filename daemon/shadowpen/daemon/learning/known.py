"""Counts of the user's texts, stored whenever these are read, so that they can be shown at once.

Numbers alone, in one small file. This file reads no text.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.corpus.documents import Document

_CHARACTERS_A_TOKEN = 4.3  # of English prose


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """training/known.json: documents, and about how many tokens of them are the user's own; `read`: since 1970."""

    documents: int
    own_tokens: int
    read: float


def about_tokens(document: Document) -> tuple[int, int]:
    """About how many tokens a document has, and how many of them are the user's own."""
    borrowed = sum(span.end - span.start for span in document.spans)
    about = round(len(document.text) / _CHARACTERS_A_TOKEN)
    return about, max(0, about - round(borrowed / _CHARACTERS_A_TOKEN))


def note(layout: store.Layout, documents: Sequence[Document]) -> None:
    """Write down how much these are, all that may be learned. StateUnusable where nothing can be written."""
    _write(layout, documents, Known(documents=0, own_tokens=0, read=0.0))


def add(layout: store.Layout, documents: Sequence[Document], before: Known | None) -> None:
    """Count these of a new folder as well; not where all texts were read since `before` was what was known.

    Errors as `note`.
    """
    if read(layout) == before:
        _write(layout, documents, before or Known(documents=0, own_tokens=0, read=0.0))


def drop(layout: store.Layout) -> None:
    """A folder went: nothing is known before the texts are read again."""
    with contextlib.suppress(OSError):
        _file(layout).unlink()


def read(layout: store.Layout) -> Known | None:
    """What was counted last; None if nothing was, or it cannot be read."""
    try:
        return msgspec.json.decode(store.read_bounded(_file(layout)), type=Known)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _write(layout: store.Layout, documents: Sequence[Document], before: Known) -> None:
    own_tokens = before.own_tokens + sum(about_tokens(document)[1] for document in documents)
    known = Known(documents=before.documents + len(documents), own_tokens=own_tokens, read=time.time())
    store.write_atomic(_file(layout), msgspec.json.encode(known) + b"\n")


def _file(layout: store.Layout) -> Path:
    return layout.training / "known.json"
