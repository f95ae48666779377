"""Commands as processes, for tests of what a hostile or unlucky surrounding does to a running daemon."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import Process


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """`process("status", stdin=b"")`: a command in a process of its own."""

    def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=tmp_path, timeout=60, check=False)

    return run
