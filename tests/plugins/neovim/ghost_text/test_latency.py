"""How long from a key to the ghost text it causes, with a server that answers at once: the plugin's own share.

Prints, asserts no time: `pytest -m soak -s tests/plugins/neovim/ghost_text/test_latency.py`.
"""

from __future__ import annotations

import statistics
import threading
import time

import pytest

from ..conftest import Start

TEXT = "It was a bright cold day in April, and the clocks were striking thirteen."
TYPIST_S = 0.12  # between two keys: a hundred words a minute


@pytest.mark.soak
@pytest.mark.parametrize("throttle_ms", [0, 25, 40])
def test_key_to_drawn_ghost(start: Start, throttle_ms: int) -> None:
    ghosts = {TEXT[:count]: f"<{count}>" for count in range(len(TEXT), 0, -1)}
    session = start(ghosts, options=f"throttle_ms = {throttle_ms}")
    screen, took_ms = session.screen, []
    session.keys("i")
    for count, key in enumerate(TEXT, start=1):
        threading.Event().wait(TYPIST_S)
        pressed_s, first = time.perf_counter(), len(screen.frames)
        session.keys(key)
        screen.wait_for(f"<{count}>")
        drawn = next(frame for frame in screen.frames[first:] if f"<{count}>" in frame.text)
        took_ms.append((drawn.drawn_s - pressed_s) * 1000)
    tenths = statistics.quantiles(took_ms, n=10)
    print(f"\nthrottle {throttle_ms} ms: p50 {statistics.median(took_ms):.1f} ms, p90 {tenths[-1]:.1f} ms")
    assert len(took_ms) == len(TEXT)
