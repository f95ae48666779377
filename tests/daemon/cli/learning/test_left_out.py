"""What was left out is told in words, by reason and kind, and no file's name reaches the terminal as a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.cli.learning.left_out import print_left_out
from shadowpen.daemon.corpus.folders import Report

_FOLDER = Path("/home/anna/essays")


def told(report: Report, capsys: pytest.CaptureFixture[str]) -> str:
    print_left_out(report, _FOLDER)
    return capsys.readouterr().out


def test_a_line_a_reason_with_kinds_and_names_below_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    for name in ("a.png", "b.png", "deep/c.csv"):
        report.skip("not a kind of text that is read", _FOLDER / name)
    report.skip("empty", _FOLDER / "d.md")
    report.pass_over("hidden", f"{_FOLDER}/.git")
    said = told(report, capsys)
    assert "  3 files: not a kind of text that is read (.png 2, .csv 1), such as a.png, b.png\n" in said
    assert "  1 file: empty (.md 1), d.md\n" in said and "  1 folder: hidden, .git\n" in said


def test_parts_of_texts_have_words_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    report.dropped.update({"near double": 1_000, "similar to another paragraph of the text": 200, "code": 30})
    assert "almost the same as another (1,200), program code (30)." in told(report, capsys)


def test_a_kind_that_lacks_a_library_is_told_with_the_line_that_installs_it(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    report.lacks("mail", ["lxml"], _FOLDER / "b.eml")
    report.lacks("Word documents", ["mammoth", "lxml"], _FOLDER / "a.docx")
    report.left_undone.add("letters were not mended")
    said = told(report, capsys)
    assert "2 files: needs a package that is not installed (.eml 1, .docx 1), b.eml, a.docx" in said
    assert "Left out because packages are missing: Word documents, mail. To include them: " in said
    assert "install lxml mammoth\n" in said and "mended" not in said


@pytest.mark.parametrize("name", ["a\x1b]0;x\x07", "a\nb", "a\u202eb", "a\x9b31m", "a\u2028b"])
def test_names_steer_no_terminal(capsys: pytest.CaptureFixture[str], name: str) -> None:
    report = Report()
    report.skip("empty", _FOLDER / f"{name}.md{name}")
    said = told(report, capsys)
    assert len(said.splitlines()) == 2 and not set(said) & set("\x1b\x07\x9b\u202e\u2028")
    assert "\\" in said


def test_a_report_of_nothing_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(Report(), capsys) == ""
