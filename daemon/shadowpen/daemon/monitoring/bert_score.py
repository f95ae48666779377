"""Measure how alike in meaning what was offered and what stands of it are: BERTScore by an encoder of the user's.

Off until `monitoring.encoder` names the encoder's folder. The encoder runs in a process of its own
(trainer/encoder.py), at the lowest priority, without a network; texts go there through a pipe and touch no file. Knows
nothing of days, tasks or versions.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from shadowpen.daemon.base.logs import LOGGER
from shadowpen.daemon.monitoring.similarity import TextPair

SETTING = "monitoring.encoder"
FILES = ("config.json", "model.safetensors", "tokenizer.json")
PACKAGES = ("torch", "transformers")
_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.trainer.encoder")
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
_LIMIT_S = 600.0  # at the lowest priority, beside whatever else runs


class EncoderJob(msgspec.Struct, frozen=True):
    """What the encoder's process is asked."""

    folder: str
    pairs: list[TextPair]


class EncoderLine(msgspec.Struct, frozen=True):
    """A line of its answer: the score of the next pair, from 0 to 100, or why the encoder cannot be used."""

    score: float = 0.0
    problem: str = ""


def problem(folder: str) -> str:
    """Why nothing can be measured with this setting, as far as it shows without loading anything; "" if it can."""
    if not folder:
        return ""
    place = Path(folder).expanduser()
    if not place.is_absolute() or not place.is_dir():
        return f"BERTScore is off: {folder} is no folder ({SETTING}). Give the whole path of an encoder's folder."
    if missing := [name for name in FILES if not (place / name).is_file()]:
        return f"BERTScore is off: {folder} has no {', '.join(missing)} ({SETTING})."
    if missing := [name for name in PACKAGES if importlib.util.find_spec(name) is None]:
        from shadowpen.daemon.base.extras import install_hint  # a running daemon seldom needs it

        return f"BERTScore needs {' and '.join(missing)}. {install_hint('train')}"
    return ""


class BertScore:
    """Measures pairs in a process for each call; a folder whose encoder could not be used is not tried again.

    `stop` may be called from another thread meanwhile.
    """

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._refused: dict[str, str] = {}  # folders, and why

    def problem(self, folder: str) -> str:
        """Why nothing is measured with this setting; "" where nothing speaks against it."""
        return problem(folder) or self._refused.get(folder, "")

    def measured(self, pairs: Sequence[TextPair], folder: str) -> list[float]:
        """The score of each pair, of fewer if the time was too short; nothing where the encoder cannot be used."""
        if not folder or self.problem(folder):
            return []
        job = EncoderJob(str(Path(folder).expanduser()), list(pairs))
        try:
            lines = msgspec.json.Decoder(EncoderLine).decode_lines(self._answer(msgspec.json.encode(job)))
        except (OSError, msgspec.DecodeError) as error:
            LOGGER.warning("BERTScore could not be measured: %s", type(error).__name__)
            return []
        if refused := next((line.problem for line in lines if line.problem), ""):
            self._refused[folder] = f"BERTScore is off: the encoder in {folder} cannot be used ({refused}; {SETTING})."
            LOGGER.warning("the encoder of monitoring cannot be used: %s", refused)
            return []
        return [line.score for line in lines]

    def stop(self) -> None:
        """End the measuring that runs; what was measured by then counts."""
        if (process := self._process) is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    def _answer(self, job: bytes) -> bytes:
        """What the process said until it ended or was ended, in whole lines."""
        with subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_OFFLINE},
        ) as process:
            self._process = process
            try:
                answer, _ = process.communicate(job, timeout=_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                answer, _ = process.communicate()
            finally:
                self._process = None
        return answer[: answer.rfind(b"\n") + 1]
