"""Finished English sentences are found again in a catalogue, with their values, and put into other words."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.translation.catalogue import Catalogue, read

MESSAGES = {
    "The daemon is starting.": "守护进程正在启动。",
    "{0} free at {1}.": "{1} 还有 {0} 可用。",
    "Ghost text is {0}.": "幽灵文本{0!t}。",
    "paused until {0}": "已暂停到 {0}",
    "Shadowpen: {0}.": "Shadowpen：{0!t}。",
    "{0} is locked.": "{0} 被锁定。",
    "The {0} is {1}.": "{0}是{1}。",
    "Found: {0}.": "找到：{0!t}。",
    "PDF documents": "PDF 文档",
    "{0} text": "{0} 篇文稿",
    "a short text": "短文",
}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("The daemon is starting.", "守护进程正在启动。"),
        ("The daemon is starting", "守护进程正在启动"),
        ("the daemon is starting.", "the daemon is starting."),
        ("  The daemon is starting.\n", "  守护进程正在启动。\n"),
        ("5 GB free at /home/a b.", "/home/a b 还有 5 GB 可用。"),
        ("Ghost text is paused until 18:30.", "幽灵文本已暂停到 18:30。"),
        ("Ghost text is on.", "幽灵文本on。"),
        ("Shadowpen: The daemon is starting.", "Shadowpen：守护进程正在启动。"),
        ("The daemon is starting. 5 GB free at /tmp.", "守护进程正在启动。/tmp 还有 5 GB 可用。"),
        (
            "The daemon is starting. Nobody knows this. The daemon is starting.",
            "守护进程正在启动。Nobody knows this. 守护进程正在启动。",
        ),
        ("Paused until 7.", "已暂停到 7。"),
        ("Found: PDF documents, other things.", "找到：PDF 文档, other things。"),
        ("Line one: The daemon is starting.", "Line one: The daemon is starting."),
        ("A short text.", "短文。"),
        ("what a user wrote", "what a user wrote"),
        ("", ""),
    ],
)
def test_sentences_are_found_with_their_values(english: str, chinese: str) -> None:
    assert Catalogue(MESSAGES).translate(english) == chinese


def test_the_message_that_says_most_of_a_sentence_is_the_one() -> None:
    found = Catalogue({"{0} is {1}.": "a", "{0} is locked.": "{0} b", "The file {0} is locked.": "{0} c"})
    assert found.translate("The file x is locked.") == "x c"
    assert found.translate("It is locked.") == "It b"
    assert found.translate("It is red.") == "a"


def test_what_values_say_counts_too() -> None:
    found = Catalogue(
        {
            "Too early: you took {0}; {1}": "太早：{0!t}；{1!t}",
            "nothing that was counted": "没有",
            "{0} are needed, and only those while learning is on.": "需要 {0} 条。",
        }
    )
    told = "Too early: you took nothing that was counted; 50 are needed, and only those while learning is on."
    assert found.translate(told) == "太早：没有；需要 50 条。"


def test_a_value_holds_whatever_it_holds() -> None:
    path = "/a (b)/{0}/c. D/中文"
    assert Catalogue(MESSAGES).translate(f"1 MB free at {path}.") == f"{path} 还有 1 MB 可用。"


def test_a_file_is_read_as_gettext_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "zh.po"
    path.write_text(
        '# A comment\nmsgid ""\nmsgstr ""\n"Language: zh\\n"\n\n'
        '#. where it is\nmsgid "a \\"b\\""\nmsgstr "甲 \\"乙\\""\n\nmsgid ""\n"two "\n"lines"\nmsgstr "两"\n"行"\n',
        encoding="utf-8",
    )
    assert dict(read(path)) == {'a "b"': '甲 "乙"', "two lines": "两行"}


@pytest.mark.parametrize("line", ["msgid_plural x", 'msgctxt "x"', "x", 'msgstr "x"\nmsgid "y"', '"x"'])
def test_what_is_not_understood_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "zh.po"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ValueError):
        list(read(path))
