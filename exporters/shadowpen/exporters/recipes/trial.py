"""Send one real request of each kind to a new model before it is installed.

The requests go the way of a user's, through tokenizer, tasks and engine. What the answers say is not judged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ExportRejected, ModelUnsupported, ShadowpenError
from shadowpen.daemon.serving import model as serving
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.models import InstalledModel
from shadowpen.daemon.wire.protocol import Complete, Completion, Continuation, Continue, Expand, Expansion, Reply
from shadowpen.exporters.progress import Progress

_TEXT = "The harbour lay still in the morning, and the boats were waiting for the tide. Nobody had spo"
_NOTES = "- the harbour still in the morning\n- boats waiting for the tide"
_REQUESTS: tuple[tuple[str, Complete | Continue | Expand, type[Reply]], ...] = (
    ("ghost text", Complete(id="trial-1", document="trial", prefix=_TEXT), Completion),
    ("a continuation", Continue(id="trial-2", document="trial", prefix=_TEXT, max_words=4), Continuation),
    ("an expansion", Expand(id="trial-3", document="trial", notes=_NOTES, candidates=2, max_words=4), Expansion),
)


def ask(model: InstalledModel, precisions: Sequence[str], progress: Progress) -> None:
    """Ask the model's graphs for ghost text, a continuation and an expansion; ExportRejected where one gives none.

    A graph that this machine cannot run (fp16 without a GPU) is not asked.
    """
    for precision in precisions:
        progress(f"Asking the {precision} graph for text")
        try:
            served = serving.of(versions.base(model, precision), Config())
        except ModelUnsupported:
            if precision != "fp16":
                raise
            progress("The fp16 graph cannot run on this machine, so it was not asked")
            continue
        try:
            for what, request, kind in _REQUESTS:
                _ask(served, precision, what, request, kind)
        finally:
            served.close()


def _ask(
    served: serving.ServedModel, precision: str, what: str, request: Complete | Continue | Expand, kind: type[Reply]
) -> None:
    try:
        replies = [reply for reply in served.steps(request, math.inf) if reply is not None]
    except Exception as error:  # an engine's exceptions share no base; whatever it is, users would meet it
        why = error.message if isinstance(error, ShadowpenError) else f"{type(error).__name__}: {error}"
        raise _rejected(precision, what, why) from error
    if not replies or not isinstance(replies[-1], kind):
        raise _rejected(precision, what, "there was no answer")


def _rejected(precision: str, what: str, why: str) -> ExportRejected:
    return ExportRejected(
        f"The {precision} graph cannot give {what} ({why}), so the model was not installed.",
        "Choose another model, and report this one.",
    )
