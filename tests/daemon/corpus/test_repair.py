"""Web pages become their author's text; wrongly decoded letters are mended, right ones stay."""

from __future__ import annotations

import importlib.util

import pytest

from shadowpen.daemon.corpus import repair
from shadowpen.daemon.corpus.cleaning import clean

_FIRST = (
    "I have always liked boats, and the <a href='https://example.org/x'>old one</a> by the quay most of all; it was "
    "built by my uncle, who never learned to swim."
)
_PAGE = f"""<!doctype html><html><head><title>Boats</title>
<meta property="article:published_time" content="2021-03-04"><script>var x = 1;</script></head>
<body><nav><a href="/">Home</a> <a href="/about">About</a></nav><article><h1>Of boats</h1><p>{_FIRST}</p>
<blockquote><p>Somebody else said that the sea is wide and that nobody should go out on it alone.</p></blockquote>
<pre>sail()</pre><p>Then there was the sail, which was far too small for such a wind &amp; such a boat.</p>
</article><footer>Copyright 2021, all rights reserved.</footer></body></html>"""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(repair, "find_spec", lambda name: None if name in ("trafilatura", "ftfy") else real(name))


@pytest.mark.parametrize("suffix", [".html", ".HTM", ".xhtml"])
def test_a_page_is_read_without_what_is_not_its_authors(suffix: str) -> None:
    cleaned = clean(_PAGE, suffix)

    assert cleaned.text.split("\n\n") == [
        "# Of boats",
        "I have always liked boats, and the old one by the quay most of all; it was built by my uncle, who never "
        "learned to swim.",
        "Then there was the sail, which was far too small for such a wind & such a boat.",
    ]
    assert cleaned.date == "2021-03-04"
    assert cleaned.dropped["web page boilerplate"] > 300


@pytest.mark.parametrize("page", ["", "<<<<\x00", "<html></html>", "<p>" * 5_000, "{}", "\ufeff<body>&#0;&#xd800;"])
def test_what_is_no_page_gives_nothing_and_is_quoted_in_no_log(page: str, caplog: pytest.LogCaptureFixture) -> None:
    assert clean(page, ".html").text == ""
    assert caplog.records == []


@pytest.mark.usefixtures("bare")
def test_without_the_library_pages_are_left_out_and_it_is_said() -> None:
    assert clean(_PAGE, ".html").text == ""
    assert repair.left_undone() == {repair.NO_MENDING}
    assert (repair.missing_for(".HTML"), repair.missing_for(".md")) == (["trafilatura"], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It donâ€™t matter, said the cafÃ©.", "It don’t matter, said the café."),
        ("“Curled” quotes, a ﬂag, １２ & ½ stay.", "“Curled” quotes, a ﬂag, １２ & ½ stay."),
        ("Plain.", "Plain."),
        ("Grün. Æther!", "Grün. Æther!"),
    ],
)
def test_letters_are_mended_and_nothing_else(text: str, expected: str) -> None:
    assert repair.mended(text) == expected


@pytest.mark.usefixtures("bare")
def test_without_the_library_letters_stay() -> None:
    assert repair.mended("donâ€™t") == "donâ€™t"


def test_everything_is_done_where_everything_is_installed() -> None:
    assert repair.left_undone() == set()
    assert repair.missing_for(".html") == []
