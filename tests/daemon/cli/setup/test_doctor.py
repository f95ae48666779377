"""`shadowpen doctor`: each thing that can be wrong is found, and says what to do."""

from __future__ import annotations

import errno
import importlib.metadata
import json
import os
import shutil
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.command_line import Shadowpen
from support.installed import packages
from support.models import fake_gpu
from tiny import make_tiny_model

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import DaemonError, RequestInvalid
from shadowpen.daemon.cli.setup import doctor, install, install_vscode, plugin_folder
from shadowpen.daemon.cli.setup.examining import checks, serving_checks
from shadowpen.daemon.cli.setup.examining.findings import Check, CheckResult
from shadowpen.daemon.cli.setup.installation import language_server
from shadowpen.daemon.formats import table
from shadowpen.daemon.storage import model_languages
from shadowpen.daemon.wire import lock
from shadowpen.daemon.wire.reports import DaemonReport, ErrorDetails, ModelReport

Find = Callable[[Check], list[CheckResult]]


@pytest.fixture
def find(layout: store.Layout) -> Find:
    """What one check finds with the layout and the settings of this moment."""
    return lambda check: list(check(store.layout(), config.load()))


@pytest.mark.usefixtures("with_model")
def test_a_sound_installation_is_well(shadowpen: Shadowpen, layout: store.Layout) -> None:
    done = shadowpen("doctor", "--json")
    document = done.json
    assert [finding for finding in document["findings"] if finding["level"] == "fail"] == []
    assert (done.status, document["failed"]) == (0, 0)
    matters = {finding["matter"] for finding in document["findings"]}
    assert {"python", "onnxruntime", "settings", "folders", "socket", "disk", "model", "daemon", "editors"} <= matters
    assert lock.holder(layout) is None, "the daemon it started is ended again"


def test_what_fails_is_counted_and_ends_with_1(shadowpen: Shadowpen) -> None:
    done = shadowpen("doctor")
    assert done.status == 1
    assert "fail  model" in done.out and "→ Run `shadowpen setup`" in done.out


def test_a_check_that_cannot_be_carried_out_keeps_no_other_from_it(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answering(*_: object) -> Iterator[CheckResult]:
        raise DaemonError("Unix sockets are not available here.", 'Set daemon.transport = "auto".')

    def disk(*_: object) -> Iterator[CheckResult]:
        raise PermissionError(errno.EACCES, "Permission denied", "/closed")

    monkeypatch.setattr(doctor, "CHECKS", (answering, disk, checks.python))
    done = shadowpen("doctor", "--json")
    findings = done.json["findings"]
    assert (done.status, done.json["failed"]) == (1, 2)
    assert [(one["matter"], one["level"]) for one in findings] == [
        ("daemon", "fail"),
        ("disk", "fail"),
        ("python", "ok"),
    ]
    assert "/closed" in findings[1]["message"] and findings[0]["advice"]


def test_every_finding_that_is_not_well_says_what_to_do(shadowpen: Shadowpen) -> None:
    for finding in shadowpen("doctor", "--json").json["findings"]:
        assert finding["message"] and (finding["level"] == "ok" or finding["advice"]), finding


@pytest.mark.usefixtures("with_model")
def test_a_running_daemon_is_left_running(shadowpen: Shadowpen, layout: store.Layout, find: Find) -> None:
    shadowpen("daemon", "--detach")
    finding, word, budget = find(serving_checks.answering)
    assert finding.level == "ok" and f"Process {lock.holder(layout)}" in finding.message
    assert word.level == "ok" and "the model wrote “" in word.message
    assert budget.matter == "budget" and "ms a token" in budget.message


@pytest.mark.parametrize(
    ("model", "level"),
    [
        (ModelReport(state="ready", problem="The version v1 is damaged."), "warn"),
        (
            ModelReport(
                state="failed", error=ErrorDetails(code="model_corrupt", message="It is damaged.", hint="Mend it.")
            ),
            "fail",
        ),
    ],
)
def test_what_the_daemon_says_of_its_model_is_told(
    model: ModelReport, level: str, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [DaemonReport(model=ModelReport(state="loading")), DaemonReport(model=model)]
    monkeypatch.setattr(serving_checks, "_ask_status", lambda layout: reports.pop(0))
    monkeypatch.setattr(serving_checks, "_word", lambda layout, settings: iter(()))
    finding = find(serving_checks.answering)[-1]
    assert (finding.matter, finding.level) == ("serving", level)
    assert "damaged" in finding.message and finding.advice


def test_a_changed_model_is_found(
    find: Find, tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_models / "default", tmp_path / "default")
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path))
    (finding,) = find(serving_checks.model)
    assert finding.level == "ok"
    data = next((tmp_path / "default").glob("int8/*.data"))
    content = bytearray(data.read_bytes())
    content[100] ^= 1
    data.write_bytes(content)
    (finding,) = find(serving_checks.model)
    assert finding.level == "fail" and "changed" in finding.message


@pytest.mark.usefixtures("with_model")
def test_a_language_that_the_model_does_not_write_is_named(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_WRITING_LANGUAGES", "zh")
    assert find(serving_checks.languages) == []
    monkeypatch.setattr(model_languages, "languages", lambda manifest: frozenset({"en"}))
    (finding,) = find(serving_checks.languages)
    assert (finding.level, finding.message) == ("warn", "The model does not write Chinese.")
    assert "--name gemma" in finding.advice
    monkeypatch.setenv("SHADOWPEN_WRITING_UNWRITTEN", "serve")
    assert find(serving_checks.languages) == []


@pytest.mark.usefixtures("with_model")
def test_the_model_for_writing_is_checked_where_there_is_one(
    find: Find, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find(serving_checks.writing) == []
    monkeypatch.setenv("SHADOWPEN_WRITING_MODEL", "tiny")
    (finding,) = find(serving_checks.writing)
    assert finding.level == "ok" and "tiny (int8) continues and expands" in finding.message
    assert "learns nothing" in finding.message
    monkeypatch.setattr(serving_checks, "memory_of", lambda model, precision: 5 << 30)
    (finding,) = find(serving_checks.writing)
    assert finding.level == "fail" and "writing.memory_mb" in finding.message and finding.advice
    monkeypatch.setenv("SHADOWPEN_WRITING_MODEL", "missing")
    (finding,) = find(serving_checks.writing)
    assert finding.level == "fail" and "missing" in finding.message and finding.advice


def _pretend_installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def version(name: str) -> str:
        if name not in names:
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(importlib.metadata, "version", version)


@pytest.mark.parametrize(
    ("packages", "words"),
    [((), "onnxruntime>="), (("onnxruntime", "onnxruntime-gpu"), "uninstall")],
)
def test_exactly_one_onnxruntime_is_wanted(
    find: Find, monkeypatch: pytest.MonkeyPatch, packages: tuple[str, ...], words: str
) -> None:
    _pretend_installed(monkeypatch, *packages)
    (finding,) = find(checks.onnxruntime)
    assert finding.level == "fail" and words in finding.advice


def test_an_onnxruntime_that_cannot_be_loaded_is_found(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (finding,) = find(checks.onnxruntime)
    assert finding.level == "fail" and "onnxruntime>=" in finding.advice


@pytest.mark.usefixtures("with_model")
def test_what_runs_where_is_told_and_why_not_elsewhere(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = fake_gpu.install(monkeypatch)
    gpu.why = "there is no NVIDIA driver"
    (finding,) = find(serving_checks.device)
    assert finding.level == "warn" and "cuda: there is no NVIDIA driver" in finding.message and finding.advice
    monkeypatch.setenv("SHADOWPEN_MODEL_DEVICE", "cpu")
    (finding,) = find(serving_checks.device)
    assert (finding.level, finding.message) == ("ok", "The model runs as int8 on cpu.")


def test_half_precision_on_a_processor_is_not_well(find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tiny_model(tmp_path, "default", precisions=("fp16",))
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path))
    (finding,) = find(serving_checks.device)
    assert finding.level == "warn" and "fp16" in finding.message and finding.advice


def test_the_machine_is_described(find: Find) -> None:
    (finding,) = find(serving_checks.machine)
    assert "core" in finding.message and "memory" in finding.message


@pytest.mark.parametrize(("answer_ms", "level"), [(31.0, "ok"), (95.0, "warn")])
def test_a_suggestion_that_takes_too_long_is_told_by_stage(answer_ms: float, level: str) -> None:
    finding = serving_checks._judged(serving_checks.Budget("word", 1.25, answer_ms, 1.0), deadline_ms=60)
    assert finding.level == level and bool(finding.advice) == (level == "warn")
    assert f"{answer_ms:.0f} ms of the 60 ms" in finding.message and "1.2 ms a token" in finding.message


@pytest.mark.usefixtures("with_model")
def test_a_model_that_does_not_write_is_not_well(
    find: Find, shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(layout: store.Layout) -> serving_checks.Budget:
        raise RequestInvalid("The task 'blot' of the package inkwell cannot be used.", "Remove it.")

    shadowpen("daemon", "--detach")
    monkeypatch.setattr(serving_checks, "_measured", fails)
    word = find(serving_checks.answering)[-1]
    assert (word.matter, word.level) == ("word", "fail") and "blot" in word.message


def test_settings_that_cannot_be_used_are_found(find: Find, layout: store.Layout) -> None:
    store.write_atomic(layout.config_file, b"[completion]\ndeadline_ms = 'soon'\nunknown = 1\n")
    findings = find(checks.settings_file)
    assert [finding.level for finding in findings] == ["warn", "warn"]


def test_folders_that_others_can_read_are_found(find: Find, layout: store.Layout) -> None:
    assert [finding.level for finding in find(checks.folders)] == ["ok"]
    store.private_directory(layout.data).chmod(0o755)
    (finding,) = find(checks.folders)
    assert finding.level == "warn" and finding.advice == f"chmod 700 {layout.data}"


def test_a_folder_that_cannot_be_written_to_is_found(
    find: Find, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert {finding.level for finding in find(checks.folders)} == {"fail"}


def test_a_long_home_has_a_short_socket(find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_HOME", str(tmp_path / ("long" * 40)))
    (finding,) = find(checks.socket)
    assert finding.level == "ok" and "long" not in finding.message
    monkeypatch.setenv("SHADOWPEN_DAEMON_TRANSPORT", "tcp")
    (finding,) = find(checks.socket)
    assert finding.level == "ok" and "127.0.0.1" in finding.message


@pytest.mark.parametrize(("free", "level"), [(50_000_000, "fail"), (1_000_000_000, "warn"), (10**11, "ok")])
def test_the_disk_is_looked_at(find: Find, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 0, free))
    assert {finding.level for finding in find(checks.disk)} == {level}


@pytest.fixture
def only_neovim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The PATH holds a `nvim` of some version and nothing else."""

    def put(version: str) -> None:
        program = tmp_path / "nvim"
        program.write_text(f"#!/bin/sh\necho 'NVIM v{version}'\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))

    return put


def test_neovim_without_the_plugin_is_told(
    find: Find, only_neovim: Callable[[str], None], shadowpen: Shadowpen
) -> None:
    only_neovim("0.11.4")
    found, plugin = find(checks.editors)
    assert "Neovim" in found.message and (plugin.level, plugin.advice) == ("warn", "shadowpen install neovim")
    shadowpen("install", "neovim")
    assert [finding.level for finding in find(checks.editors)] == ["ok", "ok"]
    (install.neovim_folder() / plugin_folder.RECEIPT).write_text('{"files": {}}')
    assert "another version" in find(checks.editors)[1].message


def test_a_neovim_that_is_too_old_is_told(find: Find, only_neovim: Callable[[str], None]) -> None:
    only_neovim("0.9.5")
    assert any("0.9 is too old" in finding.message for finding in find(checks.editors))


def test_no_editor_is_told(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (finding,) = find(checks.editors)
    assert finding.level == "warn" and "shadowpen lsp" in finding.advice


def test_training_is_no_fault_where_it_is_missing(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_installed(monkeypatch, "onnxruntime")
    (finding,) = find(checks.training)
    assert finding.level == "ok" and "peft>=" in finding.message


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("code", ".vscode"),
        ("code-insiders", ".vscode-insiders"),
        ("codium", ".vscode-oss"),
        ("code-server", ".local/share/code-server"),
        ("cursor", ".cursor"),
    ],
)
def test_every_vs_code_is_known_with_its_extension(
    find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, home: str
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / name).write_text("#!/bin/sh\n")
    (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    found, extension = find(checks.editors)
    assert install_vscode.NAMES[name] in found.message
    assert (extension.matter, extension.level) == (name, "warn")
    assert extension.advice == f"shadowpen install vscode --editor {name}"

    folder = tmp_path / home / "extensions" / "shadowpen.shadowpen-9.9.9"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"version": "9.9.9"}')
    assert "a different version" in find(checks.editors)[1].message
    manifest = install_vscode.plugins_folder() / "vscode/package.json"
    (folder / "package.json").write_bytes(manifest.read_bytes())
    (folder / install_vscode.COMMAND_FILE).write_text(json.dumps(language_server()))
    assert [finding.level for finding in find(checks.editors)] == ["ok", "ok"]


def test_a_broken_plug_in_is_named_and_the_others_work(
    find: Find, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = "import click\n@click.command()\ndef blot():\n    pass\nnumber = 7\n"
    points = {"blot": "doctorwell:blot", "dry": "doctorwell:number", "status": "doctorwell:blot"}
    packages.install(tmp_path, monkeypatch, "doctorwell", source, commands=points)
    (tmp_path / "crashing.py").write_text("import os; os._exit(3)\n")
    packages.install(tmp_path, monkeypatch, "crashwell", "", formats={"pages": "crashing:read"}, tasks={})

    findings = find(serving_checks.plugins)

    assert [finding.level for finding in findings] == ["warn", "warn", "warn", "ok"]
    told = " ".join(finding.message for finding in findings)
    assert all(f"'{name}' of the package" in told for name in ("dry", "status", "pages"))
    assert "blot (doctorwell)" in findings[-1].message


def test_missing_packages_of_formats_are_no_fault(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    real = table.find_spec
    monkeypatch.setattr(table, "find_spec", lambda name: None if name in ("pypdf", "mammoth") else real(name))
    (finding,) = find(checks.formats)
    assert finding.level == "ok" and f"{sys.executable} -m pip install mammoth pypdf" in finding.message
