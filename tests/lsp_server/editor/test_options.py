from __future__ import annotations

from typing import Any

import pytest

from shadowpen.lsp_server.editor.options import Options, parse, section


def test_nothing_said_means_the_defaults() -> None:
    assert parse(None) == (Options(), [])
    assert parse({}) == (Options(), [])


def test_what_an_editor_may_set() -> None:
    raw = {"enabled": False, "languagesOff": ["python"], "exclude": ["*.secret"], "deadlineMs": 30, "singleLine": True}
    assert parse(raw) == (Options(False, ("python",), ("*.secret",), 30, True), [])


def test_one_text_is_a_list_of_one() -> None:
    assert parse({"exclude": "*.secret"}) == (Options(exclude=("*.secret",)), [])


@pytest.mark.parametrize(
    "raw",
    [
        {"enabled": "yes"},
        {"languagesOff": 5},
        {"exclude": [1]},
        {"deadlineMs": 1},
        {"deadlineMs": True},
        {"deadlineMs": 1.5},
        {"singleLine": 1},
        {"enabled": []},
    ],
)
def test_a_wrong_value_keeps_its_default_and_is_named(raw: dict[str, Any]) -> None:
    options, problems = parse(raw)
    assert options == Options()
    assert len(problems) == 1
    assert next(iter(raw)) in problems[0]


def test_one_mistake_does_not_cost_the_other_options() -> None:
    options, problems = parse({"enabled": False, "deadlineMs": "soon", "model": "evil"})
    assert options == Options(enabled=False)
    assert len(problems) == 2


@pytest.mark.parametrize("raw", ["text", 5, ["a"]])
def test_options_that_are_no_object(raw: Any) -> None:
    options, problems = parse(raw)
    assert options == Options()
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"shadowpen": {"enabled": False}}, {"enabled": False}), ({"other": 1}, None), (None, None)],
)
def test_the_section_of_the_editors_settings(settings: Any, expected: Any) -> None:
    assert section(settings) == expected
