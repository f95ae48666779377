"""What the pages show, and that their buttons do what they say."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from support.journal.events import as_events
from support.models.kept_versions import make
from support.web.pages import RunningPages

from shadowpen.daemon.base import config, store
from shadowpen.daemon.cli.desktop.forms import MOST_FORM_BYTES
from shadowpen.daemon.client.asynchronous import AsyncWritingClient
from shadowpen.daemon.corpus import extracted
from shadowpen.daemon.http import app
from shadowpen.daemon.learning import known, runs
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.showing.silence.attention import Attention
from shadowpen.daemon.storage import journal, models, own_words, versions
from shadowpen.daemon.storage.journal import Journal

SECRET = "the <b>ledger</b> under the chapel floor"


@pytest.fixture
def accepted(layout: store.Layout) -> None:
    """Two suggestions were accepted in two documents."""
    Journal(layout.edits).append(
        as_events(*[
            {"type": "accepted", "id": id, "time": 1.0e9, "context": "She wrote of ", "suggested": text, "taken": text,
             "document": f"file:///texts/{id}.md", "language": "markdown"}
            for id, text in (("a", SECRET), ("b", "it was late that evening"))
        ])
    )  # fmt: skip


def test_ghost_text_is_paused_and_resumed(browser: httpx.Client, layout: store.Layout) -> None:
    paused = browser.post("/act", data={"wish": "tomorrow"})
    assert "Ghost text is paused until" in paused.text and "End the pause" in paused.text
    assert Attention(layout.attention).report().paused
    assert "Pause for 30 minutes" in browser.post("/act", data={"wish": "resume"}).text


def test_what_was_told_is_told_once(browser: httpx.Client) -> None:
    assert "in manual mode." in browser.post("/act", data={"wish": "manual"}).text
    assert "in manual mode." not in browser.get("/").text


def test_learning_is_turned_on_and_off(browser: httpx.Client, layout: store.Layout) -> None:
    for wish, value in (("learning-on", "on"), ("learning-off", "off")):
        browser.post("/act", data={"wish": wish})
        assert config.load(layout.config_file).learning.enabled == value


def test_a_training_run_starts_only_with_learning_on(browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(runs, "start_detached", started.append)
    assert "Learning is not on." in browser.post("/act", data={"wish": "train"}).text and not started
    browser.post("/act", data={"wish": "learning-on"})
    assert "has started" in browser.post("/act", data={"wish": "train"}).text and started == [runs.COMMAND]


@pytest.mark.usefixtures("accepted")
def test_a_phrase_is_shown_escaped_and_forgotten_after_a_question(browser: httpx.Client, layout: store.Layout) -> None:
    shown = browser.get("/learned").text
    assert "the &lt;b&gt;ledger&lt;/b&gt; under the chapel floor" in shown and SECRET not in shown

    asked = browser.get("/learned/forget", params={"kind": "phrase", "value": SECRET})
    assert "<dt>edits in the journal</dt><dd>1</dd>" in asked.text
    assert len(journal.read(layout.edits).edits) == 2

    done = browser.post("/learned/forget", data={"kind": "phrase", "value": SECRET})
    assert "It is forgotten." in done.text
    assert [edit.id for edit in journal.read(layout.edits).edits] == ["b"]
    assert forgotten.load(layout.forgotten).covers(f"She wrote of {SECRET}")


@pytest.mark.usefixtures("accepted")
def test_a_document_and_a_day_are_forgotten(browser: httpx.Client, layout: store.Layout) -> None:
    browser.post("/learned/forget", data={"kind": "file", "value": "/texts/b.md"})
    assert [edit.id for edit in journal.read(layout.edits).edits] == ["a"]
    browser.post("/learned/forget", data={"kind": "since", "value": "2001-09-01"})
    assert not journal.read(layout.edits).edits


@pytest.mark.parametrize(("kind", "value"), [("phrase", "..."), ("since", "soon"), ("file", ""), ("all", "x")])
def test_a_wish_that_means_nothing_is_refused(browser: httpx.Client, kind: str, value: str) -> None:
    assert browser.get("/learned/forget", params={"kind": kind, "value": value}).status_code == 400


def test_folders_are_added_and_removed(browser: httpx.Client, layout: store.Layout, tmp_path: Path) -> None:
    browser.post("/learned/folders", data={"folder": str(tmp_path)})
    assert config.load(layout.config_file).learning.folders == [str(tmp_path)]
    browser.post("/learned/folders/remove", data={"folder": str(tmp_path)})
    assert config.load(layout.config_file).learning.folders == []
    for wrong in (tmp_path / "none", Path(tmp_path.anchor), Path("~")):
        assert browser.post("/learned/folders", data={"folder": str(wrong)}).status_code == 400


def test_a_folder_that_is_added_is_read_at_once(browser: httpx.Client, layout: store.Layout, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("The harbour lay still in the morning, and nobody was there to see it but the dog.")
    told = browser.post("/learned/folders", data={"folder": str(tmp_path)}).text
    assert "1 text with about 14 words" in told and "Nothing is learned before you turn learning on." in told
    counted = known.read(layout)
    assert counted is not None and counted.documents == 1


def test_words_are_added_and_removed(browser: httpx.Client, layout: store.Layout) -> None:
    assert "<span>Grüßli</span>" in browser.post("/learned/words", data={"word": "Grüßli"}).text
    assert own_words.read(own_words.added(layout)) == {"Grüßli"}
    browser.post("/learned/words/remove", data={"word": "Grüßli"})
    assert not own_words.read(own_words.added(layout))
    assert browser.post("/learned/words", data={"word": "two words"}).status_code == 400


@pytest.mark.usefixtures("with_model")
def test_versions_are_shown_with_their_gate_and_chosen(browser: httpx.Client, layout: store.Layout) -> None:
    model = models.resolve("default")
    good, bad = make(model), make(model, "rejected")
    shown = browser.get("/versions").text
    assert "It does not read your newest text better." in shown and f'aria-label="Use version {bad}"' not in shown

    browser.post("/versions/use", data={"version": good})
    assert versions.current(layout).version == good
    assert "/texts/a.md" in browser.get("/learned").text
    assert "did not pass its gate" in browser.post("/versions/use", data={"version": bad}).text
    browser.post("/versions/rollback")
    assert not versions.current(layout).version


def test_the_report_is_the_same_as_the_commands(browser: httpx.Client) -> None:
    assert "/report/page" in browser.get("/report").text
    assert "What Shadowpen does for you" in browser.get("/report/page").text


def test_a_setting_is_changed_checked_and_reset(browser: httpx.Client, layout: store.Layout) -> None:
    changed = browser.post("/settings", data={"name": "completion.deadline_ms", "value": "90"})
    assert (
        "completion.deadline_ms is 90" in changed.text and config.load(layout.config_file).completion.deadline_ms == 90
    )
    refused = browser.post("/settings", data={"name": "completion.deadline_ms", "value": "soon"})
    assert refused.status_code == 400 and "Nothing was changed" in refused.text
    browser.post("/settings/reset", data={"name": "completion.deadline_ms"})
    assert config.load(layout.config_file).sources["completion.deadline_ms"] == "default"
    assert browser.post("/settings", data={"name": "no.setting", "value": "1"}).status_code == 400


def test_a_list_has_one_value_a_line(browser: httpx.Client, layout: store.Layout) -> None:
    browser.post("/settings", data={"name": "learning.exclude", "value": "*.bak\r\n\r\ndrafts/*"})
    assert config.load(layout.config_file).learning.exclude == ["*.bak", "drafts/*"]


def test_a_form_that_is_too_long_is_refused(browser: httpx.Client) -> None:
    refused = browser.post("/learned/words", data={"word": "x" * MOST_FORM_BYTES})
    assert refused.status_code == 400 and "too long" in refused.text


def test_texts_of_documents_are_kept_no_longer_than_they_may_be_read(
    browser: httpx.Client, layout: store.Layout, tmp_path: Path
) -> None:
    browser.post("/learned/folders", data={"folder": str(tmp_path)})
    for path, data in (("/learned/folders/remove", {"folder": str(tmp_path)}), ("/act", {"wish": "learning-off"})):
        store.write_atomic(extracted.folder_of(layout) / "a", b"text of a document")
        assert browser.post(path, data=data).status_code == 200
        assert not extracted.folder_of(layout).exists()


def test_a_private_folder_stays_private_when_it_is_no_longer_learned_from(
    browser: httpx.Client, layout: store.Layout, tmp_path: Path
) -> None:
    content = f"[learning]\nfolders = ['{tmp_path}']\nprivate_folders = ['{tmp_path}']\n"
    store.write_atomic(layout.config_file, content.encode())
    browser.post("/learned/folders/remove", data={"folder": str(tmp_path)})
    learning = config.load(layout.config_file).learning
    assert (learning.folders, learning.private_folders) == ([], [str(tmp_path)])


@pytest.mark.usefixtures("accepted")
def test_what_is_forgotten_is_not_counted_either(browser: httpx.Client, layout: store.Layout) -> None:
    earlier, since, later = map(record.days_ago, (9, 6, 3))
    record.add(layout, {(day, "default@base"): Counts(shown=1) for day in (earlier, later)})
    browser.post("/learned/forget", data={"kind": "since", "value": since})
    assert [day for day, _ in record.read(layout)] == [earlier]


def test_a_version_that_is_lost_leaves_the_page_readable(browser: httpx.Client, layout: store.Layout) -> None:
    store.write_atomic(layout.adapters / "current", b'{"version": "v0009-20260501"}')
    assert browser.get("/learned").status_code == 200


@pytest.mark.parametrize("folder", ["~nobody-of-that-name/texts", "a\0b", "/" + "n" * 300])
def test_a_name_that_leads_nowhere_is_refused(browser: httpx.Client, folder: str) -> None:
    assert browser.post("/learned/folders", data={"folder": folder}).status_code == 400
    if "\0" in folder:
        assert browser.get("/learned/forget", params={"kind": "file", "value": folder}).status_code == 400


@pytest.mark.usefixtures("accepted")
def test_a_phrase_that_was_deleted_again_is_not_offered_to_be_forgotten(
    browser: httpx.Client, layout: store.Layout
) -> None:
    """To forget what stands in its place would be to forget everything with that word."""
    Journal(layout.edits).append(as_events({"type": "kept", "id": "b", "time": 1.0e9, "when": "2min", "text": ""}))
    offered = re.findall(r'aria-label="Forget the phrase (.*?)"', browser.get("/learned").text)
    assert any("ledger" in one for one in offered)
    assert not any("it was late" in one or "deleted" in one for one in offered)


def test_a_form_that_does_not_come_to_its_end_is_not_waited_for(
    browser: httpx.Client, pages: RunningPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "BODY_TIMEOUT_S", 0.2)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    host = pages.origin.removeprefix("http://")
    lines = [f"Host: {host}", f"Origin: {pages.origin}", f"Cookie: {cookie}", "Content-Length: 9", "", "w"]
    for path in ("/learned/words", "/write/complete"):
        with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])), timeout=20) as dripping:
            dripping.sendall("\r\n".join([f"POST {path} HTTP/1.1", *lines]).encode())
            assert dripping.recv(100).startswith(b"HTTP/1.1 ")


def test_a_text_that_was_cut_within_a_character_is_read(browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def repeat(_: AsyncWritingClient, before: str, after: str, **__: bool) -> SimpleNamespace:
        return SimpleNamespace(text=before + after)

    monkeypatch.setattr(AsyncWritingClient, "complete", repeat)
    cut = b'{"before": "\\ude00 late", "after": " and wet \\ud83d"}'
    assert browser.post("/write/complete", content=cut).json() == {"text": "\ufffd late and wet \ufffd"}
