"""`shadowpen complete`: the text that comes in is continued by the daemon's model."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
from support.command_line import Process, Shadowpen

from shadowpen.daemon.base import store
from shadowpen.daemon.wire import lock

# The model knows which word follows which, so it goes on as the line does up to the first word that has two successors.
BEGINNING = "She wrote a letter"
REST = " to her brother, and"


@pytest.mark.usefixtures("with_model")
def test_a_text_is_continued_and_a_daemon_started(shadowpen: Shadowpen, layout: store.Layout) -> None:
    assert lock.holder(layout) is None
    done = shadowpen("complete", "--words", "7", stdin=f"{BEGINNING}\n".encode())
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(REST) and done.out.endswith("\n")
    assert tiny.LINES[1].startswith(BEGINNING + REST)
    assert lock.holder(layout) is not None


@pytest.mark.usefixtures("with_model")
def test_a_file_is_continued_in_the_middle_of_a_word(shadowpen: Shadowpen, tmp_path: Path) -> None:
    text = tmp_path / "letter.md"
    text.write_bytes("\ufeffShe wrote a let".encode())
    done = shadowpen("complete", "--file", str(text), "--words", "4")
    assert done.out.startswith("ter to her")


@pytest.mark.usefixtures("with_model")
def test_a_script_gets_text_model_and_timings(shadowpen: Shadowpen) -> None:
    document = shadowpen("complete", "--json", "--words", "7", stdin=BEGINNING.encode()).json
    assert document["text"].startswith(REST)
    assert document["model"].startswith("default")
    assert document["timings"]["computed_tokens"] > 0


@pytest.mark.usefixtures("with_model")
def test_several_sentences_come_out_whole_and_once(shadowpen: Shadowpen) -> None:
    done = shadowpen("complete", "--words", "30", stdin=BEGINNING.encode())
    document = shadowpen("complete", "--json", "--words", "30", stdin=BEGINNING.encode()).json
    assert done.out == document["text"] + "\n"


@pytest.mark.parametrize(
    ("stdin", "words"),
    [(b"", "no text"), (b" \n\n", "no text"), (b"caf\xe9 is not UTF-8", "byte 4")],
)
def test_what_is_no_text_is_refused_without_a_daemon(
    shadowpen: Shadowpen, layout: store.Layout, stdin: bytes, words: str
) -> None:
    done = shadowpen("complete", stdin=stdin)
    assert done.status == 2 and words in done.err
    assert lock.holder(layout) is None


def test_a_file_that_is_not_there_is_said(shadowpen: Shadowpen, tmp_path: Path) -> None:
    done = shadowpen("complete", "--file", str(tmp_path / "nothing.md"))
    assert done.status == 3 and "nothing.md" in done.err


def test_no_model_is_said_with_what_to_do(shadowpen: Shadowpen) -> None:
    done = shadowpen("complete", stdin=b"The harbour")
    assert done.status == 4 and "shadowpen setup" in done.err


@pytest.mark.usefixtures("with_model")
def test_it_is_a_lean_process(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes it quick is what it does not import; the time itself is not for a test."""
    process("complete", "--words", "2", stdin=BEGINNING.encode())
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    done = process("complete", "--words", "7", stdin=BEGINNING.encode())
    assert done.stdout.decode().startswith(REST)
    imported = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.split(b"\n")}
    assert "zmq" in imported
    assert not {"rich", "numpy", "onnxruntime", "tomlkit", "pygls", "asyncio", "huggingface_hub"} & imported
