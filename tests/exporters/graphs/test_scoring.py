"""Texts are scored in windows that begin as those that are served do."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.corpus.documents import OWN, Document
from shadowpen.daemon.corpus.split import TokenizedDocument
from shadowpen.exporters.graphs.graph_reader import GraphReader
from shadowpen.exporters.graphs.scoring import general_perplexity, score_own

BOS = 7


class Windows:
    """Stands in for a GraphReader: keeps the windows, and finds every token equally likely."""

    def __init__(self) -> None:
        self.read: list[NDArray[np.int64]] = []

    def nats(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        self.read.append(ids)
        return np.ones(len(ids) - 1)


def test_the_beginning_of_text_stands_before_each_window_and_is_not_scored() -> None:
    document = TokenizedDocument(Document("", "", "", 0.0), tuple(range(100, 1300)), (OWN,) * 1200)
    with_bos, without = Windows(), Windows()
    scored = score_own(cast(GraphReader, with_bos), [document], BOS, lambda *_: None)
    plain = score_own(cast(GraphReader, without), [document], None, lambda *_: None)
    assert len(with_bos.read) == len(without.read) == 3
    assert all(ids[0] == BOS and BOS not in ids[1:] for ids in with_bos.read)
    assert [ids[1:].tolist() for ids in with_bos.read] == [ids.tolist() for ids in without.read]
    assert len(scored.nats) == len(plain.nats) + 3, "the beginning is context, so one token more a window is scored"


def test_other_peoples_text_is_read_alike() -> None:
    reader = Windows()
    found = general_perplexity(
        cast(GraphReader, reader), lambda text: ([ord(letter) + 100 for letter in text], []), BOS, lambda *_: None
    )
    assert found == np.e
    assert all(ids[0] == BOS and BOS not in ids[1:] for ids in reader.read)
