"""A real daemon whose model answers by rule: run as a process, its state below SHADOWPEN_HOME.

... ends with "nothing"   nothing to show
... ends with "slowly"    never answers; it must be cancelled
... ends with "blanks"    blanks
any other prefix          " after <its last three characters>", so that a wrong position shows
what a ghost continues    the rest of " brown fox jumps over the lazy dog" after "The quick"
Continue                  three partial texts, then the whole; never ends after "slowly"
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from shadowpen.daemon import __main__ as daemon
from shadowpen.daemon.model_slot import ModelRequest
from shadowpen.daemon.protocol import (
    Complete,
    Completion,
    Continuation,
    Continue,
    Done,
    Partial,
    Prepare,
    Reply,
    Suggestion,
)

FOX = "The quick brown fox jumps over the lazy dog"
PARAGRAPH = (" It begins.", " It begins. It goes on.", " It begins. It goes on.\nIt ends.")


class RuleModel:
    """`slow` counts the requests under way that never answer."""

    name = "rules@stock"

    def __init__(self) -> None:
        self.slow = 0

    def steps(self, request: ModelRequest, deadline_s: float) -> Iterator[Reply | None]:
        if not isinstance(request, Prepare) and request.prefix.endswith("slowly"):
            self.slow += 1
            try:
                while True:
                    yield None
            finally:
                self.slow -= 1
        if isinstance(request, Complete):
            text = suggestion(request.prefix)
            found = [Suggestion(text=text, probability=0.5)] if text else []
            yield Completion(id=request.id, suggestions=found, model=self.name)
        elif isinstance(request, Continue):
            for text in PARAGRAPH:
                yield Partial(id=request.id, text=text)
            yield Continuation(id=request.id, text=PARAGRAPH[-1], model=self.name)
        else:
            yield Done(id=request.id)

    def close_document(self, document: str) -> None:
        pass

    def report(self) -> dict[str, object]:
        return {"name": self.name, "slow": self.slow}

    def close(self) -> None:
        pass


def suggestion(prefix: str) -> str:
    if prefix.endswith("nothing"):
        return ""
    if prefix.endswith("blanks"):
        return "  \n "
    line = prefix.rsplit("\n", 1)[-1]
    if line.startswith("The quick") and FOX.startswith(line):
        return FOX[len(line) :]
    return f" after {prefix[-3:]}"


if __name__ == "__main__":
    sys.exit(daemon.main([], load=lambda layout, config: RuleModel()))
