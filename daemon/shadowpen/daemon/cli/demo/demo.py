"""`shadowpen demo`: a scripted writer types into the real language server and accepts suggestions.

Nothing is canned but the writer's own words: where the model offers nothing, the demo says so and the writer goes on by
hand. The editor is `typist.editor`'s, the drawing `screen`'s.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.cli.demo.screen import Lines, Screen, Terminal
from shadowpen.daemon.cli.demo.script import SCENES, Scene
from shadowpen.daemon.showing.naming import spoken
from shadowpen.daemon.storage import models
from shadowpen.daemon.typist.editor import EditedDocument, Editor
from shadowpen.daemon.typist.writer import SimulatedWriter

_KEY_S = 0.025  # within a word; a quick hand
_WORD_S = 0.09  # before a new word
_LOOK_S = 0.5  # a ghost is read before it is taken
_PATIENCE_S = 2.0
_GROW_S = 0.06  # between two looks whether the ghost has grown
_STILL_LOOKS = 2  # so often unchanged: it has its length
_BUDGET_S = 8.0  # from then on the writer neither dawdles nor waits
_HURRIED_S = 0.005
_SENTENCE_ENDS = tuple('.!?…"”')


@click.command()
@click.option("--lines", is_flag=True, help="Print plain lines, even on a terminal.")
@click.option("--learn", is_flag=True, help="Also learn from a diary at the end: 3 to 15 minutes on two cores.")
def demo(lines: bool, learn: bool) -> None:
    """Watch a scripted writer use the real language server, daemon and model.

    Grey text is what the model offers; none of it is canned. Nothing is kept or learned.
    """
    layout, settings = store.layout(), config.load()
    models.resolve(settings.model.name, layout)  # says at once what is missing
    console = terminal.console()
    screen: Screen = Lines(console) if lines or not console.is_terminal else Terminal(console)
    with tempfile.TemporaryDirectory(prefix="shadowpen-demo-") as folder, screen:
        text = asyncio.run(_play(screen, Path(folder), layout, settings))
        if learn:
            _learn(screen, layout)
    if not screen.paced:
        click.echo(f"\n{text}")


def _learn(screen: Screen, layout: store.Layout) -> None:
    from shadowpen.daemon.cli.demo import learning

    screen.title("It learns")
    learning.learn(screen, layout)


async def _play(screen: Screen, folder: Path, layout: store.Layout, settings: config.Config) -> str:
    """The whole script, on a document in `folder`; the text it ends with."""
    started = time.perf_counter()
    editor = Editor("shadowpen-demo")
    try:
        screen.title("Starting")
        await _start(editor, screen, folder, layout, settings)
        document = editor.open("", (folder / "island.md").as_uri())
        writer = DemoWriter(editor, document, screen, started + _BUDGET_S)
        for number, scene in enumerate(SCENES, 1):
            screen.title(f"{number}. {scene.title}")
            await writer.perform(scene)
        screen.title("Done")
        screen.step("keys", f"{writer.keys} for {len(document.text)} characters")
        screen.step("model", spoken(editor.model))
        screen.step("in all", "", (time.perf_counter() - started) * 1000)
    finally:
        await editor.leave()
    return document.text


async def _start(editor: Editor, screen: Screen, folder: Path, layout: store.Layout, settings: config.Config) -> None:
    """Daemon first, so that it does not inherit what is set for the demo's server: keep nothing of this folder."""
    from shadowpen.daemon.wire.async_client import AsyncClient

    began = time.perf_counter()
    await (await AsyncClient.connect("shadowpen demo", layout=layout)).close()
    screen.step("daemon", "answers", _ms_since(began))
    private = os.pathsep.join([*settings.learning.private_folders, str(folder)])
    environment = {**os.environ, "SHADOWPEN_LEARNING_PRIVATE_FOLDERS": private}
    began = time.perf_counter()
    await editor.start([sys.executable, "-P", "-m", "shadowpen.daemon.cli", "lsp"], environment)
    screen.step("editor", "language server and model are ready", _ms_since(began))


@dataclass(frozen=True)
class Ghost:
    """An answer for one place: the text offered, "" for none, and how long it took."""

    text: str
    ms: float


class DemoWriter:
    """The demo's writer: types what the script says, looks, and takes what is offered; `keys` counts what was pressed.

    It is the `LiveCompleter` of the simulated writer too, so that each key and each answer is drawn.
    """

    def __init__(self, editor: Editor, document: EditedDocument, screen: Screen, until: float) -> None:
        self.keys = 0
        self._editor, self._document, self._screen, self._until = editor, document, screen, until
        self._typing_ms: list[float] = []

    async def perform(self, scene: Scene) -> None:
        if self._document.text:
            self._editor.type(self._document, "\n\n")
        await self._type(scene.typed)
        if scene.then == "continue":
            await self._continue()
            return
        ghost = await self._wait_for_ghost()
        if not ghost.text.strip():
            self._screen.step("offered", "no suggestion; the writer keeps typing", ghost.ms)
            await self._type(scene.otherwise)
        else:
            self._screen.step("offered", _quoted(ghost.text), ghost.ms)
            if scene.then == "along":
                ghost = await self._type_along(ghost)
            await self._accept(ghost)
        if not self._document.text.rstrip().endswith(_SENTENCE_ENDS):
            self._press(".")

    # --- as seen by the simulated writer -----------------------------------------------------------------

    async def open(self, text: str) -> None:
        """Do nothing: the document is open."""

    def type(self, piece: str) -> None:
        self._editor.type(self._document, piece)
        self._screen.draw(self._document.text)

    async def ask(self, patience_s: float) -> str | None:
        text = await self._editor.ask(self._document, patience_s)
        if text is not None:
            self._screen.draw(self._document.text, text)
        return text

    def accept(self, ghost: str) -> None:
        self._editor.accept()

    # --- what a scene consists of ------------------------------------------------------------------------

    async def _type(self, text: str) -> None:
        """Type it key by key, asking after each; an answer that the next key overtakes is cancelled."""
        writer = SimulatedWriter(self, self._document.text, text, self._gap_s, takes=False, rests=self._unhurried)
        typed = await writer.write()
        self.keys += typed.keys
        in_time = f"{typed.answer_ms.of} answered before the next (median {typed.answer_ms.p50 or 0:.0f} ms)"
        self._screen.step("typed", f"{typed.keys} keys, {in_time}, {typed.text_ms.of} with ghost text")

    def _gap_s(self, text: str) -> float:
        return _HURRIED_S if time.perf_counter() > self._until else _WORD_S if text[-1:] == " " else _KEY_S

    async def _wait_for_ghost(self) -> Ghost:
        """What is offered at this place, until it no longer grows; `ms` is the first answer's."""
        first = latest = await self._ask(_PATIENCE_S) or Ghost("", _PATIENCE_S * 1000)
        unchanged = 0
        while unchanged < _STILL_LOOKS:
            await asyncio.sleep(_GROW_S)
            again = await self._ask(_PATIENCE_S) or latest
            unchanged = unchanged + 1 if again.text == latest.text else 0
            latest = again
        await self._look()
        return Ghost(latest.text, first.ms)

    async def _type_along(self, ghost: Ghost) -> Ghost:
        """Type the first half of the ghost by hand; what is offered afterwards."""
        wanted = ghost.text[: (len(ghost.text) + 1) // 2]
        times, kept = [], 0
        for number, key in enumerate(wanted, 1):
            self._press(key)
            left = await self._ask(_PATIENCE_S) or Ghost("", _PATIENCE_S * 1000)
            times.append(left.ms)
            kept += left.text.startswith(ghost.text[number:]) and bool(left.text)
            if self._unhurried():
                await asyncio.sleep(_WORD_S)
        median, slowest = _spread(times)
        detail = f"{len(wanted)} keys, the ghost stayed at {kept} (median {median:.1f} ms, slowest {slowest:.1f})"
        self._screen.step("typed along", detail)
        return left

    async def _accept(self, ghost: Ghost) -> None:
        if not ghost.text:
            return
        began = time.perf_counter()
        self.keys += 1
        self.type(ghost.text)
        self.accept(ghost.text)
        words = len(ghost.text.split())
        self._screen.step("accepted", f"{words} {'word' if words == 1 else 'words'} with one key", _ms_since(began))
        await self._look()

    async def _continue(self) -> None:
        """One command; the text grows as progress and arrives as one edit."""
        self.keys += 1
        began, first = time.perf_counter(), 0.0

        def on_progress(message: str) -> None:
            nonlocal first
            first = first or _ms_since(began)
            self._screen.draw(self._document.text, f" {message}")

        result = await self._editor.continue_paragraph(self._document, on_progress)
        total = _ms_since(began)
        self._screen.draw(self._document.text)
        if not result.get("applied"):
            self._screen.step("continued", f"not: {result.get('reason')}", total)
            return
        if first:
            self._screen.step("first words", "", first)
        self._screen.step("continued", f"{len(str(result['text']).split())} words in one edit", total)

    async def _ask(self, patience_s: float) -> Ghost | None:
        """Ghost text at the cursor; None when it does not come in time."""
        asked = time.perf_counter()
        text = await self.ask(patience_s)
        return None if text is None else Ghost(text, _ms_since(asked))

    def _press(self, key: str) -> None:
        self.keys += 1
        self.type(key)

    async def _look(self) -> None:
        if self._unhurried():
            await asyncio.sleep(_LOOK_S)

    def _unhurried(self) -> bool:
        return self._screen.paced and time.perf_counter() < self._until


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _spread(values: Sequence[float]) -> tuple[float, float]:
    """Median and maximum; zeros of nothing."""
    ordered = sorted(values)
    return (ordered[len(ordered) // 2], ordered[-1]) if ordered else (0.0, 0.0)


def _quoted(text: str) -> str:
    return "“" + text.replace("\n", "⏎") + "”"
