from __future__ import annotations

import pytest
from lsprotocol import types

from shadowpen.lsp_server.documents.documents import Document, Documents
from shadowpen.lsp_server.documents.positions import Place
from shadowpen.lsp_server.ghost_text.acceptance import AcceptanceTracker, Accepted

URI = "file:///a.md"
GHOST = " brown fox jumps"


class Desk:
    """A document, the tracker that watches it, and what it reported."""

    def __init__(self, text: str = "The quick", ghost: str = GHOST, cursor: tuple[int, int] = (0, 9)) -> None:
        self.documents = Documents()
        self.document: Document = self.documents.open(types.TextDocumentItem(URI, "markdown", 1, text))
        self.accepted: list[Accepted] = []
        self.tracker = AcceptanceTracker(self.accepted.append, clock=lambda: 7.0)
        self.show(ghost, cursor)

    def show(self, ghost: str, cursor: tuple[int, int], id: str = "g1") -> None:
        self.tracker.shown(self.document, self.document.place(types.Position(*cursor)), id, ghost, "m@base")

    def insert(self, text: str, at: tuple[int, int] = (0, 9), until: tuple[int, int] | None = None) -> None:
        span = types.Range(types.Position(*at), types.Position(*(until or at)))
        self.change(types.TextDocumentContentChangePartial(span, text))

    def change(self, change: types.TextDocumentContentChangeEvent) -> None:
        self.tracker.changed(self.document, self.document.apply(change))

    def confirm(self, text: str, id: str = "g1") -> None:
        self.tracker.confirm(id, text, self.documents.get)

    @property
    def taken(self) -> list[str]:
        return [accepted.taken for accepted in self.accepted]


def test_the_whole_text_in_one_edit_is_accepted_with_all_that_is_known() -> None:
    desk = Desk()
    desk.insert(GHOST)
    assert desk.accepted == [
        Accepted("g1", URI, Place(0, 9), Place(0, 9 + len(GHOST)), GHOST, GHOST, "The quick", "markdown", "m@base", 7.0)
    ]


def test_the_command_after_it_does_not_count_again() -> None:
    desk = Desk()
    desk.insert(GHOST)
    desk.confirm(GHOST)
    desk.confirm(GHOST)
    assert desk.taken == [GHOST]


def test_word_by_word_it_stays_one_suggestion_of_which_more_is_taken() -> None:
    desk = Desk()
    desk.insert(" brown")
    desk.insert(" fox", (0, 15))
    assert desk.taken == [" brown", " brown fox"]
    assert {accepted.id for accepted in desk.accepted} == {"g1"}
    assert {accepted.suggested for accepted in desk.accepted} == {GHOST}
    assert {accepted.context for accepted in desk.accepted} == {"The quick"}


def test_a_command_for_a_word_that_names_all_of_it_takes_nothing_more() -> None:
    """coc.nvim runs the whole item's command after a word."""
    desk = Desk()
    desk.insert(" brown")
    desk.confirm(GHOST)
    assert desk.taken == [" brown"]


def test_letter_by_letter_it_is_typed_and_not_taken() -> None:
    desk = Desk()
    for at, letter in enumerate(GHOST, start=9):
        desk.insert(letter, (0, at))
    assert desk.taken == []


def test_a_piece_that_ends_inside_a_word_was_typed_fast() -> None:
    desk = Desk()
    desk.insert(" bro")
    assert desk.taken == []
    desk.insert("wn fox jumps", (0, 13))
    assert desk.taken == ["wn fox jumps"]
    assert desk.accepted[0].context == "The quick bro"


@pytest.mark.parametrize("text", [" red fox", "\n", " brown fox jumps high"])
def test_other_text_is_no_acceptance(text: str) -> None:
    desk = Desk()
    desk.insert(text)
    desk.insert(GHOST, (0, 9))
    assert desk.taken == []


def test_the_same_text_in_another_place_is_no_acceptance() -> None:
    desk = Desk()
    desk.insert(GHOST, (0, 3))
    assert desk.taken == []


def test_text_that_replaces_other_text_is_no_acceptance() -> None:
    desk = Desk("The quick and the dead")
    desk.insert(GHOST, (0, 9), (0, 13))
    assert desk.taken == []


def test_deleting_ends_it() -> None:
    desk = Desk()
    desk.insert("", (0, 8), (0, 9))
    desk.insert("k" + GHOST, (0, 8))
    assert desk.taken == []


def test_an_edit_of_the_whole_line_or_text_is_judged_by_what_it_did() -> None:
    desk = Desk("One.\nThe quick", cursor=(1, 9))
    desk.insert("The quick brown", (1, 0), (1, 9))
    desk.change(types.TextDocumentContentChangeWholeDocument("One.\nThe quick brown fox jumps"))
    assert desk.taken == [" brown", GHOST]


def test_a_range_moved_along_repeated_letters_is_the_same_insertion() -> None:
    """Clients that compare texts find the insertion of "ab" before "ab" behind it."""
    desk = Desk("xab", "ab", (0, 1))
    desk.insert("ab", (0, 3))
    assert desk.taken == ["ab"]


def test_several_lines_in_a_document_of_windows_line_ends() -> None:
    desk = Desk("Dear\r\nreader", ",\n\nthank you", (1, 6))
    desk.insert(",\r\n\r\nthank", (1, 6))
    desk.insert(" you", (3, 5))
    assert desk.taken == [",\n\nthank", ",\n\nthank you"]
    assert desk.accepted[0].context == "Dear\nreader"


def test_a_command_before_the_edit_makes_any_beginning_count() -> None:
    desk = Desk()
    desk.confirm(GHOST)
    assert desk.taken == []
    desk.insert(" b")
    assert desk.taken == [" b"]


def test_a_single_character_counts_on_the_editors_word() -> None:
    desk = Desk(ghost="s")
    desk.insert("s")
    assert desk.taken == []
    desk.confirm("s")
    assert desk.taken == ["s"]
    assert desk.accepted[0].context == "The quick"


def test_a_word_of_one_letter_that_is_put_in_pieces_counts_on_the_editors_word() -> None:
    """VS Code takes the blank and the letter one after the other, and may ask again in between."""
    for anew in (False, True):
        desk = Desk(ghost=" a fox jumps")
        desk.insert(" ")
        if anew:
            desk.show("a fox jumps", (0, 10))
        desk.insert("a", (0, 10))
        assert desk.taken == []
        desk.confirm(" a")
        assert "".join(desk.taken).strip() == "a"
        assert desk.accepted[0].context + desk.taken[0] == "The quick a"
        desk.insert(" ", (0, 11))
        assert len(desk.taken) == 1


def test_a_word_of_one_letter_after_others_counts_on_the_editors_word() -> None:
    desk = Desk(ghost=" make a fox")
    desk.insert(" make")
    desk.insert(" ", (0, 14))
    desk.insert("a", (0, 15))
    assert desk.taken == [" make"]
    desk.confirm(" make a")
    assert desk.taken == [" make", " make a"]


def test_text_that_the_editor_wrapped_counts_on_its_word() -> None:
    desk = Desk()
    desk.insert(" brown\nfox jumps")
    desk.confirm(GHOST)
    assert desk.taken == [GHOST]


def test_a_command_for_text_that_is_not_there_counts_nothing() -> None:
    desk = Desk()
    desk.confirm(GHOST)
    desk.insert(" red")
    assert desk.taken == []
    desk.confirm("whatever", id="unknown")
    assert desk.taken == []


def test_a_longer_text_shown_for_the_same_suggestion_goes_on() -> None:
    desk = Desk()
    desk.insert(" brown")
    desk.show(" fox jumps over the dog", (0, 15))
    desk.insert(" fox jumps over the dog", (0, 15))
    assert desk.accepted[-1].suggested == desk.accepted[-1].taken == " brown fox jumps over the dog"


def test_emoji_and_right_to_left_text() -> None:
    desk = Desk("שלום 🥸", " עולם 🥸 טוב", (0, 7))
    desk.insert(" עולם", (0, 7))
    desk.insert(" 🥸 טוב", (0, 12))
    assert desk.taken == [" עולם", " עולם 🥸 טוב"]


def test_what_became_of_a_suggestion_is_told() -> None:
    ended: list[tuple[str, str]] = []

    def desk() -> Desk:
        made = Desk()
        made.tracker = AcceptanceTracker(made.accepted.append, lambda id, how: ended.append((id, how)))
        made.show(GHOST, (0, 9))
        return made

    desk().insert(" red")
    other = desk()
    other.change(types.TextDocumentContentChangePartial(types.Range(types.Position(0, 8), types.Position(0, 9)), ""))
    along = desk()
    for at, letter in enumerate(GHOST, 9):
        along.insert(letter, (0, at))
    desk().insert(GHOST)
    assert desk().tracker.dismiss("g2") == []
    assert desk().tracker.dismiss(None) == desk().tracker.dismiss("g1") == [(URI, "g1")]
    kinds = ["typed_over", "left", "typed_out", "dismissed", "dismissed"]
    assert ended == [("g1", kind) for kind in kinds]


def test_an_edit_says_whether_it_was_the_suggestion() -> None:
    desk = Desk()
    change = types.TextDocumentContentChangePartial(types.Range(types.Position(0, 9), types.Position(0, 9)), GHOST)
    assert desk.tracker.changed(desk.document, desk.document.apply(change))
    assert not desk.tracker.changed(desk.document, desk.document.apply(change))
