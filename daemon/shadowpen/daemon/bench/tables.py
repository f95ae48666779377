"""A benchmark report as tables, for a terminal and as Markdown.

Knows the report's keys (see run.measure) and measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table as RichTable

Report = Mapping[str, Any]
Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table of the report.

    Every row has as many cells as `header`; the first column names the row.
    """

    title: str
    header: Row
    rows: Sequence[Row]


def tables(report: Report) -> Iterator[Table]:
    """All of the report, in the order in which it was measured."""
    yield _machine(report)
    yield _lengths(report["kernels"])
    yield _drafts(report["kernels"])
    yield _replay(report)
    yield _around(report)
    yield _by_length(report["growth"]["length"])
    yield _by_number(report["growth"]["documents"])


def markdown(report: Report) -> str:
    """Headings of the second level and pipe tables; ends with a line end."""
    parts = []
    for table in tables(report):
        lines = [_pipes(table.header), _pipes(("---",) + ("---:",) * (len(table.header) - 1))]
        parts += [f"## {table.title}", "\n".join(lines + [_pipes(row) for row in table.rows])]
    return "\n\n".join(parts) + "\n"


def drawn(table: Table) -> RichTable:
    """For a rich console."""
    from rich import box
    from rich.table import Table as RichTable

    found = RichTable(title=table.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(table.header):
        found.add_column(name, justify="right" if number else "left")
    for row in table.rows:
        found.add_row(*row)
    return found


def _pipes(cells: Row) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


# --- the tables ---------------------------------------------------------------------------------------------


def _machine(report: Report) -> Table:
    about = report["machine"]
    settings = ", ".join(f"{name} = {value}" for name, value in about["settings"].items())
    rows = [
        ("model", about["model"]),
        ("device", f"{about['device']}, {about['device_name']}"),
        ("processor", f"{about['processor']}, {about['cores']} cores, {about['threads']} threads"),
        ("memory", f"{about['memory_gb']} GB"),
        ("system", about["system"]),
        ("versions", f"{about['shadowpen']}, onnxruntime {about['onnxruntime']}, Python {about['python']}"),
        ("settings", settings or "all as by default"),
        ("load before", _number(about["load"])),
        ("made", f"{report['made']}, seed {report['plan']['seed']}"),
    ]
    return Table("Measured on", ("", "value"), rows)


def _lengths(kernels: Report) -> Table:
    header = (
        "context, tokens",
        "prefill at once, tokens/s",
        f"in pieces of {kernels['chunk_tokens']}, tokens/s",
        "decode p50, ms/token",
        "decode p90, ms/token",
    )
    rows = [
        (
            str(length["tokens"]),
            _number(length["prefill_tokens_per_s"], 0),
            _number(length["chunked_tokens_per_s"], 0),
            _number(length["decode_ms_p50"]),
            _number(length["decode_ms_p90"]),
        )
        for length in kernels["lengths"]
    ]
    return Table("The engine alone", header, rows)


def _drafts(kernels: Report) -> Table:
    header = ("tokens in a call", "ms a call", "decode steps")
    rows = [(str(draft["tokens"]), _number(draft["ms"]), _number(draft["cost"], 2)) for draft in kernels["drafts"]]
    return Table(f"Verifying a draft at {kernels['draft_context_tokens']} tokens", header, rows)


_FIGURES = (
    ("characters", "characters"),
    ("late, share of keys without an answer in time", "late"),
    ("keys saved (KSR)", "ksr"),
    ("net of reading in vain", "net_ksr"),
    ("key to answer p50, ms", "answer_ms_p50"),
    ("key to answer p90, ms", "answer_ms_p90"),
    ("key to text p50, ms", "text_ms_p50"),
    ("key to text p90, ms", "text_ms_p90"),
    ("suggestions shown", "shown"),
    ("of them taken", "accepted"),
    ("CPU seconds per 1,000 characters", "cpu_s_per_1000"),
)
_SHARES = ("late", "ksr", "net_ksr")


def _replay(report: Report) -> Table:
    """Ours alone, or beside the peer's and their ratio."""
    ours, theirs = report["replay"], report.get("peer")
    if theirs is None:
        return Table("A writer replayed", ("", "Shadowpen"), [(name, _figure(ours, key)) for name, key in _FIGURES])
    rows = [
        (name, _figure(ours, key), _figure(theirs, key), _number(report["ratios"].get(key), 2))
        for name, key in _FIGURES
    ]
    return Table("A writer replayed", ("", "Shadowpen", f"llama-server {theirs['endpoint']}", "ratio"), rows)


def _figure(replay: Report, key: str) -> str:
    name, _, rank = key.rpartition("_")
    value = replay[name][rank] if name in ("answer_ms", "text_ms") else replay[key]
    return str(value) if isinstance(value, int) else _number(value, 3 if key in _SHARES else 1)


def _around(report: Report) -> Table:
    idle, jumps = report["idle"], report["jumps"]
    rows = [(f"idle CPU over {idle['seconds']:g} s, % of one core", _number(idle["cpu_percent"], 2))]
    rows += [
        (f"daemon with {memory['documents']} open, MB resident", _number(memory["daemon_mb"], 0))
        for memory in report["memory"]
    ]
    where = f"after {jumps['jumps']} jumps in {jumps['document_words']:,} words"
    rows += [
        (f"first answer {where}, p90 ms", _number(jumps["first_ms"]["p90"])),
        (f"text {where}, p50 ms", _number(jumps["text_ms"]["p50"])),
        (f"text {where}, p90 ms", _number(jumps["text_ms"]["p90"])),
    ]
    return Table("At rest, in memory, after jumps", ("", "value"), rows)


def _by_length(lengths: list[Report]) -> Table:
    header = ("words", "first answer, ms", "key to answer p50, ms", "p90, ms", "CPU ms per key")
    rows = [
        (f"{length['words']:,}", _number(length["open_ms"], 0), *_spread(length), _number(length["cpu_ms_per_key"]))
        for length in lengths
    ]
    return Table("By the document's length", header, rows)


def _by_number(numbers: list[Report]) -> Table:
    header = ("open documents", "key to answer p50, ms", "p90, ms", "CPU ms per key", "daemon, MB")
    rows = [
        (
            str(number["documents"]),
            *_spread(number),
            _number(number["cpu_ms_per_key"]),
            _number(number["daemon_mb"], 0),
        )
        for number in numbers
    ]
    return Table("By the number of documents", header, rows)


def _spread(measured: Report) -> tuple[str, str]:
    return _number(measured["answer_ms"]["p50"]), _number(measured["answer_ms"]["p90"])


def _number(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
