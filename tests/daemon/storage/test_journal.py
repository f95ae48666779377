"""The journal keeps every acknowledged event, whatever happens to the process or to its files."""

from __future__ import annotations

import errno
import json
import os
import random
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.journal.events import as_event, as_events, sent

from shadowpen.daemon.base.errors import RequestInvalid, StateUnusable
from shadowpen.daemon.storage import events, journal
from shadowpen.daemon.storage.journal import TAKEN_OUT, Journal, read, segments, waved_away
from shadowpen.daemon.wire.journal_events import sifted

_NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def accepted(id: str, taken: str = "of the sea", **changes: Any) -> dict[str, Any]:
    return {
        "type": "accepted",
        "id": id,
        "time": _NOW.timestamp(),
        "context": "The colour ",
        "suggested": "of the sea",
        "taken": taken,
        "document": "file:///home/a/notes.md",
        "language": "markdown",
        "model": "default@base",
    } | changes


def kept(id: str, text: str, when: str = "2min", minutes: float = 2) -> dict[str, Any]:
    return {
        "type": "kept",
        "id": id,
        "when": when,
        "text": text,
        "time": (_NOW + timedelta(minutes=minutes)).isoformat(),
    }


def test_events_are_joined_by_id(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    assert book.append(as_events(accepted("a"), accepted("b", time=_NOW.timestamp() + 1))) == 2
    assert book.append(as_events(kept("a", "of the sky", "closed", 9), kept("a", "of the sea", "2min", 2))) == 2
    assert book.append(as_events({"type": "rated", "id": "b", "rating": 4, "time": 5})) == 1

    first, second = read(tmp_path).edits

    assert (first.id, first.kept, first.final_text) == (
        "a",
        {"2min": "of the sea", "closed": "of the sky"},
        "of the sky",
    )
    assert (second.id, second.final_text, second.rating) == ("b", "of the sea", 4)
    assert first.accepted.time == _NOW
    assert first.accepted.document == "file:///home/a/notes.md"


def test_an_event_seen_twice_is_kept_once(tmp_path: Path) -> None:
    given = [accepted("a"), kept("a", "of the sea")]
    assert Journal(tmp_path).append(as_events(*given, *given)) == 2
    again = Journal(tmp_path)
    assert again.append(as_events(*given)) == 0
    assert again.append(as_events(accepted("a"), kept("a", "of it", "closed"))) == 1

    assert len(b"".join(path.read_bytes() for path in segments(tmp_path)).splitlines()) == 3


def test_taking_more_of_a_suggestion_replaces_the_shorter_piece(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    assert book.append(as_events(accepted("a", "of"))) == 1
    assert book.append(as_events(accepted("a", "of the"))) == 1
    assert book.append(as_events(accepted("a", "of"))) == 0

    (edit,) = read(tmp_path).edits
    assert edit.accepted.taken == "of the"


def test_only_so_many_suggestions_are_told_from_new_ones(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    assert book.append(as_events(*[accepted(str(n)) for n in range(5_000)])) == 5_000
    assert book.append(as_events(accepted("4999"), kept("4999", "of the"))) == 1
    assert book.append(as_events(kept("0", "of the"), accepted("0"))) == 1, "it is stored again, and read once"
    assert len(read(tmp_path).edits) == 5_000


def test_what_is_gone_at_the_first_look_is_taken_out_again(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    book.append(as_events(accepted("a"), accepted("b"), accepted("a", "of the sea", time=_NOW.timestamp() + 1)))
    book.append(as_events(kept("b", "of the sea"), kept("a", "", "closed", 1)))
    book.append(as_events(kept("b", "", "10min", 10), kept("stranger", "")))

    gone, stayed = sorted(read(tmp_path).edits, key=lambda edit: edit.id)
    assert (gone.accepted.context, gone.accepted.taken, gone.accepted.suggested) == ("", TAKEN_OUT, TAKEN_OUT)
    assert gone.final_text == "" and gone.was_taken
    assert (stayed.accepted.context, stayed.accepted.taken, stayed.final_text) == ("The colour ", "of the sea", "")
    assert Journal(tmp_path).append(as_events(accepted("c"), kept("c", "of the sea"))) == 2


def test_taking_out_touches_no_line_that_a_person_wrote(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    book.append(as_events(accepted("a")))
    (segment,) = segments(tmp_path)
    segment.write_bytes(segment.read_bytes() + b"not an event\n")
    book.append(as_events(kept("a", "")))
    assert b"not an event\n" in segment.read_bytes() and b"colour" not in segment.read_bytes()


def test_what_nobody_accepted_is_not_stored(tmp_path: Path) -> None:
    assert Journal(tmp_path).append(as_events(kept("ghost", "private words"))) == 0
    assert segments(tmp_path) == []


def test_a_forgotten_edit_is_gone(tmp_path: Path) -> None:
    Journal(tmp_path).append(as_events(accepted("a"), accepted("b"), {"type": "forgotten", "id": "a", "time": 9}))

    assert [edit.id for edit in read(tmp_path).edits] == ["b"]


def test_secrets_never_reach_the_disk(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    book.append(
        as_events(
            accepted(
                "a",
                context="x" * 990 + " my mail is jane@example.org and the key is sk-proj-Ab12cdEF34gh",
                suggested="IJ56klMN78opQR90st, so",
                taken="IJ56klMN78opQR90st, so",
            )
        )
    )
    book.append(as_events(kept("a", "IJ56klMN78opQR90st, so 4111 1111 1111 1111")))

    stored = b"".join(path.read_bytes() for path in segments(tmp_path)).decode()
    for secret in ("jane@example.org", "Ab12cdEF34gh", "IJ56klMN78opQR90st", "4111"):
        assert secret not in stored
    (edit,) = read(tmp_path).edits
    assert edit.accepted.context.endswith("my mail is ⟦email⟧ and the key is ⟦api-key⟧")
    assert edit.accepted.taken == "⟦api-key⟧, so"
    assert edit.final_text == "⟦api-key⟧, so ⟦card⟧"


def test_notes_are_kept_and_redacted_like_the_rest(tmp_path: Path) -> None:
    Journal(tmp_path).append(as_events(accepted("a", notes="ferry late, mail jane@example.org"), accepted("b")))
    with_notes, without = read(tmp_path).edits
    assert with_notes.accepted.notes == "ferry late, mail ⟦email⟧" and without.accepted.notes == ""


def test_the_context_is_cut_at_a_word(tmp_path: Path) -> None:
    Journal(tmp_path).append(as_events(accepted("a", context="word " * 400)))

    (edit,) = read(tmp_path).edits
    assert len(edit.accepted.context) <= journal.CONTEXT_CHARACTERS
    assert set(edit.accepted.context.split()) == {"word"}


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"type": "accepted", "id": "x"},
        {"type": "unheard", "id": "x", "time": 0},
        accepted("x", time="yesterday"),
        accepted("x", taken=7),
        accepted(""),
        accepted("x", context="y" * 20_000),
        {"type": "rated", "id": "x", "time": 0, "rating": 11},
    ],
)
def test_a_malformed_event_costs_no_other_its_place(bad: dict[str, Any]) -> None:
    good, refused = sifted([sent(accepted("good")), sent(bad), sent(accepted("too"))])
    assert list(good) == [0, 2] and list(refused) == [1]
    assert "malformed" in refused[1].message


@pytest.mark.parametrize(
    "change",
    [
        {"document": "file:///a\0b.md"},
        {"document": "file:///a%00b.md"},
        {"time": "0001-01-01T00:00:00+14:00"},
        {"time": "9999-12-31T23:59:59-14:00"},
        {"time": "1969-12-31T23:59:59Z"},
    ],
)
def test_what_no_path_and_no_calendar_holds_is_passed_over(tmp_path: Path, change: dict[str, Any]) -> None:
    good = json.loads(json.dumps(accepted("good") | {"time": "2026-01-01T10:00:00Z"}))
    (tmp_path / "2026-01-01-0001.jsonl").write_text(f"{json.dumps(good)}\n{json.dumps(good | {'id': 'x'} | change)}\n")
    contents = read(tmp_path)
    assert [edit.id for edit in contents.edits] == ["good"] and contents.unreadable_lines == 1
    with pytest.raises(RequestInvalid, match="malformed"):
        as_event(good | change)


@pytest.mark.parametrize("change", [{"document": "file:///\ud800.md"}, {"taken": "a \ud800"}, {"suggested": "\udfff"}])
def test_half_a_character_is_passed_over(tmp_path: Path, change: dict[str, Any]) -> None:
    good = accepted("good") | {"time": "2026-01-01T10:00:00Z"}
    (tmp_path / "2026-01-01-0001.jsonl").write_text(f"{json.dumps(good)}\n{json.dumps(good | {'id': 'x'} | change)}\n")
    contents = read(tmp_path)
    assert [edit.id for edit in contents.edits] == ["good"] and contents.unreadable_lines == 1


def test_a_time_without_a_zone_is_read_as_utc(tmp_path: Path) -> None:
    line = accepted("a") | {"time": "2026-01-01T10:00:00"}
    (tmp_path / "2026-01-01-0001.jsonl").write_text(json.dumps(line) + "\n")
    Journal(tmp_path).append(as_events(accepted("b")))
    assert read(tmp_path).edits[0].accepted.time == datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["conflict", "pipe", "folder", "link", "unreadable", "sparse", "odd number"])
def test_whatever_lies_beside_or_in_place_of_a_file_new_events_are_written(tmp_path: Path, kind: str) -> None:
    day = _NOW.strftime("%Y-%m-%d")
    in_place = tmp_path / f"{day}-0001.jsonl"
    if kind == "conflict":
        copy = json.dumps(accepted("copied") | {"time": "2026-01-01T10:00:00Z"}) + "\n"
        (tmp_path / f"{day}-0001.sync-conflict-20260101-101010-ABCDEFG.jsonl").write_text(
            copy + ("{}" + " " * 500 + "\n") * 2_400
        )
    elif kind == "pipe":
        os.mkfifo(in_place)
    elif kind == "folder":
        in_place.mkdir()
    elif kind == "link":
        in_place.symlink_to(tmp_path / "nowhere")
    elif kind == "unreadable":
        in_place.touch()
        in_place.chmod(0)
    elif kind == "sparse":
        in_place.touch()
        os.truncate(in_place, 2 << 30)
    else:
        (tmp_path / f"{day}-0001x.jsonl").write_text("{}\n")
        (tmp_path / f"{day}-{'9' * 5000 if os.name == 'nt' else '9' * 100}.jsonl").write_text("{}\n")
    assert Journal(tmp_path, clock=lambda: _NOW).append(as_events(accepted("a"))) == 1
    assert "a" in [edit.id for edit in read(tmp_path).edits]
    if kind == "conflict":
        assert "copied" in [edit.id for edit in read(tmp_path).edits]
    assert journal.erase(tmp_path, {"a"}) > 0
    assert "a" not in [edit.id for edit in read(tmp_path).edits]


def test_files_are_private_and_their_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 1_000)
    now = _NOW
    book = Journal(tmp_path / "edits", clock=lambda: now)
    for number in range(12):
        book.append(as_events(accepted(f"{number:02}")))
    now = _NOW + timedelta(days=1)
    book.append(as_events(accepted("next day")))

    found = segments(tmp_path / "edits")
    assert [path.name for path in found][:2] == ["2026-05-01-0001.jsonl", "2026-05-01-0002.jsonl"]
    assert found[-1].name == "2026-05-02-0001.jsonl"
    assert all(path.stat().st_size < 1_600 for path in found)
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
    assert stat.S_IMODE((tmp_path / "edits").stat().st_mode) == 0o700
    assert len(read(tmp_path / "edits").edits) == 13


def test_a_torn_tail_is_moved_aside_and_the_rest_read(tmp_path: Path) -> None:
    book = Journal(tmp_path, clock=lambda: _NOW)
    book.append(as_events(accepted("a"), accepted("b")))
    (segment,) = segments(tmp_path)
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-20])

    reopened = Journal(tmp_path, clock=lambda: _NOW)
    assert [edit.id for edit in read(tmp_path).edits] == ["a"]
    (aside,) = (tmp_path / "damaged").iterdir()
    assert segment.read_bytes() + aside.read_bytes() == whole[:-20]
    assert reopened.append(as_events(accepted("b"))) == 1
    assert [edit.id for edit in read(tmp_path).edits] == ["a", "b"]


def test_a_person_may_edit_and_delete(tmp_path: Path) -> None:
    book = Journal(tmp_path, clock=lambda: _NOW)
    book.append(as_events(accepted("a"), accepted("b"), kept("b", "of the sky")))
    (segment,) = segments(tmp_path)
    lines = segment.read_text().splitlines()
    segment.write_text("\n".join(["not json", "[1]", '{"type": "accepted"}', *lines[1:]]))  # and no last line end

    contents = read(tmp_path)
    assert [edit.final_text for edit in contents.edits] == ["of the sky"]
    assert contents.unreadable_lines == 3
    book.append(as_events(accepted("c")))
    assert [edit.id for edit in read(tmp_path).edits] == ["b", "c"]

    segment.unlink()
    assert read(tmp_path).edits == ()
    book.append(as_events(accepted("d")))
    assert [edit.id for edit in read(tmp_path).edits] == ["d"]


def test_an_older_schema_is_migrated_and_a_newer_one_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Journal(tmp_path).append(as_events(accepted("old")))
    monkeypatch.setattr(events, "SCHEMA", 2)
    monkeypatch.setitem(events.MIGRATIONS, 1, lambda event: event | {"v": 2, "model": "migrated"})
    (segment,) = segments(tmp_path)
    newer = json.loads(segment.read_text()) | {"v": 3, "id": "newer"}
    segment.write_text(segment.read_text() + json.dumps(newer) + "\n")

    contents = read(tmp_path)

    assert [(edit.id, edit.accepted.model) for edit in contents.edits] == [("old", "migrated")]
    assert contents.unreadable_lines == 1


def test_a_full_disk_acknowledges_nothing_and_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Journal(tmp_path, clock=lambda: _NOW)
    book.append(as_events(accepted("a")))
    (segment,) = segments(tmp_path)
    before = segment.read_bytes()
    real_write = os.write

    def half_then_full(handle: int, data: bytes) -> int:
        if len(data) > 40:
            return real_write(handle, bytes(data[:40]))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half_then_full)
        with pytest.raises(StateUnusable, match="disk is full"):
            book.append(as_events(accepted("b")))
    assert segment.read_bytes() == before
    assert book.append(as_events(accepted("b"))) == 1
    assert [edit.id for edit in read(tmp_path).edits] == ["a", "b"]


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.wire.journal_events import Accepted
book = Journal(Path(sys.argv[1]))
for number in range(100_000):
    names = [f"{sys.argv[2]}-{number}-{part}" for part in range(1 + number % 3)]
    book.append(
        Accepted(id=name, time=datetime.fromtimestamp(number, UTC), context="words " * (number % 90),
                 suggested="and more", taken="and more", document="untitled:1", language="markdown") for name in names
    )
    print(*names, flush=True)
"""


def _kill_while_writing(folder: Path, name: str, acknowledgements: int) -> set[str]:
    """Start a writer, kill it once it has acknowledged so many batches; the ids it acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(folder), name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    try:
        lines = [writer.stdout.readline() for _ in range(acknowledgements)]
        writer.kill()
        rest, errors = writer.communicate(timeout=60)
    finally:
        writer.kill()
        writer.wait()
    assert all(lines), errors
    whole = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return {id for line in [*lines, *whole] for id in line.split()}


def _acknowledged_survive(folder: Path, kills: int) -> None:
    dice = random.Random(kills)
    promised: set[str] = set()
    for kill in range(kills):
        promised |= _kill_while_writing(folder, f"run{kill}", dice.randrange(1, 40))
        contents = read(folder)
        assert promised <= {edit.id for edit in contents.edits}
    Journal(folder)
    contents = read(folder)
    assert promised <= {edit.id for edit in contents.edits}
    assert contents.unreadable_lines == 0


def test_no_acknowledged_event_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    _acknowledged_survive(tmp_path, 10)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_no_acknowledged_event_is_lost_in_a_hundred_kills(tmp_path: Path) -> None:
    _acknowledged_survive(tmp_path, 100)


def dismissed(id: str, **changes: Any) -> dict[str, Any]:
    return {
        "type": "dismissed",
        "id": id,
        "time": _NOW.timestamp(),
        "context": "The colour ",
        "suggested": "of the sea",
        "typed": "was blue",
        "how": "typed_over",
        "shown_ms": 900,
        "document": "file:///home/a/notes.md",
        "language": "markdown",
    } | changes


def test_dismissals_are_kept_once_and_apart_from_what_was_taken(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    told = as_events(dismissed("d"), dismissed("d"), dismissed("e", typed="", how="dismissed"), accepted("a"))
    assert book.append(told) == 3

    contents = read(tmp_path)

    assert [edit.id for edit in contents.edits] == ["a"]
    assert [(event.id, event.how, event.shown_ms) for event in contents.dismissed] == [
        ("d", "typed_over", 900),
        ("e", "dismissed", 900),
    ]
    (instead,) = contents.typed_over
    assert (instead.id, instead.was_taken, instead.final_text) == ("d", False, "was blue")


def test_what_was_waved_away_lately_is_told(tmp_path: Path) -> None:
    assert waved_away(tmp_path) == []
    Journal(tmp_path).append(as_events(dismissed("d"), dismissed("e", how="dismissed"), accepted("a")))
    assert [event.id for event in waved_away(tmp_path)] == ["e"]


def test_secrets_typed_instead_are_redacted(tmp_path: Path) -> None:
    Journal(tmp_path).append(as_events(dismissed("d", context="My card is 4111 1111 ", typed="1111 1111, she said")))

    (event,) = read(tmp_path).dismissed

    assert (event.context, event.typed) == ("My card is ⟦card⟧", "⟦card⟧, she said")


def test_a_mark_may_be_changed_and_changed_back(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    rated = [{"type": "rated", "id": "a", "rating": rating, "time": time} for time, rating in enumerate((5, 1, 5))]
    assert book.append(as_events(accepted("a"), *rated, rated[-1])) == 4

    assert read(tmp_path).edits[0].rating == 5


def test_erasing_takes_every_line_of_an_edit_and_what_cannot_be_read(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    book.append(as_events(accepted("a"), accepted("b"), kept("a", "of the sky"), dismissed("d"), kept("b", "of it")))
    (segment,) = segments(tmp_path)
    segment.write_bytes(segment.read_bytes() + b"a note of mine\n")
    (tmp_path / "2026-04-01-0001.jsonl").write_text(json.dumps(accepted("a") | {"time": _NOW.isoformat()}) + "\n")
    (tmp_path / f".{segment.name}.x1").write_text("left by a crash")

    assert journal.erase(tmp_path, {"a", "d"}) == 5

    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == [segment.name]
    assert [json.loads(line)["id"] for line in segment.read_text().splitlines()] == ["b", "b"]
    assert stat.S_IMODE(segment.stat().st_mode) == 0o600
    assert book.append(as_events(accepted("c"))) == 1  # the writer goes on


def test_erasing_where_there_is_no_journal_does_nothing(tmp_path: Path) -> None:
    assert journal.erase(tmp_path / "none", {"a"}) == 0
    assert not (tmp_path / "none").exists()


def test_erasing_while_another_writes_loses_nothing_of_either(tmp_path: Path) -> None:
    book = Journal(tmp_path)
    book.append(as_events(accepted("gone")))
    ended = threading.Event()

    def erase() -> None:
        while not ended.is_set():
            journal.erase(tmp_path, {"gone"})

    eraser = threading.Thread(target=erase)
    eraser.start()
    try:
        for number in range(60):
            book.append(as_events(accepted(f"e{number}")))
    finally:
        ended.set()
        eraser.join()

    assert [edit.id for edit in read(tmp_path).edits] == [f"e{number}" for number in range(60)]
