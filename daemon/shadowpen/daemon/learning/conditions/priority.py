"""Lower the priority of this process below everything else on the machine.

SCHED_IDLE gives way at once where Linux has it; elsewhere niceness 19. Disk access gives way too where it can.
"""

from __future__ import annotations

import contextlib
import os
import sys

import psutil


def lower_priority() -> None:
    """Lower this process's claim on processor and disk as far as the system lets it; never fails."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, 19)  # whatever it was started with
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        with contextlib.suppress(psutil.Error, OSError):
            psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)
