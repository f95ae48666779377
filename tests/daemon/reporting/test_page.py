"""daemon/reporting/{page,plots}.py: one file, everything escaped, nothing loaded."""

from __future__ import annotations

import importlib.util
import re
from html.parser import HTMLParser

import pytest

from shadowpen.daemon.reporting import plots
from shadowpen.daemon.reporting.page import Section, render, render_text
from shadowpen.daemon.reporting.plots import Plot, drawn

EVIL = "<script>alert('$x')</script>"
BARS = Plot("bars", ["Mon", EVIL], {"taken $1$": [1.0, 2.0], "_kept": [None, 1.0]}, "how many")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]


def test_all_text_is_escaped() -> None:
    section = Section(EVIL, [EVIL], drawn(BARS), (EVIL,), [(EVIL,)])
    page = Tags()
    text = render(EVIL, [section], EVIL)
    page.feed(text)
    assert "script" not in page.tags and text.count("&lt;script&gt;") >= 7
    assert page.tags.count("table") == 1 and "svg" in page.tags


def test_nothing_is_loaded_from_anywhere() -> None:
    page = Tags()
    text = render("Title", [Section("One", picture=drawn(BARS))], "")
    page.feed(text)
    assert all(address.startswith("#") for address in page.addresses)
    assert "@import" not in text and not re.search(r"url\((?!#)", text) and "<!DOCTYPE svg" not in text
    assert "default-src 'none'" in text


def test_sections_without_anything_are_left_out() -> None:
    assert "<h2>" not in render("Title", [Section("Empty"), Section("", header=("a",))], "")


def test_the_same_figures_give_the_same_picture() -> None:
    lines = Plot("lines", ["a", "b", "c"], {"one": [1.0, None, 3.0]}, "unit")
    assert drawn(lines) == drawn(lines) and drawn(lines).startswith("<svg")
    assert drawn(Plot("lines", ["a"], {"one": [None]}, "unit")) == ""


def test_without_matplotlib_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not plots.can_draw() and drawn(BARS) == ""


def test_as_text_it_has_everything_but_the_pictures() -> None:
    section = Section("Keys", ["You saved 12."], "<svg/>", ("", "keys"), [("Monday", "12"), ("Tu|esday", "3")])
    text = render_text("What it does", [section, Section("Empty", picture="<svg/>")], "Made today.")
    assert text.startswith("# What it does\n\n## Keys\n\nYou saved 12.\n\n")
    assert "| Monday   | 12   |\n| Tu/esday | 3    |" in text
    assert text.endswith("Made today.\n") and "svg" not in text and "Empty" not in text
