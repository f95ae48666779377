"""lsp_server/ghost_text/explanation.py: what people read of whose words a text is. What is asked when is in
test_surface.py.
"""

from __future__ import annotations

import pytest
from lsprotocol.types import MarkupContent, MarkupKind

from shadowpen.daemon.wire.protocol import Explanation, Source
from shadowpen.lsp_server.ghost_text import explanation

PLAIN = [MarkupKind.PlainText]


def told(remembered: float, sources: int = 1) -> Explanation:
    places = [Source(document=f"/home/me/{name}.md", line=line) for line, name in enumerate("abcd"[:sources], 3)]
    return Explanation(
        id="1", reason="offered", probability=0.5, likelihood=0.25, remembered=remembered, sources=places, model="m_1@2"
    )


def lines(remembered: float, sources: int = 1) -> list[str]:
    contents = explanation.hover(told(remembered, sources), PLAIN).contents
    assert isinstance(contents, MarkupContent)
    return contents.value.split("\n")[1:]


def test_of_what_memory_and_model_made_together_each_share_is_told() -> None:
    assert lines(0.368, 4) == [
        "37% from your own text: me/a.md line 3, me/b.md line 4, me/c.md line 5",
        "63% written by your version 2 of the model m_1, 25% sure of all of it",
    ]
    data = explanation.data(told(0.368, 4))
    assert (data["remembered"], data["model_share"], len(data["sources"])) == (0.368, 0.632, 4)


@pytest.mark.parametrize(
    ("remembered", "said"),
    [
        (0.0, "written by your version 2 of the model m_1, 25% sure of all of it"),
        (0.004, "written by your version 2 of the model m_1, 25% sure of all of it"),
        (0.996, "from your own text: me/a.md line 3"),
        (1.0, "from your own text: me/a.md line 3"),
    ],
)
def test_a_share_that_rounds_to_all_or_nothing_stands_alone(remembered: float, said: str) -> None:
    assert lines(remembered) == [said]


def test_without_places_the_shares_are_told_all_the_same() -> None:
    assert lines(0.5, 0) == [
        "50% from your own text",
        "50% written by your version 2 of the model m_1, 25% sure of all of it",
    ]


def test_of_nothing_no_model_has_a_share() -> None:
    assert explanation.data(Explanation(id="1", reason="unsure", model="m_1@2"))["model_share"] == 0.0
    assert explanation.data(told(1.0))["model_share"] == 0.0
