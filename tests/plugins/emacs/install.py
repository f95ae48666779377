"""The Emacs that the tests drive, Debian's own: `python install.py` gets it with apt where that may be used.

Does nothing, and asks no network, when it is there already. On a machine without apt, or without the right to use it,
the tests are skipped and say so.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.screens.debian import Program, report

EMACS = Program("emacs", "emacs-nox", r"GNU Emacs (\d+)\.(\d+)", (28, 1))
# What a package of MELPA is checked with.
PACKAGE_LINT = "elpa-package-lint"

if __name__ == "__main__":
    report(EMACS, PACKAGE_LINT)
