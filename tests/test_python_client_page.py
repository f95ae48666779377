"""The examples of docs/python-client.md run as they stand, in a process each, with a model that knows tiny.LINES."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs/python-client.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.slow
def test_the_examples_run(tiny_models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    assert len(EXAMPLES) >= 5
    for example in EXAMPLES:
        done = subprocess.run(
            [sys.executable, "-P", "-W", "error", "-c", example],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 and done.stdout.strip(), (example, done.stderr)
