"""A model for tests of the wire: instant, deterministic, and told by the text what to do.

"!raise"  the work fails with an exception that quotes the text
"!hang"   the work never ends by itself (each step takes a millisecond)
"!tail"   answers, then goes on for ever
else      Complete suggests the prefix again; Continue says "word 1 word 2 ..." up to max_words; Expand tells the notes
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing
from shadowpen.daemon.base.store import Layout
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
    Reply,
    Suggestion,
)
from shadowpen.daemon.wire.reports import ModelReport

NAME_FILE = "fake-model"


class FakeModel:
    """`closed` and `closed_documents` say what became of it; `running` counts generators that live."""

    def __init__(self, name: str = "fake@1") -> None:
        self.name = name
        self.closed = False
        self.closed_documents: list[tuple[str, bytes]] = []
        self.running = 0
        self.served: list[str] = []
        self._pause = threading.Event()

    def steps(self, request: ModelRequest, deadline_s: float, client: bytes = b"") -> Iterator[Reply | None]:
        assert not self.closed
        self.running += 1
        self.served.append(request.id)
        try:
            yield from self._steps(request)
        finally:
            self.running -= 1

    def _steps(self, request: ModelRequest) -> Iterator[Reply | None]:
        text = request.notes if isinstance(request, Expand) else request.prefix
        if text.startswith("!raise"):
            raise RuntimeError(text)
        if text.startswith("!hang"):
            yield from self._for_ever()
        if isinstance(request, Complete):
            suggestion = Suggestion(text=request.prefix[-200:], probability=0.5)
            yield Completion(id=request.id, suggestions=[suggestion], model=self.name)
        elif isinstance(request, Continue):
            yield from self._continuation(request)
        elif isinstance(request, Expand):
            yield self._expansion(request)
        else:
            yield Done(id=request.id)
        if text.startswith("!tail"):
            yield from self._for_ever()

    def _continuation(self, request: Continue) -> Iterator[Reply | None]:
        text = ""
        for number in range(request.max_words):
            text += f" word {number}"
            yield Partial(id=request.id, text=text)
        yield Continuation(id=request.id, text=text, model=self.name)

    def _expansion(self, request: Expand) -> Expansion:
        """Candidates that say what they were made with."""
        sampling = request.sampling
        said = f"{request.notes} {request.max_words} {request.seed} {sampling.temperature} {sampling.top_p}"
        said += f" [{request.heading}/{request.before}]" if request.heading or request.before else ""
        candidates = [f"{number}. {said}" for number in range(1, (request.candidates or 1) + 1)]
        return Expansion(id=request.id, candidates=candidates, missing=[["x"]] * len(candidates), model=self.name)

    def _for_ever(self) -> Iterator[None]:
        while True:
            self._pause.wait(0.001)
            yield None

    def close_document(self, document: str, client: bytes = b"") -> None:
        self.closed_documents.append((document, client))

    def report(self) -> ModelReport:
        return ModelReport(name=self.name, device="none")

    def close(self) -> None:
        assert self.running == 0
        self.closed = True


def load(layout: Layout, config: Config) -> FakeModel:
    """A model named by the file `fake-model` in the models folder; missing without it, corrupt if that says "!"."""
    try:
        name = (layout.models / NAME_FILE).read_text("utf-8")
    except FileNotFoundError:
        raise ModelMissing("There is no model.", "Write its name.") from None
    if name.startswith("!"):
        raise ModelCorrupt("The model is corrupt.", "Write another name.")
    return FakeModel(name)


def install(layout: Layout, name: str = "fake@1") -> None:
    """Make `load` find a model of that name."""
    layout.models.mkdir(parents=True, exist_ok=True)
    (layout.models / NAME_FILE).write_text(name, "utf-8")
