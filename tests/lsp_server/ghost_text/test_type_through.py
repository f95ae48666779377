from __future__ import annotations

import pytest

from shadowpen.lsp_server.documents.context import TextWindow
from shadowpen.lsp_server.ghost_text.suggestions import Suggestions
from shadowpen.lsp_server.ghost_text.type_through import dismiss, find, grow, runs_out

from .records import a_record

URI = "file:///a.md"


def context(prefix: str, suffix: str = "", *, whole: bool = True) -> TextWindow:
    return TextWindow(prefix, suffix, whole)


def made(text: str = " brown fox jumps", prefix: str = "The quick", *, final: bool = True) -> Suggestions:
    found = Suggestions()
    found.add(a_record("g1", text, prefix, final=final))
    return found


def rest(suggestions: Suggestions, prefix: str, suffix: str = "", *, whole: bool = True) -> str | None:
    found = find(suggestions, URI, context(prefix, suffix, whole=whole))
    return found[0].text[found[1] :] if found else None


@pytest.mark.parametrize("typed", ["", " ", " br", " brown fox"])
def test_what_is_typed_along_leaves_the_rest(typed: str) -> None:
    assert rest(made(), "The quick" + typed) == " brown fox jumps"[len(typed) :]


@pytest.mark.parametrize(
    "prefix", ["The quick r", "The quic", "A quick", "Now. The quick", "The quick brown fox jumps"]
)
def test_at_any_other_place_there_is_none(prefix: str) -> None:
    assert rest(made(), prefix) is None


def test_other_text_after_the_cursor_is_another_place() -> None:
    assert rest(made(), "The quick", "\nMore.") is None


def test_a_window_that_moved_on_does_not_lose_the_suggestion() -> None:
    long = "x" * 50 + " and so on, and so forth" * 300
    found = made(prefix=long)
    assert rest(found, long[1_024:] + " brown", whole=False) == " fox jumps"


def test_going_back_a_few_keys_finds_the_earlier_suggestion() -> None:
    found = made()
    found.add(a_record("g2", "ed fox", "The quick r"))
    assert rest(found, "The quick re") == "d fox"
    assert rest(found, "The quick") == " brown fox jumps"


def test_what_the_deadline_cut_short_grows_but_never_changes() -> None:
    record = a_record("g1", " brown fox", "The quick", final=False)
    grow(record, 6, " fox jumps over", final=False)
    assert (record.text, record.final) == (" brown fox jumps over", False)
    grow(record, 6, " bear", final=True)
    assert (record.text, record.final) == (" brown fox jumps over", False)
    grow(record, 6, " fox", final=True)
    assert (record.text, record.final) == (" brown fox jumps over", True)


@pytest.mark.parametrize(("final", "typed"), [(True, 6), (True, 8), (False, 8)])
def test_what_was_offered_is_not_stretched_before_all_of_it_is_typed(final: bool, typed: int) -> None:
    found = Suggestions()
    record = a_record("g1", " brown fox", "The quick", final=final)
    found.add(record)
    grow(record, typed, " brown fox"[typed:] + " jumps over", final=True)
    assert rest(found, "The quick brown f") == "ox"
    assert rest(found, "The quick brown fox") == " jumps over"


@pytest.mark.parametrize(
    ("asked_at", "typed", "expected"),
    [
        (0, 0, False),
        (0, 8, False),  # two words left
        (0, 9, True),  # one
        (10, 10, False),  # asked already
        (10, 11, True),
    ],
)
def test_it_runs_out_with_its_last_word(asked_at: int, typed: int, expected: bool) -> None:
    record = a_record("g1", "brown fox jumps", "The quick ", final=True)
    record.asked_at = asked_at
    assert runs_out(record, typed) is expected


def test_forgetting_one_document_or_all() -> None:
    found = made()
    found.close("file:///b.md")
    assert rest(found, "The quick") is not None
    found.model_changed()
    assert rest(found, "The quick") is None


def test_what_is_dismissed_is_not_found_again_from_an_earlier_key() -> None:
    found = made()
    found.add(a_record("g2", "wn fox jumps", "The quick bro"))
    found.add(a_record("g3", "ed horse", "The quick br"))
    dismiss(found, URI, "g2")
    assert rest(found, "The quick bro") is None and rest(found, "The quick") is None
    assert rest(found, "The quick br") == "ed horse"


@pytest.mark.parametrize("text", [" brown fox", " brown fox jumps over", " brown fox jumps over the dog"])
def test_nor_is_a_longer_or_shorter_text_that_begins_with_it(text: str) -> None:
    found = Suggestions()
    found.add(a_record("g1", text, "The quick"))
    found.add(a_record("g2", " fox jumps over", "The quick brown"))
    dismiss(found, URI, "g2")
    assert rest(found, "The quick brown") is None
