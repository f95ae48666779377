"""daemon/remembering.py: what was taken is offered again, with the author's consent alone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.scripted_model import make_tokenizer
from support.waiting import wait_until

from shadowpen.daemon import store
from shadowpen.daemon.config import Config, LearningSettings
from shadowpen.daemon.journal import Journal
from shadowpen.daemon.remembering import COMMAND, Remembering
from shadowpen.daemon.text.tokenizer import Tokenizer

PHRASE = " of the committee for the protection of harbour seals"
CONTEXT = "I am a member"


def accepted(id: str = "1", taken: str = PHRASE) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC).isoformat()
    return {
        "type": "accepted", "id": id, "time": now, "context": CONTEXT, "suggested": taken, "taken": taken,
        "document": "file:///home/me/letter.md", "language": "markdown",
    }  # fmt: skip


def kept(text: str) -> dict[str, Any]:
    return {"type": "kept", "id": "1", "time": accepted()["time"], "when": "save", "text": text}


@pytest.fixture
def tokens(tmp_path: Path) -> Tokenizer:
    return make_tokenizer(tmp_path, CONTEXT + PHRASE, 300)


@pytest.fixture
def consent(layout: store.Layout) -> None:
    store.write_atomic(layout.config_file, b'[learning]\nenabled = "on"\n')


def made(layout: store.Layout, **more: Any) -> Remembering:
    return Remembering(layout, first_look_s=more.pop("first_look_s", 3600), **more)


@pytest.fixture
def remembering(layout: store.Layout, consent: None, tokens: Tokenizer) -> Iterator[Remembering]:
    remembering = made(layout)
    remembering.open(tokens)
    yield remembering
    remembering.close()


def offered(remembering: Remembering, tokens: Tokenizer, text: str) -> str:
    phrase = remembering.phrase(tokens.encode(text), b"", 12)
    return phrase.words[-1].data.decode() if phrase else ""


def test_what_was_taken_once_is_offered_after_its_first_two_words(remembering: Remembering, tokens: Tokenizer) -> None:
    assert not offered(remembering, tokens, "They spoke of the")
    remembering.kept([accepted()])
    assert offered(remembering, tokens, "They spoke of the").startswith(
        " committee for the protection of harbour seals"
    )
    assert remembering.report()["documents"] == 1


def test_what_the_author_made_of_it_counts_and_what_was_deleted_goes(
    remembering: Remembering, tokens: Tokenizer
) -> None:
    remembering.kept([accepted(), kept(" of the committee for all seals")])
    assert offered(remembering, tokens, "of the committee for") == " all seals"
    remembering.kept([kept("")])
    assert not offered(remembering, tokens, "of the committee for")


def test_another_model_has_its_own_tokens(remembering: Remembering, tokens: Tokenizer, tmp_path: Path) -> None:
    remembering.kept([accepted()])
    (tmp_path / "other").mkdir()
    others = make_tokenizer(tmp_path / "other", CONTEXT + PHRASE, 280)
    remembering.open(others)
    assert offered(remembering, others, "They spoke of the").startswith(" committee")


def test_without_consent_nothing_is_opened_or_learned(layout: store.Layout, tokens: Tokenizer) -> None:
    remembering = made(layout, load_config=lambda: Config(learning=LearningSettings(enabled="off")))
    remembering.open(tokens)
    remembering.kept([accepted()])
    assert not offered(remembering, tokens, "They spoke of the")
    assert remembering.report() == {} and not layout.memory.exists()


def test_senseless_events_harm_nothing(remembering: Remembering, tokens: Tokenizer) -> None:
    remembering.kept([{"type": "accepted"}, {}, {"type": "kept", "id": 5}, accepted()])
    assert offered(remembering, tokens, "They spoke of the")


def test_the_journal_is_indexed_by_a_process_of_its_own(
    layout: store.Layout, consent: None, monkeypatch: pytest.MonkeyPatch, tiny_models: Path
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    Journal(layout.edits).append([accepted()])
    tokens = Tokenizer(tiny_models / "default" / "tokenizer.json", None, [0])
    remembering = made(layout, first_look_s=0)
    try:
        remembering.open(tokens)
        wait_until(lambda: offered(remembering, tokens, "They spoke of the"), "the index", 60)
        assert remembering.report()["file_bytes"] > 0 == remembering.report()["live_tokens"]
        Journal(layout.edits).append([accepted("2", " of the pilots of the old harbour")])
        remembering.open(tokens)
        wait_until(lambda: offered(remembering, tokens, "They spoke of the pilots"), "the little that is new", 60)
    finally:
        remembering.close()


def test_an_indexer_that_fails_leaves_what_there_is(layout: store.Layout, consent: None, tokens: Tokenizer) -> None:
    remembering = made(layout, command=[COMMAND[0], "-c", "raise SystemExit(3)"], first_look_s=0)
    remembering.open(tokens)
    remembering.kept([accepted()])
    indexer = remembering._indexer
    assert indexer is not None
    indexer.join(30)
    assert offered(remembering, tokens, "They spoke of the")
    remembering.close()
