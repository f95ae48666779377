"""Prompts with marks are taken apart as the programs that send them put them together."""

from __future__ import annotations

import pytest

from shadowpen.daemon.http.marked_prompts import read

P, S = "# Log\n\nThe harbour was", " still.\nThe end."


@pytest.mark.parametrize(
    "prompt",
    [
        f"<|fim_prefix|>{P}<|fim_suffix|>{S}<|fim_middle|>",
        f"<fim_prefix>{P}<fim_suffix>{S}<fim_middle>",
        f"<fim-prefix>{P}<fim-suffix>{S}<fim-middle>",
        f"<PRE> {P} <SUF>{S} <MID>",
        f"<｜fim▁begin｜>{P}<｜fim▁hole｜>{S}<｜fim▁end｜>",
        f"<|code_prefix|>{P}<|code_suffix|>{S}<|code_middle|>",
        f"[SUFFIX]{S}[PREFIX]{P}",
        # CodeGeeX and others put the suffix first, and text around the marks
        f"<|user|>\n###PATH:a.md\n<|code_suffix|>{S}<|code_prefix|>{P}<|code_middle|><|assistant|>\n",
        f"<fim_suffix>{S}<fim_prefix>{P}<fim_middle>",
        # other files before, as StarCoder 2 and Qwen take them
        f"<file_sep>one text<file_sep>two<file_sep><fim_prefix>{P}<fim_suffix>{S}<fim_middle>",
        f"<|repo_name|>notes\n<|file_sep|>a.md\nOther.\n<|file_sep|>b.md\n"
        f"<|fim_prefix|>{P}<|fim_suffix|>{S}<|fim_middle|>",
        f"<|fim_prefix|><|file_sep|>b.md\n{P}<|fim_suffix|>{S}<|fim_middle|>",
    ],
)
def test_marks_of_every_family_are_read(prompt: str) -> None:
    assert read(prompt) == (P, S)


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        P,
        f"<|fim_prefix|>{P}",
        f"<|fim_prefix|>{P}<|fim_suffix|>{S}",
        f"<|fim_middle|>{P}<|fim_prefix|><|fim_suffix|>",
        "Write [PREFIX] where the text begins.",
    ],
)
def test_what_has_not_all_marks_is_text_as_it_stands(prompt: str) -> None:
    assert read(prompt, S) == (prompt, S)
