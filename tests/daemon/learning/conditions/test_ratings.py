"""Ten suggestions rated low start a run, at most one a day; the eleventh does not, nor what was forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.journal.low_ratings import START_S, forgotten, rated

from shadowpen.daemon.base.sections import FeedbackSettings, LearningSettings
from shadowpen.daemon.learning.conditions.ratings import newly_low_rated, start_a_run
from shadowpen.daemon.learning.conditions.readiness import Readiness, is_ready
from shadowpen.daemon.learning.status import TrainingStatus
from shadowpen.daemon.storage import journal

_HOUR_S = 3600.0
_FEEDBACK = FeedbackSettings()


@pytest.fixture
def book(tmp_path: Path) -> journal.Journal:
    return journal.Journal(tmp_path)


def _starts(folder: Path, last: TrainingStatus | None = None, now_s: float = START_S + 5) -> bool:
    last = last or TrainingStatus()
    low = newly_low_rated(journal.read(folder).edits, last, _FEEDBACK)
    return start_a_run(len(low), last, _FEEDBACK, now_s)


def test_ten_start_a_run_and_nine_do_not(book: journal.Journal, tmp_path: Path) -> None:
    book.append(rated("abcdefghi"))
    assert not _starts(tmp_path)

    book.append(rated("j"))
    assert _starts(tmp_path)


def test_the_eleventh_starts_none_and_ten_more_wait_for_the_next_day(book: journal.Journal, tmp_path: Path) -> None:
    book.append(rated("abcdefghij"))
    done = TrainingStatus(state="promoted", rated_until=START_S + 10, ratings_run=START_S + 10)
    book.append(rated("k", at_s=START_S + 20))
    assert not _starts(tmp_path, done, START_S + 30 * _HOUR_S)

    book.append(rated("lmnopqrst", at_s=START_S + 30))
    assert not _starts(tmp_path, done, START_S + 23 * _HOUR_S)
    assert _starts(tmp_path, done, START_S + 25 * _HOUR_S)


def test_a_run_that_was_cut_short_goes_on_and_one_that_failed_waits(book: journal.Journal, tmp_path: Path) -> None:
    book.append(rated("abcdefghij"))

    assert _starts(tmp_path, TrainingStatus(state="interrupted", ratings_run=START_S))
    assert not _starts(tmp_path, TrainingStatus(state="failed", ratings_run=START_S))
    assert _starts(tmp_path, TrainingStatus(state="failed", ratings_run=START_S + 10**8)), "the clock was wrong"


def test_what_was_forgotten_does_not_count(book: journal.Journal, tmp_path: Path) -> None:
    book.append([*rated("abcdefghij"), *forgotten("c", START_S + 1)])

    assert not _starts(tmp_path)


def test_only_the_last_rating_of_a_suggestion_counts(book: journal.Journal, tmp_path: Path) -> None:
    book.append([*rated("abcdefghij"), *rated("j", rating=4, at_s=START_S + 1)])
    assert not _starts(tmp_path)

    book.append(rated("j", rating=2, at_s=START_S + 2))
    assert _starts(tmp_path)


@pytest.mark.parametrize(("rating", "starts"), [(2.5, True), (3, False), (5, False)])
def test_the_threshold_itself_is_not_low(book: journal.Journal, tmp_path: Path, rating: float, starts: bool) -> None:
    book.append(rated("abcdefghij", rating))

    assert _starts(tmp_path) is starts


def test_ratings_ask_only_where_runs_may_start_and_there_is_text_to_learn() -> None:
    enough = Readiness(own_tokens=9_000, edits=9, new_tokens=0, new_edits=0, missing_tokens=0)
    too_little = Readiness(own_tokens=100, edits=9, new_tokens=100, new_edits=0, missing_tokens=1_900)

    assert is_ready(enough, LearningSettings(), ratings_ask=True)
    assert not is_ready(enough, LearningSettings())
    assert not is_ready(too_little, LearningSettings(), ratings_ask=True)
    assert not is_ready(enough, LearningSettings(automatic=False), ratings_ask=True)
