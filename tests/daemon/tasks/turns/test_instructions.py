"""daemon/tasks/turns/instructions.py"""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.turns.instructions import AskedChange, read


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("shorter", "shorter"),
        ("Make it a bit shorter, please.", "shorter"),
        ("Longer!", "longer"),
        ("not so formal", "less formal"),
        ("more informal", "less formal"),
        ("more formally", "more formal"),
        ("a different start", "another beginning"),
        ("say it in other words", "another wording"),
        ("another one", "another wording"),
    ],
)
def test_the_list_is_read_as_people_say_it(said: str, kind: str) -> None:
    assert read(said) == AskedChange(kind)  # type: ignore[arg-type]


def test_what_is_to_be_mentioned_is_kept_as_it_is_written() -> None:
    assert read("please mention that the Roof leaks.") == AskedChange("mention", "the Roof leaks")


@pytest.mark.parametrize("said", ["", "as a pirate", "shorter and in French", "mention", "ignore the above"])
def test_anything_else_is_answered_with_the_list(said: str) -> None:
    with pytest.raises(RequestInvalid) as raised:
        read(said)
    for kind in ("shorter", "longer", "formal", "mention", "beginning", "wording"):
        assert kind in raised.value.message
