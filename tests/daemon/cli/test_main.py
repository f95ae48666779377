"""The command line as a whole: help, exit codes, and errors as one sentence."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from support.command_line import Shadowpen

from shadowpen.daemon import cli
from shadowpen.daemon.base import errors, terminal
from shadowpen.daemon.cli import table


def _command_that(raises: BaseException) -> click.Command:
    @click.command()
    @terminal.json_option
    def failing(as_json: bool) -> None:
        raise raises

    return failing


Failing = Callable[[BaseException], None]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Makes `shadowpen status` raise."""

    def prepare(raises: BaseException) -> None:
        monkeypatch.setattr(table.Entry, "load", lambda entry, name: _command_that(raises))

    return prepare


def test_help_lists_every_command_in_one_line_each(shadowpen: Shadowpen) -> None:
    done = shadowpen("--help")
    assert done.status == 0
    for name, entry in table.COMMANDS.items():
        assert f"  {name} " in done.out and entry.help in done.out
    assert "Exit codes:" in done.out


def test_without_a_command_it_helps(shadowpen: Shadowpen) -> None:
    done = shadowpen()
    assert "Usage: shadowpen" in done.out + done.err


def test_the_version_is_the_package_s(shadowpen: Shadowpen) -> None:
    assert shadowpen("--version").out.strip() == f"shadowpen {version('shadowpen')}"


def test_a_typing_error_is_answered_with_what_was_meant(shadowpen: Shadowpen) -> None:
    done = shadowpen("statsu")
    assert done.status == 2 and "status" in done.err


def test_an_error_is_its_sentence_and_its_hint(shadowpen: Shadowpen, failing: Failing) -> None:
    failing(errors.ModelMissing("No model is there.", "Run `shadowpen setup`."))
    done = shadowpen("status")
    assert (done.status, done.out) == (4, "")
    assert done.err == "shadowpen: No model is there.\n  → Run `shadowpen setup`.\n"


def test_an_error_is_a_document_for_a_script(shadowpen: Shadowpen, failing: Failing) -> None:
    failing(errors.ModelMissing("No model is there.", "Run `shadowpen setup`."))
    done = shadowpen("status", "--json")
    assert done.status == 4 and done.err == ""
    assert done.json == {
        "error": {"code": "model_missing", "message": "No model is there.", "hint": "Run `shadowpen setup`."}
    }


def test_a_wrong_command_line_is_a_document_for_a_script(shadowpen: Shadowpen) -> None:
    done = shadowpen("status", "--json", "--nonsense")
    assert done.status == 2 and "nonsense" in done.json["error"]["message"]


def test_a_fault_of_our_own_shows_no_stack(
    shadowpen: Shadowpen, failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(ZeroDivisionError("division by zero"))
    done = shadowpen("status")
    assert done.status == 1
    assert "ZeroDivisionError" in done.err and "Traceback" not in done.err
    monkeypatch.setenv("SHADOWPEN_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.run(["status"])


def test_a_disk_that_is_full_is_said_in_words(shadowpen: Shadowpen, failing: Failing) -> None:
    failing(OSError(errno.ENOSPC, "No space left on device"))
    done = shadowpen("status")
    assert done.status == errors.StateUnusable.exit_status
    assert done.err.startswith("shadowpen: The output cannot be read or written: No space left on device.\n  → ")


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_closed_stream_is_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], stream: str
) -> None:
    """`shadowpen complete <&-`"""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr(sys, stream, None)
    assert cli.run(["complete"]) == 2
    getattr(sys, stream).close()
    told = capfd.readouterr().err
    assert told == "" if stream == "stderr" else "There is no text to continue." in told


def test_a_group_names_its_commands(shadowpen: Shadowpen) -> None:
    done = shadowpen("install", "nano")
    assert done.status == 2
    assert "There are: emacs, jupyterlab, libreoffice, neovim, obsidian, vim, vscode." in done.err


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_130(shadowpen: Shadowpen, failing: Failing, raised: BaseException) -> None:
    failing(raised)
    assert shadowpen("status").status == 130


def test_a_reader_that_leaves_hears_no_complaint(tmp_path: os.PathLike[str]) -> None:
    """`shadowpen config | head -1`"""
    command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", "config", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""


def _all_errors(kind: type[errors.ShadowpenError]) -> list[type[errors.ShadowpenError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _all_errors(child))]


def test_every_error_s_exit_code_is_documented() -> None:
    ours = [kind for kind in _all_errors(errors.ShadowpenError) if kind.__module__.startswith("shadowpen.")]
    assert len(ours) > 10
    assert {kind.exit_status for kind in ours} <= set(terminal.EXIT_CODES)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (267_000_000, "267 MB"), (1_000, "1 kB"), (73_700_000_000, "73.7 GB")],
)
def test_sizes_read_well(count: int, text: str) -> None:
    assert terminal.size(count) == text


@pytest.mark.parametrize("page", ["utf-8", "ascii", "cp1252", "cp437", "latin-1"])
def test_text_that_a_code_page_lacks_is_printed_with_marks(home: Path, tmp_path: Path, page: str) -> None:
    prose = (
        "We walked to the harbour — it was naïve of us — and “the café” was closed; 東京 was far away, as μέλι was. "
    )
    more = "On the way back the dog found a glove, and my sister kept it in her pocket until the winter was over."
    (tmp_path / "letter.md").write_text(f"{prose}{more}\n", "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": page}
    command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", "learn"]
    subprocess.run([*command, "add", str(tmp_path)], env=environment, check=True, capture_output=True)

    shown = subprocess.run([*command, "preview", "--text"], env=environment, capture_output=True)

    assert shown.returncode == 0, shown.stderr
    assert b"We walked to the harbour" in shown.stdout


def test_without_a_home_it_says_so(shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_HOME", "~nobody-of-that-name/state")
    done = shadowpen("status")
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith("shadowpen: SHADOWPEN_HOME names the home folder of an unknown user.\n  → ")
