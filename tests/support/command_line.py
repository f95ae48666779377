"""A command line run in this process, or in one of its own, and what it gave."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """Exit code, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Shadowpen = Callable[..., Outcome]  # shadowpen("config", "--json", stdin=b"")
Process = Callable[..., subprocess.CompletedProcess[bytes]]
