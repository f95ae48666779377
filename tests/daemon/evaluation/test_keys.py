"""A short replay with two versions: pieces of the author's own text, the same for both."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import tiny

from shadowpen.daemon.base import config, store
from shadowpen.daemon.corpus.documents import Document, Span
from shadowpen.daemon.evaluation import keys
from shadowpen.daemon.storage import models, versions

_WORDS = "The dog walked along the harbour and thought about the river. "


def _document(text: str, spans: tuple[Span, ...] = ()) -> Document:
    return Document(origin=f"/texts/{len(text)}.md", text=text, sha256="", time=0.0, spans=spans)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> versions.Served:
    root = tmp_path_factory.mktemp("home")
    tiny.make_tiny_model(root / "models", "default")
    layout = store.Layout(root, root, root / "cache", root / "run", root / "logs", root / "models")
    return versions.base(models.resolve("default", layout), "int8")


def test_pieces_are_spread_over_all_documents_and_do_not_overlap() -> None:
    documents = [_document(_WORDS * 40), _document(_WORDS * 80)]

    found = keys.pieces(documents, count=8, characters=100)

    assert len(found) == 8
    assert all(len(piece.text) - piece.start == 100 for piece in found)
    assert all(piece.text[piece.start - 1].isspace() for piece in found)
    assert len({len(piece.text) for piece in found}) > 1  # early in a document less stands there before


def test_text_of_the_models_is_not_typed() -> None:
    text = "".join(f"Sentence number {number} is about the harbour and the river. " for number in range(60))
    half = len(text) // 2

    found = keys.pieces([_document(text, (Span(0, half, 0.3),))], count=8, characters=100)

    assert found
    assert all(text.find(piece.text) + piece.start >= half for piece in found)
    assert not keys.pieces([_document(text, (Span(0, len(text), 0.3),))])


def test_too_short_texts_are_not_typed() -> None:
    assert keys.pieces([_document("Too short.")]) == []


def test_the_same_version_twice_saves_the_same_keys(served: versions.Served) -> None:
    told: list[tuple[int, int]] = []

    found = keys.replay((served, served), [_document(_WORDS * 60)], config.Config(), lambda *done: told.append(done))

    assert found.served == found.candidate
    assert len(found.characters) == len(found.served) > 1
    assert told[-1] == (len(found.served), len(found.served))
    assert all(0 < pressed <= typed for pressed, typed in zip(found.served, found.characters, strict=True))


def test_without_processor_time_it_ends_early(served: versions.Served) -> None:
    found = keys.replay((served, served), [_document(_WORDS * 60)], config.Config(), most_cpu_s=-1.0)

    assert found.characters == ()


def test_each_version_is_typed_with_its_own_graph(served: versions.Served, tmp_path: Path) -> None:
    missing = msgspec.structs.replace(served, version="candidate", graph=tmp_path / "model.onnx")

    with pytest.raises(Exception, match=r"model\.onnx"):
        keys.replay((served, missing), [_document(_WORDS * 60)], config.Config())
