"""What was forgotten is known again by its words, in any shape, and cannot be read from what is kept of it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from shadowpen.daemon.base.errors import StateUnusable
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.privacy.forgotten import ForgottenTexts, Watched

_SECRET = "Nobody must ever hear that my brother sank the green boat on purpose that winter."


@pytest.mark.parametrize(
    "text",
    [
        _SECRET,
        "Once more: " + _SECRET.upper() + " So there.",
        "nobody must ever\nhear that my brother; sank the green boat",
    ],
)
def test_a_passage_is_known_again(tmp_path: Path, text: str) -> None:
    assert forgotten.remember(tmp_path, passages=[_SECRET]).covers(text)
    assert forgotten.load(tmp_path).covers(text)


def test_where_it_stands_is_told_word_by_word(tmp_path: Path) -> None:
    known = forgotten.remember(tmp_path, passages=[_SECRET, "Only three words"])
    text = f"My own words. {_SECRET} And some more, twice: nobody must ever hear that my brother sank…"
    assert [text[start:end] for start, end in known.places(text)] == [
        _SECRET.removesuffix("."),
        "nobody must ever hear that my brother sank",
    ]
    assert known.places("only THREE words!") == [(0, 16)]
    assert known.places("Other words.") == known.places("") == ForgottenTexts().places(_SECRET) == []


@pytest.mark.parametrize("text", ["", "My brother sank the green boat.", "Nobody must ever hear that your brother"])
def test_other_text_is_not(tmp_path: Path, text: str) -> None:
    assert not forgotten.remember(tmp_path, passages=[_SECRET]).covers(text)


@pytest.mark.parametrize(
    ("phrase", "known", "unknown"),
    [
        ("Aurelia", "I met aurelia’s aunt.", "I met Aurelian."),
        ("the green boat", "On The GREEN\nboat!", "The boat was green."),
        (_SECRET, "… must ever hear that my cousin", "must ever hear that it rained"),
        ("秘密の船", "それは秘密の船です", "それは船です"),
    ],
)
def test_a_phrase_is_known_in_any_text(tmp_path: Path, phrase: str, known: str, unknown: str) -> None:
    found = forgotten.remember(tmp_path, phrases=[phrase])

    assert (found.covers(known), found.covers(unknown)) == (True, False)


def test_a_short_paragraph_is_known_as_a_whole_only(tmp_path: Path) -> None:
    found = forgotten.remember(tmp_path, passages=["The boat is gone.", "Yes."])

    assert found.covers("the boat is gone")
    assert not found.covers("He said the boat is gone and went home early.")
    assert not found.covers("Yes.")


def test_what_follows_the_last_forgotten_passage_is_left(tmp_path: Path) -> None:
    found = forgotten.remember(tmp_path, passages=[_SECRET])

    assert found.rest_after(f"Before. {_SECRET} And then it ") == ". And then it "
    assert found.rest_after("Nothing of it here ") == "Nothing of it here "


def test_files_folders_and_edits(tmp_path: Path) -> None:
    found = forgotten.remember(tmp_path, files=["/texts/a.md", "/old", "untitled:1"], edits=["e1"])

    assert [found.knows_file(name) for name in ("/texts/a.md", "/old/deep/b.md", "untitled:1")] == [True] * 3
    assert [found.knows_file(name) for name in ("/texts/b.md", "/older/b.md", "untitled:2", "e1")] == [False] * 4
    assert (found.knows_edit("e1"), found.knows_edit("/texts/a.md")) == (True, False)


def test_it_is_added_to_and_kept_privately(tmp_path: Path) -> None:
    folder = tmp_path / "forgotten"
    forgotten.remember(folder, passages=[_SECRET])
    forgotten.remember(folder, phrases=["Aurelia"], files=["/a.md"])
    found = forgotten.load(folder)

    assert found.covers(_SECRET)
    assert found.covers("Aurelia")
    assert found.knows_file("/a.md")
    content = b"".join(path.read_bytes() for path in folder.iterdir()).lower()
    assert not any(word.encode() in content for word in ("aurelia", "brother", "a.md"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_with_another_key_nothing_is_known(tmp_path: Path) -> None:
    one, other = (forgotten.remember(tmp_path / name, phrases=["Aurelia"]) for name in "ab")

    assert set(one.prints).isdisjoint(other.prints)


def test_nothing_forgotten_covers_nothing(tmp_path: Path) -> None:
    assert not forgotten.load(tmp_path)
    assert not ForgottenTexts().covers("anything")
    assert ForgottenTexts().rest_after("all of it") == "all of it"


@pytest.mark.parametrize(("name", "content"), [("prints", b"torn"), ("key", b""), ("key", None)])
def test_a_damaged_folder_lets_nothing_return(tmp_path: Path, name: str, content: bytes | None) -> None:
    forgotten.remember(tmp_path, phrases=["Aurelia"])
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)

    with pytest.raises(StateUnusable):
        forgotten.load(tmp_path)


def test_a_watcher_of_it_sees_what_is_added(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    assert not watched()
    forgotten.remember(tmp_path, phrases=["Aurelia"])
    assert watched().covers("Aurelia")
    assert watched() is watched()


def test_where_it_stands_is_told_of_other_machines_too(tmp_path: Path) -> None:
    text = f"My own words. {_SECRET} And the winter after it was long and dark and I was ill for all of it."
    forgotten.remember(tmp_path / "there", passages=[_SECRET])
    forgotten.remember(tmp_path / "third", passages=["that winter. And the winter after it was long and dark"])
    for other in ("there", "third"):
        assert forgotten.take_over(tmp_path / "here", tmp_path / other)
    known = forgotten.load(tmp_path / "here")
    assert [text[start:end] for start, end in known.places(text)] == [
        _SECRET + " And the winter after it was long and dark"
    ]
    both = forgotten.remember(tmp_path / "here", passages=["My own words"])
    assert both.places("My own words.") == [(0, 12)] and both.places(text) == known.places(text)
