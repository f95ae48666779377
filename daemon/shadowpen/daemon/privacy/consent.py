"""Keep nothing before the user consents, and nothing that the user excluded.

The answer is the setting `learning.enabled`: "ask" (not answered yet) and "off" both mean that no event is
stored. `learning.keep` chooses between what was accepted and what was written instead. This file decides; the journal
stores, the language server asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeVar

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.privacy import paths
from shadowpen.daemon.wire.journal_events import Accepted, Dismissed, Pasted, Produced, ReportedEvent

KEPT = "what you accept, and what you write where a suggestion was shown"
QUESTION = f"May Shadowpen keep {KEPT}, on this machine only, and learn your style from it?"

Kind = Literal["accepted", "written"]  # as `learning.keep` names them
_KINDS: dict[type, Kind] = {
    Accepted: "accepted",
    Dismissed: "written",
    Produced: "accepted",
}  # of the events that hold such text

_Event = TypeVar("_Event", bound=ReportedEvent)


def journal_allowed(config: Config) -> bool:
    """Whether the author has said yes."""
    return config.learning.enabled == "on"


def must_ask(config: Config) -> bool:
    """Whether the author has not been asked, or has not answered."""
    return config.learning.enabled == "ask"


def keeps(learning: LearningSettings, kind: Kind) -> bool:
    """Whether text of this kind is among what the author wants kept, once they have said yes."""
    return learning.keep in ("both", kind)


def permitted(events: Iterable[_Event], learning: LearningSettings) -> list[_Event]:
    """The events that may be stored: those with text of documents that may be kept, and whatever only names an id.

    An event without an acceptance in the journal is refused there, so what follows a refused one falls with it.
    """
    return [event for event in events if _may_keep(event, learning)]


def _may_keep(event: ReportedEvent, learning: LearningSettings) -> bool:
    if not isinstance(event, Accepted | Dismissed | Pasted | Produced):
        return True
    kind = _KINDS.get(type(event))
    if kind is not None and not keeps(learning, kind):
        return False
    return paths.verdict(event.document, event.language, learning).keep
