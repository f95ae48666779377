"""What the plug-ins say has its Chinese, with the same values; that of VS Code has tests of its own."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from support.language import prose
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


LIBREOFFICE = PLUGINS / "libreoffice"
# Of LibreOffice: for the protocol, and for whoever mends the extension.
_NOT_SAID = {"This is not known here.", "no length", "no object"}


def test_libreoffices_table_has_what_is_shown() -> None:
    table = LIBREOFFICE / "pythonpath/shadowpen_writer/words.py"
    (known,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(table.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and node.value.keys
    )
    sources = [path for path in LIBREOFFICE.rglob("*.py") if path != table]
    translated = {sentence for message in known for sentence in prose.split(message)}
    assert {sentence for path in sources for sentence in prose.sentences(path)} - translated - _NOT_SAID == set()
    code = "\n".join(path.read_text("utf-8") for path in sources)
    assert set(_texts(r"\bsaid\(TEXT", code)) - set(known) == set(), "not translated"
    assert [message for message in known if f'"{message}"' not in code and message not in _MADE] == []
    assert [message for message, text in known.items() if message.count("{}") != text.count("{}")] == []


def test_libreoffices_menu_and_description_are_chinese_too() -> None:
    menu = (LIBREOFFICE / "Addons.xcu").read_text("utf-8")
    titles = re.findall(r'"Title"><value xml:lang="en-US">(.+?)</value>(<value xml:lang="zh-CN">.+?</value>)?', menu)
    assert len(titles) == 8 and [english for english, chinese in titles if not chinese] == []
    description = (LIBREOFFICE / "description.xml").read_text("utf-8")
    for name, language in re.findall(r'<src xlink:href="(.+?)" lang="(.+?)"/>', description):
        assert (re.search("[\u4e00-\u9fff]", (LIBREOFFICE / name).read_text("utf-8")) is None) is (language == "en")
    assert 'lang="zh-CN"/>' in description


CODEMIRROR = PLUGINS / "codemirror/src/words.ts"
_QUOTED = r"'((?:[^'\\\n]|\\.)*)'"
_READ = re.compile(r"^[A-Z][a-z]+|[a-z]{2}[,.:]? [A-Za-z]")
_TYPESCRIPT = re.compile(r"/\*.*?\*/|\s//[^\n]*|^import .*?;$|\bnew Error\(.*?\);", re.DOTALL | re.MULTILINE)
_KEYS = {"Alt-ArrowRight", "Alt-\\\\", "Ctrl-ArrowDown", "Ctrl-ArrowRight", "Escape", "Tab"}
_NOT_READ = {*_KEYS, "Content-Type", "GrayText", "Shadowpen"}


def test_the_table_of_obsidian_and_jupyterlab_has_what_is_shown() -> None:
    lines = re.findall(rf"^  (?:{_QUOTED}|(\w+)):\s+{_QUOTED},$", CODEMIRROR.read_text("utf-8"), re.MULTILINE)
    known = {quoted or bare: text for quoted, bare, text in lines}
    folders = [PLUGINS / name / "src" for name in ("codemirror", "obsidian", "jupyterlab")]
    sources = [path for folder in folders for path in folder.glob("*.ts") if path != CODEMIRROR]
    code = "\n".join(_TYPESCRIPT.sub("", path.read_text("utf-8")) for path in sources)
    schema = json.loads((PLUGINS / "jupyterlab/schemas/shadowpen/plugin.json").read_text("utf-8"))
    settings = {each[name] for each in (schema, *schema["properties"].values()) for name in ("title", "description")}
    shown = {text for text in re.findall(_QUOTED, code) if _READ.search(text)} | settings
    assert shown - _NOT_READ == set(known)
    assert len(lines) == len(known) and all(re.search("[\u4e00-\u9fff]", text) for text in known.values())
    for message, text in known.items():
        assert sorted(re.findall(r"\{\d\}|`[^`]+`", message)) == sorted(re.findall(r"\{\d\}|`[^`]+`", text)), message


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
