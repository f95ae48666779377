"""Harper itself, in its process."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from shadowpen.lsp_server.grammar.checker import Checker


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def american() -> AsyncIterator[Checker]:
    checker = Checker("american")
    yield checker
    await checker.close()


async def flagged(checker: Checker, text: str, language: str = "markdown") -> list[str]:
    return [text[finding.start : finding.end] for finding in await checker.check(text, language)]


@pytest.mark.asyncio(loop_scope="module")
async def test_mistakes_are_found_with_what_would_be_right(american: Checker) -> None:
    text = "I recieved it from an friend in the the shop."
    found = await american.check(text, "markdown")
    assert [(text[each.start : each.end], each.suggestions[0]) for each in found] == [
        ("recieved", "received"),
        ("an", "a"),
        ("the the", "the"),
    ]
    assert [each.is_spelling for each in found] == [True, False, False]
    assert all(len(each.suggestions) <= 5 for each in found)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("before", ["", "😀 ", "👩‍👩‍👧 日本 ", "אבג ", "a\tb ", "One.\r\nTwo ", "é ü "])
async def test_offsets_count_characters_whatever_stands_before(american: Checker, before: str) -> None:
    text = f"{before}They have recieved it."
    assert "recieved" in await flagged(american, text)


@pytest.mark.asyncio(loop_scope="module")
async def test_another_language_is_left_alone(american: Checker) -> None:
    text = "Gestern habe ich mit meinem Nachbarn über das schlechte Wetter gesprochen."
    assert await flagged(american, text) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_markup_is_read_as_markup(american: Checker) -> None:
    assert await flagged(american, "We wrote `mistaek` there.\n") == []
    assert await flagged(american, "    mistaek = 1\n") == []
    assert await flagged(american, "It is _mistaek_ here.\n") == ["mistaek"]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_dialect_decides_whose_spelling_is_right(american: Checker) -> None:
    british = Checker("british")
    try:
        text = "It was a nice colour there."
        assert await flagged(american, text) == ["colour"]
        assert await flagged(british, text) == []
    finally:
        await british.close()


async def test_its_process_gives_way_and_ends_with_it() -> None:
    before = psutil.Process().children()
    checker = Checker("american")
    await checker.check("One text.", "markdown")
    (process,) = set(psutil.Process().children()) - set(before)
    assert process.nice() >= 10 or sys.platform == "win32"
    await checker.close()
    assert not process.is_running() and not checker.is_running


@pytest.mark.parametrize("fault", ["raise SystemExit", "import time; time.sleep(600)", "print('nonsense', flush=True)"])
async def test_a_text_that_harper_cannot_stand_costs_itself_alone(tmp_path: Path, fault: str) -> None:
    script = tmp_path / "worker.py"
    script.write_text(
        "import sys\n"
        "for line in sys.stdin:\n"
        f"    if 'bad' in line: {fault}\n"
        '    else: print(\'[[0,1,"R","Grammar","m",[]]]\', flush=True)\n'
    )
    checker = Checker("american", command=(sys.executable, str(script)), longest_s=1.0)
    try:
        assert await checker.check("bad", "markdown") == []
        assert len(await checker.check("good", "markdown")) == 1
    finally:
        await checker.close()
