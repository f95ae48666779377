"""daemon/showing/suggestions.py: one record of each answer, in one store with one bound."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from shadowpen.daemon.privacy.forgotten import ForgottenTexts
from shadowpen.daemon.showing.suggestions import (
    MOST_ACCEPTED,
    MOST_DISMISSED,
    MOST_DOCUMENTS,
    MOST_KEPT,
    ServedSuggestion,
    SuggestionStore,
)
from shadowpen.daemon.storage.journal import Edit
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed
from shadowpen.daemon.wire.protocol import Complete, Completion, Source, Suggestion

BEFORE = "The quick brown fox jumps over the lazy dog. The quick"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ask(id: str, document: str = "d", prefix: str = BEFORE, **more: Any) -> Complete:
    return Complete(id=id, document=document, prefix=prefix, **more)


def offer(
    store: SuggestionStore, id: str, text: str = " brown fox jumps", document: str = "d", prefix: str = BEFORE
) -> ServedSuggestion:
    """Offer the text and answer with it."""
    request = ask(id, document, prefix)
    store.offer(request, text, (0.5,))
    store.answer(request, Completion(id=id, suggestions=[Suggestion(text=text)], probability=0.9))
    found = store.get(id)
    assert found is not None
    return found


def edit(id: str, document: str = "d", taken: str = " brown fox") -> Edit:
    return Edit(
        Accepted(id=id, time=NOW, context=BEFORE, suggested=taken, taken=taken, document=document, language="markdown")
    )


def dismissed_before(id: str, context: str = BEFORE, text: str = " brown fox jumps", document: str = "d") -> Dismissed:
    return Dismissed(
        id=id, time=NOW, context=context, suggested=text, document=document, language="markdown", how="dismissed"
    )


@pytest.fixture
def store() -> SuggestionStore:
    return SuggestionStore(clock=lambda: 7.0)


@pytest.fixture
def dismissed(store: SuggestionStore) -> SuggestionStore:
    store.dismiss(offer(store, "1"))
    return store


# --- what was answered -----------------------------------------------------------------------------------


def test_the_log_says_all_but_the_text(store: SuggestionStore) -> None:
    store.answer(ask("1", "file:///a.md"), Completion(id="1", reason="unsure", probability=0.21049))
    best = Suggestion(text=" brown fox", probability=0.50049, remembered=0.25)
    store.answer(
        ask("2", "file:///a.md", explicit=True),
        Completion(id="2", suggestions=[best], probability=0.9, model="m@2"),
    )
    answered = store.get("2")
    assert answered is not None and answered.take(4)
    first, second = msgspec.to_builtins(store.log(10))
    known = {"time": 7.0, "document": hashlib.sha256(b"file:///a.md").hexdigest()[:8]}
    silent = {"characters": 0, "explicit": False, "outcome": "", "model": "", "likelihood": 0.0, "remembered": 0.0}
    assert first == {**known, **silent, "reason": "unsure", "probability": 0.21}
    assert second == {
        **known, "reason": "offered", "probability": 0.9, "characters": 10, "explicit": True, "outcome": "taken",
        "model": "m@2", "likelihood": 0.5, "remembered": 0.25,
    }  # fmt: skip


def test_the_log_is_in_the_order_of_the_answers_and_gives_the_newest(store: SuggestionStore) -> None:
    store.dismiss(offer(store, "kept away"))
    for n in range(MOST_KEPT + 10):
        store.answer(ask(str(n)), Completion(id=str(n), reason=str(n)))
    assert [decision.reason for decision in store.log(2)] == [str(MOST_KEPT + 8), str(MOST_KEPT + 9)]
    assert store.log(MOST_KEPT)[0].reason == "offered", "what is needed outlasts the others, in its place"
    assert store.log(0) == []


def test_an_answer_is_known_by_its_alternatives_and_told_once_of_each_outcome(store: SuggestionStore) -> None:
    offered = offer(store, "1")
    assert store.get("1.2") is offered and store.get("2") is None
    assert offered.state == ""
    assert offered.came("shown") and not offered.came("shown")
    assert offered.take(5) and not offered.take(5) and not offered.take(4) and offered.take(9)
    assert (offered.state, offered.taken) == ("taken", 9)
    assert offered.came("dismissed") and offered.state == "dismissed"


def test_an_id_that_is_used_again_begins_anew(store: SuggestionStore) -> None:
    first = offer(store, "1")
    first.came("shown")
    store.dismiss(first)
    store.keep_edit(edit("1"))
    second = offer(store, "1", " red fox")
    assert (second.text, second.state, second.edit) == (" red fox", "", store.edit("1"))
    assert store.is_dismissed("d", BEFORE, " brown fox") and not store.is_dismissed("d", BEFORE, " red fox")
    store.answer(ask("1"), Completion(id="1", reason="unsure"))
    assert [decision.reason for decision in store.log(5)] == ["unsure"]


def test_where_a_text_comes_from_is_known_until_nobody_can_tell(store: SuggestionStore) -> None:
    offered = offer(store, "1")
    store.trace("1", lambda: [Source(document="/notes.md", line=3)])
    assert offered.sources is not None and offered.sources() == [Source(document="/notes.md", line=3)]
    store.trace("unknown", list)
    store.drop_sources()
    assert offered.sources is None


# --- what was dismissed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        (BEFORE, " brown fox jumps"),
        (BEFORE, " brown"),
        (BEFORE, " brown fox jumps over it"),
        (BEFORE + " bro", "wn fox"),
        (BEFORE + " brown fox", " jumps"),
        ("More text before it. " + BEFORE, " brown fox"),
    ],
)
def test_what_was_dismissed_does_not_come_again_there(dismissed: SuggestionStore, prefix: str, text: str) -> None:
    assert dismissed.is_dismissed("d", prefix, text)


@pytest.mark.parametrize(
    ("document", "prefix", "text"),
    [
        ("other", BEFORE, " brown fox jumps"),
        ("d", BEFORE, " red fox"),
        ("d", BEFORE + " cat and the quick", " brown fox jumps"),
        ("d", BEFORE + " red", " fox jumps"),
        ("d", "The quick", " brown fox jumps"),
    ],
)
def test_elsewhere_and_other_text_may_come(dismissed: SuggestionStore, document: str, prefix: str, text: str) -> None:
    assert not dismissed.is_dismissed(document, prefix, text)


def test_only_so_much_stays_away_in_a_document_and_in_so_many_documents(store: SuggestionStore) -> None:
    for n in range(MOST_DISMISSED + 1):
        store.dismiss(offer(store, f"a{n}", " word", prefix=f"{n} is here"))
    assert not store.is_dismissed("d", "0 is here", " word")
    assert store.is_dismissed("d", "1 is here", " word")
    assert store.is_dismissed("d", f"{MOST_DISMISSED} is here", " word")
    for n in range(MOST_DOCUMENTS):
        store.dismiss(offer(store, f"b{n}", " word", document=str(n)))
    assert not store.is_dismissed("d", f"{MOST_DISMISSED} is here", " word")
    assert store.is_dismissed("0", BEFORE, " word")


def test_what_an_earlier_process_was_told_is_asked_for_once_and_holds() -> None:
    asked: list[str] = []

    def recall() -> list[Dismissed]:
        asked.append("once")
        return [dismissed_before("x"), dismissed_before("y", "So ", "it goes", "e")]  # the second could be anywhere

    store = SuggestionStore(recall)
    assert asked == []
    assert store.is_dismissed("d", BEFORE, " brown fox") and store.is_dismissed("d", BEFORE + " bro", "wn fox")
    assert not store.is_dismissed("e", "So ", "it goes")
    store.dismiss(offer(store, "1", " red fox"))
    assert store.is_dismissed("d", BEFORE, " red fox") and asked == ["once"]
    assert [decision.reason for decision in store.log(5)] == ["offered"], "what was recalled was not answered here"


# --- what was accepted -----------------------------------------------------------------------------------


def test_what_the_journal_has_is_part_of_the_record(store: SuggestionStore) -> None:
    offered = offer(store, "1")
    store.keep_edit(edit("1"))
    store.keep_edit(edit("of another process"))
    assert offered.edit is store.edit("1")
    assert [known.id for known in store.edits()] == ["1", "of another process"]
    store.drop_edit("1")
    store.drop_edit("of another process")
    assert store.edits() == [] and store.edit("1") is None
    assert store.get("1") is offered and len(store) == 1


# --- bounds ----------------------------------------------------------------------------------------------


def test_a_hundred_thousand_suggestions_leave_the_last_ones_and_what_is_needed(store: SuggestionStore) -> None:
    for n in range(100_000):
        offered = offer(store, str(n), " word", document=str(n % MOST_DOCUMENTS), prefix=f"{n} is here")
        if n % 3 == 0:
            store.dismiss(offered)
        if n % 3 == 1:
            store.keep_edit(edit(str(n)))
    assert len(store) == MOST_KEPT
    assert store.get("99999") is not None and store.get("0") is None
    assert len(store.edits()) == MOST_ACCEPTED
    needed = [record for n in range(100_000) if (record := store.get(str(n))) is not None and record.is_needed]
    assert len(needed) == MOST_ACCEPTED + MOST_DISMISSED * MOST_DOCUMENTS


# --- forgetting ------------------------------------------------------------------------------------------


def test_nothing_is_left_of_a_forgotten_document(store: SuggestionStore) -> None:
    path = "/home/me/secret.md"
    for id, document in (("1", f"file://{path}"), ("2", "file:///home/me/other.md")):
        store.dismiss(offer(store, id, document=document))
        store.trace(id, list)
        store.keep_edit(edit(id, document))
    gone = store.get("1")
    store.forget(ForgottenTexts().plus(files=[path]))
    assert store.get("1") is None and gone is not None
    assert (gone.text, gone.before, gone.edit, gone.sources) == ("", "", None, None)
    assert not store.is_dismissed(f"file://{path}", BEFORE, " brown fox")
    assert store.is_dismissed("file:///home/me/other.md", BEFORE, " brown fox")
    assert [known.id for known in store.edits()] == ["2"]
    assert len(store.log(5)) == 1


def test_of_a_forgotten_text_only_the_decision_is_left(store: SuggestionStore) -> None:
    store.dismiss(offer(store, "1"))
    offer(store, "2", " old sofa", prefix="We sat upon the")
    store.keep_edit(edit("3", taken=" green cat"))
    store.forget(ForgottenTexts().plus(phrases=["the quick brown fox jumps"], edits=["3"]))
    stripped, other = store.get("1"), store.get("2")
    assert stripped is not None and (stripped.text, stripped.before, stripped.stays_away) == ("", "", False)
    assert other is not None and other.text == " old sofa"
    assert not store.is_dismissed("d", BEFORE, " brown fox") and store.edits() == []
    assert [decision.reason for decision in store.log(5)] == ["offered", "offered"]
    store.clear()
    assert len(store) == 0 and store.log(5) == []
