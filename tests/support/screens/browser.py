"""Chromium as the tests drive it: getting it with its driver, and running a script of node in it.

Standard library only: installers run before anything else is there. Chromium comes from the system's packages, where
the system has apt and we may use it. Knows no page and no editor.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
EDITORS = Path(os.environ.get("SHADOWPEN_EDITORS", ROOT / ".cache" / "editors"))
PLAYWRIGHT = EDITORS / "playwright-core-1.65.1"
AXE = EDITORS / "axe-core-4.14.1"

NPM_INSTALL = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def chromium() -> str | None:
    """The path of Chromium or Chrome; None when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("SHADOWPEN_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def run(*command: str | Path, cwd: Path) -> None:
    """Run a command that has to succeed, without its output."""
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def npm_folder(folder: Path, package: str) -> Path:
    """A folder beside `folder` into which `package` has been installed, to be finished and renamed."""
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    (unfinished / "package.json").write_text('{"private": true}\n', "utf-8")
    run(*NPM_INSTALL, package, cwd=unfinished)
    return unfinished


def npm_install(folder: Path) -> None:
    """Install the packages of a plug-in of ours, only when its lock file has changed."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock-sha256"
    if not stamp.exists() or stamp.read_text("utf-8") != lock:
        run("npm", "ci", "--ignore-scripts", "--loglevel=error", cwd=folder)
        stamp.write_text(lock, "utf-8")


def install_playwright() -> None:
    """Get the driver of the browser."""
    if not PLAYWRIGHT.exists():
        npm_folder(PLAYWRIGHT, "playwright-core@1.65.1").rename(PLAYWRIGHT)


def install_axe() -> None:
    """Get what checks whether a page can be used by everybody."""
    if not AXE.exists():
        npm_folder(AXE, "axe-core@4.14.1").rename(AXE)


def install_chromium() -> None:
    """Get Chromium where apt may be used; else end with a sentence."""
    if chromium():
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit("Chromium is missing: install it, or name it in SHADOWPEN_CHROMIUM.")
    run("apt-get", "update", "-qq", cwd=ROOT)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", cwd=ROOT)


def run_script(script: Path, given: dict[str, Any], timeout_s: float) -> list[dict[str, Any]]:
    """The JSON lines that a script of node prints; AssertionError when it breaks off.

    It finds `given` in SHADOWPEN_SCENARIO as JSON, with where Chromium, its driver and axe are.
    """
    given |= {"chromium": chromium(), "playwright": str(PLAYWRIGHT), "axe": str(AXE)}
    environment = {**os.environ, "SHADOWPEN_SCENARIO": json.dumps(given)}
    with subprocess.Popen(
        ["node", str(script)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            printed, errors = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"Not done after {timeout_s} s:\n{(late.stdout or b'').decode()[-3000:]}") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the browser
    assert process.returncode == 0, f"{printed.decode()[-1500:]}\n{errors.decode()[-4000:]}"
    return [json.loads(line) for line in printed.splitlines()]
