"""`shadowpen why`: say what the model suggests after a text, and which sentences led to it.

The model is loaded here, without the memory: what your own older text adds is told by the editor. Asks no daemon.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.cli import text_input

if TYPE_CHECKING:
    from shadowpen.daemon.serving.model import ServedModel
    from shadowpen.daemon.wire.protocol import Completion

_LEAST_TOLD = 0.01


@click.command()
@click.option("--file", "-f", "path", type=click.Path(path_type=Path), help="Read the text from a file.")
@click.option("--context", "with_context", is_flag=True, help="Say which sentences of the text led to it.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600),
    default=20,
    show_default=True,
    help="Time limit of --context; sentences near the end of the text come first.",
)
@terminal.json_option
def why(path: Path | None, with_context: bool, seconds: float, as_json: bool) -> None:
    """Say what is suggested at the end of a text from standard input or a file, and why.

    With --context each of the last sentences is left out in turn, and the suggestion's likelihood compared. This
    covers the model only; "Why this suggestion?" in the editor also covers the memory of your own text.
    """
    from shadowpen.daemon.cli.writing import led_by
    from shadowpen.daemon.showing import naming
    from shadowpen.daemon.showing.silence import reasons

    text = _read(path)
    model = served()
    try:
        answer = _asked(model, text)
        said = answer.suggestions[0] if answer.suggestions else None
        found = model.occluded(text, said.text, seconds) if said and with_context else None
    finally:
        model.close()
    if as_json:
        context = None
        if found is not None:
            context = {"untried": found.untried, "sentences": led_by.led_by(text, found)}
        suggestion, likelihood = (said.text, said.probability) if said else ("", 0.0)
        shown = {"suggestion": suggestion, "likelihood": likelihood, "reason": answer.reason, "model": answer.model}
        terminal.print_json({**shown, "context": context})
    elif said is None:
        terminal.say(f"Nothing is suggested here: {reasons.sentence(answer.reason)}.")
    else:
        click.echo(f"“{said.text}”")
        likely = f"{said.probability:.0%}" if said.probability >= _LEAST_TOLD else "less than 1%"
        who = naming.spoken(answer.model)
        who = f"{who[:1].upper()}{who[1:]}"
        terminal.say(f"{who} finds it {likely} likely that you continue exactly like this.")
        for line in led_by.lines(text, found) if found is not None else ():
            terminal.say(line)


def served() -> ServedModel:
    """The model that writes ghost text, without a memory; ConfigInvalid where a server does."""
    from shadowpen.daemon.base import config, store
    from shadowpen.daemon.serving import model

    settings = config.load()
    if settings.engine.ghost_text != "onnx":
        raise ConfigInvalid(
            "A server writes your ghost text, and it does not say how likely given words are.",
            "Set engine.ghost_text to onnx to ask the installed model.",
        )
    return model.load(store.layout(), settings)


def _read(path: Path | None) -> str:
    from shadowpen.daemon.wire.protocol import MAX_TEXT_CHARACTERS

    text = text_input.read(path, "Type the text; end it with Ctrl-D on a line of its own.")
    text = text.removesuffix("\n").removesuffix("\r")
    if not text.strip():
        raise text_input.TextUnusable("There is no text.", 'For example: echo "The harbour was" | shadowpen why')
    return text[-MAX_TEXT_CHARACTERS:]


def _asked(model: ServedModel, text: str) -> Completion:
    """What the model answers to whoever asks by a key, however long it takes."""
    from shadowpen.daemon.wire.protocol import Complete, Completion

    request = Complete(id="why", document="why", prefix=text, language="markdown", explicit=True, deadline_ms=600_000)
    replies = [reply for reply in model.steps(request, math.inf) if isinstance(reply, Completion)]
    return replies[-1]
