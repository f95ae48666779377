"""A context around an engine that is told what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.models.text_engine import ScriptedEngine

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.tasks.by_text.base import TextContext

ContextOf = Callable[..., TextContext]


@pytest.fixture
def context_of() -> ContextOf:
    """`context_of("text", " more")`: an engine that writes these pieces whatever it is asked."""

    def made(*pieces: Any, kind: Any = "chat", engine: ScriptedEngine | None = None) -> TextContext:
        engine = engine or ScriptedEngine(lambda request: list(pieces))
        return TextContext(engine, CompletionSettings(), kind, limit_s=20.0)

    return made
