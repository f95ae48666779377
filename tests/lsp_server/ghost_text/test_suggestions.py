"""lsp_server/ghost_text/suggestions.py: one record of each suggestion, in one store with one bound."""

from __future__ import annotations

from lsprotocol import types

from shadowpen.lsp_server.documents.documents import Documents
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.ghost_text.suggestions import MOST_KEPT, Display, SuggestionRecord, Suggestions

from .records import a_record

URI = "file:///a.md"


def taken(record: SuggestionRecord, start: int, end: int) -> SuggestionRecord:
    record.display = Display(Point(0, end), "", "", "", begun=Point(0, start), passed=record.text)
    record.accept()
    return record


def test_beyond_the_bound_the_earliest_go_of_which_nothing_is_to_be_told() -> None:
    store = Suggestions()
    dismissed, accepted = store.add(a_record("dismissed")), taken(store.add(a_record("accepted")), 4, 9)
    dismissed.outcome.dismissed = True
    for number in range(MOST_KEPT):
        store.add(a_record(f"g{number}"))
    assert len(list(store.of(URI))) == MOST_KEPT
    assert store.get("dismissed") is dismissed and store.get("accepted") is accepted
    assert store.get("g0") is None and store.get("g2") is not None


def test_only_the_latest_of_a_document_are_typed_along() -> None:
    store = Suggestions()
    for number in range(20):
        store.add(a_record(f"g{number}"))
    assert [record.id for record in store.typed_along(URI)] == [f"g{number}" for number in range(19, 11, -1)]
    assert store.get("g0") is not None


def test_alternatives_share_what_became_of_them() -> None:
    store = Suggestions()
    second, first = store.add(a_record("g1.1")), store.add(a_record("g1"))
    first.outcome.shown, first.outcome.taken = True, 5
    assert (first.state, second.state, store.add(a_record("g2")).state) == ("accepted", "accepted", "made")


def test_what_is_made_again_under_its_id_keeps_its_record() -> None:
    store = Suggestions()
    record = store.add(a_record("g1", " brown", final=False))
    store.add(a_record("g2"))
    assert store.add(a_record("g1", " brown fox")) is record
    assert (record.text, record.final) == (" brown fox", True)
    assert next(store.typed_along(URI)) is record


def test_more_taken_of_the_same_suggestion_lengthens_the_taken_text() -> None:
    document = Documents().open(types.TextDocumentItem(URI, "markdown", 1, "The quick brown fox"))
    store = Suggestions()
    record = taken(store.add(a_record()), 4, 9)
    taken(record, 9, 15)
    assert record.taken_text is not None and record.taken_text.text(document) == "quick brown"
    at = types.Range(types.Position(0, 0), types.Position(0, 3))
    change = types.TextDocumentContentChangePartial(range=at, text="Every")
    store.change_text("file:///other.md", edit := document.apply(change))
    assert record.taken_text.start == Point(0, 4)
    store.change_text(URI, edit)
    assert record.taken_text.text(document) == "quick brown"


def test_an_answer_is_explained_only_where_and_while_it_holds() -> None:
    document = Documents().open(types.TextDocumentItem(URI, "markdown", 1, "The quick"))
    store = Suggestions()
    assert store.latest_answer is None
    store.note_answer(document, Point(0, 9), "r1")
    assert (store.answer_at(document, Point(0, 9)), store.answer_at(document, Point(0, 8))) == ("r1", None)
    document.revision += 1
    assert store.answer_at(document, Point(0, 9)) is None
    assert store.latest_answer == "r1"
    store.close(URI)
    assert store.latest_answer is None
