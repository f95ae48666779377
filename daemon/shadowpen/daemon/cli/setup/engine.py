"""`shadowpen engine`: test the server that writes, and store its key.

What the server is asked here is a fixed sentence, never the user's text.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import config, sections, terminal
from shadowpen.daemon.base.errors import ConfigInvalid, ServerFailed
from shadowpen.daemon.cli import text_input

if TYPE_CHECKING:
    from shadowpen.daemon.engine.text_engine import TextEngine, TextPiece, TextRequest

_SENTENCE = "The harbour lay quiet in the morning, and the boats"
_LIMIT_S = 60.0
_TOKENS = 12


@dataclass(frozen=True)
class Probe:
    """How one kind of request fares: its first words after `first_ms`, all after `all_ms`, or the `problem`."""

    kind: str
    first_ms: float = 0.0
    all_ms: float = 0.0
    probabilities: bool = False
    problem: str = ""
    hint: str = ""


@click.group()
def engine() -> None:
    """Test a server that writes in place of the built-in model, and store its key.

    The settings engine.* (`shadowpen config`) name the server and what it writes.
    """


@engine.command("check")
@terminal.json_option
def check(as_json: bool) -> None:
    """Ask the server at engine.address for a few words of each kind, and show how long that takes."""
    from shadowpen.daemon.engine.openai import address

    settings = config.load().engine
    server = address.parsed(settings)
    probes = list(probed(settings))
    if as_json:
        terminal.print_json(
            {"address": server.base, "leaves_machine": server.leaves_machine, "probes": [*map(asdict, probes)]}
        )
    else:
        where = "another machine: what you write is sent there" if server.leaves_machine else "this machine"
        terminal.say(f"{server.shown}, on {where}.")
        for probe in probes:
            terminal.say(_told(probe))
        if settings.writing == settings.ghost_text == "onnx":
            terminal.say("Nothing is written by it yet: `shadowpen config set engine.writing openai`")
    if any(probe.problem for probe in probes):
        raise click.exceptions.Exit(ServerFailed.exit_status)


@engine.command("key")
@click.option("--remove", is_flag=True, help="Remove the key from the keyring.")
def key(remove: bool) -> None:
    """Store the key for the server at engine.address in the system's keyring, from a prompt or standard input.

    Without a keyring, set SHADOWPEN_ENGINE_KEY in the environment that your editor starts from.
    """
    from shadowpen.daemon.engine.openai import address
    from shadowpen.daemon.engine.openai import key as keys

    server = address.parsed(config.load().engine)
    if remove:
        terminal.say("The key is removed." if keys.remove(server.base) else "There is no key.")
        return
    asks = sys.stdin.isatty()
    given = click.prompt(f"Key for {server.shown}", hide_input=True) if asks else text_input.first_line()
    if not given.strip():
        raise ConfigInvalid("No key was given.", "Type it, or pipe it: shadowpen engine key < FILE")
    keys.store(server.base, given.strip())
    terminal.say(
        f"The key for {server.shown} is in the keyring. It applies when the daemon restarts (`shadowpen stop`)."
    )


def probed(settings: sections.EngineSettings) -> Iterator[Probe]:
    """A few words of each kind that the settings use, or of all where they use none."""
    from shadowpen.daemon.engine.openai.address import parsed
    from shadowpen.daemon.engine.openai.client import OpenAiEngine
    from shadowpen.daemon.engine.text_engine import ChatMessage, TextRequest

    server = OpenAiEngine(parsed(settings), settings.model)
    unused = settings.writing == settings.ghost_text == "onnx"
    try:
        if settings.kind == "chat" and (unused or settings.writing == "openai"):
            asked = (ChatMessage("user", f"Go on with this sentence: {_SENTENCE}"),)
            yield _probe(server, "chat", TextRequest(asked, _TOKENS, _LIMIT_S))
        if unused or settings.kind == "base" or settings.ghost_text == "openai":
            yield _probe(server, "text", TextRequest(_SENTENCE, _TOKENS, _LIMIT_S, probabilities=True))
    finally:
        server.close()


def _probe(server: TextEngine, kind: str, request: TextRequest) -> Probe:
    began_s, first_s = time.perf_counter(), 0.0
    probable = False
    try:
        for piece in _read(server, request):
            first_s = first_s or time.perf_counter()
            probable = probable or bool(piece.tokens)
    except ServerFailed as error:
        return Probe(kind, problem=error.message, hint=error.hint)
    now_s = time.perf_counter()
    return Probe(kind, ((first_s or now_s) - began_s) * 1000, (now_s - began_s) * 1000, probable)


def _read(server: TextEngine, request: TextRequest) -> Iterator[TextPiece]:
    stream, ready = server.begin(request), threading.Event()
    try:
        while not stream.ended:
            ready.clear()
            stream.when_ready(ready.set)
            ready.wait()
            yield from stream.take()
    finally:
        stream.close()


def _told(probe: Probe) -> str:
    if probe.problem:
        return f"{probe.kind:<5} {probe.problem} {probe.hint}"
    time_taken = f"first words after {probe.first_ms:.0f} ms, {_TOKENS} tokens after {probe.all_ms:.0f} ms"
    if probe.kind == "chat":
        return f"{probe.kind:<5} {time_taken}"
    return f"{probe.kind:<5} {time_taken}, {'with' if probe.probabilities else 'without'} probabilities"
