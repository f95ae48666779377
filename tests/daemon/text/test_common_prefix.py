import pytest

from shadowpen.daemon.text.common_prefix import common_prefix_length


@pytest.mark.parametrize(
    ("one", "other", "length"),
    [
        ("", "sea", 0),
        ("sea", "sea", 3),
        ("seaside", "sea", 3),
        ("sea", "seaside", 3),
        ("a wave", "a wall", 4),
        ("b", "c", 0),
    ],
)
def test_length_of_the_common_prefix(one: str, other: str, length: int) -> None:
    assert common_prefix_length(one, other) == length


def test_limit() -> None:
    assert common_prefix_length("seaside", "seashore", 2) == 2
    assert common_prefix_length("seaside", "seashore", 7) == 4
