"""Nothing is kept without a yes, and nothing of what was set apart."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shadowpen.daemon.base import config
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.privacy.consent import QUESTION, journal_allowed, must_ask, permitted
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed, Kept

_NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def _accepted(id: str, document: str, language: str = "markdown") -> Accepted:
    return Accepted(id=id, time=_NOW, context="", suggested="x", taken="x", document=document, language=language)


@pytest.mark.parametrize(
    ("answer", "allowed", "asked"), [("ask", False, True), ("on", True, False), ("off", False, False)]
)
def test_only_a_yes_is_a_yes(tmp_path: Path, answer: str, allowed: bool, asked: bool) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[learning]\nenabled = "{answer}"\n')
    settings = config.load(path, {})

    assert journal_allowed(settings) is allowed
    assert must_ask(settings) is asked


def test_without_an_answer_nothing_is_kept(tmp_path: Path) -> None:
    assert not journal_allowed(config.load(tmp_path / "none.toml", {}))
    broken = tmp_path / "config.toml"
    broken.write_text('[learning]\nenabled = "yes please"\n')
    assert not journal_allowed(config.load(broken, {}))


def test_acceptances_in_private_and_secret_places_are_refused() -> None:
    learning = LearningSettings(private_folders=["/srv/diary"])
    events = [
        _accepted("1", "file:///home/a/x.md"),
        _accepted("2", "file:///srv/diary/x.md"),
        _accepted("3", "file:///home/a/.env", "plaintext"),
        _accepted("4", "file:///home/a/x.py", "python"),
        Kept(id="1", time=_NOW, when="2min", text=""),
    ]

    assert [event.id for event in permitted(events, learning)] == ["1", "1"]


@pytest.mark.parametrize(("keep", "left"), [("both", "ad"), ("accepted", "a"), ("written", "d")])
def test_the_two_kinds_are_chosen_apart(keep: str, left: str) -> None:
    place = "file:///home/a/x.md"
    dismissed = Dismissed(
        id="d", time=_NOW, context="", suggested="x", document=place, language="markdown", how="dismissed"
    )
    events = [_accepted("a", place), dismissed]

    assert "".join(event.id for event in permitted(events, LearningSettings(keep=keep))) == left


def test_the_question_says_in_a_sentence_what_is_kept() -> None:
    assert "what you accept, and what you write where a suggestion was shown" in QUESTION
    assert QUESTION.count("?") == 1 and QUESTION.endswith("?")
