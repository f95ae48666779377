"""The LibreOffice that the tests drive, Debian's own without windows: `python install.py` gets it with apt if it may.

Does nothing, and asks no network, when it is there already. On a machine without apt, or without the right to use it,
the tests are skipped and say so.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.screens.debian import Program, report

LIBREOFFICE = Program("soffice", "libreoffice-writer-nogui", r"LibreOffice (\d+)\.(\d+)", (7, 0))
# The office's bridge to Debian's Python, in which extensions run.
BRIDGE = "python3-uno"

if __name__ == "__main__":
    report(LIBREOFFICE, BRIDGE)
