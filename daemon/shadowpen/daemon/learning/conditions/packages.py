"""Check that the packages training needs are installed, without importing them."""

from __future__ import annotations

import importlib.util

from shadowpen.daemon.base.errors import TrainingUnavailable
from shadowpen.daemon.base.extras import install_hint

_NEEDED = ("torch", "transformers", "peft")


def missing() -> str:
    """The first package that is not installed, "" if training can run."""
    return next((name for name in _NEEDED if not _is_installed(name)), "")


def require() -> None:
    """TrainingUnavailable, saying what to install, unless everything is there."""
    if name := missing():
        raise unavailable(name)


def unavailable(name: str) -> TrainingUnavailable:
    return TrainingUnavailable(
        f"Training needs the package {name}, which is not installed.",
        f"Suggestions work without it. {install_hint('train')}",
    )


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # a stand-in without a specification
        return False
