"""Harper behind a narrow interface: a text in, its findings out; starts, times and ends the process.

What a text does to Harper costs that text its findings and nothing else: a process that crashes or takes too long is
ended, and the next text gets a new one. This file knows neither documents nor diagnostics.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys

import msgspec

from shadowpen.daemon.grammar.findings import GrammarFinding
from shadowpen.daemon.grammar.worker import CheckTask

# -P: never import from the folder the process happens to stand in.
_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.grammar.worker")
_LONGEST_S = 30.0  # for one text: the longest paragraph of a day at a machine that is busy with other things
_LONGEST_LINE = 64 * 1024 * 1024

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[GrammarFinding])


def installed() -> bool:
    """Whether harper-py is there."""
    return importlib.util.find_spec("harper") is not None


class Checker:
    """The grammar checker's process.

    One process at most, from the first text on until `close`, which may be called at any time; then anew.
    """

    def __init__(self, dialect: str, command: tuple[str, ...] = _COMMAND, longest_s: float = _LONGEST_S) -> None:
        self._command = (*command, dialect)
        self._longest_s = longest_s
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()

    @property
    def is_running(self) -> bool:
        return self._process is not None

    async def check(self, text: str, language: str) -> list[GrammarFinding]:
        """What is wrong in `text`; nothing if Harper cannot say. Cancelled, it ends the process."""
        async with self._asking:
            try:
                async with asyncio.timeout(self._longest_s):
                    return await self._ask(CheckTask(text, language))
            except (OSError, TimeoutError, ValueError, msgspec.MsgspecError):
                await self._end()
                return []
            except asyncio.CancelledError:
                self._kill()
                raise

    async def close(self) -> None:
        """End the process; the next text starts another."""
        async with self._asking:
            await self._end()

    async def _ask(self, task: CheckTask) -> list[GrammarFinding]:
        if self._process is None:
            pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=pipe, stdout=pipe, stderr=nothing, limit=_LONGEST_LINE
            )
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(_encoder.encode(task) + b"\n")
        await process.stdin.drain()
        return _decoder.decode(await process.stdout.readline())

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(OSError):
            await process.stdin.wait_closed()
