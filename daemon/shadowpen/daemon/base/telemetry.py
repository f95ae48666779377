"""Turn off the telemetry of dependencies before they are imported.

Each package of Shadowpen calls `turn_off` in its `__init__`, which Python runs before any other module of it. The
switches are environment variables because the libraries read nothing else in time, and because child processes
inherit them. A value of the user's own is overwritten: it could only weaken the promise. docs/security.md tells what
each library would send. This file imports nothing else of the product, and nothing slow.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

SWITCHES = {
    # onnxruntime's wheels (seen in 1.31) report to Microsoft; its own `disable_telemetry_events()` comes too late.
    "ORT_DISABLE_TELEMETRY": "1",
    # huggingface_hub and transformers: usage in the user agent and to /api/telemetry.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
    # hf_xet reports each transfer; without it files come by plain HTTPS.
    "HF_XET_TELEMETRY_ENABLED": "0",
    "HF_HUB_DISABLE_XET": "1",
    # The common wish, for whatever a plug-in brings along.
    "DO_NOT_TRACK": "1",
    # pip, which `setup` runs, asks the index for a newer pip.
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
# Only the processes that must never fetch anything set these too; `setup` is the one that may.
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


def turn_off(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set every switch in `environment`, which child processes inherit."""
    environment.update(SWITCHES)


def go_offline(environment: MutableMapping[str, str] = os.environ) -> None:
    """Forbid the libraries of training and export to look for models on the network."""
    environment.update(OFFLINE)
