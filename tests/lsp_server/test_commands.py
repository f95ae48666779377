from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from shadowpen.lsp_server.commands import lsp


def test_help_says_what_it_is_for() -> None:
    result = CliRunner().invoke(lsp, ["--help"])
    assert result.exit_code == 0
    assert "language server" in result.output


def test_it_takes_what_vs_codes_client_adds_to_the_command_line() -> None:
    command = [sys.executable, "-P", "-m", "shadowpen.lsp_server", "--stdio", "--clientProcessId=1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_importing_the_command_imports_no_server() -> None:
    code = "import sys, shadowpen.lsp_server.commands; sys.exit('pygls' in sys.modules or 'zmq' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code], timeout=60, check=False).returncode == 0
