"""What the extension says, in the office's own language: English stands in the code, Chinese here.

What the language server says comes in that language already. Knows no office.
"""

from __future__ import annotations

# Values stand in the same order in both.
_CHINESE = {
    "Shadowpen could not do that ({}, {}:{}).": "Shadowpen 无法完成（{}，{}:{}）。",
    "the document is no longer open": "文档已经不再打开",
    "the text changed meanwhile and was left as it is": "文稿已改动，没有再修改它",
    "it would change a field, a footnote or the like": "这会改动字段、脚注之类的内容",
    "Shadowpen is writing …": "Shadowpen 正在写…",
    "Shadowpen is still writing.": "Shadowpen 还在写。",
    "Cancel": "取消",
    "Shadowpen: {}": "Shadowpen：{}",
    "Shadowpen: {}.": "Shadowpen：{}。",
    "Install Shadowpen again, then run `shadowpen install libreoffice` in a terminal.": (
        "请重新安装 Shadowpen，然后在终端中运行 `shadowpen install libreoffice`。"
    ),
    "Run `shadowpen doctor` in a terminal.": "请在终端中运行 `shadowpen doctor`。",
    "Shadowpen cannot be started: {}: {}. {}": "无法启动 Shadowpen：{}：{}。{}",
    "Shadowpen ({}) is too old for this extension. {}": "Shadowpen（{}）的版本对这个扩展来说太旧。{}",
    "of an unknown version": "版本未知",
    "There was an error.": "出错了。",
    "Shadowpen does not answer. {}": "Shadowpen 没有回答。{}",
    "Shadowpen has stopped ({}). The next command starts it again. {}": (
        "Shadowpen 停止了（{}）。下一个命令会重新启动它。{}"
    ),
    "this document cannot be changed": "这份文档不能修改",
    "put the cursor into the text first": "请先把光标放到正文中",
    "there are no notes to expand: select some words first": "没有可以扩写的要点：请先选中一些文字",
    "Shadowpen is starting …": "Shadowpen 正在启动…",
    "Shadowpen: there is nothing to explain yet.": "Shadowpen：还没有可以解释的联想。",
    "May Shadowpen keep on this machine, and learn, what you accept and write where a suggestion was shown?": (
        "Shadowpen 可以在这台电脑上保留你接受的文字，以及你在显示联想处写下的文字，并从中学习吗？"
    ),
    "Keep Both": "都保留",
    "Only What I Accept": "只保留我接受的",
    "Keep Nothing": "什么都不保留",
    "learning is on.": "学习已开启。",
    "learning is off.": "学习已关闭。",
    "off": "已关闭",
    "starting": "正在启动",
    "ready": "就绪",
    "busy": "忙碌",
    "inactive": "不工作",
    "paused": "已暂停",
    "error": "出错",
}

_words = {}


def speak(locale: str) -> None:
    """From now on say everything in the language of a locale such as "zh-CN"; in English where there is no other."""
    global _words
    _words = _CHINESE if locale.replace("_", "-").split("-")[0].lower() == "zh" else {}


def said(text: str, *values: object) -> str:
    """`text` in the language that is spoken; each {} is the next of the values."""
    words = _words.get(text, text)
    return words.format(*values) if values else words
