"""Harper for one request, in a process that ends with it."""

from __future__ import annotations

import sys
from collections.abc import Generator

import pytest

from shadowpen.daemon.grammar.findings import GrammarFinding
from shadowpen.daemon.grammar.process import HarperProcess


def result(steps: Generator[None, None, list[GrammarFinding]]) -> list[GrammarFinding]:
    try:
        while True:
            next(steps)
    except StopIteration as end:
        found: list[GrammarFinding] = end.value
        return found


def test_mistakes_are_found_and_others_have_their_turn_meanwhile() -> None:
    with HarperProcess("american") as harper:
        text = "I recieved it."
        steps = harper.check(text, "plaintext")
        assert next(steps) is None
        (finding,) = result(steps)
        assert (text[finding.start : finding.end], finding.suggestions[0]) == ("recieved", "received")
        assert result(harper.check("I received it.", "plaintext")) == []
        process = harper._process
    assert process is not None and process.poll() is not None


@pytest.mark.parametrize(
    "program",
    ["", "import time; time.sleep(60)", "print('nonsense', flush=True); input()", "print('[[1]]'); raise SystemExit"],
)
def test_a_process_that_dies_hangs_or_talks_nonsense_costs_its_findings_alone(program: str) -> None:
    with HarperProcess("american", (sys.executable, "-c", program), longest_s=1.0) as harper:
        assert result(harper.check("a", "plaintext")) == []
        assert result(harper.check("b", "plaintext")) == []


def test_a_command_that_is_not_there_is_no_error() -> None:
    with HarperProcess("american", ("/no/such/program",)) as harper:
        assert result(harper.check("a", "plaintext")) == []
