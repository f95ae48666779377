"""The cost that `shadowpen serve` adds to a request: the same texts, in turns through it and over the wire.

`python docs/serve_cost.py` uses the installed default model in a home of its own and prints a table of medians. A text
that needs no model shows the cost of the way alone.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from shadowpen.client import connect
from shadowpen.daemon.base import store
from shadowpen.daemon.http.access_token import access_token

PORT = 8098
ROUNDS = 100
SILENT = "The password is: "  # a rule keeps silent here, so that no model runs
TEXT = Path(__file__).parent.parent / "daemon/shadowpen/daemon/typist/demo_diary.txt"
Way = Callable[[str], str]


def main() -> None:
    models = store.layout().models
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SHADOWPEN_HOME": home, "SHADOWPEN_MODELS": str(models)}
        command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli"]
        with subprocess.Popen([*command, "serve", "--port", str(PORT)], stderr=subprocess.PIPE) as server:
            assert server.stderr is not None
            server.stderr.readline()
            try:
                measure(access_token(store.layout()), psutil.Process(server.pid))
            finally:
                server.terminate()
                subprocess.run([*command, "stop"], check=False, capture_output=True)


def measure(token: str, server: psutil.Process) -> None:
    """Time each way for each kind of text, the ways in turns, and print the medians and the server's processor time."""
    kept = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    with connect("serve_cost") as client:

        def wire(text: str) -> str:
            return client.complete(text, only_if_likely=True).text

        def over_http(connection: http.client.HTTPConnection, text: str, stream: bool) -> str:
            body = json.dumps({"model": "shadowpen-quiet", "prompt": text, "max_tokens": 64, "stream": stream})
            connection.request("POST", "/v1/completions", body, {"Authorization": f"Bearer {token}"})
            return connection.getresponse().read().decode()

        def fresh(text: str) -> str:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            try:
                return over_http(connection, text, False)
            finally:
                connection.close()

        ways: dict[str, Way] = {
            "wire": wire,
            "serve": lambda text: over_http(kept, text, False),
            "serve, streamed": lambda text: over_http(kept, text, True),
            "serve, a connection each": fresh,
        }
        words = TEXT.read_text("utf-8").split(" ")
        growing = [" ".join(words[: 60 + number]) for number in range(ROUNDS)]
        # With a model only two: the ways through the server would find what the one before them has read.
        two = {name: ways[name] for name in ("wire", "serve")}
        for kind, compared, texts in (("no model", ways, [SILENT] * ROUNDS), ("ghost text", two, growing)):
            before = sum(server.cpu_times()[:2])
            report(kind, timed(compared, texts))
            used_ms = (sum(server.cpu_times()[:2]) - before) * 1000 / ((len(compared) - 1) * (len(texts) + 1))
            print(f"{kind}: {used_ms:.1f} ms of processor time a request in the server")


def timed(ways: dict[str, Way], texts: list[str]) -> dict[str, list[float]]:
    """Milliseconds of each request; the order of the ways changes from text to text, so that none always goes first."""
    for way in ways.values():
        way(texts[0])
    found: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number, text in enumerate(texts):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            begun = time.perf_counter()
            ways[name](text)
            found[name].append((time.perf_counter() - begun) * 1000)
    return found


def report(kind: str, found: dict[str, list[float]]) -> None:
    base = statistics.median(found["wire"])
    for name, times in found.items():
        median, p90 = statistics.median(times), statistics.quantiles(times, n=10)[-1]
        print(f"| {kind} | {name} | {median:.1f} | {p90:.1f} | {median - base:+.1f} |")


if __name__ == "__main__":
    main()
