"""daemon/markup: any text of any kind is read without an error, in order, and the same however it came to be."""

from __future__ import annotations

import ast
import random

import pytest

from shadowpen.daemon.markup import families, headings, reading
from shadowpen.daemon.markup.blocks import checked, code_blocks
from shadowpen.daemon.markup.lines import read
from shadowpen.daemon.markup.prose import front_matter, strip
from shadowpen.daemon.markup.spots import Spot, spot
from shadowpen.daemon.tasks.expansion.pieces import read_notes

LANGUAGES = (
    *("markdown", "mdx", "quarto", "vimwiki", "plaintext", "org", "rst", "asciidoc", "latex", "typst", "html"),
    *("mediawiki", "textile", "fountain", "gitcommit"),
)
SUFFIXES = (".md", ".mdx", ".org", ".rst", ".adoc", ".tex", ".typ", ".html", ".wiki", ".textile", ".fountain", ".txt")
_WRITTEN = r"""
word¦words of a sentence.¦\n¦\n\n¦\n    ¦\t¦  ¦> ¦- ¦1. ¦# ¦## ¦===\n¦---\n¦+++\n¦```¦~~~¦`¦``¦$¦$$¦%%¦%¦<!--¦-->¦<pre>
</pre>¦<table>¦</table>¦<div ¦>¦</¦[¦]¦](¦[[¦]]¦![[¦|¦| a | b |\n¦|---|\n¦:: ¦key:: v\n¦^id¦{% raw %}¦{% endraw %}
{{< highlight >}}¦{{< /highlight >}}¦{{¦}}¦<% ¦%>¦#+begin_src\n¦#+end_src\n¦:END:\n¦:drawer:\n¦* ¦.. note::\n
.. code::\n¦::\n¦----\n¦....\n¦|===\n¦[source]\n¦\\begin{equation}¦\\end{equation}¦\\begin{verbatim}¦\\end{verbatim}
\\[¦\\]¦\\section{x}¦\\¦#let x = (¦)¦#figure(\n¦/*¦*/¦//¦bc.. ¦p. ¦h1. ¦{|¦|}¦== x ==\n¦<script>¦</script>
\xe9¦\u8a9e¦\u200d¦\u200c¦\r¦\x0c¦\u2028¦title: x\n¦date: 1\n¦> [!note] ¦    ¦\n\n\n
"""
_TOKENS = [ast.literal_eval(f'"{token}"') for line in _WRITTEN.strip().split("\n") for token in line.split("¦")]


def texts(seed: int, count: int = 60, longest: int = 60) -> list[str]:
    dice = random.Random(seed)
    return ["".join(dice.choices(_TOKENS, k=dice.randrange(1, longest))) for _ in range(count)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_are_read_in_order_and_within_the_text(language: str) -> None:
    family = families.of_language(language)
    assert family is not None
    for text in texts(1):
        lines = text.split("\n")
        found = read(lines, family.reader)
        assert len(found) == len(lines)
        for line, kind in zip(lines, found, strict=True):
            assert 0 <= kind.begin <= len(line)
            assert kind.end is None or 0 <= kind.end <= len(line)
        assert [line for line in lines if line in set(lines)] == lines
        numbers = [number for number, _ in checked(lines, language)]
        assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_read_alike_typed_or_opened(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letter by letter, with letters taken back, the cursor stands where it does in the same text when it is opened."""
    dice = random.Random(2)
    for text in texts(3, count=12, longest=40):
        typed = ""
        for letter in text:
            typed += letter
            spot(typed, language)
            if dice.random() < 0.1:
                cut = dice.randrange(len(typed))
                spot(typed[:cut], language)
        here, above = spot(text, language), headings.above(text, language)
        monkeypatch.setattr(reading, "_texts", reading._Texts())
        assert (spot(text, language), headings.above(text, language)) == (here, above)
        assert here in Spot


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_prose_is_found_in_any_text(suffix: str) -> None:
    for text in texts(4):
        head, body = front_matter(text, suffix)
        assert 0 <= head.lines <= text.count("\n") + 1
        stripped = strip(body, suffix)
        assert all(count >= 0 for count in stripped.dropped.values())


_CODE = {
    ".md": ("```\n", "\n```"),
    ".mdx": ("~~~ js\n", "\n~~~"),
    ".org": ("#+begin_src\n", "\n#+end_src"),
    ".rst": (".. code::\n\n   ", ""),
    ".adoc": ("----\n", "\n----"),
    ".tex": ("\\begin{verbatim}\n", "\n\\end{verbatim}"),
    ".typ": ("```\n", "\n```"),
    ".wiki": ("<pre>\n", "\n</pre>"),
    ".textile": ("bc. ", ""),
}


@pytest.mark.parametrize("suffix", _CODE)
def test_no_code_is_ever_prose(suffix: str) -> None:
    """Among any paragraphs, each closed within itself."""
    dice = random.Random(5)
    begin, end = _CODE[suffix]
    for _ in range(40):
        paragraphs = [" ".join(dice.choices(("some", "words", "[x](y)", "`code`", "and"), k=9)) for _ in range(4)]
        paragraphs.insert(dice.randrange(5), f"{begin}secret_program{end}")
        lines = strip("\n\n".join(paragraphs), suffix).lines
        assert "secret_program" not in "\n".join(lines)
        assert sum("words" in line or "some" in line or "and" in line for line in lines) >= 3


def test_notes_keep_every_block_of_code() -> None:
    for text in texts(6):
        assert all(0 <= start < end <= len(text) for start, end in code_blocks(text))
        read_notes(text)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "unit", ["[", "[[", "](", "`", "``x", "<a ", "<!--", "%%", "{{", "{%", "\\a{", "$", "\\[", "#x(", "::"]
)
def test_odd_texts_take_no_time_that_grows_with_their_square(suffix: str, unit: str) -> None:
    """They would take minutes, and the test's own limit ends it."""
    strip(unit * (12_000 // len(unit)), suffix)
    strip((unit + "\n") * (12_000 // len(unit)), suffix)
