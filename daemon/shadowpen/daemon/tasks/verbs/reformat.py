"""Reformat a text by rule: lists, prose and tables into one another, Markdown into plain text and back.

No word is added but the headings of a table's columns in front of its cells, and none is lost: what has no place in the
new form (code, formulas, quotations) is refused. This file knows no model.
"""

from __future__ import annotations

from collections.abc import Iterator

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.tasks.base import Clock, Context
from shadowpen.daemon.tasks.verbs import plain_text
from shadowpen.daemon.tasks.verbs.passages import options
from shadowpen.daemon.tasks.verbs.shapes import Row, TextShape, shape_of
from shadowpen.daemon.wire.protocol import Reply, RunVerb, Timings, VerbResult

FORMS = ("list", "prose", "table", "plain", "markdown")
_INDENT = "  "


class ReformatVerb:
    """The verb `reformat`; option `to`, one of FORMS, "" for prose of lists and tables and a list of prose."""

    request_type = RunVerb
    title = "Reformat"
    summary = "Turn lists, prose and tables into one another, and Markdown into plain text and back."
    reads_model = False
    measured = ""
    unavailable = ""

    def steps(self, request: RunVerb, context: Context, deadline_s: float) -> Iterator[Reply | None]:
        clock = Clock(deadline_s)
        to = str(options(request.options, {"to": ""})["to"])
        text = reformat(request.text, to, request.language)
        yield VerbResult(id=request.id, text=text, timings=Timings(total_ms=clock.elapsed_ms))


def reformat(text: str, to: str, language: str = "markdown") -> str:
    """`text` in the form `to`; RequestInvalid for an unknown form and for text that does not go into it."""
    if to not in ("", *FORMS):
        raise RequestInvalid(f"There is no form '{to[:40]}'.", f"There are: {', '.join(FORMS)}.")
    if not text.strip():
        raise RequestInvalid("There is nothing to reformat.", "Select some text first.")
    if to == "plain":
        return plain_text.without_markdown(text)
    if to == "markdown":
        return plain_text.as_markdown(text)
    shape = shape_of(text, language)
    if (to or ("list" if shape.kind == "prose" else "prose")) == "prose":
        return _prose(shape)
    return _table(shape) if to == "table" else _list(shape)


def _list(shape: TextShape) -> str:
    head = [f"{shape.intro}\n"] if shape.intro else []
    lines = [f"{_INDENT * row.level}- {_labelled(shape, row)}" for row in shape.rows]
    return "\n".join([*head, *lines])


def _prose(shape: TextShape) -> str:
    told = [_sentence(_labelled(shape, row)) for row in shape.rows]
    return " ".join([shape.intro, *told] if shape.intro else told)


def _table(shape: TextShape) -> str:
    if len({len(row.cells) for row in shape.rows}) != 1 or len(shape.rows[0].cells) < 2:
        raise RequestInvalid(
            "These lines do not have the same number of cells.",
            "Put a tab, a colon or | between the cells of each line.",
        )
    head = shape.head or [""] * len(shape.rows[0].cells)
    rule = ["---"] * len(head)
    lines = [f"| {' | '.join(cells)} |" for cells in (head, rule, *(row.cells for row in shape.rows))]
    return "\n".join([*([f"{shape.intro}\n"] if shape.intro else []), *lines])


def _labelled(shape: TextShape, row: Row) -> str:
    """The cells of a row as one text, each of a table with a head behind the name of its column."""
    if not shape.head:
        return shape.separator.join(row.cells)
    named = zip(shape.head, row.cells, strict=False)
    return ", ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell)


def _sentence(text: str) -> str:
    text = text.strip().rstrip(",;")
    return text[:1].upper() + text[1:] + ("" if text[-1:] in '.!?…:"”)。！？' else ".")
