from __future__ import annotations

import pytest

from shadowpen.lsp_server.documents.context import Context
from shadowpen.lsp_server.ghost_text.type_through import Ghost, Ghosts

URI = "file:///a.md"


def context(prefix: str, suffix: str = "", *, whole: bool = True) -> Context:
    return Context(prefix, suffix, whole)


def ghosts(text: str = " brown fox jumps", prefix: str = "The quick", *, final: bool = True) -> Ghosts:
    found = Ghosts()
    found.add(URI, Ghost.made("g1", context(prefix), text, final=final, model="m"))
    return found


def rest(ghosts: Ghosts, prefix: str, suffix: str = "", *, whole: bool = True) -> str | None:
    found = ghosts.find(URI, context(prefix, suffix, whole=whole))
    return found[0].text[found[1] :] if found else None


@pytest.mark.parametrize("typed", ["", " ", " br", " brown fox"])
def test_what_is_typed_along_leaves_the_rest(typed: str) -> None:
    assert rest(ghosts(), "The quick" + typed) == " brown fox jumps"[len(typed) :]


@pytest.mark.parametrize(
    "prefix", ["The quick r", "The quic", "A quick", "Now. The quick", "The quick brown fox jumps"]
)
def test_at_any_other_place_there_is_none(prefix: str) -> None:
    assert rest(ghosts(), prefix) is None


def test_other_text_after_the_cursor_is_another_place() -> None:
    assert rest(ghosts(), "The quick", "\nMore.") is None


def test_a_window_that_moved_on_does_not_lose_the_suggestion() -> None:
    long = "x" * 50 + " and so on, and so forth" * 300
    found = ghosts(prefix=long)
    assert rest(found, long[1_024:] + " brown", whole=False) == " fox jumps"


def test_going_back_a_few_keys_finds_the_earlier_suggestion() -> None:
    found = ghosts()
    found.add(URI, Ghost.made("g2", context("The quick r"), "ed fox", final=True, model="m"))
    assert rest(found, "The quick re") == "d fox"
    assert rest(found, "The quick") == " brown fox jumps"


def test_what_the_deadline_cut_short_grows_but_never_changes() -> None:
    ghost = Ghost.made("g1", context("The quick"), " brown fox", final=False, model="m")
    ghost.grow(6, " fox jumps over", final=False)
    assert (ghost.text, ghost.final) == (" brown fox jumps over", False)
    ghost.grow(6, " bear", final=True)
    assert (ghost.text, ghost.final) == (" brown fox jumps over", False)
    ghost.grow(6, " fox", final=True)
    assert (ghost.text, ghost.final) == (" brown fox jumps over", True)


@pytest.mark.parametrize(("final", "typed"), [(True, 6), (True, 8), (False, 8)])
def test_what_was_offered_is_not_stretched_before_all_of_it_is_typed(final: bool, typed: int) -> None:
    found = Ghosts()
    ghost = Ghost.made("g1", context("The quick"), " brown fox", final=final, model="m")
    found.add(URI, ghost)
    ghost.grow(typed, " brown fox"[typed:] + " jumps over", final=True)
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
    ghost = Ghost.made("g1", context("The quick "), "brown fox jumps", final=True, model="m")
    ghost.asked_at = asked_at
    assert ghost.runs_out(typed) is expected


def test_forgetting_one_document_or_all() -> None:
    found = ghosts()
    found.forget("file:///b.md")
    assert rest(found, "The quick") is not None
    found.forget()
    assert rest(found, "The quick") is None


def test_what_is_dismissed_is_not_found_again_from_an_earlier_key() -> None:
    found = ghosts()
    found.add(URI, Ghost.made("g2", context("The quick bro"), "wn fox jumps", final=True, model="m"))
    found.add(URI, Ghost.made("g3", context("The quick br"), "ed horse", final=True, model="m"))
    found.dismiss(URI, "g2")
    assert rest(found, "The quick bro") is None and rest(found, "The quick") is None
    assert rest(found, "The quick br") == "ed horse"


@pytest.mark.parametrize("text", [" brown fox", " brown fox jumps over", " brown fox jumps over the dog"])
def test_nor_is_a_longer_or_shorter_text_that_begins_with_it(text: str) -> None:
    found = Ghosts()
    found.add(URI, Ghost.made("g1", context("The quick"), text, final=True, model="m"))
    found.add(URI, Ghost.made("g2", context("The quick brown"), " fox jumps over", final=True, model="m"))
    found.dismiss(URI, "g2")
    assert rest(found, "The quick brown") is None
