"""A real daemon whose model answers by rule: run as a process, its state below SHADOWPEN_HOME.

... ends with "nothing"   nothing to show
... ends with "slowly"    never answers; it must be cancelled
... ends with "blanks"    blanks
... ends with "step"      asked for by a key: as much of STEPS as `extent` says, first what is shown of it
any other prefix          " after <its last three characters>", so that a wrong position shows
what a ghost continues    the rest of " brown fox jumps over the lazy dog" after "The quick"
Continue                  three partial texts, then the whole; never ends after "slowly"
Expand                    two partial texts, then `paragraph(notes, seed, rank)` for each candidate; never ends after
                          notes that end with "slowly", is refused beyond 400 words; the last turn stands before
RunVerb                   every "teh" becomes "the", each an edit; never ends after "slowly"
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from shadowpen.daemon import __main__ as daemon
from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.serving.model_slot import ModelRequest
from shadowpen.daemon.wire.protocol import (
    Complete,
    Completion,
    Continuation,
    Continue,
    Done,
    Expand,
    Expansion,
    Partial,
    Prepare,
    Reply,
    RunVerb,
    Suggestion,
    VerbEdit,
    VerbResult,
)
from shadowpen.daemon.wire.reports import ModelReport

FOX = "The quick brown fox jumps over the lazy dog"
_MOST_NOTES_WORDS = 400
STEPS = {
    "clause": " by step, we went",
    "sentence": " by step, we went home.",
    "line": " by step, we went home. It was late.",
    "paragraph": " by step, we went home. It was late. We slept.",
}
PARAGRAPH = (" It begins.", " It begins. It goes on.", " It begins. It goes on.\nIt ends.")


class RuleModel:
    """`slow` counts the requests under way that never answer; it reports them as its documents."""

    name = "rules@base"

    def __init__(self) -> None:
        self.slow = 0

    def steps(self, request: ModelRequest, deadline_s: float, client: bytes = b"") -> Iterator[Reply | None]:
        given = _given(request)
        if not isinstance(request, Prepare) and given.endswith("slowly"):
            self.slow += 1
            try:
                while True:
                    yield None
            finally:
                self.slow -= 1
        if isinstance(request, Complete):
            text = suggestion(request.prefix)
            if request.explicit and request.prefix.endswith("step"):
                text = STEPS[request.extent]
                yield Partial(id=request.id, text=text.rpartition(" ")[0])
            found = [Suggestion(text=text, probability=0.5)] if text else []
            yield Completion(id=request.id, suggestions=found, model=self.name, extent=request.extent)
        elif isinstance(request, Continue):
            for text in PARAGRAPH:
                yield Partial(id=request.id, text=text)
            yield Continuation(id=request.id, text=PARAGRAPH[-1], model=self.name)
        elif isinstance(request, Expand):
            yield from self._expand(request)
        elif isinstance(request, RunVerb):
            edits = [VerbEdit(start=m.start(), end=m.end(), text="the") for m in re.finditer("teh", request.text)]
            yield VerbResult(id=request.id, text=request.text.replace("teh", "the"), edits=edits, model=self.name)
        else:
            yield Done(id=request.id)

    def _expand(self, request: Expand) -> Iterator[Reply]:
        words = len(request.notes.split())
        if words > _MOST_NOTES_WORDS:
            raise RequestInvalid(f"{words} words are too many for one paragraph.", "Select at most 400 words.")
        said = f"{request.turns[-1].instruction}: " if request.turns else ""
        texts = [said + paragraph(request.notes, request.seed, rank) for rank in range(request.candidates)]
        yield Partial(id=request.id, text="About")
        yield Partial(id=request.id, text=texts[0][: len(texts[0]) // 2])
        lacking = [request.notes.split()[-1:] if rank else [] for rank in range(request.candidates)]
        yield Expansion(id=request.id, candidates=texts, missing=lacking, model=self.name)

    def close_document(self, document: str, client: bytes = b"") -> None:
        pass

    def report(self) -> ModelReport:
        return ModelReport(name=self.name, documents=self.slow)

    def close(self) -> None:
        pass


def _given(request: ModelRequest) -> str:
    if isinstance(request, RunVerb):
        return request.text
    return request.notes if isinstance(request, Expand) else request.prefix


def paragraph(notes: str, seed: int, rank: int) -> str:
    """The expansion of `notes` that comes at `rank` from `seed`; all but the best lack the last word."""
    told = " and ".join(notes.split() if rank == 0 else notes.split()[:-1])
    return f"About {told}. Sampled as {seed}.{rank}."


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
