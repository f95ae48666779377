"""Checks of an installation: packages, settings, folders, editors. Each yields a finding and advice.

A check reads and starts nothing; what serves is checked by `serving_checks`. How findings are shown is `doctor`'s
affair.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.extras import install_command, install_hint
from shadowpen.daemon.cli import telemetry_files
from shadowpen.daemon.cli.setup import install_libreoffice, install_vscode
from shadowpen.daemon.cli.setup.examining.findings import CheckResult, Level
from shadowpen.daemon.cli.setup.install_vscode import NAMES as VSCODES
from shadowpen.daemon.storage.devices import DEVICES

_LOW_DISK_BYTES = 2_000_000_000  # a model with its source and one version of it
_NO_DISK_BYTES = 100_000_000
_SOCKET_BYTES = 100
_BUILDS = tuple(dict.fromkeys(["onnxruntime-gpu", *(device.package for device in DEVICES.values())]))
_EDITORS = {"nvim": "Neovim", **VSCODES, "hx": "Helix", "emacs": "Emacs", "vim": "Vim", "soffice": "LibreOffice"}


def python(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    versions = f"Python {platform.python_version()}, shadowpen {importlib.metadata.version('shadowpen')}"
    yield CheckResult("python", "ok", f"{versions} ({sys.executable}).")


def onnxruntime(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Exactly one build of onnxruntime: all install the same module and overwrite each other."""
    found = [name for name in _BUILDS if _installed(name)]
    if not found:
        yield CheckResult("onnxruntime", "fail", "It is not installed.", install_hint("cpu"))
        return
    if len(found) > 1:
        advice = f"pip uninstall {' '.join(found)}, then install the one you want."
        yield CheckResult("onnxruntime", "fail", f"More than one is installed: {', '.join(found)}.", advice)
        return
    try:
        module = importlib.import_module("onnxruntime")
        providers = module.get_available_providers()
    except Exception as error:
        extra = "gpu" if found[0].endswith("gpu") else "cpu"
        advice = f"Uninstall {found[0]} and install it again. {install_hint(extra)}"
        yield CheckResult("onnxruntime", "fail", f"{found[0]} cannot be loaded: {error}.", advice)
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
    yield from _libreoffice()


def training(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Learning needs torch and peft; completing does not, so their absence is no fault."""
    missing = [name for name in ("torch", "transformers", "peft") if not _installed(name)]
    if missing:
        message = f"Not installed; only training needs it. {install_hint('train')}"
    else:
        message = f"torch {importlib.metadata.version('torch')}, peft {importlib.metadata.version('peft')}."
    yield CheckResult("training", "ok", message)


def formats(layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """Readers of documents: packages that are missing, which is no fault."""
    from shadowpen.daemon.formats import table

    missing = sorted({package for form in table.OWN.values() for package in form.missing()})
    if missing:
        how = install_command(*missing)
        message = f"Not installed: {', '.join(missing)}. Only documents, books and mail in your folders need it: {how}."
    else:
        message = f"Read in your folders: {', '.join(sorted({form.plural for form in table.formats()}))}."
    yield CheckResult("formats", "ok", message)


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


def _libreoffice() -> Iterator[CheckResult]:
    """Whether an extension that is installed starts this installation; most who have the office do not write in it."""
    for folder in install_libreoffice.installed_folders():
        if install_libreoffice.starts_this_installation(folder):
            yield CheckResult("libreoffice", "ok", "The extension is installed in LibreOffice.")
        else:
            message = "The extension in LibreOffice has a different version, or starts another installation."
            yield CheckResult("libreoffice", "warn", message, "shadowpen install libreoffice")


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
