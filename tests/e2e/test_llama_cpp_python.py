"""A real server, llama-cpp-python's, with the default model's own GGUF: what the stand-in may have got wrong.

Its package has to be compiled, so this is skipped where it is missing. SHADOWPEN_TEST_LLAMA_PYTHON names a Python that
has it, if not this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import daemons
from support.local_server import LocalServer
from support.servers.openai_stand_in import Handler
from support.waiting import wait_until

from shadowpen.daemon.base import store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.sections import EngineSettings
from shadowpen.daemon.memory.service import Remembering
from shadowpen.daemon.serving import text_model
from shadowpen.daemon.showing.judge import Judge
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Complete, Completion, Continuation, Continue, Expand, Expansion

_PYTHON = os.environ.get("SHADOWPEN_TEST_LLAMA_PYTHON", sys.executable)
_WAIT_MS = 300_000
_BEGINNING = "The harbour lay quiet in the morning, and the boats were still. It had rained all"


def _is_there() -> bool:
    return subprocess.run([_PYTHON, "-c", "import llama_cpp.server"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_model,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not _is_there(), reason="needs llama-cpp-python with its server"),
]


def _free_port() -> int:
    with LocalServer(Handler) as server:
        return int(server.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def server(real_model: Path) -> Iterator[str]:
    """The address of a llama-cpp-python server."""
    port = _free_port()
    model = real_model / "default" / "source" / "model.gguf"
    threads = ["--n_threads", "1", "--n_threads_batch", "1"]
    command = [
        _PYTHON,
        "-m",
        "llama_cpp.server",
        "--model",
        str(model),
        "--port",
        str(port),
        "--n_ctx",
        "2048",
        *threads,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is not None or _answers(address), "the server", timeout_s=120.0)
        assert process.poll() is None, "the server ended"
        yield address
    finally:
        process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/v1/models", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize("kind", ["chat", "base"])
def test_ghost_text_continuation_and_expansion(server: str, home: Path, kind: str) -> None:
    config = Config(
        engine=EngineSettings(writing="openai", ghost_text="openai", address=server, kind=kind, limit_s=240)
    )
    layout = store.layout()

    def load(*_: object) -> text_model.Model:
        return text_model.load(layout, config, Judge(), Remembering(layout))

    with daemons.in_thread(layout, load, settings=config), Client(name="test", start=False, layout=layout) as client:  # type: ignore[arg-type]
        asked = Complete(id="1", document="d", prefix=_BEGINNING, explicit=True, deadline_ms=200_000)
        ghost = client.request(asked, _WAIT_MS)
        assert isinstance(ghost, Completion) and ghost.suggestions and ghost.model.endswith("model.gguf")
        unasked = client.request(Complete(id="2", document="d", prefix=_BEGINNING, deadline_ms=200_000), _WAIT_MS)
        assert isinstance(unasked, Completion) and unasked.reason != "server_failed"
        more = client.request(Continue(id="3", document="d", prefix=_BEGINNING, max_words=20), _WAIT_MS)
        assert isinstance(more, Continuation) and more.text.strip()
        notes = "roof leaks since Monday, two offers, ask Anna"
        paragraph = client.request(Expand(id="4", document="d", notes=notes, max_words=40, candidates=1), _WAIT_MS)
        assert isinstance(paragraph, Expansion) and paragraph.candidates
