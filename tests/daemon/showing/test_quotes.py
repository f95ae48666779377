"""daemon/showing/filters.py: the document's own marks."""

from __future__ import annotations

import pytest

from shadowpen.daemon.showing.filters import in_style_of


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("It’s", " what it's", " what it’s"),
        ("It's", " what it’s", " what it's"),
        ("I don", "'t know", "'t know"),
        ("It’s. I don", "'t know", "’t know"),
        ("“Yes,” she said. ", '"No," he said', "“No,” he said"),
        ("“Yes,” she said. “No", '," he', ",” he"),
        ('"Yes," she said. ', "“No,” he said", '"No," he said'),
        ("„Ja“, sagte sie. ", '"Nein", sagte er', "„Nein“, sagte er"),
        ("«Oui», dit-elle. ", '"Non", dit-il', "«Non», dit-il"),
        ("No marks here", ' it\'s "so"', ' it\'s "so"'),
        ("", '"so"', '"so"'),
    ],
)
def test_marks_follow_the_document(before: str, text: str, expected: str) -> None:
    assert in_style_of(before, text) == expected
