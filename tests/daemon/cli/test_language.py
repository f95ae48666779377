"""Commands speak Chinese to whoever's system does, and English in everything that programs read."""

from __future__ import annotations

import re

import pytest
from support.command_line import Process, Shadowpen

from shadowpen.daemon.cli import help, table

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)


def test_help_is_chinese_in_a_process_of_its_own(process: Process, in_chinese: None) -> None:
    told = process("--help").stdout.decode()
    assert "写作" in told and "退出代码：" in told
    for name in table.COMMANDS:
        (line,) = (line for line in told.splitlines() if line.split()[:1] == [name])
        assert _CHINESE.search(line), line


@pytest.mark.parametrize("name", [name for name in table.COMMANDS if name not in ("demo", "lsp")])
def test_the_help_of_every_command_is_chinese_throughout(shadowpen: Shadowpen, in_chinese: None, name: str) -> None:
    told = shadowpen(name, "--help").out
    paragraphs = told.split("\n\n")[1:]
    assert paragraphs and all(_CHINESE.search(paragraph) for paragraph in paragraphs), told
    assert max(map(help.columns, told.splitlines())) <= 80
    assert not re.search(
        r"[A-Za-z]{3,} [a-z]{3,} [a-z]{2,} [a-z]{2,}", re.sub(r'"[^"]*"|shadowpen [^。]*', "", told)
    ), told


def test_status_and_doctor(shadowpen: Shadowpen, in_chinese: None) -> None:
    told = shadowpen("status").out
    assert "没有守护进程在运行" in told and re.search(r"^幽灵文本 +开启$", told, re.MULTILINE)
    told = shadowpen("doctor").out
    assert re.search(r"^失败  模型         没有安装模型。$", told, re.MULTILINE), told
    assert "→ 请运行 `shadowpen setup`。" in told
    assert re.search(r"^正常  python       Python 3", told, re.MULTILINE), told


def test_errors_of_ours_and_of_clicks(shadowpen: Shadowpen, in_chinese: None) -> None:
    told = shadowpen("learn", "add", "/nowhere").err
    assert "shadowpen: /nowhere 不是文件夹。" in told and "→ 请指定存放你的文稿的文件夹。" in told
    assert "没有命令 'nosuch'。" in shadowpen("nosuch").err
    assert "'--count' / '-n' 的值无效：'x' 不是有效的整数。" in shadowpen("log", "--count", "x").err
    told = shadowpen("config", "set", "completion.deadline_ms", "2").err
    assert "completion.deadline_ms 必须是5 到 5000 之间的数，而不是 2。" in told


def test_what_programs_read_stays_english(shadowpen: Shadowpen, in_chinese: None) -> None:
    error = shadowpen("learn", "add", "/nowhere", "--json").json["error"]
    assert error == {
        "code": "config_invalid",
        "message": "/nowhere is not a folder.",
        "hint": "Name the folder that holds your texts.",
    }
    assert not _CHINESE.search(shadowpen("doctor", "--json").out)


def test_the_setting_counts_before_the_system(shadowpen: Shadowpen, in_chinese: None) -> None:
    shadowpen("config", "set", "interface.language", "en")
    assert shadowpen("resume").out == "Ghost text is on.\n"
    shadowpen("config", "set", "interface.language", "zh")
    assert shadowpen("resume").out == "幽灵文本开启。\n"


def test_lines_break_by_columns_and_no_mark_begins_one() -> None:
    text = "这是一个很长的句子，用 `shadowpen setup` 来检查换行；它不应该超出宽度（也不应该以标点开头）。"
    for width in range(20, 60):
        lines = help.wrapped(text, width)
        assert all(help.columns(line) <= width for line in lines)
        assert not any(line[0] in "，；。）" for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
