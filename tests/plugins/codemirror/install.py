"""What the tests of the CodeMirror extension need: `python install.py` gets Chromium, its driver, axe and our packages.

Does nothing, and asks no network, for what is there already. Needs node 20 or newer, and npm.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.screens import browser
from support.screens.browser import ROOT

PLUGIN = ROOT / "plugins" / "codemirror"


def missing() -> str:
    """What is not installed yet; "" when the tests can run."""
    needed = {"playwright": browser.PLAYWRIGHT, "axe": browser.AXE, "packages": PLUGIN / "node_modules"}
    found = {name: path.exists() for name, path in needed.items()} | {"chromium": browser.chromium() is not None}
    return ", ".join(name for name, there in found.items() if not there)


if __name__ == "__main__":
    browser.install_playwright()
    browser.install_axe()
    browser.install_chromium()
    browser.npm_install(PLUGIN)
    print(f"CodeMirror: {PLUGIN}\nChromium: {browser.chromium()}")
