"""`python -m shadowpen.daemon.trainer`: the trainer process (see trainer.py)."""

from __future__ import annotations

import os
import sys

# Before numpy or torch is loaded: a paused trainer's threads must sleep, not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Large pages for torch's large tensors: a tenth less processor time, most of it spent on page faults.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

if __name__ == "__main__":
    from shadowpen.daemon.base import limits

    limits.no_core_dumps()
    from shadowpen.daemon.trainer.trainer import main

    sys.exit(main())
