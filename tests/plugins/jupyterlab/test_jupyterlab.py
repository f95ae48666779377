"""The extension in a real JupyterLab: ghost text in prose, keys that JupyterLab uses otherwise, and its language."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.screens import browser

HERE = Path(__file__).parent
WHOLE_S = 500


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_notebook_and_a_file_are_written_with_it(jupyterlab: str) -> None:
    told = browser.run_script(HERE / "scenario.mjs", {"address": jupyterlab}, WHOLE_S)
    steps = {line.pop("step"): line for line in told}

    # The model repeats the text before the cursor, to which the Markdown cells above belong.
    assert steps["drawn"] == {"ghost": "Harbour.\n\nOne two.", "text": "One two."}
    assert steps["word"]["text"] == "One two.Harbour."
    assert steps["accepted"]["text"] == "One two.Harbour.\n\nOne two."
    assert steps["dismissed"] == {"text": steps["accepted"]["text"], "writing": True}
    assert steps["expanded"]["text"].startswith("1. ferry late")
    assert steps["code"] == {"text": "One two.", "models": ["shadowpen"]}, "asked by the key alone"
    assert steps["file"] == {"ghost": "One two.", "text": "One two."}
    assert steps["menu"]["text"].startswith("One two. word 0 word 1")


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("locale", ["zh_CN"])
def test_it_speaks_jupyterlabs_language(jupyterlab: str) -> None:
    told = browser.run_script(HERE / "chinese.mjs", {"address": jupyterlab}, WHOLE_S)
    steps = {line.pop("step"): line for line in told}
    assert steps["menu"]["labels"] == ["在这里联想", "扩写所选要点或续写段落"]
    for words in ("幽灵文本", "令牌", "端口", "`shadowpen serve` 在这台电脑上的端口。"):
        assert words in steps["settings"]["text"]
