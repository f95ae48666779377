"""The real editor the tests drive, and the plug-in built for it: `python install.py`.

code-server is VS Code's own workbench and extension host behind a web page; with a browser it needs no desktop. All of
it goes into .cache/editors; does nothing, and asks no network, for what is there already. Needs node 20 and npm.
Chromium comes from the system's packages, where the system has apt and we may use it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.screens import browser
from support.screens.browser import EDITORS, PLAYWRIGHT, ROOT, chromium, run

PLUGIN = ROOT / "plugins" / "vscode"
BUNDLE = PLUGIN / "dist" / "extension.js"

CODE_SERVER = EDITORS / "code-server-4.100.3"  # VS Code 1.100.3, the last that runs on node 20
ENTRY = CODE_SERVER / "node_modules" / "code-server" / "out" / "node" / "entry.js"

_NODE_MAJOR = "v20."
# code-server hashes passwords with it, and the tests have none; compiling it needs a C++ compiler and node's headers.
_NO_ARGON2 = "exports.hash = exports.verify = () => { throw new Error('argon2 is not installed'); };\n"

_STARTS = ENTRY.with_name("wrapper.js")
_TOO_SOON, _LATE_ENOUGH = "timeoutInterval = 10000;", "timeoutInterval = 120000;"  # ms until it gives itself up


def missing() -> str:
    """What is not installed yet; "" when the tests can run."""
    found = {"code-server": ENTRY.exists(), "playwright": PLAYWRIGHT.exists(), "chromium": chromium() is not None}
    return ", ".join(name for name, there in found.items() if not there)


def install_code_server() -> None:
    if ENTRY.exists():
        return
    unfinished = browser.npm_folder(CODE_SERVER, "code-server@4.100.3")
    package = unfinished / "node_modules" / "code-server"
    run(*browser.NPM_INSTALL, "--omit=dev", cwd=package / "lib" / "vscode")  # what its own install script would do
    (unfinished / "node_modules" / "argon2" / "argon2.js").write_text(_NO_ARGON2, "utf-8")
    wrapper = package / _STARTS.relative_to(CODE_SERVER / "node_modules" / "code-server")
    wrapper.write_text(wrapper.read_text("utf-8").replace(_TOO_SOON, _LATE_ENOUGH), "utf-8")
    unfinished.rename(CODE_SERVER)


def build_plugin() -> None:
    """The bundle, from the sources as they are."""
    browser.npm_install(PLUGIN)
    run("npm", "run", "--silent", "check", cwd=PLUGIN)
    run("npm", "run", "--silent", "build", cwd=PLUGIN)


def main() -> None:
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else "none"
    if not version.startswith(_NODE_MAJOR) or not shutil.which("npm"):
        print(f"VS Code 1.100 runs on node 20, with npm beside it; found {version.strip()}. Its tests are left out.")
        return
    install_code_server()
    browser.install_playwright()
    browser.install_chromium()
    build_plugin()
    print(f"VS Code: {ENTRY}\nChromium: {chromium()}\nPlug-in: {BUNDLE}")


if __name__ == "__main__":
    main()
