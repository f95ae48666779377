"""daemon/markup/headings.py: which headings a place is under."""

from __future__ import annotations

import pytest

from shadowpen.daemon.markup.headings import above, is_under


def titles(text: str, language: str = "markdown") -> list[str]:
    return [title for _, title in above(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("markdown", "Text", []),
        ("markdown", "# One\n## Two\n### Three\ntext", ["One", "Two", "Three"]),
        ("markdown", "# One\n### Three\n## Two\ntext", ["One", "Two"]),
        ("markdown", "# One\n# Other\ntext", ["Other"]),
        ("markdown", "One\n===\nTwo\n---\ntext", ["One", "Two"]),
        ("markdown", "#hashtag\n####### seven\n    # code\n", []),
        ("markdown", "# One\n```sh\n# comment\n```\ntext", ["One"]),
        ("markdown", "# One\n~~~\n# comment", ["One"]),
        ("text", "# One\ntext", ["One"]),
        ("latex", "\\section{One}\n\\subsection*{Two} text\n% \\section{No}\n", ["One", "Two"]),
        ("tex", "\\chapter[short]{Long}\n\\section{S}\n\\chapter{Next}\n", ["Next"]),
        ("org", "* One\n** TODO Two\ntext * no\n", ["One", "Two"]),
        ("asciidoc", "= One\n== Two\n", ["One", "Two"]),
        ("typst", "= One\n= Two\n", ["Two"]),
    ],
)
def test_each_languages_headings(language: str, text: str, expected: list[str]) -> None:
    assert titles(text, language) == expected


def test_a_window_begins_under_the_headings_above_it() -> None:
    before = above("# Book\n## Diary\n", "markdown")
    assert above("text", "markdown", before) == [(1, "Book"), (2, "Diary")]
    assert above("text\n## Next\n", "markdown", before) == [(1, "Book"), (2, "Next")]
    assert above("text\n# Other\n", "markdown", before) == [(1, "Other")]


@pytest.mark.parametrize(
    "title",
    ["References", "REFERENCES ", "**References**", "References ##", "References {#refs .x}", "references :noexport:"],
)
def test_a_name_is_met_whatever_its_case_and_marks(title: str) -> None:
    assert is_under([(1, "Book"), (2, title)], ["x", " references"])


@pytest.mark.parametrize("title", ["My references", "Reference", ""])
def test_another_name_is_not(title: str) -> None:
    assert not is_under([(1, title)], ["references"])
