"""`shadowpen expand`: the notes that come in come out as a paragraph of the daemon's model."""

from __future__ import annotations

import contextlib
import errno
import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.command_line import Process, Shadowpen
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.cli.writing import expand
from shadowpen.daemon.storage import expansion_thread
from shadowpen.daemon.wire import lock

NOTES = b"- roof leaks, see [the survey](https://x.org/s)\r\n- ask Anna [@smith2020]\r\n"


@pytest.mark.usefixtures("with_model")
def test_notes_become_one_paragraph_and_a_daemon_is_started(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert lock.holder(layout) is None
    done = shadowpen("expand", "--candidates", "2", "--max-words", "20", stdin=NOTES)
    assert done.status == 0
    assert done.out.endswith("\n") and done.out.count("\n") == 1
    assert done.out.count("https://x.org/s") == 1 and done.out.count("[@smith2020]") == 1
    assert lock.holder(layout) is not None


@pytest.fixture
def with_nonsense(with_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that knows nothing by heart, so that chance decides."""
    monkeypatch.setenv("SHADOWPEN_MODEL_NAME", "tiny")


@pytest.mark.usefixtures("with_nonsense")
def test_a_script_gets_all_candidates_and_what_they_lack(shadowpen: Shadowpen, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_bytes(b"\xef\xbb\xbf" + NOTES)
    options = ("--json", "--free", "--candidates", "3", "--max-words", "5", "--seed", "5")
    document = shadowpen("expand", "--file", str(notes), *options).json
    assert len(document["candidates"]) == 3 and document["candidates"][0]["text"] == document["text"]
    assert all(one["missing"] == ["roof", "leaks", "ask", "Anna"] for one in document["candidates"])
    assert document["seed"] == 5 and document["model"].startswith("tiny")
    assert document["timings"]["computed_tokens"] > 0


@pytest.mark.usefixtures("with_nonsense")
def test_a_seed_makes_the_same_again_and_another_something_else(shadowpen: Shadowpen) -> None:
    def text(seed: str) -> str:
        return shadowpen("expand", "--candidates", "1", "--max-words", "10", "--seed", seed, stdin=NOTES).out

    assert text("1") == text("1") != text("2")


@pytest.mark.usefixtures("with_nonsense")
def test_settings_hold_for_one_text(shadowpen: Shadowpen) -> None:
    def text(seed: str, *options: str) -> str:
        chosen = ("--free", "--candidates", "1", "--max-words", "10", "--seed", seed, *options)
        done = shadowpen("expand", *chosen, stdin=NOTES)
        assert done.status == 0, done.err
        return done.out

    assert text("1", "--set", "do_sample=false") == text("2", "--set", "do_sample=false")
    assert text("1") != text("2")
    document = shadowpen("expand", "--json", "--free", "--max-words", "5", "--set", "candidates=2", stdin=NOTES).json
    assert len(document["candidates"]) == 2


@pytest.mark.parametrize(("given", "words"), [("heat=1", "heat"), ("temperature=hot", "a number"), ("top_k", "NAME=")])
def test_a_wrong_setting_costs_no_daemon(shadowpen: Shadowpen, layout: store.Layout, given: str, words: str) -> None:
    for command in ("expand", "complete"):
        done = shadowpen(command, "--set", given, stdin=NOTES)
        assert done.status == 2 and words in done.err and "→" in done.err
    assert lock.holder(layout) is None


@pytest.mark.usefixtures("with_model")
def test_what_the_paragraph_does_not_tell_is_said_beside_it(shadowpen: Shadowpen) -> None:
    done = shadowpen("expand", "--free", "--candidates", "1", "--max-words", "3", stdin=b"zebra, quagga")
    assert "zebra" not in done.out and done.err == "Not covered: zebra, quagga.\n"


@pytest.mark.parametrize(
    ("stdin", "words"), [(b"", "no notes"), (b" \r\n\n", "no notes"), (b"caf\xe9 is not UTF-8", "byte 4")]
)
def test_what_is_no_text_is_refused_without_a_daemon(
    shadowpen: Shadowpen, layout: store.Layout, stdin: bytes, words: str
) -> None:
    done = shadowpen("expand", stdin=stdin)
    assert done.status == 2 and words in done.err and "→" in done.err
    assert lock.holder(layout) is None


@pytest.mark.usefixtures("with_model")
@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        (b"word " * 5000, "5,000 words"),
        (b"https://x.org", "only links, markup or code"),
        ("写作。".encode() * 5000, "too long"),
    ],
)
def test_what_the_daemon_refuses_is_a_sentence_with_a_hint(shadowpen: Shadowpen, stdin: bytes, words: str) -> None:
    done = shadowpen("expand", stdin=stdin)
    assert done.status == 2 and done.out == ""
    assert words in done.err and "→" in done.err and done.err.count("\n") == 2


def test_a_file_that_is_not_there_is_said(shadowpen: Shadowpen, tmp_path: Path) -> None:
    done = shadowpen("expand", "--file", str(tmp_path / "nothing.md"))
    assert done.status == 3 and "nothing.md" in done.err


def test_no_model_is_said_with_what_to_do(shadowpen: Shadowpen) -> None:
    done = shadowpen("expand", stdin=b"roof leaks")
    assert done.status == 4 and "shadowpen setup" in done.err


@pytest.mark.usefixtures("with_model")
def test_a_terminal_shows_it_growing_and_keeps_the_end_alone(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    done = shadowpen("expand", "--candidates", "1", "--max-words", "20", stdin=NOTES)
    assert done.out.split()[0] in done.err, "the preview"
    assert "\x1b" in done.err and "\x1b" not in done.out and done.out.count("\n") == 1
    silent = shadowpen("expand", "--json", "--candidates", "1", "--max-words", "20", stdin=NOTES)
    assert silent.err == "" and silent.json["text"] + "\n" == done.out


@pytest.mark.usefixtures("with_model")
def test_an_interruption_ends_the_work_in_the_daemon_too(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    @contextlib.contextmanager
    def preview(*, silent: bool) -> Iterator[Callable[[str], None]]:
        def show(text: str) -> None:
            shown.append(text)
            raise KeyboardInterrupt

        yield show

    monkeypatch.setattr(expand, "_preview", preview)
    done = shadowpen("expand", stdin=NOTES)
    assert (done.status, done.out, len(shown)) == (130, "", 1)
    wait_until(lambda: "request_cancelled" in shadowpen("status", "--json").out, "the cancellation in the daemon")


@pytest.mark.usefixtures("with_model")
def test_without_a_terminal_it_is_a_lean_process(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    process("complete", "--words", "2", stdin=b"She wrote a letter")
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    done = process("expand", "--candidates", "1", "--max-words", "3", stdin=NOTES)
    assert done.returncode == 0
    imported = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.split(b"\n")}
    assert "zmq" in imported
    assert not {"rich", "numpy", "onnxruntime", "tomlkit", "pygls", "asyncio", "huggingface_hub"} & imported


@pytest.mark.usefixtures("with_model")
def test_a_faithful_paragraph_tells_all_and_says_what_it_added(shadowpen: Shadowpen) -> None:
    document = shadowpen("expand", "--json", stdin=b"- zebra late\n- quagga asks Anna").json
    best = document["candidates"][0]
    assert best["missing"] == [] and best["tells"] == [0, 1]
    own = {"zebra", "late", "quagga", "asks", "anna"}
    words = {word.strip(".,").lower() for word in best["text"].split()}
    assert {one["word"].lower() for one in best["added"]} == words - own


@pytest.fixture
def kept(layout: store.Layout) -> Path:
    """Where the last expansion is kept."""
    return layout.runtime / "expansion.json"


@pytest.mark.usefixtures("with_model")
def test_what_was_printed_last_is_changed_by_what_is_said_and_taken(shadowpen: Shadowpen, kept: Path) -> None:
    notes = b"they'll sail\nthey'll come"
    first = shadowpen("expand", stdin=notes).out.strip()
    assert kept.stat().st_mode & 0o777 == 0o600 and first in kept.read_text("utf-8")
    said = shadowpen("expand", "--continue", "more formal")
    assert said.status == 0, said.err
    assert "hey'll" in first and "hey'll" not in said.out and "hey will" in said.out
    back = shadowpen("expand", "--continue", "less formal", "--json").json
    assert "hey'll" in back["text"]
    assert shadowpen("expand", "--take").out == back["text"] + "\n"
    assert not kept.exists()
    done = shadowpen("expand", "--take")
    assert done.status == 2 and "no expansion to change" in done.err


@pytest.mark.usefixtures("with_model")
def test_what_cannot_be_done_names_the_list_and_keeps_the_paragraph(shadowpen: Shadowpen, kept: Path) -> None:
    first = shadowpen("expand", stdin=NOTES).out
    before = kept.read_bytes()
    done = shadowpen("expand", "--continue", "as a pirate would")
    assert done.status == 2 and "shorter, longer" in done.err and "→" in done.err
    assert kept.read_bytes() == before
    done = shadowpen("expand", "--continue", "mention Anna")
    assert done.status == 2 and "mentions that already" in done.err
    assert shadowpen("expand", "--take").out == first


def test_without_an_expansion_nothing_is_continued_and_no_daemon_is_started(
    shadowpen: Shadowpen, layout: store.Layout, kept: Path
) -> None:
    kept.parent.mkdir(parents=True, mode=0o700)
    for content in (b"", b"nonsense", b"{}"):
        kept.write_bytes(content)
        done = shadowpen("expand", "--continue", "shorter")
        assert done.status == 2 and "no expansion to change" in done.err
    assert lock.holder(layout) is None


def test_a_paragraph_that_is_taken_is_a_document_for_a_script(shadowpen: Shadowpen, layout: store.Layout) -> None:
    _write_thread(layout)
    assert shadowpen("expand", "--take", "--json").json == {"text": "The ferry was late."}


def test_a_paragraph_that_cannot_be_printed_is_not_deleted(
    shadowpen: Shadowpen, layout: store.Layout, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    _write_thread(layout)
    monkeypatch.setattr(sys, "stdout", Full())
    assert shadowpen("expand", "--take").status == 3
    assert kept.exists()


def _write_thread(layout: store.Layout) -> None:
    thread = expansion_thread.StoredThread(notes="ferry late", text="The ferry was late.", at_s=time.time())
    expansion_thread.write(layout, thread)
