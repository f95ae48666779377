"""The JupyterLab that the tests drive, with the browser they drive it in: `python install.py` gets both.

JupyterLab has an environment of its own, so that nothing else waits for it. Does nothing, and asks no network, for what
is there already.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.screens import browser

VERSION = "4.6.6"
FOLDER = browser.EDITORS / f"jupyterlab-{VERSION}"
PYTHON = FOLDER / "bin" / "python"
_WHOLE = FOLDER / ".whole"


def missing() -> str:
    """What is not installed yet; "" when the tests can run."""
    needed = {"jupyterlab": _WHOLE.exists(), "playwright": browser.PLAYWRIGHT.exists(), "chromium": browser.chromium()}
    return ", ".join(name for name, there in needed.items() if not there)


def install() -> None:
    """Put JupyterLab into its folder."""
    if _WHOLE.exists():
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    venv.create(FOLDER, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*pip, f"jupyterlab=={VERSION}"], check=True)
    _WHOLE.touch()


if __name__ == "__main__":
    install()
    browser.install_playwright()
    browser.install_chromium()
    print(f"JupyterLab {VERSION}: {FOLDER}\nChromium: {browser.chromium()}")
