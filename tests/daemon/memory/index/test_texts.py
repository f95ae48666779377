from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.journal.events import as_events
from support.models.words import Words, Written

from shadowpen.daemon.memory.index.codes import CONTEXT, MODEL, OWN
from shadowpen.daemon.memory.index.texts import Stretch, digest_of, document_of, learned, of_edit
from shadowpen.daemon.storage import journal
from shadowpen.daemon.storage.journal import Journal

_WORDS = Words()


def _learned(text: Written, *, scan: bool = False) -> list[tuple[str, int]]:
    taught = learned(text, _WORDS, _WORDS.code, scan=scan)
    return [
        ("|" if token == _WORDS.code.separator else _WORDS.decode([token]), kind)
        for token, kind in zip(taught.ids.tolist(), taught.kinds.tolist(), strict=True)
    ]


def _edit(
    folder: Path,
    taken: str,
    kept: str | None = None,
    context: str = "The harbour lay ",
    suggested: str = "still in the morning",
) -> journal.Edit:
    accepted = {
        "type": "accepted",
        "id": "7",
        "time": 1_700_000_000.0,
        "context": context,
        "suggested": suggested,
        "taken": taken,
        "document": "file:///home/a/notes.md",
        "language": "markdown",
    }
    events = [accepted] + (
        [{"type": "kept", "id": "7", "time": 1_700_000_120.0, "when": "2min", "text": kept}] if kept else []
    )
    Journal(folder).append(as_events(*events))
    (edit,) = journal.read(folder).edits
    return edit


def test_every_token_counts_what_its_characters_count() -> None:
    text = Written("", "we keep the letter", spans=(Stretch(0, 2, 0.0), Stretch(8, 11, 0.3)))
    assert _learned(text) == [("we", CONTEXT), (" keep", OWN), (" the", MODEL), (" letter", OWN)]


def test_placeholders_and_secrets_are_cut_out() -> None:
    written = Written("", "one ⟦email⟧ dog a@b.org cup")
    assert [token for token, _ in _learned(written)][:2] == ["one", " "]
    assert "|" in {token for token, _ in _learned(written)}
    assert "⟦" not in "".join(token for token, kind in _learned(written) if kind)
    scanned = "".join(token for token, _ in _learned(written, scan=True))
    assert "org" not in scanned
    assert " cup" in scanned
    assert "org" in "".join(token for token, _ in _learned(written, scan=False))


def test_an_edit_teaches_what_stands_there_and_whose_words_it_is(tmp_path: Path) -> None:
    taken = of_edit(_edit(tmp_path, "still in the", kept="still in winter"))
    assert taken.text == "The harbour lay still in winter"
    assert _learned(Written("", taken.text, spans=taken.spans)) == [
        *(("The", CONTEXT), (" harbour", CONTEXT), (" lay", CONTEXT)),
        *((" still", MODEL), (" in", MODEL), (" winter", OWN)),
    ]
    assert taken.time == datetime.fromtimestamp(1_700_000_000, UTC).timestamp()
    assert document_of(taken.origin) == "file:///home/a/notes.md"


def test_a_word_that_was_ended_belongs_to_what_was_taken(tmp_path: Path) -> None:
    taken = of_edit(_edit(tmp_path, "ly planning", context="the quarter", suggested="ly planning"))
    expected = [("the", CONTEXT), (" quarterly", MODEL), (" planning", MODEL)]
    assert _learned(Written("", taken.text, spans=taken.spans)) == expected


def test_the_words_of_a_suggestion_called_bad_do_not_count(tmp_path: Path) -> None:
    edit = _edit(tmp_path, "still in the", kept="still in winter")
    edit.rating = 1
    taken = of_edit(edit)
    assert _learned(Written("", taken.text, spans=taken.spans))[3:] == [
        (" still", CONTEXT),
        (" in", CONTEXT),
        (" winter", OWN),
    ]


def test_of_a_long_context_only_the_end_is_needed(tmp_path: Path) -> None:
    assert len(of_edit(_edit(tmp_path, "still", context="we keep " * 100)).text) < 300


@pytest.mark.parametrize("change", [{"text": "two"}, {"spans": (Stretch(0, 1, 0.0),)}])
def test_another_text_or_another_weight_is_another_version(change: dict[str, object]) -> None:
    first = Written("a", "one")
    assert digest_of(first) == digest_of(Written("b", "one", 5))
    assert digest_of(first) != digest_of(Written(**({"origin": "a", "text": "one"} | change)))  # type: ignore[arg-type]
