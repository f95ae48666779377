"""daemon/showing/silence/quiet.py and presets.py: where nothing comes by itself."""

from __future__ import annotations

from typing import Any

import pytest

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.showing.silence.presets import DocumentKind, in_comment, preset
from shadowpen.daemon.showing.silence.quiet import why_silent
from shadowpen.daemon.wire.protocol import Complete


def reason(prefix: str = "Some text", suffix: str = "", code: str = "off", **more: Any) -> str:
    given = {"language": "markdown", **more}
    return why_silent(
        Complete(id="1", document="d", prefix=prefix, suffix=suffix, **given), CompletionSettings(code=code)
    )


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("", {}),
        ("", {"last_edit": "typed"}),
        ("after_deletion", {"last_edit": "deleted"}),
        ("after_paste", {"last_edit": "pasted"}),
        ("after_undo", {"last_edit": "undone"}),
        ("inside_word", {"suffix": "ual"}),
        ("", {"suffix": " more"}),
        ("", {"prefix": "我喜", "suffix": "写作"}),
        ("in_code", {"prefix": "```\nx"}),
        ("in_front_matter", {"prefix": "---\nx"}),
        ("in_math", {"prefix": "$$\nx"}),
        ("in_markup", {"prefix": "a <b"}),
        ("in_address", {"prefix": "https://a"}),
        ("in_code", {"language": "python", "prefix": "# a remark"}),
        ("in_code", {"language": "python", "prefix": "x = ", "code": "comments"}),
        ("", {"language": "python", "prefix": "# a remark", "code": "comments"}),
        ("", {"language": "python", "prefix": "x = ", "code": "on"}),
        ("", {"language": ""}),
        ("", {"language": "gitcommit"}),
    ],
)
def test_each_rule_has_its_name(expected: str, given: dict[str, Any]) -> None:
    assert reason(**given) == expected


@pytest.mark.parametrize(
    "given", [{"last_edit": "deleted"}, {"suffix": "ual"}, {"language": "python"}, {"prefix": "```\nx"}]
)
def test_whoever_asks_is_answered(given: dict[str, Any]) -> None:
    assert reason(explicit=True, **given) == ""


def test_a_word_put_before_another_is_no_mended_one() -> None:
    request = Complete(id="1", document="d", prefix="The b", suffix="cat sat", language="markdown")
    assert why_silent(request, CompletionSettings(), mends_words=True) == "inside_word"
    assert why_silent(request, CompletionSettings(), mends_words=False) == ""


@pytest.mark.parametrize(
    ("language", "kind"),
    [
        ("markdown", DocumentKind.PROSE),
        ("", DocumentKind.PROSE),
        ("org", DocumentKind.NOTES),
        ("python", DocumentKind.CODE),
        ("json", DocumentKind.CODE),
    ],
)
def test_presets(language: str, kind: DocumentKind) -> None:
    assert preset(language).kind is kind


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("x = 1  # and", True),
        ("# and", True),
        ("x = 1\ny", False),
        ("// and", True),
        ("-- and", True),
        ('"""Say', True),
        ('"""Said."""\nx', False),
        ("/* one\n   two", True),
        ("/* one */ x", False),
        ("<!-- one", True),
        ("a #b", False),
    ],
)
def test_comments(prefix: str, expected: bool) -> None:
    assert in_comment(prefix) is expected


def test_off_languages_and_headings_are_the_authors() -> None:
    def why(prefix: str, language: str = "markdown", **more: Any) -> str:
        settings = CompletionSettings(off_languages=["latex"], off_headings=["references"])
        return why_silent(Complete(id="1", document="d", prefix=prefix, language=language, **more), settings)

    assert why("Text", "latex") == "off_language"
    assert why("Text", "latex", explicit=True) == ""
    assert why("# References\n## Books\nText") == "off_heading"
    assert why("# References\nText", explicit=True) == ""
    assert why("# References\n# Thanks\nText") == ""
    assert why("Text", headings=[(1, "References")]) == "off_heading"
