"""The Chinese catalogue is complete: every sentence that people see, nothing else, and each with its values."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from pathlib import Path

import click
import pytest
from support.language.shown import NOT_SHOWN, messages

from shadowpen.daemon.base.translation import catalogue, language

FOLDER = Path(language.__file__).parent / "zh"
OF_CLICK = "click.po"
_VALUE = re.compile(r"\{(\d+)(?:!t)?\}")
_LEAST_LETTERS = 2  # of a message with values: with fewer it would be found in anything


@pytest.fixture(scope="module")
def shown() -> set[str]:
    return {message for _, message in messages()}


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    """What is translated of our own."""
    files = (path for path in FOLDER.glob("*.po") if path.name != OF_CLICK)
    return {message: text for path in files for message, text in catalogue.read(path)}


def test_nothing_that_is_shown_is_missing(shown: set[str], chinese: dict[str, str]) -> None:
    missing = sorted(shown - chinese.keys())
    wanted = "\n\n".join(f'msgid {json.dumps(message, ensure_ascii=False)}\nmsgstr ""' for message in missing)
    assert not missing, f"Translate these in {FOLDER}, or name them in support.language.shown.NOT_SHOWN:\n\n{wanted}"


def test_nothing_is_translated_that_is_not_shown(shown: set[str], chinese: dict[str, str]) -> None:
    assert sorted(chinese.keys() - shown) == []
    assert sorted(NOT_SHOWN & chinese.keys()) == []


def test_nothing_is_translated_twice() -> None:
    told = Counter(message for path in FOLDER.glob("*.po") for message, _ in catalogue.read(path))
    assert [message for message, count in told.items() if count > 1] == []


def test_every_translation_has_the_values_of_its_message() -> None:
    for path in FOLDER.glob("*.po"):
        for message, text in catalogue.read(path):
            assert text.strip(), message
            assert sorted(_VALUE.findall(text)) == sorted(set(_VALUE.findall(message))), message


def test_no_message_is_found_in_anything() -> None:
    for path in FOLDER.glob("*.po"):
        for message, _ in catalogue.read(path):
            letters = re.sub(r"[^A-Za-z]", "", _VALUE.sub("", message))
            assert len(letters) >= _LEAST_LETTERS or "{" not in message, message


def test_every_message_comes_back_from_the_catalogue(chinese: dict[str, str]) -> None:
    found = catalogue.Catalogue(chinese)
    for message, text in chinese.items():
        values = {number: f"‹{number}›" for number in _VALUE.findall(message)}
        english = _VALUE.sub(lambda match, values=values: values[match[1]], message)
        assert found.translate(english) == _VALUE.sub(lambda match, values=values: values[match[1]], text), message


def test_what_click_says_is_translated_as_this_click_says_it() -> None:
    sources = [ast.parse(path.read_text("utf-8")) for path in Path(click.__file__).parent.glob("*.py")]
    texts = [node.value for tree in sources for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    said = {_bare(re.sub(r"\{[^}]*\}", "{}", text)) for text in texts if isinstance(text, str)}
    of_click = {message: _bare(_VALUE.sub("{}", message)) for message, _ in catalogue.read(FOLDER / OF_CLICK)}
    assert [message for message, bare in of_click.items() if bare not in said] == []


def _bare(text: str) -> str:
    """Without what click puts behind it."""
    return text.rstrip(":.").removesuffix(" {}").lower()
