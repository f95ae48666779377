"""The words of the VS Code extension: each has its Chinese, and none stands in the sources alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

PLUGIN = Path(__file__).resolve().parents[2] / "plugins" / "vscode"
SOURCES = sorted((PLUGIN / "src").rglob("*.ts"))

QUOTED = r"""(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
CALL = re.compile(rf"\bl10n\.t\(\s*({QUOTED}(?:\s*\+\s*{QUOTED})*)\s*[,)]")
COMMENT = re.compile(r"/\*.*?\*/|\s// [^\n]*", re.DOTALL)
# Two words in quotes, or one with a capital, are to be read; but for names, folders and a program's arguments.
READ = re.compile(r"^[A-Z][a-z]+|[a-z]{2}[,.:]? [A-Za-z]")
PYTHON = {"import sys; print(*sys.version_info[:2])", "import venv, ensurepip"}
NOT_READ = {"Shadowpen", "Markdown", "Lib", "Scripts", *PYTHON}
# What the server is told.
TURN = re.compile(r"turn: '[^']*'")


def table(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((PLUGIN / name).read_text("utf-8"))
    return found


def code(source: Path) -> str:
    return COMMENT.sub("", source.read_text("utf-8"))


def text(literals: str) -> str:
    """What joined literals come to."""
    parts = [part[1:-1] for part in re.findall(QUOTED, literals)]
    return re.sub(r"\\(.)", r"\1", "".join(parts))


def chinese(message: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", message) is not None


ENGLISH = {text(found) for source in SOURCES for found in CALL.findall(code(source))}
CHINESE = table("l10n/bundle.l10n.zh-cn.json")


def test_every_name_in_the_manifest_has_both_languages_and_no_other_has() -> None:
    named = re.findall(r'"%([^%"]+)%"', (PLUGIN / "package.json").read_text("utf-8"))
    english, translated = table("package.nls.json"), table("package.nls.zh-cn.json")
    assert len(named) == len(set(named))
    assert set(named) == set(english) == set(translated)
    assert [key for key, message in translated.items() if not chinese(message)] == []


def test_the_manifest_has_no_words_of_its_own() -> None:
    contributes = json.loads((PLUGIN / "package.json").read_text("utf-8"))["contributes"]
    commands, walkthrough = contributes["commands"], contributes["walkthroughs"][0]
    shown = [walkthrough, *walkthrough["steps"], *contributes["configuration"]["properties"].values()]
    words = [command["title"] for command in commands]
    words += [each[key] for each in shown for key in ("title", "description", "markdownDescription") if key in each]
    assert len(words) > 50
    assert [word for word in words if not re.fullmatch("%.+%", word)] == []


def test_what_links_and_code_a_text_has_both_languages_have() -> None:
    english, translated = table("package.nls.json"), table("package.nls.zh-cn.json")
    for key, message in english.items():
        for pattern in (r"\(command:\S+\)", r"`[^`]+`"):
            assert sorted(re.findall(pattern, message)) == sorted(re.findall(pattern, translated[key])), key


def test_every_message_has_its_chinese_and_none_is_left_over() -> None:
    assert len(ENGLISH) > 100
    assert set(CHINESE) == ENGLISH


def test_a_message_and_its_chinese_take_the_same() -> None:
    for message, translated in CHINESE.items():
        assert translated not in ("", message)
        for pattern in (r"\{\d+\}", r"`[^`]+`", r"Alt\+\S|\b(?:Esc|Tab)\b"):
            assert sorted(re.findall(pattern, translated)) == sorted(re.findall(pattern, message)), message


def test_nothing_that_is_read_stands_in_the_sources_alone() -> None:
    """Each message is given to `l10n.t` as it stands, where a search finds it."""
    for source in SOURCES:
        left = TURN.sub("", CALL.sub("", code(source)))
        assert "l10n.t(" not in left, f"{source.name}: not a plain text in l10n.t"
        literals = {text(found) for found in re.findall(rf"{QUOTED}|`[^`]*`", left)}
        alone = {found for found in literals if READ.search(found)} - NOT_READ
        assert alone == set(), source.name


@pytest.mark.parametrize("page", ["take", "word", "expand", "learn", "pause"])
def test_a_page_of_the_first_steps_names_the_same_keys_in_both_languages(page: str) -> None:
    english, translated = (
        (PLUGIN / "walkthrough" / f"{page}{language}.md").read_text("utf-8") for language in ("", ".nls.zh-cn")
    )
    assert chinese(translated)
    keys = re.compile(r"`(?:Tab|Esc|(?:Ctrl|Cmd|Alt)\+[^`]+)`")
    assert sorted(keys.findall(english)) == sorted(keys.findall(translated))
