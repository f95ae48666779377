"""`shadowpen report`: one page, told where it is."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.base.errors import ProtocolMismatch
from shadowpen.daemon.cli.running import status


def test_the_page_is_written_and_said(shadowpen: Shadowpen, home: Path, tmp_path: Path) -> None:
    told = shadowpen("report", "--json").json
    assert told["path"] == str(home / "report.html") and (home / "report.html").is_file()
    assert "Keys saved are not counted while learning is off" in told["helps"] and told["better"]
    assert told["html"] == (home / "report.html").read_text("utf-8") and told["text"].startswith("# ")
    shadowpen("learn", "on")
    assert "too early to tell" in shadowpen("report", "--json").json["helps"]
    out = tmp_path / "page.html"
    assert str(out) in shadowpen("report", "--out", str(out)).out and out.is_file()


def test_the_page_is_in_the_language_of_whoever_reads_it(
    shadowpen: Shadowpen, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "学习关闭时，不计算节省的按键" in shadowpen("report", "--language", "zh").out
    assert "它对我有帮助吗？" in (home / "report.html").read_text("utf-8")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    told = shadowpen("report", "--json", "--language", "zh").json
    assert told["helps"].startswith("Keys saved are not counted") and "# Shadowpen 为你做了什么" in told["text"]
    assert '<html lang="zh-Hans">' in told["html"]
    assert '<html lang="en">' in shadowpen("report", "--json").json["html"]


def test_it_is_opened_where_that_is_wanted(shadowpen: Shadowpen, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert shadowpen("report", "--open").status == 0
    assert opened == [(home / "report.html").as_uri()]


def test_a_folder_without_an_evaluation_is_an_error(shadowpen: Shadowpen, tmp_path: Path) -> None:
    done = shadowpen("report", "--eval", str(tmp_path))
    assert done.status == 2 and "no finished evaluation" in done.err


def test_a_daemon_of_another_version_does_not_keep_the_page_from_being_written(
    shadowpen: Shadowpen, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older(_: object) -> None:
        raise ProtocolMismatch("The client speaks protocol 9, the daemon 8.")

    monkeypatch.setattr(status, "ask", older)
    assert shadowpen("report").status == 0 and (home / "report.html").is_file()
