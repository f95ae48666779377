"""daemon/markup/spots.py: what the end of a text is in."""

from __future__ import annotations

import pytest

from shadowpen.daemon.markup.spots import Spot, spot

CASES = [
    ("---\nNote: I went home. We were", Spot.TEXT),
    ("---\nAnna: I went home.\nBob: and then", Spot.TEXT),
    ("---\ntitle: I went home. We were", Spot.FRONT_MATTER),
    ("---\nkey", Spot.FRONT_MATTER),
    ("<?php\necho ", Spot.MARKUP),
    ("!!! note\n    My own words and", Spot.TEXT),
    ("", Spot.TEXT),
    ("Plain text", Spot.TEXT),
    ("---\ntitle: A", Spot.FRONT_MATTER),
    ("+++\ntitle = 1", Spot.FRONT_MATTER),
    ("---\ntitle: A\n---\nText", Spot.TEXT),
    ("Text\n\n---\n\nMore", Spot.TEXT),
    ("Text\n```python\nimport x", Spot.CODE),
    ("Text\n```py", Spot.CODE),
    ("Text\n```\nx\n```\nMore", Spot.TEXT),
    ("Text\n````\n```\nx\n```\nstill", Spot.CODE),
    ("Text\n~~~\n```\nx", Spot.CODE),
    ("> ```\n> x", Spot.CODE),
    ("- one\n  ```sh\n  ls", Spot.CODE),
    ("Text\n```x```\nMore", Spot.TEXT),
    ("Text\n\n    code", Spot.CODE),
    ("Text\n\n    code\n    more", Spot.CODE),
    ("Text goes\n    on here", Spot.TEXT),
    ("- item\n\n    its second paragraph", Spot.TEXT),
    ("- item\n    - item below", Spot.LIST),
    ("Formula\n$$\nx +", Spot.MATH),
    ("Formula\n$$\nx\n$$\nText", Spot.TEXT),
    ("Formula $$x$$ and", Spot.TEXT),
    ("Call `foo", Spot.CODE_SPAN),
    ("Call `foo` and", Spot.TEXT),
    ("Call ``a `b` ", Spot.CODE_SPAN),
    ("A `stray\n\nThen a new paragraph", Spot.TEXT),
    ("See [here](https://exa", Spot.ADDRESS),
    ("See [here](https://example.org) and", Spot.TEXT),
    ("See https://example.org/a", Spot.ADDRESS),
    ("See https://example.org/a for", Spot.TEXT),
    ("See <https://exa", Spot.ADDRESS),
    ("[ref]: htt", Spot.ADDRESS),
    ("See [the man", Spot.LINK_TEXT),
    ("See [the manual] and", Spot.TEXT),
    ("- [x] done, and", Spot.LIST),
    ("- [ ", Spot.LIST),
    ("Text <span class=", Spot.MARKUP),
    ("Text <!-- remark", Spot.MARKUP),
    ("Text a < b and c", Spot.TEXT),
    ("| a | b", Spot.TABLE),
    ("## A head", Spot.HEADING),
    ("## A head\nText", Spot.TEXT),
    ("#hashtag", Spot.TEXT),
    ("1. First", Spot.LIST),
    ("* First", Spot.LIST),
]


@pytest.mark.parametrize(("prefix", "expected"), CASES)
def test_markdown(prefix: str, expected: Spot) -> None:
    assert spot(prefix, "markdown") is expected


def test_a_window_that_begins_inside_a_fence_is_right_again_at_the_next_one() -> None:
    assert spot("x = 1\n```python\ny = 2", "markdown") is Spot.CODE


def test_indented_letters_are_no_code_in_plain_text() -> None:
    assert spot("Dear Ann,\n\n    I was glad", "plaintext") is Spot.TEXT


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("Some text", Spot.TEXT),
        ("It costs 5\\% of", Spot.TEXT),
        ("Let $x", Spot.MATH),
        ("Let $x$ be", Spot.TEXT),
        ("It costs \\$5 and", Spot.TEXT),
        ("\\begin{equation}\nx", Spot.MATH),
        ("\\begin{equation}\nx\n\\end{equation}\nSo", Spot.TEXT),
        ("\\begin{verbatim}\nx", Spot.CODE),
        ("As in \\cite{knu", Spot.MARKUP),
        ("As in \\emph{this wor", Spot.TEXT),
        ("\\sec", Spot.MARKUP),
        ("text % remark", Spot.MARKUP),
    ],
)
def test_tex(prefix: str, expected: Spot) -> None:
    assert spot(prefix, "latex") is expected


def test_other_languages_know_addresses_only() -> None:
    assert spot("```\nx", "fountain") is Spot.TEXT
    assert spot("see https://exam", "typst") is Spot.ADDRESS


@pytest.mark.parametrize("unit", [" ", "\t", "\n", "> ", "- ", "`", "[", "](", "<a ", "http://", "| ", "$", "[a]:"])
def test_odd_text_is_read_in_one_pass(unit: str) -> None:
    """Doubling the text doubles the work, more or less: no pattern tries every place against every other."""
    assert spot(unit * (64_000 // len(unit)), "markdown") in Spot
