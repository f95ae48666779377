"""Whether enough suggestions were rated low since the last run to start another.

Reads neither journal nor clock: the caller has both. Whether there is text to learn is for `readiness`.
"""

from __future__ import annotations

from collections.abc import Iterable

from shadowpen.daemon.base.sections import FeedbackSettings
from shadowpen.daemon.learning.status import TrainingStatus
from shadowpen.daemon.storage.journal import Edit

_HOUR_S = 3600.0


def low_rated(edits: Iterable[Edit], threshold: float) -> list[Edit]:
    """Those of `edits` whose last rating is below `threshold`, in the order given."""
    return [edit for edit in edits if edit.rating is not None and edit.rating < threshold]


def newly_low_rated(edits: Iterable[Edit], last: TrainingStatus, feedback: FeedbackSettings) -> list[Edit]:
    """Those that were rated low after the last run that was judged had begun."""
    low = low_rated(edits, feedback.threshold)
    return [edit for edit in low if edit.rated is not None and edit.rated.timestamp() > last.rated_until]


def start_a_run(newly_low: int, last: TrainingStatus, feedback: FeedbackSettings, now_s: float) -> bool:
    """Whether `newly_low` suggestions rated low start a run at `now_s` (seconds since 1970).

    A run that was interrupted goes on at once. A last run that lies in the future is of a clock that was wrong.
    """
    if newly_low < feedback.retrain_count:
        return False
    since_s = now_s - last.ratings_run
    return last.state == "interrupted" or not 0 <= since_s < feedback.retrain_interval_h * _HOUR_S
