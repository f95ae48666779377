"""What an author wrote where a suggestion was shown and not taken.

Read off the document a little later, or as soon as the next suggestion there is taken or passed over: so nothing is
told twice. It is told when it has stood for a while, and only what of it stands then: what its author deleted
meanwhile goes nowhere. This file knows neither clocks nor consent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import DocumentEdit, OpenDocument
from shadowpen.lsp_server.documents.pastes import Pastes
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.documents.spans import TextSpan
from shadowpen.lsp_server.ghost_text.suggestions import CONTEXT_CHARACTERS, PassedOver, SuggestionRecord

_MOST_CHARACTERS = 300
_TELLING = 32  # characters before and after that tell where it begins and ends


@dataclass(eq=False)
class TypedInstead:
    """What stands in the place of a suggestion that was passed over, until it is told; `text` None: nothing does."""

    record: SuggestionRecord
    passed: PassedOver
    text: TextSpan | None

    def move(self, edit: DocumentEdit) -> None:
        """Follow an edit that was made in the document."""
        self.passed.before.move(edit)
        if self.text is not None:
            self.text.move(edit)

    def event(self, document: OpenDocument, pastes: Pastes) -> dict[str, Any]:
        """The journal's event, with what stands there now; without any text where that is of no use to anybody."""
        passed, place = self.passed, document.lines.clamp(self.passed.before.end)
        typed = text_of(document, (self.text.start, self.text.end)) if self.text is not None else ""
        context = plain_ends(document.lines.before(place, CONTEXT_CHARACTERS))
        context = pastes.written_before(document, place, context)
        is_of_use = bool(typed.strip() or (passed.how == "dismissed" and context.strip()))
        return {
            "type": "dismissed",
            "id": self.record.id,
            "time": passed.time,
            "context": context if is_of_use else "",
            "suggested": passed.display.text if is_of_use else "",
            "typed": typed if is_of_use else "",
            "how": passed.how,
            "shown_ms": passed.shown_ms,
            "document": self.record.uri,
            "language": self.record.language,
            "model": self.record.model,
        }


def span_of(document: OpenDocument, passed: PassedOver, until: Point | None) -> tuple[Point, Point] | None:
    """Where the text stands that was typed instead, up to `until`; None if it cannot be told any more."""
    start = passed.before.end
    if document.lines.clamp(start) != start:
        return None
    before = plain_ends(document.lines.before(start, _TELLING))
    known = passed.display.context + passed.display.passed
    if not known.endswith(before) and not (known and before.endswith(known)):
        return None
    if until is not None:
        return (start, until) if start <= until else None
    following = document.lines.after(start, _MOST_CHARACTERS + _TELLING)
    telling = passed.display.after[:_TELLING]
    length = following.find(telling) if telling else len(following)
    if length < 0:
        return None
    typed = following[: min(length, _MOST_CHARACTERS)]
    paragraph = typed.partition("\n\n")[0]
    return start, start.after(paragraph)


def text_of(document: OpenDocument, span: tuple[Point, Point]) -> str:
    """The text in `span`, of a sensible length."""
    start, end = map(document.lines.clamp, span)
    return plain_ends(document.lines.between(start, end))[:_MOST_CHARACTERS]
