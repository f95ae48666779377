"""Run the trainer in a separate process and relay its progress.

Asked to stop it asks the trainer, which writes a checkpoint first.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from shadowpen.daemon.base.errors import ShadowpenError, TrainingError, from_code
from shadowpen.daemon.trainer.job import TrainerEvent, TrainingJob, encode, parse_event
from shadowpen.daemon.trainer.loop import Stopped
from shadowpen.daemon.trainer.trainer import EXIT_STOPPED

# -P: never import from the folder the process happens to stand in.
COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.trainer")
_LAST_WORDS_BYTES = 4_000


class TrainerProcess:
    """The trainer in a process of its own.

    `run` does one job; `stop` may be called from a signal handler meanwhile.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND, processes: int = 1) -> None:
        self._command = command if processes == 1 else _launched(processes)
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        self._stopping = True
        if self._process is not None and self.is_running:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def run(self, job: TrainingJob, on_event: Callable[[TrainerEvent], None]) -> Path:
        """The run's folder, with the adapter in it. Raises Stopped, or the error that the trainer told."""
        if self._stopping:
            raise Stopped
        failure: ShadowpenError | None = None
        with subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            self._process = process
            errors = _Tail(process)
            _feed(process, encode(job))
            assert process.stdout is not None
            for line in process.stdout:
                event = parse_event(line.decode(errors="replace"))
                if event is not None and event.kind == "failed":
                    failure = from_code(event.data["code"], event.data["message"], event.data.get("hint", ""))
                elif event is not None:
                    on_event(event)
            status = process.wait()
        if status == EXIT_STOPPED or (status != 0 and self._stopping):
            raise Stopped
        if failure is not None:
            raise failure
        if status != 0:
            raise TrainingError(
                f"The trainer exited unexpectedly ({_how(status)}){errors.last_line()}.",
                "`shadowpen train now` resumes the run; if it fails again, report it.",
            )
        return Path(job.run_folder)


def _launched(processes: int) -> tuple[str, ...]:
    """So many trainers that do one job together, with the environment that `accelerate launch` gives too."""
    launcher = (sys.executable, "-P", "-m", "torch.distributed.run", "--standalone")
    return (*launcher, "--nproc_per_node", str(processes), "-m", COMMAND[-1])


def _feed(process: subprocess.Popen[bytes], content: bytes) -> None:
    """Hand over the job; a trainer that has died already says why on its own."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(content)
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()


def _how(status: int) -> str:
    return f"killed by signal {-status}" if status < 0 else f"status {status}"


class _Tail:
    """Reads a process's standard error to its end and keeps the last of it. A traceback holds no text of the author."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._kept = b""
        self._stream = process.stderr
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._stream is not None
        for line in self._stream:
            self._kept = (self._kept + line)[-_LAST_WORDS_BYTES:]

    def last_line(self) -> str:
        self._reader.join(5)
        lines = [line.strip() for line in self._kept.decode(errors="replace").splitlines() if line.strip()]
        return f": {lines[-1].rstrip('.')}" if lines else ""
