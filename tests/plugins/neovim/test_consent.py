"""The question whether anything may be kept is put where the writer sees it, and takes no keys."""

from __future__ import annotations

import pytest

from .conftest import Session, Start
from .test_switches import messages, report

QUESTION = "May Shadowpen keep what you accept, and what you write where a suggestion was shown?"
LINE = "Keep what you accept and type instead? shadowpen learn on|off"


def ask(session: Session, question: str = QUESTION) -> None:
    session.server.notify("shadowpen/status", state="ready", question=question)
    session.server.notify("window/showMessage", type=3, message=LINE)
    session.quiet()


def screen(session: Session) -> str:
    return "\n".join(session.screen.frame.lines)


def test_it_waits_for_the_end_of_insert_mode_and_takes_no_key(start: Start) -> None:
    session = start()
    session.keys("iThe quick")
    session.screen.wait_buffer("The quick")
    ask(session)
    assert "May Shadowpen keep" not in screen(session) and LINE not in messages(session)
    session.keys("<Esc>")
    session.screen.wait_for("May Shadowpen keep")
    session.screen.wait_for(":ShadowpenLearn on accepted")
    session.keys("A brown")
    session.screen.wait_buffer("The quick brown")
    session.quiet()
    assert "May Shadowpen keep" not in screen(session)
    session.keys("<Esc>")
    session.quiet()
    assert "May Shadowpen keep" not in screen(session), "once a session"


def test_the_status_has_it_until_it_is_answered(start: Start) -> None:
    session = start()
    ask(session)
    session.screen.wait_for("May Shadowpen keep")
    session.server.notify("shadowpen/status", state="busy")
    session.quiet()
    assert QUESTION in report(session)
    session.screen.command("ShadowpenLearn on accepted")
    session.server.wait_command("shadowpen.learn")
    assert session.server.params("workspace/executeCommand")[-1]["arguments"] == ["on", "accepted"]
    session.server.notify("shadowpen/status", state="ready", question="")
    session.quiet()
    assert QUESTION not in report(session)
    assert "May Shadowpen keep" not in screen(session)


def test_other_messages_are_told_as_ever(start: Start) -> None:
    session = start()
    ask(session)
    session.server.notify("window/showMessage", type=2, message="The disk is full.")
    session.quiet()
    assert "The disk is full." in messages(session)


@pytest.mark.parametrize("wrong", ["perhaps", "off accepted", "on everything", "on both both"])
def test_an_answer_that_is_none_goes_nowhere(start: Start, wrong: str) -> None:
    session = start()
    session.screen.command(f"ShadowpenLearn {wrong}")
    session.quiet()
    assert "see :help :ShadowpenLearn" in messages(session)
    assert session.server.all("workspace/executeCommand") == []


def test_the_kinds_are_completed(start: Start) -> None:
    session = start()
    kinds = session.screen.lua("return vim.fn.getcompletion('ShadowpenLearn on ', 'cmdline')")
    assert kinds == ["both", "accepted", "written"]


def test_in_chinese_it_is_folded_between_two_letters(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_MESSAGES", "zh_CN.UTF-8")
    question = (
        "Shadowpen 可以保留你接受的内容，以及你在联想出现处自己写的内容，并从中学习你的文风吗？只保留在这台电脑上。"
    )
    session = start()
    ask(session, question)
    session.screen.wait_for(":ShadowpenLearn")
    lines = session.screen.lua(
        "for _, window in ipairs(vim.api.nvim_list_wins()) do"
        " if vim.api.nvim_win_get_config(window).relative ~= '' then"
        " return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false) end end"
    )
    widths = [sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in line) for line in lines]
    assert len(lines) > 2 and max(widths) <= 60
    assert question in "".join(lines) and not any(line[0] in "，。" for line in lines)
    assert "这个缓冲区：已开启。" in report(session)
