"""The finding of a check: one line with advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from shadowpen.daemon.base import config, store

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckResult:
    """Result of one check.

    One line of the report; `advice` says what to do unless all is well.
    """

    matter: str
    level: Level
    message: str
    advice: str = ""


Check = Callable[[store.Layout, config.Config], Iterator[CheckResult]]
