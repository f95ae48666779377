from __future__ import annotations

import random

import pytest
from lsprotocol import types

from shadowpen.lsp_server.documents.documents import DocumentEdit, Documents, OpenDocument, sane
from shadowpen.lsp_server.documents.positions import Encoding, Point
from shadowpen.lsp_server.editor.mending import NO_VERSION

HARD = "Größe 🥸\r\nשלום\u2028עולם\n\x0cnew page\x85 next\r\ttabs\n\nend"


def opened(text: str, encoding: Encoding = Encoding.UTF16) -> OpenDocument:
    documents = Documents()
    documents.encoding = encoding
    return documents.open(types.TextDocumentItem("file:///a.md", "markdown", 1, text))


def partial(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("seed", range(10))
def test_a_clients_edits_are_followed_in_its_own_units(encoding: Encoding, seed: int) -> None:
    rng = random.Random(seed)
    document = opened(HARD, encoding)
    for _ in range(40):
        start, end = sorted((some_place(rng, document), some_place(rng, document)))
        before = document.lines.text()
        expected = (
            before[: document.lines.offset(start)] + "🥸\n\u2028ß" + before[document.lines.offset(end) :]
        )  # computed before the edit, in code points
        edit = document.apply(
            types.TextDocumentContentChangePartial(
                types.Range(document.position(start), document.position(end)), "🥸\n\u2028ß"
            )
        )
        assert document.lines.text() == expected
        assert (edit.start, edit.inserted) == (start, "🥸\n\u2028ß")


def some_place(rng: random.Random, document: OpenDocument) -> Point:
    line = rng.randrange(len(document.lines))
    return Point(line, rng.randint(0, len(document.lines.line(line))))


def test_positions_after_characters_that_end_no_line_are_on_the_same_line() -> None:
    document = opened("one\u2028two\x0cthree\x85four")
    document.apply(partial((0, 18), (0, 18), "!"))
    assert document.lines.text() == "one\u2028two\x0cthree\x85four!"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((50, 0), (60, 3), "ab\r\ncdX"),
        ((0, 99), (0, 99), "abX\r\ncd"),
        ((1, 1), (0, 1), "aXd"),
        ((0, 2), (1, 0), "abXcd"),
    ],
)
def test_positions_outside_the_text_and_turned_ranges_are_taken_as_the_nearest(
    start: tuple[int, int], end: tuple[int, int], expected: str
) -> None:
    document = opened("ab\r\ncd")
    document.apply(partial(start, end, "X"))
    assert document.lines.text() == expected


@pytest.mark.parametrize("seed", range(30))
def test_a_whole_new_text_is_reduced_to_what_differs(seed: int) -> None:
    rng = random.Random(seed)
    old = "".join(rng.choices(["a", "b", "\r", "\n", "\r\n", "🥸"], k=30))
    new = "".join(rng.choices(["a", "b", "\r", "\n", "\r\n", "🥸"], k=4)).join([old[:10], old[rng.randrange(10, 20) :]])
    document = opened(old)
    document.apply(types.TextDocumentContentChangeWholeDocument(new))
    assert document.lines.text() == new


def test_one_word_more_in_a_whole_new_text_is_one_word_inserted() -> None:
    document = opened("The cat\nsat.")
    edit = document.apply(types.TextDocumentContentChangeWholeDocument("The black cat\nsat."))
    assert (edit.start, edit.removed, edit.inserted) == (Point(0, 4), "", "black ")


def test_text_that_cannot_be_encoded_is_replaced_and_keeps_its_length() -> None:
    assert sane("a\ud83db \U0001f978") == "a\ufffdb \U0001f978"
    assert opened("a\ud83d").lines.text() == "a\ufffd"


def test_a_closed_document_is_gone_and_knows_it() -> None:
    documents = Documents()
    document = documents.open(types.TextDocumentItem("file:///a.md", "markdown", 1, "x"))
    documents.close("file:///a.md")
    assert (documents.get("file:///a.md"), document.closed) == (None, True)
    documents.close("file:///a.md")


def test_a_document_opened_anew_is_another_one() -> None:
    documents = Documents()
    first, second = (documents.open(types.TextDocumentItem("file:///a.md", "markdown", 1, "x")) for _ in range(2))
    assert (first.closed, second.closed) == (True, False)
    assert documents.get("file:///a.md") is second


@pytest.mark.parametrize(
    ("start", "end", "text", "expected"),
    [
        (2, 3, "", "a\ufffdb"),  # the second half of the pair goes, the first stays
        (1, 2, "", "a\ufffdb"),
        (2, 2, "x", "a\ufffdx\ufffdb"),
        (2, 3, "\udd79", "a🥹b"),  # another second half: 🥸 becomes 🥹
        (1, 3, "x", "axb"),
    ],
)
def test_an_edit_that_halves_a_surrogate_pair_keeps_count(start: int, end: int, text: str, expected: str) -> None:
    document = Documents().open(types.TextDocumentItem("file:///a.md", "markdown", 1, "a🥸b"))
    span = types.Range(types.Position(0, start), types.Position(0, end))
    document.apply(types.TextDocumentContentChangePartial(span, text))
    assert document.lines.text() == expected


def test_only_edits_that_change_something_count_and_versions_may_be_missing() -> None:
    document = Documents().open(types.TextDocumentItem("file:///a.md", "markdown", NO_VERSION, "abc"))
    assert (document.version, document.revision) == (None, 0)
    document.apply(types.TextDocumentContentChangeWholeDocument("abc"))
    assert document.revision == 0
    document.apply(types.TextDocumentContentChangeWholeDocument("abcd"))
    assert document.revision == 1


def test_what_is_put_in_and_taken_out_again_in_one_notification_is_the_edit_that_comes_of_it() -> None:
    document = opened("Der 🥸 sat do\r\nend")
    label_in_and_out = [
        partial((0, 11), (0, 13), ""),
        partial((0, 11), (0, 11), "down by…"),
        partial((0, 13), (0, 19), ""),
        partial((0, 11), (0, 13), ""),
        partial((0, 11), (0, 11), "down by the\nriver"),
    ]
    assert list(document.edits(label_in_and_out)) == [DocumentEdit(Point(0, 12), "", "wn by the\nriver")]
    assert document.lines.text() == "Der 🥸 sat down by the\nriver\r\nend"


@pytest.mark.parametrize(
    "changes",
    [
        [partial((0, 12), (0, 15), "cat"), partial((0, 4), (0, 7), "cat")],  # a word replaced wherever it is
        [partial((0, 15), (0, 15), "s"), partial((0, 16), (0, 16), "x"), partial((0, 16), (0, 17), "")],  # a slip
        [partial((0, 4), (0, 7), "cat"), partial((1, 0), (1, 3), "the"), partial((1, 0), (1, 0), "and ")],
    ],
    ids=["everywhere", "slip", "lines"],
)
def test_other_changes_of_one_notification_are_edits_of_their_own(
    changes: list[types.TextDocumentContentChangePartial],
) -> None:
    document, stepwise = opened("the dog and dog\nend"), opened("the dog and dog\nend")
    made = []
    for edit, change in zip(document.edits(changes), changes, strict=True):
        made.append(edit)
        assert edit == stepwise.apply(change)
        assert document.lines.text() == stepwise.lines.text(), "no later change is carried out before"
    assert len(made) == len(changes)
