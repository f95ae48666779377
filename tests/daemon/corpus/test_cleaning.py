"""A file's text becomes its author's paragraphs, and nothing else."""

from __future__ import annotations

import random

import pytest

from shadowpen.daemon.corpus.cleaning import clean

_POST = """---
title: "Of boats"
date: 2024-03-01T10:00:00Z
---

# Of boats

I have always liked boats, and the [old one](https://example.org/boat?id=3) by the
quay most of all; it is
described [elsewhere][1] and at https://example.org/more.[^1]

> Someone else's words
> that go on,
lazily.

```python
print("not prose")
```

| name | age |
|------|-----|
| Ann  | 7   |

    indented code

![a boat](boat.png)

- first the rope, which was too short to reach the other side of the water
  and broke;
- then the *sail*.

<!-- a note
over two lines -->
<div class="x">She said <em>yes</em> &amp; left.</div>

{{< figure src="x.png" >}}

***

[1]: https://example.org/elsewhere
[^1]: A foot note.
"""


def test_markdown_becomes_the_authors_paragraphs() -> None:
    cleaned = clean(_POST)

    assert cleaned.text.split("\n\n") == [
        "# Of boats",
        "I have always liked boats, and the old one by the quay most of all; it is described elsewhere and at ⟦link⟧.",
        "- first the rope, which was too short to reach the other side of the water and broke;\n- then the *sail*.",
        "She said yes & left.",
        "A foot note.",
    ]
    assert cleaned.date == "2024-03-01"
    assert {"front matter", "quote", "code", "table", "image", "html", "link target"} <= set(cleaned.dropped)


def test_hard_wraps_are_taken_back_and_verse_is_not() -> None:
    wrapped = (
        "It was a long way down to the harbour and nobody\nhad thought of bringing a lamp, so that we went\nslowly."
    )
    verse = "The sea, the sea,\nthe open sea,\nit never was so\nwide to me."

    assert clean(f"{wrapped}\n\n{verse}").text == wrapped.replace("\n", " ") + "\n\n" + verse


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [
        (".txt", "    An indented first line is prose here.", "    An indented first line is prose here."),
        (".txt", "a < b and <b> is no tag in plain text here", "a < b and <b> is no tag in plain text here"),
        (".org", "#+TITLE: x\n* Heading\nSome words.\n#+begin_src c\nint x;\n#+end_src\nAnd [[u][more]].",
         "* Heading\nSome words.\n\nAnd more."),
        (".tex", "\\documentclass{a}\n\\begin{document}\nSome words. % no\n\\begin{equation}\nx\n\\end{equation}\n"
         "\\maketitle\n\\end{document}", "Some words."),
        (".rst", "Title here\n==========\n\nSome words::\n\n   code here\n\nMore.\n\n.. note:: x\n   y\n\nEnd.",
         "Title here\n\nSome words:\n\nMore.\n\nx\ny\n\nEnd."),
        (".md", "1. one thing\n2. another thing\n\n   with a paragraph of its own", None),
        (".md", "A\n\n    A paragraph that somebody indented with the tabulator key.\n\n    x = [1]\n",
         "A\n\n    A paragraph that somebody indented with the tabulator key."),
        (".md", "+++\ndate = 2021-02-03\n+++\nText.", "Text."),
        (".md", "---\n\nNot front matter, a rule before.", "Not front matter, a rule before."),
        (".md", "\ufeffzero\u200bwidth \x07bell\r\nline", "zerowidth bell\nline"),
    ],
)  # fmt: skip
def test_other_markup(suffix: str, text: str, expected: str | None) -> None:
    cleaned = clean(text, suffix).text

    if expected is None:
        assert "paragraph of its own" in cleaned
    else:
        assert cleaned == expected


@pytest.mark.parametrize(
    ("paragraph", "reason"),
    [
        ("x" * 5_000, "huge line"),
        ('{"a": [1, 2, 3, {"b": "c"}]}, ' * 200, "huge line"),
        ("3.14 15926 5358 97932 38462 64338 | 3 + 4 = 7", "not prose"),
        ("all work and no play makes him dull. " * 40, "repetition"),
    ],
)
def test_what_cannot_be_prose_is_left_out(paragraph: str, reason: str) -> None:
    cleaned = clean(f"A good line.\n\n{paragraph}\n\nAnother.", ".txt")

    assert cleaned.text == "A good line.\n\nAnother."
    assert cleaned.dropped[reason] >= len(paragraph.strip())


def test_a_long_paragraph_of_a_diary_is_prose() -> None:
    dice = random.Random(3)
    words = [
        "up",
        "and",
        "by",
        "water",
        "to",
        "the",
        "office",
        "where",
        "all",
        "morning",
        "busy",
        "with",
        "others",
        "dined",
    ]
    sentences = " ".join(" ".join(dice.choices(words, k=14)) + "." for _ in range(60))
    assert len(sentences) > 3_000

    assert clean(sentences, ".txt").text == sentences


def test_secrets_become_placeholders() -> None:
    cleaned = clean("Write to jane@example.org, the password is hunter2.", ".txt")

    assert cleaned.text == "Write to ⟦email⟧, the password is ⟦password⟧."
    assert cleaned.dropped["secrets"] == len("jane@example.orghunter2")
