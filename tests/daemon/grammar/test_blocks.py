from __future__ import annotations

import pytest

from shadowpen.daemon.grammar.blocks import Block, blocks


def found(text: str, language: str = "markdown") -> list[Block]:
    return list(blocks(text.splitlines(keepends=True), language))


def test_each_paragraph_is_a_block_that_knows_its_line() -> None:
    assert found("\n\nOne\ntwo.\n\n \t\nThree") == [Block(2, "One\ntwo.\n"), Block(6, "Three")]


@pytest.mark.parametrize(
    "hidden",
    [
        "```python\nx\n\ny\n```",
        "~~~~\n~~~\nx\n~~~~",
        "> ```\n> x\n> ```",
        "- ```\n  x\n\n  y\n  ```",
        "<!-- x\n\ny -->",
        "<pre>\nx\n\ny\n</pre>",
        "$$\nx\n\ny\n$$",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_code_formulas_and_comments_are_left_out_whole(hidden: str, end: str) -> None:
    text = f"Before.\n{hidden}\nAfter.".replace("\n", end)
    assert [block.text.strip() for block in found(text)] == ["Before.", "After."]


@pytest.mark.parametrize("text", ["---\ntitle: x\n\ntags: y\n---\nAfter.", "+++\nx = 1\n+++\nAfter."])
def test_front_matter_is_left_out(text: str) -> None:
    assert [block.text for block in found(text)] == ["After."]


@pytest.mark.parametrize("text", ["---\nno front matter", "Code `x` and ```y``` in a line.", "<!-- x --> Seen."])
def test_what_only_looks_like_it_is_checked(text: str) -> None:
    assert [block.text for block in found(text)] == [text]


def test_a_fence_that_is_never_closed_hides_the_rest() -> None:
    assert [block.text for block in found("Seen.\n```\nx\n\ny")] == ["Seen.\n"]


def test_plain_text_has_no_fences() -> None:
    assert [block.text for block in found("```\nx\n```", "plaintext")] == ["```\nx\n```"]


def test_a_long_text_without_blank_lines_falls_into_blocks_at_the_ends_of_sentences() -> None:
    line = "So it went on, day after day, and nobody minded that it did.\n"
    pieces = found(line * 200)
    assert len(pieces) > 3
    assert "".join(piece.text for piece in pieces) == line * 200
    assert [piece.line for piece in pieces] == [
        sum(before.text.count("\n") for before in pieces[:rank]) for rank in range(len(pieces))
    ]
