"""daemon/reporting/{report,learned,measured}.py: a whole page from a state directory."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from support.journal.events import as_events

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable
from shadowpen.daemon.base.translation import language
from shadowpen.daemon.evaluation import metrics
from shadowpen.daemon.evaluation.results import End, Results, TextResult
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts, bucket
from shadowpen.daemon.monitoring.produced_texts import TaskCounts
from shadowpen.daemon.reporting import measured, plots
from shadowpen.daemon.reporting.report import write
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.journal import Journal
from shadowpen.daemon.storage.versions import Base, Pointer, TextSource, Version
from shadowpen.daemon.typist.keystrokes import Tally
from shadowpen.daemon.wire.reports import DaemonReport, LatencyReport, ShowingReport

SECRETIVE = " walked past Wimbledon"


@pytest.fixture
def journal(layout: store.Layout) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    events: list[dict[str, object]] = []
    for n in range(60):
        about = {"id": f"e{n}", "time": (start + timedelta(days=n % 20)).isoformat()}
        edit = {"context": "He", "suggested": SECRETIVE, "taken": SECRETIVE, "document": "file:///x/diary.md"}
        events.append({"type": "accepted", **about, **edit, "language": "markdown", "model": "default@base"})
        events.append({"type": "kept", **about, "when": "10min", "text": SECRETIVE})
    Journal(layout.edits).append(as_events(*events))


@pytest.fixture
def adapters(layout: store.Layout) -> None:
    sources = [
        TextSource(origin="/home/me/Essays & <notes>/2024.md", sha256="0", tokens=4_000),
        TextSource(origin="untitled:Untitled-1 2024-01-01", sha256="0", tokens=400, held_out=True),
    ]
    for number, state in ((1, "promoted"), (2, "rejected")):
        version = Version(
            id=f"v000{number}-20260301",
            state=state,  # type: ignore[arg-type]
            created="2026-03-01T10:00:00",
            base=Base(name="default", sha256="0"),
            sources=sources,
            metrics={"perplexity": 20.5, "perplexity_served": 22.25, "gain_lower_bound": 0.01, "general_ratio": 1.004},
            reasons=[] if state == "promoted" else ["It does not read your newest text better."],
        )
        store.write_atomic(layout.adapters / version.id / versions.MANIFEST, msgspec.json.encode(version))
    store.write_atomic(layout.adapters / "current", msgspec.json.encode(Pointer(version="v0001-20260301")))


def evaluation(folder: Path, author: str, saved: int) -> Path:
    results = Results.begin(folder, {"author": author, "arms": ["base", "memory"]}, resume=False)
    for arm, more in (("base", 0), ("memory", saved)):
        for text in ("a.md", "b.md", "c.md"):
            tally = Tally(characters=500, keys=350 - more, asked=300, shown=40, used=30, offered=400, right=300)
            results.add(
                TextResult(
                    arm=arm,
                    text=text,
                    model="default@base",
                    learned_characters=0,
                    as_served=tally,
                    as_read=tally,
                    at_coverage=tally,
                    places=499,
                    likely=100,
                    words_right={str(n): (1, 2) for n in metrics.WORDS},
                    bits=400.0,
                    bits_characters=500,
                ),
                5.0,
            )
        results.end(arm, End(model="default@base", general_perplexity=27.5))
    arms = {arm: results.of(arm) for arm in ("base", "memory")}
    settings = {"author": author}
    results.finish(metrics.summary(arms, settings=settings, ends=results.ends, answers_ms={}, left_out={}, seed=0))
    return folder


def test_a_new_user_is_told_that_there_is_nothing_to_tell(layout: store.Layout) -> None:
    written = write(layout)
    page = written.path.read_text("utf-8")
    assert written.path == layout.data / "report.html" and written.path.stat().st_mode & 0o777 == 0o600
    assert "too early to tell" in written.helps and written.helps in page
    assert "no suggestion yet" in written.helps and "0 of" not in page
    off = write(layout, counting=False)
    assert off.helps.startswith("Keys saved are not counted while learning is off") and "learn on" in off.html
    assert "train now" in page and "No daemon is running" in page


@pytest.mark.usefixtures("journal", "adapters")
def test_everything_there_is_is_told_without_a_word_of_the_authors(layout: store.Layout) -> None:
    page = write(layout).path.read_text("utf-8")
    assert "You accepted 60 suggestions" in page and "2026-03-21" in page and "the default model" in page
    assert (
        "v0001-20260301 is in use. 1 of 2 versions passed" in page
        and "7.9 % better" in page
        and "1.0 % better at least" in page
        and "0.4 % worse" in page
    )
    assert "It does not read your newest text better." in page
    assert "/home/me/Essays &amp; &lt;notes&gt;" in page and "documents without a folder" in page
    assert "Wimbledon" not in page and "diary.md" not in page and "2024.md" not in page
    assert page.count("<svg") == 2


@pytest.mark.usefixtures("journal", "adapters")
def test_all_of_it_is_chinese_for_who_reads_chinese(layout: store.Layout, tmp_path: Path) -> None:
    record.add(layout, {(record.days_ago(day), "default@base"): Counts(shown=9, taken=3) for day in (0, 1)})
    made = TaskCounts(4, 100, 77, 10, 4, bleu=200.0, chrf=246.0, rouge_l=320.0, encoded=4, bert_score=364.0)
    record.add_tasks(layout, {(record.days_ago(0), "expand", "default@base"): made})
    served = DaemonReport(
        completion_ms=LatencyReport(p50=12.5, p90=44.0, of=900),
        requests={"complete": 900},
        showing=ShowingReport(outcomes={"characters_taken": 100}, silences={"after_paste": 3, "unsure": 400}),
    )
    folders = [evaluation(tmp_path / "one", "text", 10), evaluation(tmp_path / "two", "Bert", 20)]
    language.speak(lambda: "zh")
    written = write(layout, served=served, evaluations=folders)
    assert '<html lang="zh-Hans">' in written.html and written.text.startswith("# Shadowpen 为你做了什么\n")
    shown = re.sub(r"<style.*?</style>|<svg.*?</svg>|`[^`]*`|<[^<>]*>", "\n", written.html, flags=re.DOTALL)
    theirs = "It does not read your newest text better."  # which only tests say
    assert [found[0] for found in re.finditer("[A-Za-z]{3,} [a-z]{2,}", shown.replace(theirs, ""))] == []
    assert "memory 与 base 相比，各作者的平均值：合计 +3.00 个百分点（95%：+3.00 到 +3.00）。" in written.text
    assert "| text " in written.text, "an author's name is nobody's message"


def test_evaluations_are_shown_by_author_with_the_mean_difference(layout: store.Layout, tmp_path: Path) -> None:
    folders = [evaluation(tmp_path / "one", "Anna & Co", 10), evaluation(tmp_path / "two", "Bert", 20)]
    page = write(layout, evaluations=folders).path.read_text("utf-8")
    assert "For Anna &amp; Co, with memory: Reading ghost text costs" in page
    assert "Anna &amp; Co" in page and "memory against base, the mean over authors: +3.00 points in all" in page
    found = measured.mean_differences(measured.read(folders), "base", "memory")["ksr"]
    assert found == {"mean": 0.03, "low": 0.03, "high": 0.03}
    with pytest.raises(ConfigInvalid, match="no finished evaluation"):
        write(layout, evaluations=[tmp_path])


def test_a_running_daemons_latencies_are_told(layout: store.Layout) -> None:
    served = DaemonReport(
        completion_ms=LatencyReport(p50=12.5, p90=44.0, of=900),
        requests={"complete": 900},
        showing=ShowingReport(outcomes={"characters_taken": 100}, silences={"after_paste": 3, "unsure": 400}),
    )
    page = write(layout, served=served).path.read_text("utf-8")
    assert (
        "half came within 12.5 ms, and nine of ten within 44.0 ms" in page
        and "10% of what you wrote" in page
        and "you have just pasted text" in page
    )
    assert "has not answered anything" in write(layout, served=DaemonReport()).path.read_text("utf-8")


def test_a_folder_that_is_not_ours_keeps_its_permissions(layout: store.Layout, tmp_path: Path) -> None:
    folder = tmp_path / "Desktop"
    folder.mkdir(mode=0o755)
    path = write(layout, target=folder / "mine.html").path
    assert folder.stat().st_mode & 0o777 == 0o755 and path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StateUnusable):
        write(layout, target=tmp_path / "none" / "mine.html")


def test_paragraphs_made_of_notes_have_a_section(layout: store.Layout) -> None:
    assert "Paragraphs made of notes" not in write(layout).html
    paragraph = "The ferry was late again, and I met Anna at the quay."
    told: dict[str, object] = {
        "type": "accepted", "id": "e1", "time": 1.7e9, "context": "", "suggested": paragraph, "taken": paragraph,
        "document": "file:///a.md", "language": "markdown", "notes": "ferry late again, met Anna",
    }  # fmt: skip
    rated = {"type": "rated", "id": "e1", "time": 1.7e9 + 1, "rating": 4}
    layout.edits.mkdir(parents=True)
    Journal(layout.edits).append(as_events(told, rated))
    page = write(layout).text
    assert "You accepted 1 paragraph made of your notes. You rated 1 of them, on average 4.0 out of 5." in page
    assert "ferry" not in page


def test_how_versions_fared_is_shown_day_by_day_with_the_alarms(layout: store.Layout) -> None:
    for days, taken in ((2, 40), (0, 9)):
        counts = Counts(shown=100, taken=taken, looked_at=50, kept=40, latencies=Counter({bucket(20): 10}))
        record.add(layout, {(record.days_ago(days), f"default@v000{days}"): counts})
        made = TaskCounts(4, 100, 77, 10, 4, bleu=200.0, chrf=246.0, rouge_l=320.0, encoded=4, bert_score=364.0)
        record.add_tasks(layout, {(record.days_ago(days), "expand", f"default@v000{days}"): made})

    written = write(layout, alarms=["You accepted 9% of 100 suggestions."])

    for text in (written.text, written.html):
        assert "You accepted 9% of 100 suggestions." in text
        assert "Versions in use" in text and "default@v0002" in text and "40%" in text
        assert "Expansions and verbs" in text and "77%" in text and "62" in text
        assert "BERTScore" in text and "91" in text
    assert ("Accepted and kept, day by day" in written.html) is plots.can_draw()
    assert ("How similar offered and kept texts were, day by day" in written.html) is plots.can_draw()
    assert "Alarms" not in write(layout).text
