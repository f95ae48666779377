"""daemon/memory/service.py: what was taken is offered again, with the author's consent alone."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.journal.events import as_events
from support.models.scripted_model import make_tokenizer
from support.waiting import wait_until

from shadowpen.daemon.base import config_file, power, store
from shadowpen.daemon.base.config import Config, load
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.learning import forgetting
from shadowpen.daemon.memory import memory as memories
from shadowpen.daemon.memory.attribution import AttributedText
from shadowpen.daemon.memory.service import COMMAND, Remembering
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import journal, own_words
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.wire.protocol import Complete
from shadowpen.daemon.wire.reports import MemoryReport

PHRASE = " of the committee for the protection of harbour seals"
CONTEXT = "I am a member"
PROSE = (
    "When the boats came back in the evening, we often sat upon the wall and spoke about {} until it was dark. "
    "Nobody in the village would have said that this was a waste of time, since there was so little else to do."
)


# Makes the index without giving way: other tests may run beside.
AT_ONCE = [
    COMMAND[0],
    "-P",
    "-c",
    "from shadowpen.daemon.learning.conditions import priority; priority.lower_priority = lambda: None; "
    "from shadowpen.daemon.memory.service import main; assert main() == 0",
]


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
    return Remembering(layout, **{"look_every_s": 3600, **more})


@pytest.fixture
def remembering(layout: store.Layout, consent: None, tokens: Tokenizer) -> Iterator[Remembering]:
    remembering = made(layout)
    remembering.open(tokens)
    yield remembering
    remembering.close()


def put(layout: store.Layout, remembering: Remembering, event: dict[str, Any]) -> None:
    """As the daemon does: first into the journal, then into the memory."""
    Journal(layout.edits).append(as_events(event))
    remembering.kept(as_events(event))


def counts(remembering: Remembering) -> MemoryReport:
    return remembering.report() or MemoryReport()


def offered(remembering: Remembering, tokens: Tokenizer, text: str) -> str:
    memory = remembering.in_use
    phrase = memory.phrase(tokens.encode(text), b"", 12) if memory is not None else None
    return phrase.words[-1].data.decode() if phrase else ""


def test_what_was_taken_once_is_offered_after_its_first_two_words(remembering: Remembering, tokens: Tokenizer) -> None:
    assert not offered(remembering, tokens, "They spoke of the")
    remembering.kept(as_events(accepted()))
    assert offered(remembering, tokens, "They spoke of the").startswith(
        " committee for the protection of harbour seals"
    )
    assert counts(remembering).documents == 1


def test_where_an_offered_phrase_stands_is_known_until_the_memory_is_made_anew(
    remembering: Remembering, tokens: Tokenizer
) -> None:
    remembering.kept(as_events(accepted()))
    assert remembering.in_use is not None
    phrase = remembering.in_use.phrase(tokens.encode(CONTEXT), b"", 12)
    assert phrase is not None
    sources = remembering.sources(phrase)
    remembering.suggestions.offer(Complete(id="r1", document="d", prefix=CONTEXT), PHRASE, None)
    remembering.suggestions.trace("r1", sources)
    assert [source.document for source in sources()] == ["/home/me/letter.md"]
    remembering.open(tokens)
    assert sources() == []
    offered = remembering.suggestions.get("r1")
    assert offered is not None and offered.sources is None


def test_without_a_memory_nothing_is_known_of_where_a_text_stands(layout: store.Layout) -> None:
    assert made(layout).sources(AttributedText((), (1,), (0.3,), 0.3))() == []


def test_what_led_the_model_to_its_words_is_known_until_it_is_forgotten(
    remembering: Remembering, tokens: Tokenizer
) -> None:
    remembering.kept(as_events(accepted()))
    ids = tuple(tokens.encode(" harbour seals"))
    sources = remembering.sources(
        AttributedText(tuple(tokens.encode("about the protection of")), ids, (0.3,) * len(ids), 0.3)
    )
    remembering.kept(as_events({**accepted("2"), "document": "file:///home/me/now.md"}))
    assert [source.document for source in sources()] == ["/home/me/letter.md"], "not what was taken since"
    remembering.kept(as_events(kept("")))
    assert sources() == []


def test_suggestions_with_forgotten_text_are_dropped_and_all_where_nobody_can_say_which(
    layout: store.Layout, remembering: Remembering
) -> None:
    suggestions = remembering.suggestions
    for id, document in (("1", "file:///home/me/letter.md"), ("2", "file:///home/me/other.md")):
        suggestions.offer(Complete(id=id, document=document, prefix=CONTEXT), PHRASE, None)
    forgotten.remember(layout.forgotten, files=["/home/me/letter.md"])
    remembering.forget()
    assert suggestions.get("1") is None and suggestions.get("2") is not None
    store.write_atomic(layout.forgotten / "prints", b"damaged")
    remembering.forget()
    assert len(suggestions) == 0


def test_what_the_author_made_of_it_counts_and_what_was_deleted_goes(
    remembering: Remembering, tokens: Tokenizer
) -> None:
    remembering.kept(as_events(accepted(), kept(" of the committee for all seals")))
    assert offered(remembering, tokens, "of the committee for") == " all seals"
    remembering.kept(as_events(kept("")))
    assert not offered(remembering, tokens, "of the committee for")


def test_another_model_has_its_own_tokens(
    layout: store.Layout, remembering: Remembering, tokens: Tokenizer, tmp_path: Path
) -> None:
    put(layout, remembering, accepted())
    (tmp_path / "other").mkdir()
    others = make_tokenizer(tmp_path / "other", CONTEXT + PHRASE, 280)
    remembering.open(others)
    assert offered(remembering, others, "They spoke of the").startswith(" committee")


def test_without_consent_nothing_is_opened_or_learned(layout: store.Layout, tokens: Tokenizer) -> None:
    remembering = made(layout, load_config=lambda: Config(learning=LearningSettings(enabled="off")))
    remembering.open(tokens)
    remembering.kept(as_events(accepted()))
    assert not offered(remembering, tokens, "They spoke of the")
    assert remembering.report() is None and not layout.memory.exists()
    remembering.close()


def test_the_journal_is_indexed_by_a_process_of_its_own(
    layout: store.Layout, consent: None, monkeypatch: pytest.MonkeyPatch, tiny_models: Path
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    Journal(layout.edits).append(as_events(accepted()))
    tokens = Tokenizer(tiny_models / "default" / "tokenizer.json", None, [0])
    remembering = made(layout, look_every_s=0.05)
    try:
        remembering.open(tokens)
        wait_until(lambda: counts(remembering).file_bytes, "the index", 60)
        assert offered(remembering, tokens, "They spoke of the")
        assert counts(remembering).live_tokens == 0
        Journal(layout.edits).append(as_events(accepted("2", " of the pilots of the old harbour")))
        remembering.open(tokens)
        wait_until(lambda: offered(remembering, tokens, "They spoke of the pilots"), "the little that is new", 60)
    finally:
        remembering.close()


def test_what_an_earlier_daemon_was_told_is_offered_before_the_index_is_made(
    layout: store.Layout, consent: None, tokens: Tokenizer
) -> None:
    private = accepted("2", " of the pilots of the old harbour") | {"document": "file:///home/me/diary/1.md"}
    Journal(layout.edits).append(as_events(accepted(), private))
    config_file.write(layout.config_file, "learning", "private_folders", ["/home/me/diary"])
    remembering = made(layout, command=["false"])
    remembering.open(tokens)
    wait_until(lambda: offered(remembering, tokens, "They spoke of the"), "what is in the journal")
    assert "protection" in offered(remembering, tokens, "It was of the committee")
    assert counts(remembering).documents == 1, "nothing of a folder that is private now"
    remembering.close()


def test_an_indexer_that_fails_leaves_what_there_is(
    layout: store.Layout, consent: None, tokens: Tokenizer, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    failing = [COMMAND[0], "-c", f"open({str(done)!r}, 'w').close(); raise SystemExit(3)"]
    remembering = made(layout, command=failing, look_every_s=0.05)
    try:
        remembering.open(tokens)
        remembering.kept(as_events(accepted()))
        wait_until(done.exists, "the attempt")
        assert offered(remembering, tokens, "They spoke of the")
    finally:
        remembering.close()


def test_what_the_author_took_back_is_not_offered_again(remembering: Remembering, tokens: Tokenizer) -> None:
    remembering.kept(as_events(accepted()))
    remembering.kept(as_events({"type": "forgotten", "id": "1", "time": accepted()["time"]}))
    assert not offered(remembering, tokens, "They spoke of the")
    remembering.open(tokens)
    assert not offered(remembering, tokens, "They spoke of the")


def test_what_is_not_in_the_journal_any_more_does_not_come_back_with_the_next_model(
    layout: store.Layout, remembering: Remembering, tokens: Tokenizer
) -> None:
    put(layout, remembering, accepted())
    remembering.open(tokens)
    assert offered(remembering, tokens, "They spoke of the")
    journal.erase(layout.edits, {"1"})
    remembering.open(tokens)
    assert not offered(remembering, tokens, "They spoke of the")


class Kept:
    """A daemon's memory beside an index that is made whenever it is due; `times` counts how often."""

    def __init__(self, layout: store.Layout, tmp_path: Path, tiny_models: Path, **more: Any) -> None:
        self.runs = tmp_path / "runs"
        counting = f"open({str(self.runs)!r}, 'a').write('.')"
        command = [*AT_ONCE[:-1], f"{AT_ONCE[-1]}; {counting}"]
        self.remembering = made(layout, command=command, look_every_s=0.05, **more)
        self.tokens = Tokenizer(tiny_models / "default" / "tokenizer.json", None, [0])

    @property
    def times(self) -> int:
        return len(self.runs.read_text()) if self.runs.exists() else 0

    def has_read(self, file: Path) -> bool:
        known = self.remembering._sources
        return known is not None and known.journal[file.name].size == file.stat().st_size

    def offers(self, text: str) -> str:
        return offered(self.remembering, self.tokens, text)


@pytest.fixture
def kept_up(layout: store.Layout, tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    scene = Kept(layout, tmp_path, tiny_models)
    yield scene
    scene.remembering.close()


@pytest.mark.parametrize("whole_file", [False, True])
def test_a_line_or_a_file_deleted_by_hand_is_forgotten_on_battery_too(
    layout: store.Layout, consent: None, kept_up: Kept, monkeypatch: pytest.MonkeyPatch, whole_file: bool
) -> None:
    put(layout, kept_up.remembering, accepted("2", " of the pilots of the old harbour"))
    kept_up.remembering.open(kept_up.tokens)
    put(layout, kept_up.remembering, accepted())
    wait_until(lambda: kept_up.times == 1 and kept_up.offers("They spoke of the pilots"), "the first index", 60)
    monkeypatch.setattr(power, "on_battery", lambda: True)

    (file,) = journal.segments(layout.edits)
    if whole_file:
        file.unlink()
    else:
        file.write_text("".join(line for line in file.read_text().splitlines(True) if "committee" not in line))

    wait_until(lambda: not kept_up.offers("It was of the committee"), "the deletion", 60)
    assert bool(kept_up.offers("They spoke of the pilots")) is not whole_file


def test_a_line_deleted_from_a_file_that_grew_is_forgotten(layout: store.Layout, consent: None, kept_up: Kept) -> None:
    put(layout, kept_up.remembering, accepted("2", " of the pilots of the old harbour"))
    kept_up.remembering.open(kept_up.tokens)
    wait_until(lambda: kept_up.times == 1 and kept_up.offers("They spoke of the pilots"), "the first index", 60)
    put(layout, kept_up.remembering, accepted())
    put(layout, kept_up.remembering, accepted("3", " of the ferries that never came"))
    assert "protection" in kept_up.offers("It was of the committee")
    (file,) = journal.segments(layout.edits)
    wait_until(lambda: kept_up.has_read(file), "a look at the longer file", 60)

    file.write_text("".join(line for line in file.read_text().splitlines(True) if "committee" not in line))

    wait_until(lambda: "protection" not in kept_up.offers("It was of the committee"), "the deletion", 60)
    assert kept_up.offers("They spoke of the pilots") and kept_up.offers("They spoke of the ferries")


def test_a_folder_that_is_added_is_remembered_and_one_that_changed_too(
    layout: store.Layout, consent: None, kept_up: Kept, tmp_path: Path
) -> None:
    kept_up.remembering.open(kept_up.tokens)
    wait_until(lambda: kept_up.times == 1, "the first index", 60)
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.md").write_text(PROSE.format("the old lighthouse keeper"))
    config_file.write(layout.config_file, "learning", "folders", [str(texts)])
    wait_until(lambda: "house" in kept_up.offers("We spoke about the old light"), "the folder", 60)
    (texts / "b.md").write_text(PROSE.format("a pair of wooden oars"))
    kept_up.remembering.texts_changed()
    wait_until(lambda: "wooden" in kept_up.offers("We spoke about a pair of"), "the new text", 60)


def test_much_that_came_since_is_put_into_the_index(
    layout: store.Layout, consent: None, kept_up: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_up.remembering.open(kept_up.tokens)
    wait_until(lambda: kept_up.times == 1, "the first index", 60)
    monkeypatch.setattr(memories, "LIVE_TOKENS", 5)
    put(layout, kept_up.remembering, accepted())
    wait_until(lambda: counts(kept_up.remembering).file_bytes, "the second index", 60)
    assert counts(kept_up.remembering).live_tokens == 0
    assert kept_up.offers("They spoke of the")


def test_who_agrees_later_is_remembered_from_then_on(layout: store.Layout, kept_up: Kept) -> None:
    kept_up.remembering.open(kept_up.tokens)
    assert kept_up.remembering.report() is None
    config_file.write(layout.config_file, "learning", "enabled", "on")
    wait_until(lambda: kept_up.remembering.report(), "the memory", 60)
    kept_up.remembering.kept(as_events(accepted()))
    assert kept_up.offers("They spoke of the")
    config_file.write(layout.config_file, "learning", "enabled", "off")
    wait_until(lambda: not kept_up.remembering.report(), "the end of it", 60)
    assert not kept_up.offers("They spoke of the")


@pytest.mark.parametrize("wish", ["file", "phrase"])
def test_words_used_often_are_written_down_and_a_forgotten_one_is_gone(
    layout: store.Layout, consent: None, tiny_models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wish: str
) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.md").write_text(PROSE.format("the quiet zorblat, how the zorblat sang and why a zorblat sings,"))
    (texts / "b.md").write_text(
        "In winter the frumious cats come down from the hills to sleep beside the oven, and no child would chase away "
        "a frumious cat; so it was before my grandmother came here, when everything else was frumious as well."
    )
    config_file.write(layout.config_file, "learning", "folders", [str(texts)])
    subprocess.run(AT_ONCE, check=True)
    assert {"zorblat", "frumious"} <= own_words.read(own_words.used_often(layout))

    wished = forgetting.Wish(file=str(texts / "a.md")) if wish == "file" else forgetting.Wish(phrase="quiet zorblat")
    forgetting.carry_out(layout, forgetting.plan(layout, load(layout.config_file).learning, wished))
    assert not own_words.used_often(layout).exists()
    subprocess.run(AT_ONCE, check=True)
    left = own_words.read(own_words.used_often(layout))
    assert "zorblat" not in left and "frumious" in left
