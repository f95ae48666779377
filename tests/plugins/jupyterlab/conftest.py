"""A real JupyterLab with the extension as `shadowpen install jupyterlab` leaves it, before a real `shadowpen serve`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.waiting import wait_until
from support.web.served_app import served

from shadowpen.daemon.base import store
from shadowpen.daemon.http.access_token import access_token
from shadowpen.daemon.http.app import make_app

from . import install

# These tests exist where JupyterLab was installed for them: `make editors EDITORS=jupyterlab`.
collect_ignore_glob = ["test_*.py"] if install.missing() else []

SHADOWPEN = Path(sys.executable).with_name("shadowpen")
START_S = 300
QUIET = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--LabApp.news_url=None"]
QUIET += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.extension_manager=readonly"]


def cell(kind: str, source: str) -> dict[str, Any]:
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"id": f"{kind}-{len(source)}", "cell_type": kind, "metadata": {}, "source": source, **code}


NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "cells": [cell("markdown", "Harbour."), cell("code", ""), cell("markdown", "")],
}


@pytest.fixture
def locale() -> str:
    """The language that JupyterLab is set to."""
    return "en"


@pytest.fixture
def jupyterlab(
    writing: None, layout: store.Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str
) -> Iterator[str]:
    """The address of a JupyterLab that holds notes.ipynb and notes.md, with its token."""
    for name in ("DATA", "CONFIG", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("JUPYTERLAB_SETTINGS_DIR", raising=False)
    translation = tmp_path / "CONFIG/lab/user-settings/@jupyterlab/translation-extension/plugin.jupyterlab-settings"
    translation.parent.mkdir(parents=True)
    translation.write_text(json.dumps({"locale": locale}), "utf-8")
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "notes.ipynb").write_text(json.dumps(NOTEBOOK), "utf-8")
    (texts / "notes.md").write_text("", "utf-8")
    with served(lambda: make_app(access_token(layout))) as port:
        monkeypatch.setenv("SHADOWPEN_SERVE_PORT", str(port))
        subprocess.run([SHADOWPEN, "install", "jupyterlab"], check=True, capture_output=True)
        log = tmp_path / "log"
        command = [str(install.PYTHON), "-m", "jupyterlab", *QUIET, f"--ServerApp.root_dir={texts}"]
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=os.environ, stdout=output, stderr=output)
        try:
            yield _address(tmp_path / "RUNTIME", process, log)
        finally:
            process.send_signal(signal.SIGTERM)  # it ends its kernels
            process.wait(60)


def _address(runtime: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    def told() -> list[Path]:
        assert process.poll() is None, log.read_text("utf-8")[-3000:]
        return list(runtime.glob("jpserver-*.json"))

    (file,) = wait_until(told, "JupyterLab", START_S)
    info = wait_until(lambda: file.read_text("utf-8"), "its address")
    return "http://127.0.0.1:{port}/doc/tree/NAME?token={token}".format(**json.loads(info))
