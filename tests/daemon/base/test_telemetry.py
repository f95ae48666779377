"""Telemetry of dependencies is off in every package and every child process, whatever the user's environment says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shadowpen.daemon.base import telemetry

_REPORT = "import json, os, sys; print(json.dumps(dict(os.environ)))"


@pytest.mark.parametrize(
    "module",
    ["shadowpen.daemon.cli", "shadowpen.lsp_server.commands", "shadowpen.exporters.progress", "shadowpen.daemon.text"],
)
def test_importing_any_package_turns_telemetry_off(module: str, tmp_path: Path) -> None:
    hostile = {name: "0" if value == "1" else "1" for name, value in telemetry.SWITCHES.items()}
    command = [sys.executable, "-P", "-c", f"import {module}; {_REPORT}"]
    done = subprocess.run(command, env={**os.environ, **hostile}, capture_output=True, cwd=tmp_path, check=True)
    seen = json.loads(done.stdout)
    assert {name: seen[name] for name in telemetry.SWITCHES} == telemetry.SWITCHES


def test_the_switches_stand_before_onnxruntime_is_loaded(tmp_path: Path) -> None:
    code = (
        "import builtins, os, sys\n"
        "real = builtins.__import__\n"
        "def watched(name, *rest, **more):\n"
        "    if name.partition('.')[0] == 'onnxruntime': assert os.environ.get('ORT_DISABLE_TELEMETRY') == '1', name\n"
        "    return real(name, *rest, **more)\n"
        "builtins.__import__ = watched\n"
        "import shadowpen.exporters.graphs.graph_reader, shadowpen.exporters.recipes.commands\n"
        "assert 'onnxruntime' in sys.modules\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in telemetry.SWITCHES}
    subprocess.run([sys.executable, "-P", "-c", code], env=environment, cwd=tmp_path, check=True)


def test_training_looks_for_nothing_on_the_network() -> None:
    environment: dict[str, str] = {"HF_HUB_OFFLINE": "0"}
    telemetry.go_offline(environment)
    assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1"
