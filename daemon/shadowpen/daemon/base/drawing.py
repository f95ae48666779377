"""Import matplotlib, an optional extra, without letting it write outside Shadowpen's folders.

matplotlib keeps a list of fonts in a folder of its own in the home directory unless it is told another place before
its import. This file draws nothing.
"""

from __future__ import annotations

import importlib.util
import os
from types import ModuleType

from shadowpen.daemon.base import store


def is_installed() -> bool:
    """Whether there is a matplotlib to draw with."""
    return importlib.util.find_spec("matplotlib") is not None


def matplotlib() -> ModuleType:
    """The module `matplotlib`, with its font list in Shadowpen's cache folder. ImportError where there is none."""
    os.environ.setdefault("MPLCONFIGDIR", str(store.private_directory(store.layout().cache / "matplotlib")))
    import matplotlib

    return matplotlib
