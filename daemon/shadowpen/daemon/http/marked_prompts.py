"""Read prompts that mark the text before and after the cursor (fill in the middle).

Each family of models has its own marks, and editors send those of the model they believe to talk to. What stands before
the marks, text of other files for instance, is left out. Knows no HTTP.
"""

from __future__ import annotations

from typing import NamedTuple


class Marks(NamedTuple):
    """The marks of one family; `middle` is "" where the prompt ends with the text before the cursor."""

    prefix: str
    suffix: str
    middle: str


_FAMILIES = (
    Marks("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),  # Qwen, CodeGemma
    Marks("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),  # StarCoder, Stable Code, Granite
    Marks("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),  # SantaCoder
    Marks("<PRE>", "<SUF>", "<MID>"),  # Code Llama
    Marks("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),  # DeepSeek
    Marks("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),  # GLM, CodeGeeX
    Marks("[PREFIX]", "[SUFFIX]", ""),  # Codestral
)
# Behind these a file begins, in a prompt of several: what stands before is another text.
_FILE_MARKS = ("<|file_sep|>", "<file_sep>", "<|file_separator|>", "<|repo_name|>")


class AroundCursor(NamedTuple):
    """The text before and behind the cursor."""

    prefix: str
    suffix: str


def read(prompt: str, suffix: str = "") -> AroundCursor:
    """What surrounds the cursor; a prompt without all marks of a family is the text before it, as it stands."""
    for marks in _FAMILIES:
        found = _between(prompt, marks)
        if found is not None:
            return found
    return AroundCursor(prompt, suffix)


def _between(prompt: str, marks: Marks) -> AroundCursor | None:
    """The two texts of a prompt in these marks, in either order; None when it is not one."""
    begin, behind = prompt.rfind(marks.prefix), prompt.rfind(marks.suffix)
    end = prompt.rfind(marks.middle) if marks.middle else len(prompt)
    if min(begin, behind) < 0 or end < max(begin, behind):
        return None
    before = prompt[begin + len(marks.prefix) : behind if behind > begin else end]
    after = prompt[behind + len(marks.suffix) : begin if begin > behind else end]
    if marks.prefix == "<PRE>":  # Code Llama's marks stand between blanks of their own
        before, after = before.removeprefix(" ").removesuffix(" "), after.removesuffix(" ")
    return AroundCursor(_last_file(before), after)


def _last_file(text: str) -> str:
    """`text` behind its last mark of a file and the line with that file's name."""
    start = max((text.rfind(mark) + len(mark) for mark in _FILE_MARKS if mark in text), default=0)
    return text[start:].partition("\n")[2] if start else text
