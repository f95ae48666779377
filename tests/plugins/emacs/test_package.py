"""What MELPA asks of a package: byte-compiled without a warning, checkdoc and package-lint content."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .driver import PLUGIN

SOURCES = sorted(path.name for path in PLUGIN.glob("*.el"))
# Debian's package-lint is older than Emacs 28 and takes it for a version to come.
OLD = "This makes the package uninstallable in all released Emacs versions."


def batch(emacs: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run([emacs, "--batch", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def sources(sandbox: Path) -> Path:
    """A copy of the package that may be compiled."""
    return Path(shutil.copytree(PLUGIN, sandbox / "package"))


def test_it_compiles_without_a_warning(emacs: str, sources: Path) -> None:
    assert batch(emacs, sources, "-Q", "-L", ".", "-f", "batch-byte-compile", *SOURCES) == ""
    assert len(list(sources.glob("*.elc"))) == len(SOURCES)


def test_its_docstrings_have_the_form_of_emacs(emacs: str, sources: Path) -> None:
    checks = [argument for name in SOURCES for argument in ("--eval", f'(checkdoc-file "{name}")')]
    assert batch(emacs, sources, "-Q", *checks) == ""


def test_package_lint_is_content(emacs: str, sources: Path) -> None:
    prepare = (
        '(progn (package-initialize) (require (quote package-lint) nil t) (setq package-lint-main-file "shadowpen.el"))'
    )
    has_it = batch(
        emacs, sources, "--eval", prepare, "--eval", "(princ (if (featurep (quote package-lint)) (quote is-here) 0))"
    )
    if "is-here" not in has_it:
        pytest.skip("package-lint is not installed: apt install elpa-package-lint.")
    told = batch(emacs, sources, "--eval", prepare, "-f", "package-lint-batch-and-exit", *SOURCES)
    assert [
        line for line in told.splitlines() if (": warning:" in line or ": error:" in line) and OLD not in line
    ] == []
