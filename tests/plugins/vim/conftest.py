"""Vim for the tests of its own; `start` and `sandbox` are those of all terminal editors."""

from __future__ import annotations

import pytest
from support.screens.driver import EditorDriver

from .driver import VIM


@pytest.fixture
def editor() -> EditorDriver:
    return VIM
