"""The user's report: journal, versions, evaluations and latencies on one page.

Everything is read, nothing learned. No text of the author's is in the page, only names of folders and models.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.reporting import learned, measured, monitored, own, plots
from shadowpen.daemon.reporting.own import Own, Part
from shadowpen.daemon.reporting.page import Section, render, render_text
from shadowpen.daemon.reporting.plots import Plot
from shadowpen.daemon.showing import naming
from shadowpen.daemon.showing.silence import reasons
from shadowpen.daemon.storage import journal, versions
from shadowpen.daemon.wire.reports import DaemonReport


@dataclass(frozen=True)
class Written:
    """The report that was written.

    Where the page is, and its two answers in a sentence each: does it help me, is it getting better?

    `html` is the page itself, `text` the same as Markdown.
    """

    path: Path
    helps: str
    better: str
    html: str
    text: str


def write(
    layout: store.Layout,
    *,
    target: Path | None = None,
    evaluations: Sequence[Path] = (),
    served: DaemonReport | None = None,
    counting: bool = True,
    alarms: Sequence[str] = (),
) -> Written:
    """Write the page to `target`, by default into the state directory, readable by its owner alone.

    `served` is a running daemon's status report, None without one. `counting`: learning is on. `alarms` are
    the sentences of those that stand. ConfigInvalid for a folder that is no evaluation, StateUnusable where nothing can
    be written.
    """
    contents = journal.read(layout.edits)
    figures = own.figures(contents, counting=counting)
    known, pointer = versions.versions(layout), versions.current(layout)
    sections = [
        _answers(figures),
        _over_time(figures),
        _by_version(figures),
        _expanded(figures),
        *learned.sections(known, pointer),
        *monitored.sections(record.read(layout), record.read_tasks(layout), alarms),
        *measured.sections(measured.read(evaluations)),
        _latency(served),
    ]
    path = (target or layout.report).absolute()
    made = f"Made {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by `shadowpen report`, from files on this machine only."
    title = "What Shadowpen does for you"
    page = render(title, sections, made)
    _put(path, page.encode("utf-8", "replace"), is_ours=target is None)
    return Written(path, figures.helps, figures.better, page, render_text(title, sections, made))


def _put(path: Path, page: bytes, *, is_ours: bool) -> None:
    """A folder that is not ours keeps its permissions, which `write_atomic` would narrow."""
    if is_ours:
        store.write_atomic(path, page, durable=False)
        return
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(page)
    except OSError as error:
        raise store.unusable(path, error) from error


def _answers(figures: Own) -> Section:
    sentences = [figures.helps, figures.better]
    if not plots.can_draw():
        sentences.append(plots.missing())
    return Section("Does it help me? Is it getting better?", sentences)


def _over_time(figures: Own) -> Section:
    if not figures.by_time:
        return Section("")
    names = [part.name for part in figures.by_time]
    series = {translated("accepted"): [part.taken for part in figures.by_time]}
    picture = plots.drawn(Plot("bars", names, series, translated("suggestions accepted")))
    return Section("What you accepted", picture=picture, header=_HEADER, rows=[_row(part) for part in figures.by_time])


def _by_version(figures: Own) -> Section:
    sentence = (
        "Versions were in use at different times and for different texts, so other causes may explain a difference."
    )
    named = [replace(part, name=translated(naming.spoken(part.name))) for part in figures.by_version]
    whole = replace(figures.whole, name=translated(figures.whole.name))
    rows = [_row(part) for part in (*named, whole)] if named else []
    return Section("By version", [sentence] if rows else [], header=_HEADER, rows=rows)


def _expanded(figures: Own) -> Section:
    """Expansions by themselves: they are long, and their notes were typed."""
    part = figures.expanded
    if not part.taken:
        return Section("")
    sentence = f"You accepted {part.taken:,} {'paragraph' if part.taken == 1 else 'paragraphs'} made of your notes."
    if figures.rating is not None:
        sentence += f" You rated {figures.rated:,} of them, on average {figures.rating:.1f} out of 5."
    header = words("", "characters", "of notes typed", "still there after 10 minutes", "keys saved")
    figures_of_all = (f"{part.characters:,}", f"{part.typed:,}", _percent(part.kept_share), f"{part.keys_saved:,.0f}")
    row = (translated("all"), *figures_of_all)
    return Section("Paragraphs made of notes", [sentence], header=header, rows=[row])


_HEADER = words(
    "",
    "accepted",
    "characters",
    "passed over",
    "accepted of those shown",
    "still there after 10 minutes",
    "keys saved",
)


def _row(part: Part) -> tuple[str, ...]:
    return (
        part.name,
        f"{part.taken:,}",
        f"{part.characters:,}",
        f"{part.passed_over:,}",
        _percent(part.taken_share),
        _percent(part.kept_share),
        f"{part.keys_saved:,.0f}",
    )


def _latency(served: DaemonReport | None) -> Section:
    if served is None:
        return Section("Latency", ["No daemon is running, so there are no latencies."])
    ms, requests = served.completion_ms, served.requests.get("complete", 0)
    if not ms.of:
        return Section("Latency", ["The daemon has not answered anything since it started."])
    sentences = [f"Of the last {ms.of:,} answers half came within {ms.p50} ms, and nine of ten within {ms.p90} ms."]
    taken = served.showing.outcomes.get("characters_taken", 0)
    if taken:
        share = taken / (taken + requests)
        sentences.append(
            f"Since it started it was asked {requests:,} times, about once a key, and you accepted {taken:,} "
            f"characters: {share:.0%} of what you wrote. It counts this until it stops, whether learning is on or off."
        )
    silences = sorted(served.showing.silences.items(), key=lambda one: -one[1])
    rows = [(translated(reasons.sentence(reason)), f"{count:,}") for reason, count in silences]
    return Section("Latency", sentences, header=words("reason for silence", "times"), rows=rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
