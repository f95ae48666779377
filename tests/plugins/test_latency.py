"""How long from a key to the ghost text it causes, with a server that answers at once: the plug-in's own share.

Prints, asserts no time: `pytest -m soak -s tests/plugins/test_latency.py`.
"""

from __future__ import annotations

import statistics
import threading
import time

import pytest
from support.screens.driver import EditorDriver

from .conftest import Start

TEXT = "It was a bright cold day in April, and the clocks were striking thirteen."
TYPIST_S = 0.12  # between two keys: a hundred words a minute


@pytest.mark.soak
def test_key_to_drawn_ghost(editor: EditorDriver, start: Start) -> None:
    ghosts = {TEXT[:count]: f"<{count}>" for count in range(len(TEXT), 0, -1)}
    session = start(ghosts)
    screen, took_ms = session.screen, []
    session.keys(editor.insert)
    for count, key in enumerate(TEXT, start=1):
        threading.Event().wait(TYPIST_S)
        pressed_s, first = time.perf_counter(), len(screen.drawings)
        session.keys(key)
        screen.wait_for(f"<{count}>")
        drawn = next(drawing for drawing in screen.drawings[first:] if f"<{count}>" in drawing.text)
        took_ms.append((drawn.drawn_s - pressed_s) * 1000)
    tenths = statistics.quantiles(took_ms, n=10)
    print(f"\n{editor.name}: p50 {statistics.median(took_ms):.1f} ms, p90 {tenths[-1]:.1f} ms")
    assert len(took_ms) == len(TEXT)
