"""Checks of an installation; each yields a finding and advice.

A check reads and measures; only `answering` starts something (a daemon, when none runs), and ends it again. How
findings are shown is `doctor`'s affair.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.extras import install_command, install_hint
from shadowpen.daemon.cli import telemetry_files
from shadowpen.daemon.cli.setup import install_vscode
from shadowpen.daemon.cli.setup.install_vscode import NAMES as VSCODES
from shadowpen.daemon.storage import models

Level = Literal["ok", "warn", "fail"]

_LOW_DISK_BYTES = 2_000_000_000  # a model with its source and one version of it
_NO_DISK_BYTES = 100_000_000
_SOCKET_BYTES = 100
_ANSWER_MS = 3000
_LOADING_S = 60.0
_LOOK_S = 0.1
_EDITORS = {"nvim": "Neovim", **VSCODES, "hx": "Helix", "emacs": "Emacs", "vim": "Vim"}


@dataclass(frozen=True)
class CheckResult:
    """Result of one check.

    One line of the report; `advice` says what to do unless all is well.
    """

    matter: str
    level: Level
    message: str
    advice: str = ""


Check = Callable[[store.Layout, config.Config], Iterator[CheckResult]]


def python(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    versions = f"Python {platform.python_version()}, shadowpen {importlib.metadata.version('shadowpen')}"
    yield CheckResult("python", "ok", f"{versions} ({sys.executable}).")


def onnxruntime(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Exactly one of onnxruntime and onnxruntime-gpu: both install the same module and overwrite each other."""
    found = [name for name in ("onnxruntime", "onnxruntime-gpu") if _installed(name)]
    if not found:
        yield CheckResult("onnxruntime", "fail", "It is not installed.", install_hint("cpu"))
        return
    if len(found) > 1:
        advice = "pip uninstall onnxruntime onnxruntime-gpu, then install the one you want."
        yield CheckResult("onnxruntime", "fail", "The CPU and the GPU package are both installed.", advice)
        return
    try:
        module = importlib.import_module("onnxruntime")
        providers = module.get_available_providers()
    except Exception as error:
        extra = "gpu" if found[0].endswith("gpu") else "cpu"
        advice = f"Uninstall {found[0]} and install it anew. {install_hint(extra)}"
        yield CheckResult("onnxruntime", "fail", f"{found[0]} cannot be loaded: {error}.", advice)
        return
    if settings.model.device == "cuda" and "CUDAExecutionProvider" not in providers:
        advice = (
            f"`shadowpen config set model.device auto`; or uninstall onnxruntime to use the GPU. {install_hint('gpu')}"
        )
        yield CheckResult("onnxruntime", "fail", f"{found[0]} {module.__version__} offers no CUDA.", advice)
        return
    yield CheckResult("onnxruntime", "ok", f"{found[0]} {module.__version__} ({', '.join(_short(providers))}).")


def settings_file(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    for problem in settings.problems:
        yield CheckResult("settings", "warn", problem, "`shadowpen config` shows the values in use.")
    if not settings.problems:
        where = f"{layout.config_file}{'' if layout.config_file.exists() else ' (missing: all defaults)'}"
        yield CheckResult("settings", "ok", f"{where}.")


def folders(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Every state folder can be written to and is the user's alone."""
    bad = False
    for path in dict.fromkeys((layout.data, layout.config_dir, layout.runtime, layout.logs)):
        problem, advice = _folder_problem(path)
        if problem:
            bad = True
            yield CheckResult("folders", "fail" if "cannot" in problem else "warn", problem, advice)
    if not bad:
        yield CheckResult("folders", "ok", f"{layout.data}, private to you.")


def telemetry(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Telemetry of dependencies is off; earlier releases let onnxruntime's leave files behind."""
    found = list(telemetry_files.leftovers())
    for path, description in found:
        yield CheckResult("telemetry", "warn", f"{path}: {description}.", "`shadowpen doctor --clean` removes it.")
    if not found:
        yield CheckResult("telemetry", "ok", "Telemetry of all dependencies is off, and there are no files of it.")


def socket(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Unix sockets allow about 100 bytes of path; TCP has no such limit."""
    from shadowpen.daemon.wire.transport import choose

    transport = choose(settings.daemon.transport, layout)
    if transport == "tcp":
        yield CheckResult("socket", "ok", "TCP on 127.0.0.1, encrypted and for listed keys only.")
        return
    path = layout.socket_path("requests")
    length = len(os.fsencode(path))
    if length > _SOCKET_BYTES:
        advice = "Set SHADOWPEN_HOME to a shorter path, or daemon.transport to tcp."
        yield CheckResult("socket", "fail", f"{path} is {length} bytes long; the system allows about 100.", advice)
    else:
        yield CheckResult("socket", "ok", f"{path.parent} ({length} of about 100 bytes).")


def disk(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    for path in dict.fromkeys((_existing(layout.data), _existing(layout.models))):
        free = shutil.disk_usage(path).free
        level: Level = "fail" if free < _NO_DISK_BYTES else "warn" if free < _LOW_DISK_BYTES else "ok"
        advice = "" if level == "ok" else "Free some space, or move the models with SHADOWPEN_MODELS."
        yield CheckResult("disk", level, f"{terminal.size(free)} free at {path}.", advice)


def model(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """The configured model, if it writes anything, is installed and every file has the hash of its manifest."""
    if settings.engine.writing == settings.engine.ghost_text == "openai":
        return
    try:
        installed = models.resolve(settings.model.name, layout)
        precision = installed.precision(settings.model.precision, settings.model.device)
        installed.verify()
    except ShadowpenError as error:
        yield CheckResult("model", "fail", error.message, error.hint)
        return
    size = terminal.size(installed.size_bytes())
    yield CheckResult("model", "ok", f"{installed.name} ({precision}, {size}), every hash as in its manifest.")


def engine(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """The server that writes in place of the built-in model answers; nothing where none does."""
    if "openai" not in (settings.engine.writing, settings.engine.ghost_text):
        return
    from shadowpen.daemon.cli.setup.engine import probed
    from shadowpen.daemon.engine.openai import address

    told = f"{address.spoken(settings.engine)}."
    try:
        failed = next((probe for probe in probed(settings.engine) if probe.problem), None)
    except ShadowpenError as error:
        yield CheckResult("engine", "fail", error.message, error.hint)
        return
    if failed is not None:
        yield CheckResult("engine", "fail", failed.problem, failed.hint)
    elif address.parsed(settings.engine).leaves_machine:
        yield CheckResult("engine", "warn", told, "To keep it here: shadowpen config set engine.remote false")
    else:
        yield CheckResult("engine", "ok", told)


def answering(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """A running daemon answers; when none runs, one can be started."""
    from shadowpen.daemon.wire.lock import holder

    try:
        pid = holder(layout)
        started = time.perf_counter()
        report = _ask_status(layout)
        ms = (time.perf_counter() - started) * 1000
        served = _once_loaded(layout, report)
    except ShadowpenError as error:
        yield CheckResult("daemon", "fail", error.message, error.hint or f"Its log is {layout.log_file}.")
        return
    if pid is not None:
        yield CheckResult("daemon", "ok", f"Process {pid} answers in {ms:.0f} ms; log: {layout.log_file}.")
    else:
        from shadowpen.daemon.cli.running.lifecycle import stop_running

        stop_running(layout)
        yield CheckResult(
            "daemon", "ok", f"None was running; a test daemon answered in {ms:.0f} ms and was stopped again."
        )
    yield from _served(served)


def editors(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    found = {name: path for name in _EDITORS if (path := install_vscode.find(name))}
    if not found:
        advice = "Any editor with LSP works; the server command is `shadowpen lsp`."
        yield CheckResult("editors", "warn", "No editor was found on the PATH.", advice)
        return
    yield CheckResult("editors", "ok", f"Found: {', '.join(_EDITORS[name] for name in found)}.")
    if "nvim" in found:
        yield from _neovim(found["nvim"])
    for name in VSCODES:
        if name in found:
            yield _vscode(name)


def training(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Learning needs torch and peft; completing does not, so their absence is no fault."""
    missing = [name for name in ("torch", "transformers", "peft") if not _installed(name)]
    if missing:
        message = f"Not installed; only training needs it. {install_hint('train')}"
    else:
        message = f"torch {importlib.metadata.version('torch')}, peft {importlib.metadata.version('peft')}."
    yield CheckResult("training", "ok", message)


def formats(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Readers of documents: packages that are missing, which is no fault, and plug-ins that fail or are not used."""
    from shadowpen.daemon.formats import table
    from shadowpen.daemon.formats.pieces import Terms
    from shadowpen.daemon.formats.reading import FileReader

    with FileReader(Terms()) as reader:
        for form in table.plug_ins().values():
            if problem := reader.problem(form):
                message = f"{form.plural} are not read: {problem}; the package {form.package} brings it."
                yield CheckResult("formats", "warn", message, f"Update or remove the package {form.package}.")
    for sentence in table.ignored():
        yield CheckResult("formats", "warn", sentence, "Remove the package if it brings nothing else.")
    missing = sorted({package for form in table.OWN.values() for package in form.missing()})
    if missing:
        how = install_command(*missing)
        message = f"Not installed: {', '.join(missing)}. Only documents, books and mail in your folders need it: {how}."
    else:
        message = f"Read in your folders: {', '.join(sorted({form.plural for form in table.formats()}))}."
    yield CheckResult("formats", "ok", message)


CHECKS: tuple[Check, ...] = (
    python,
    onnxruntime,
    settings_file,
    folders,
    socket,
    disk,
    model,
    engine,
    telemetry,
    answering,
    editors,
    training,
    formats,
)


def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _short(providers: list[str]) -> list[str]:
    """The devices; Azure's is a remote service that the CPU package lists and Shadowpen never uses."""
    return [provider.removesuffix("ExecutionProvider") for provider in providers if not provider.startswith("Azure")]


def _existing(path: Path) -> Path:
    """`path`, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _folder_problem(path: Path) -> tuple[str, str]:
    nearest = _existing(path)
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} cannot be written to.", "Check its owner and permissions, or set SHADOWPEN_HOME."
    if nearest != path or os.name == "nt":
        return "", ""
    status = path.stat()
    if status.st_uid != os.getuid():
        return f"{path} belongs to another user.", "Set SHADOWPEN_HOME to a folder of your own."
    if status.st_mode & 0o077:
        mode = stat.filemode(status.st_mode)
        return f"{path} can be read by others ({mode}).", f"chmod 700 {path}"
    return "", ""


def _ask_status(layout: store.Layout) -> dict[str, Any]:
    from shadowpen.daemon.wire.blocking_client import Client
    from shadowpen.daemon.wire.protocol import Status, StatusReport

    with Client(name="shadowpen doctor", layout=layout) as client:
        reply = client.request(Status(id=client.next_id()), timeout_ms=_ANSWER_MS)
    assert isinstance(reply, StatusReport), reply
    return reply.report


def _once_loaded(layout: store.Layout, report: dict[str, Any]) -> dict[str, Any]:
    """What the daemon says of its model as soon as it does not load it any more, or has taken too long."""
    until = time.monotonic() + _LOADING_S
    while report["model"]["state"] == "loading" and time.monotonic() < until:
        time.sleep(_LOOK_S)
        report = _ask_status(layout)
    return report["model"]


def _served(model: dict[str, Any]) -> Iterator[CheckResult]:
    """What is wrong with what the daemon serves; nothing if all is well."""
    if model["state"] == "failed" and model["error"]["code"] != "model_missing":  # the check of the model says that
        yield CheckResult("serving", "fail", model["error"]["message"], model["error"]["hint"])
    elif model.get("problem"):
        yield CheckResult("serving", "warn", model["problem"], "`shadowpen versions list` shows what there is.")


def _vscode(name: str) -> CheckResult:
    """Whether one of the editors that are VS Code has the extension of this installation."""
    advice = f"shadowpen install vscode --editor {name}"
    state = install_vscode.extension_state(name)
    if state == "current":
        return CheckResult(name, "ok", f"The extension is installed in {VSCODES[name]}.")
    if state == "other":
        message = f"The extension in {VSCODES[name]} has a different version, or starts another installation."
        return CheckResult(name, "warn", message, advice)
    return CheckResult(name, "warn", f"The extension is not installed in {VSCODES[name]}.", advice)


def _neovim(path: str) -> Iterator[CheckResult]:
    from shadowpen.daemon.cli.setup.install import OLDEST_NEOVIM, neovim_folder, neovim_version, plugin_state

    version = neovim_version(path)
    if version and version < OLDEST_NEOVIM:
        dotted = ".".join(map(str, version))
        yield CheckResult(
            "neovim", "warn", f"Version {dotted} is too old for the plug-in.", "Install Neovim 0.10 or newer."
        )
    state = plugin_state()
    if state == "current":
        yield CheckResult("neovim", "ok", f"The plug-in is installed: {neovim_folder()}.")
    elif state == "other":
        yield CheckResult(
            "neovim",
            "warn",
            "The plug-in is of another version, or starts another installation.",
            "shadowpen install neovim",
        )
    else:
        yield CheckResult("neovim", "warn", "The plug-in is not installed.", "shadowpen install neovim")
