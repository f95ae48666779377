"""Emacs for the tests of its own; `start` and `sandbox` are those of all terminal editors."""

from __future__ import annotations

import pytest
from support.screens.driver import EditorDriver

from .driver import EMACS


@pytest.fixture
def editor() -> EditorDriver:
    return EMACS


@pytest.fixture
def emacs(program: str) -> str:
    """The program."""
    return program
