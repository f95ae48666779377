"""Record a terminal as a moving picture: the demo, or a real Neovim with the installed model.

`python docs/record.py demo|neovim [FILE.gif] [--program NVIM]` types at a person's pace, keeps every state of the
screen, and writes docs/images/demo.gif or docs/images/neovim.gif. It shows time as it passed, but nothing stands still
for longer than `LONGEST_S`. Needs the development packages; knows neither the protocol nor the model.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pyte
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 88, 22
LONGEST_S = 1.5
LAST_S = 3.0
FRAME_S = 0.05
KEY_S = 0.11
FONT_POINTS = 14
CELL = (8, 18)  # pixels
BACKGROUND, INK, GREY = (250, 250, 247), (38, 38, 38), (150, 150, 150)
COLOURS = {"cyan": (0, 120, 140), "green": (30, 120, 50), "brown": (140, 100, 0), "blue": (40, 80, 170)}
# Questions to newer terminals, which the emulator would print.
_UNKNOWN = re.compile(rb"\x1b\[[>=?][\d;$]*[A-Zac-gi-km-z]|\x1b\[\d* q|\x1bP.*?\x1b\\|\x1b\].*?(?:\x07|\x1b\\)", re.S)

TAB, ALT_ENTER, ESCAPE = "\t", "\x1b\r", "\x1b"
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Keys:
    """Keys to type; `when` comes on the screen first: "" for at once, `GHOST` for grey text behind the cursor."""

    text: str
    rest_s: float = 1.0
    when: str = ""


GHOST = "ghost text"
NEOVIM = [
    Keys("i", 0.5),
    Keys("It was one of those mornings when the whole world seems to hold its"),
    Keys(TAB, when=GHOST),
    Keys(". My grandmother had lived there for hun"),
    Keys(TAB, when=GHOST),
    Keys(" of days."),
    Keys(ESCAPE, 0.5),
    Keys("o\rDear Mrs Hill,\r\rThank you very much for your letter. I look for"),
    Keys(TAB, when=GHOST),
    Keys(" seeing you in June."),
    Keys(ESCAPE, 0.5),
    Keys("Go\r- ferry late again, 40 min\r- met Anna at the quay\r- she has sold the boat", 0.8),
    Keys(ESCAPE, 0.5),
    Keys("Vkk", 1.0),
    Keys(ALT_ENTER, 0.0),
    Keys(TAB, 2.0, when="take: <Tab>"),
]
INIT = """
vim.opt.runtimepath:prepend("{plugin}")
vim.o.swapfile, vim.o.ruler, vim.o.laststatus = false, false, 0
vim.o.wrap, vim.o.linebreak, vim.o.background = true, true, "light"
require("shadowpen").setup({{ cmd = {{ "{shadowpen}", "lsp" }} }})
"""


@dataclass(frozen=True)
class Cell:
    """One character of the screen as it is drawn."""

    text: str
    colour: tuple[int, int, int]
    slanted: bool
    reverse: bool


@dataclass(frozen=True)
class Drawing:
    """One state of the screen, and when it came there."""

    cells: tuple[tuple[Cell, ...], ...]
    cursor: tuple[int, int]  # row and column
    at_s: float


class Recorder:
    """A program in a terminal of its own; every state of the screen is kept."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.drawings: list[Drawing] = []
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)
        self._master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command], stdin=terminal, stdout=terminal, stderr=terminal, env=environment
        )
        os.close(terminal)

    def type(self, keys: Keys) -> None:
        """Type them one by one, once what they wait for is there, and watch for their rest."""
        end_s = time.monotonic() + PATIENCE_S
        while keys.when and not self._shows(keys.when):
            self.watch(FRAME_S)
            if time.monotonic() > end_s:
                raise TimeoutError(f"{keys.when!r} did not come on the screen.")
        if keys.when:
            self.watch(LONGEST_S)  # somebody reads it
        for key in [keys.text] if keys.text.startswith("\x1b") else keys.text:
            os.write(self._master, key.encode())
            self.watch(KEY_S)
        self.watch(keys.rest_s)

    def _shows(self, what: str) -> bool:
        if what != GHOST:
            return any(what in line for line in self._screen.display)
        cursor = self._screen.cursor
        return self._screen.buffer[cursor.y][cursor.x].italics

    def watch(self, seconds: float) -> bool:
        """Keep what is drawn in the next `seconds`; False once the program has ended."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            if not select.select([self._master], [], [], min(left_s, FRAME_S))[0]:
                continue
            try:
                piece = os.read(self._master, 1 << 16)
            except OSError:
                return False
            if not piece:
                return False
            self._stream.feed(_UNKNOWN.sub(b"", piece))
            self._keep()
        return True

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        self._process.wait(10)
        os.close(self._master)

    def _keep(self) -> None:
        rows = []
        for row in range(HEIGHT):
            line = self._screen.buffer[row]
            rows.append(tuple(_cell(line[column]) for column in range(WIDTH)))
        cursor = (self._screen.cursor.y, self._screen.cursor.x)
        self.drawings.append(Drawing(tuple(rows), cursor, time.monotonic()))


def _cell(drawn: pyte.screens.Char) -> Cell:
    grey = (
        drawn.italics
        or drawn.fg.startswith("bright")
        or drawn.fg in ("808080", "9e9e9e", "4e4e4e")
        or "black" in drawn.fg
    )
    colour = GREY if grey else COLOURS.get(drawn.fg, INK)
    if re.fullmatch("[0-9a-f]{6}", drawn.fg) and not grey:
        colour = (int(drawn.fg[:2], 16), int(drawn.fg[2:4], 16), int(drawn.fg[4:], 16))
    return Cell(drawn.data, colour, drawn.italics, drawn.reverse)


def picture(drawing: Drawing, upright: ImageFont.FreeTypeFont, slanted: ImageFont.FreeTypeFont) -> Image.Image:
    """The screen, with a bar for the cursor."""
    image = Image.new("RGB", (WIDTH * CELL[0] + 16, HEIGHT * CELL[1] + 16), BACKGROUND)
    draw = ImageDraw.Draw(image)
    for row, cells in enumerate(drawing.cells):
        for column, cell in enumerate(cells):
            place = (8 + column * CELL[0], 8 + row * CELL[1])
            ink, paper = (BACKGROUND, cell.colour) if cell.reverse else (cell.colour, BACKGROUND)
            if cell.reverse:
                draw.rectangle((*place, place[0] + CELL[0], place[1] + CELL[1] - 1), fill=paper)
            if cell.text.strip():
                draw.text(place, cell.text, fill=ink, font=slanted if cell.slanted else upright)
    row, column = drawing.cursor
    left, top = 8 + column * CELL[0], 8 + row * CELL[1]
    draw.rectangle((left - 1, top, left, top + CELL[1] - 2), fill=INK)
    return image


def write_gif(drawings: Sequence[Drawing], path: Path) -> None:
    """The drawings as a moving picture that starts again; those that were there for less than a frame are left out."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    upright = ImageFont.truetype(str(fonts / "DejaVuSansMono.ttf"), FONT_POINTS - 1)
    slanted = ImageFont.truetype(str(fonts / "DejaVuSansMono-Oblique.ttf"), FONT_POINTS - 1)
    frames, durations_ms = [], []
    for drawing, following in zip(drawings, [*drawings[1:], None], strict=True):
        stood_s = following.at_s - drawing.at_s if following else LAST_S
        if following and stood_s < FRAME_S:
            continue
        image = picture(drawing, upright, slanted)
        frames.append(image.quantize(16))
        durations_ms.append(round(1000 * min(stood_s, LONGEST_S if following else LAST_S)))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations_ms, loop=0, optimize=True)


def record_demo(environment: dict[str, str]) -> list[Drawing]:
    """The demo until its first paragraph is written; what it prints at the end is for readers of a terminal."""
    recorder = Recorder([_command(), "demo"], environment)
    while recorder.watch(1.0) and len(recorder.drawings) < 4000:
        pass
    recorder.close()
    return recorder.drawings


def record_neovim(environment: dict[str, str], program: str) -> list[Drawing]:
    """A letter with ghost text, then notes that become a paragraph."""
    with tempfile.TemporaryDirectory() as folder:
        init, file = Path(folder) / "init.lua", Path(folder) / "letter.md"
        init.write_text(INIT.format(plugin=ROOT / "plugins" / "neovim", shadowpen=_command()))
        file.touch()
        xdg = {f"XDG_{name}_HOME": f"{folder}/{name}" for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        command = [program, "-n", "-i", "NONE", "-u", str(init), str(file)]
        recorder = Recorder(command, {**environment, **xdg})
        recorder.watch(12.0)  # the daemon loads the model
        begun = len(recorder.drawings)
        for keys in NEOVIM:
            recorder.type(keys)
        recorder.close()
    return recorder.drawings[max(0, begun - 1) :]


def _command() -> str:
    return str(Path(sys.executable).with_name("shadowpen"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=["demo", "neovim"])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--program", default="nvim")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sp-") as home:
        environment = {**os.environ, "SHADOWPEN_HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment.setdefault("SHADOWPEN_MODELS", str(ROOT / ".cache" / "models"))
        try:
            drawings = record_demo(environment) if asked.which == "demo" else record_neovim(environment, asked.program)
        finally:
            subprocess.run([_command(), "stop"], env=environment, capture_output=True, check=False)
    write_gif(drawings, asked.file or ROOT / "docs" / "images" / f"{asked.which}.gif")


if __name__ == "__main__":
    main()
