"""What the plug-ins for Neovim, Emacs and Vim say has its Chinese, with the same values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.screens.driver import EditorDriver

from .conftest import Start
from .test_paragraphs import NOTES, answer, expanding

PLUGINS = Path(__file__).parents[2] / "plugins"
_VALUE = re.compile(r"%[sd]")
_TEXT = r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""


def _texts(pattern: str, source: str) -> list[str]:
    return [match[1] or match[2] or "" for match in re.finditer(pattern.replace("TEXT", _TEXT), source)]


# Of each plug-in: its folder and table, how the table names a message and its Chinese, how the code shows one.
NEOVIM = ("neovim", "lua/shadowpen/words.lua", r"\[TEXT\] = ", r"\] = TEXT,", r"\bsay\(TEXT")
VIM = ("vim", "autoload/shadowpen/words.vim", r"\n  TEXT: ", r": TEXT,\n", r"\bSay\(TEXT")
EMACS = ("emacs", "shadowpen-words.el", r"\(TEXT\s+\. ", r"\s\. TEXT\)", r"\(shadowpen-words\s+TEXT")


@pytest.mark.parametrize(("folder", "table", "messages", "translations", "shown"), [NEOVIM, VIM, EMACS])
def test_the_table_has_what_is_shown(folder: str, table: str, messages: str, translations: str, shown: str) -> None:
    words = (PLUGINS / folder / table).read_text("utf-8")
    if folder == "emacs":  # whose texts have one kind of quotation marks
        messages, translations, shown = (each.replace("TEXT", r'"((?:[^"\\]|\\.)*)"()') for each in EMACS[2:])
    known, chinese = _texts(messages, words), _texts(translations, words)
    code = "\n".join(
        path.read_text("utf-8")
        for path in (PLUGINS / folder).rglob("*")
        if path.suffix in (".lua", ".vim", ".el") and path != PLUGINS / folder / table
    )
    assert len(known) == len(set(known)) == len(chinese) > 30
    asked = set(_texts(shown, code))
    assert asked - set(known) == set(), "not translated"
    unused = [message for message in known if message not in asked and message.rstrip(".") not in code]
    assert [message for message in unused if message not in _MADE] == []
    for message, text in zip(known, chinese, strict=True):
        assert _VALUE.findall(message) == _VALUE.findall(text), message


# Put together in the code: what is switched, where, and how many; and the server's states.
_MADE = {
    *(f"Shadowpen is {state}{where}." for state in ("on", "off") for where in ("", " in this buffer")),
    *(f"%d {what}{end}" for what in ("correction", "change") for end in ("", "s")),
    *("starting", "ready", "busy", "inactive", "paused", "error", "off"),
}


def test_the_preview_speaks_the_writers_language(
    editor: EditorDriver, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_MESSAGES", "zh_CN.UTF-8")
    session = start(text=NOTES)
    request = expanding(session, editor)
    session.screen.wait_for("正在写")
    answer(session, request, "The ferry was late.", "Late was the ferry.")
    session.screen.wait_for(editor.take_hint.replace("take", "接受"))
    session.screen.wait_for("第 1 个，共 2 个")
