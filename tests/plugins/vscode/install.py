"""The real editor the tests drive, and the plug-in built for it: `python install.py`.

code-server is VS Code's own workbench and extension host behind a web page; with a browser it needs no desktop. All of
it goes into .cache/editors; does nothing, and asks no network, for what is there already. Needs node 20 and npm.
Chromium comes from the system's packages, where the system has apt and we may use it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
EDITORS = Path(os.environ.get("SHADOWPEN_EDITORS", ROOT / ".cache" / "editors"))
PLUGIN = ROOT / "plugins" / "vscode"
BUNDLE = PLUGIN / "dist" / "extension.js"

CODE_SERVER = EDITORS / "code-server-4.100.3"  # VS Code 1.100.3, the last that runs on node 20
PLAYWRIGHT = EDITORS / "playwright-core-1.65.1"
ENTRY = CODE_SERVER / "node_modules" / "code-server" / "out" / "node" / "entry.js"

_NODE_MAJOR = "v20."
_NPM_INSTALL = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
# code-server hashes passwords with it, and the tests have none; compiling it needs a C++ compiler and node's headers.
_NO_ARGON2 = "exports.hash = exports.verify = () => { throw new Error('argon2 is not installed'); };\n"


def chromium() -> str | None:
    """The path of Chromium or Chrome; None when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("SHADOWPEN_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def missing() -> str:
    """What is not installed yet; "" when the tests can run."""
    found = {"code-server": ENTRY.exists(), "playwright": PLAYWRIGHT.exists(), "chromium": chromium() is not None}
    return ", ".join(name for name, there in found.items() if not there)


def _run(*command: str | Path, cwd: Path) -> None:
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def _npm_folder(folder: Path, package: str) -> Path:
    """A folder beside `folder` into which `package` has been installed, to be finished and renamed."""
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    (unfinished / "package.json").write_text('{"private": true}\n', "utf-8")
    _run(*_NPM_INSTALL, package, cwd=unfinished)
    return unfinished


def install_code_server() -> None:
    if ENTRY.exists():
        return
    unfinished = _npm_folder(CODE_SERVER, "code-server@4.100.3")
    package = unfinished / "node_modules" / "code-server"
    _run(*_NPM_INSTALL, "--omit=dev", cwd=package / "lib" / "vscode")  # what its own install script would do
    (unfinished / "node_modules" / "argon2" / "argon2.js").write_text(_NO_ARGON2, "utf-8")
    unfinished.rename(CODE_SERVER)


def install_playwright() -> None:
    if not PLAYWRIGHT.exists():
        _npm_folder(PLAYWRIGHT, "playwright-core@1.65.1").rename(PLAYWRIGHT)


def install_chromium() -> None:
    if chromium():
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit("Chromium is missing: install it, or name it in SHADOWPEN_CHROMIUM.")
    _run("apt-get", "update", "-qq", cwd=ROOT)
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", cwd=ROOT)


def build_plugin() -> None:
    """The bundle, from the sources as they are; its dependencies only when the lock file has changed."""
    lock = hashlib.sha256((PLUGIN / "package-lock.json").read_bytes()).hexdigest()
    stamp = PLUGIN / "node_modules" / ".lock-sha256"
    if not stamp.exists() or stamp.read_text("utf-8") != lock:
        _run("npm", "ci", "--ignore-scripts", "--loglevel=error", cwd=PLUGIN)
        stamp.write_text(lock, "utf-8")
    _run("npm", "run", "--silent", "check", cwd=PLUGIN)
    _run("npm", "run", "--silent", "build", cwd=PLUGIN)


def main() -> None:
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else "none"
    if not version.startswith(_NODE_MAJOR) or not shutil.which("npm"):
        sys.exit(f"VS Code 1.100 runs on node 20, with npm beside it; found {version.strip()}.")
    install_code_server()
    install_playwright()
    install_chromium()
    build_plugin()
    print(f"VS Code: {ENTRY}\nChromium: {chromium()}\nPlug-in: {BUNDLE}")


if __name__ == "__main__":
    main()
