"""daemon/evaluation/texts.py: what is typed of which text, in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.evaluation import texts
from shadowpen.daemon.evaluation.texts import Excerpt

TEXTS = {
    "Anna": "We walked along the river in the evening and talked about the winter that was to come. ",
    "Bertha": "The baker told her neighbours that nobody had paid for bread since the bridge was closed. ",
    "Clara": "My grandmother never trusted a doctor who would not sit down before he asked a question. ",
    "Dora": "It is easy to plant an apple tree, but somebody has to remember it when the summer is dry. ",
    "Emma": "The letters were found behind the stove, and all of them had been opened by a stranger. ",
}
END = "Then {} said that this was the end of the story, whatever others might think of it, and went to bed. "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for day, (name, text) in enumerate(TEXTS.items(), 1):
        whole = f"{text}{END.format(name)}I was {day} years old when I heard it for the first time, and I laughed."
        (tmp_path / f"{name}-2024-03-0{6 - day}.md").write_text(whole, "utf-8")
    return tmp_path


def pieces(folder: Path, *, characters: int = 100, texts_: int = 0, seed: int = 0) -> list[Excerpt]:
    return texts.pieces(texts.read(folder), folder, characters=characters, texts=texts_, context=60, seed=seed)


def test_texts_come_in_the_order_of_their_dates(folder: Path) -> None:
    assert [piece.name[:4] for piece in pieces(folder)] == ["Emma", "Dora", "Clar", "Bert", "Anna"]


def test_so_many_characters_are_typed_behind_a_context_and_from_a_words_beginning(folder: Path) -> None:
    for piece in pieces(folder):
        assert piece.end - piece.start == 100 and piece.before <= 60
        assert piece.document.text[piece.start - 1].isspace()
        assert len(piece.shown) == piece.before + 100


def test_the_seed_says_where(folder: Path) -> None:
    assert pieces(folder, seed=1) == pieces(folder, seed=1) != pieces(folder, seed=2)


def test_without_a_limit_a_text_is_typed_to_its_end(folder: Path) -> None:
    assert all(piece.end == len(piece.document.text) for piece in pieces(folder, characters=0))


def test_few_texts_are_spread_over_time(folder: Path) -> None:
    assert [piece.is_typed for piece in pieces(folder, texts_=2)] == [False, True, False, True, False]


def test_a_text_that_is_typed_is_not_known_before(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    own = tmp_path_factory.mktemp("own")
    (own / "copy.md").write_bytes((folder / "Anna-2024-03-05.md").read_bytes())
    (own / "other.md").write_text(END.format("Fanny") + "It was a good story, and it was hers alone to tell.", "utf-8")
    assert [Path(one.origin).name for one in texts.without(texts.read(own), texts.read(folder))] == ["other.md"]


def test_a_folder_without_prose_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="no prose"):
        texts.read(tmp_path)
    with pytest.raises(ConfigInvalid, match="not a folder"):
        texts.read(tmp_path / "none")
