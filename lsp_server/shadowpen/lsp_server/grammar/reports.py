"""The last report on each document's mistakes, so that an editor is not sent the same twice.

This file knows neither how mistakes are found nor whether the editor asks or is sent them.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

_NOTHING = "nothing"


@dataclass(frozen=True)
class _Told:
    name: str
    diagnostics: Sequence[types.Diagnostic]


class Reports:
    """The latest diagnostics of each document; the same keep their name, and no others ever get it."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._run = uuid.uuid4().hex[:8]  # an editor may bring names of the server that ran before this one
        self._numbers = itertools.count()

    def put(self, uri: str, diagnostics: Sequence[types.Diagnostic]) -> bool:
        """These hold for a document now; False if nothing was and is to be shown there."""
        before = self._told.get(uri)
        if before is None or before.diagnostics != diagnostics:
            name = f"{self._run}-{next(self._numbers)}" if diagnostics else _NOTHING
            self._told[uri] = _Told(name, diagnostics)
        return bool(diagnostics or (before is not None and before.diagnostics))

    def drop(self, uri: str) -> bool:
        """Nothing is known of a document any more; whether something was shown there."""
        told = self._told.pop(uri, None)
        return told is not None and bool(told.diagnostics)

    def answer(self, uri: str, known_as: str | None) -> types.DocumentDiagnosticReport:
        """The report for an editor that has what was named `known_as`."""
        told = self._told.get(uri, _Told(_NOTHING, []))
        if told.name == known_as:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=told.name)
        return types.RelatedFullDocumentDiagnosticReport(items=told.diagnostics, result_id=told.name)
