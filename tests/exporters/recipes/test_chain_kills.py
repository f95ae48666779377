"""Runs of a chain are killed at any moment: what is served is whole and gated, no text is lost or learned twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny
from support import one_run
from support.models.authors import SUBJECTS, Home, write_texts

from shadowpen.daemon.corpus.corpus import collect
from shadowpen.daemon.learning import runs
from shadowpen.daemon.learning.ledger import Ledger, marks
from shadowpen.daemon.serving import model
from shadowpen.daemon.storage import versions

pytest.importorskip("peft")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="kills a process group")]

_TESTS = Path(__file__).parents[2]
_MOST_S = 600.0


def _started(home: Home) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(_TESTS)}
    command = [sys.executable, str(_TESTS / "support" / "one_run.py"), str(home.root)]
    return subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _killed_after(home: Home, seconds: float, *, with_trainer: bool) -> bool:
    """Run, and kill it so long after it began to work; False if it was done before."""
    process = _started(home)
    until = time.monotonic() + _MOST_S
    while process.poll() is None and not runs.is_running(home.layout) and time.monotonic() < until:
        time.sleep(0.02)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    was_at_work = process.poll() is None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL) if with_trainer else process.kill()
    process.wait(_MOST_S)
    while not with_trainer and _is_there(process.pid) and time.monotonic() < until:
        time.sleep(0.05)  # the trainer notices that it is alone
    return was_at_work


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _check(home: Home) -> None:
    """What a daemon would load now answers, is whole and was promoted; the ledger counts nothing twice."""
    run = home.run()
    served = versions.served(home.layout, run.model, run.precision, thorough=True)
    assert served.problem == ""
    loaded = model.load(home.layout, home.settings)
    assert loaded.name == served.name
    loaded.close()
    for version in versions.versions(home.layout):
        versions.check_adapter(home.layout, version)
        own = {piece for source in version.sources if not source.version for piece in source.pieces}
        assert all(Ledger(version).times[piece] == 1 for piece in own)
    if served.version:
        version = versions.read(home.layout, served.version)
        assert version.state == "promoted"
        assert not version.parent or versions.read(home.layout, version.parent).state == "promoted"


def _chain_of_kills(root: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    home = Home(root, one_run.PLAN)
    tiny.make_tiny_model(home.layout.models, "default")
    write_texts(home.texts, 1, SUBJECTS)
    for month in range(2, 2 + kills):
        _killed_after(home, chance.uniform(0.0, 12.0), with_trainer=chance.random() < 0.7)
        _check(home)
        if month % 10 == 0:  # the chain grows too
            assert _started(home).wait(_MOST_S) in (0, 1, 7)
            _check(home)
            _more(home, month)
    process = _started(home)
    process.wait(_MOST_S)
    _check(home)
    _nothing_is_lost(home)


def _more(home: Home, month: int) -> None:
    folder = write_texts(home.root / f"more{month}", month, SUBJECTS, 12)
    for path in folder.iterdir():
        path.rename(home.texts / f"2024-{1 + month % 12:02}-{month}-{path.name}")
    folder.rmdir()


def _nothing_is_lost(home: Home) -> None:
    """Every paragraph is learned by the version that answers, or is still to be learned or to judge."""
    documents = collect(home.layout, home.settings.learning).documents
    served = versions.current(home.layout).version
    ledger = Ledger(versions.read(home.layout, served) if served else None)
    left = {mark for document in ledger.new(documents) for mark in marks(document)}
    everything = {mark for document in documents for mark in marks(document)}
    assert left | (ledger.times.keys() & everything) == everything
    assert not left & ledger.times.keys()


def test_one_kill(tmp_path: Path) -> None:
    _chain_of_kills(tmp_path / "home", kills=1, seed=0)


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
def test_a_hundred_kills(tmp_path: Path) -> None:
    _chain_of_kills(tmp_path / "home", kills=100, seed=1)
