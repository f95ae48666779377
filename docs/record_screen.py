"""Record a browser as a moving picture: VS Code, or the pages of `shadowpen open`, with the installed model.

`python docs/record_screen.py vscode|open [FILE.gif]` has record_screen.mjs write at a person's pace in a real Chromium,
and puts the frames that it drew into docs/images/vscode.gif or docs/images/open.gif, with a caption below them. Every
frame is as it was drawn; nothing stands still for longer than in `record.py`. Needs `make editors`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from PIL import Image, ImageChops, ImageDraw, ImageFont
from record import FRAME_S, LAST_S, LONGEST_S, ROOT

sys.path.insert(0, str(ROOT / "tests"))

from support.screens import browser

from plugins.vscode import conftest as code_server

SCRIPT = Path(__file__).with_suffix(".mjs")
SHADOWPEN = str(Path(sys.executable).with_name("shadowpen"))
WHOLE_S = 540.0
STRIP_HEIGHT, STRIP_POINTS = 34, 17  # pixels
STRIP, INK = (38, 38, 38), (250, 250, 247)
COLOURS = 64
NOTES = "- ferry late again, 40 min\n- met Anna at the quay\n- she has sold the boat"
LETTERS = {
    "tom.md": "Dear Tom,\n\nWe meet at the red boathouse behind the chapel, as we did last year. Bring a lamp.\n",
    "ruth.md": "Dear Ruth,\n\nThe key hangs in the red boathouse behind the chapel. Please leave the oars inside.\n",
}
BEGINNING = "Dear Mrs Hill,\n\n"
SENTENCES = [
    "Thank you very much for your letter. I look forward to hearing from you. ",
    "For the first time in years, ",
]
SETTINGS = {
    "breadcrumbs.enabled": False,
    "editor.codeLensFontSize": 12,
    "editor.cursorBlinking": "solid",
    "editor.fontSize": 16,
    "editor.lineNumbers": "off",
    "editor.occurrencesHighlight": "off",
    "editor.renderLineHighlight": "none",
    "editor.renderWhitespace": "none",
    "editor.lightbulb.enabled": "off",
    "window.commandCenter": False,
    "workbench.activityBar.location": "hidden",
    "workbench.layoutControl.enabled": False,
}


@dataclass(frozen=True)
class Frame:
    """One picture that the browser drew, when it came, and the caption it has."""

    file: Path
    at_s: float
    caption: str


def frames_of(told: Sequence[dict[str, Any]]) -> list[Frame]:
    """The frames, each with the caption that held when it was drawn."""
    caption, frames = "", []
    for line in sorted(told, key=lambda line: line["at"]):
        caption = line.get("caption", caption)
        if "file" in line:
            frames.append(Frame(Path(line["file"]), line["at"], caption))
    return frames


def picture(frame: Frame, font: ImageFont.FreeTypeFont) -> Image.Image:
    """The frame, above a strip with its caption."""
    drawn = Image.open(frame.file).convert("RGB")
    image = Image.new("RGB", (drawn.width, drawn.height + STRIP_HEIGHT), STRIP)
    image.paste(drawn)
    ImageDraw.Draw(image).text(
        (drawn.width // 2, drawn.height + STRIP_HEIGHT // 2), frame.caption, INK, font, anchor="mm"
    )
    return image


def distinct(frames: Sequence[Frame]) -> list[tuple[Image.Image, float]]:
    """Each picture that differs from the one before it, and when it came; those shown for less than a frame are out."""
    font = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"), STRIP_POINTS)
    kept: list[tuple[Image.Image, float]] = []
    for frame in frames:
        image = picture(frame, font)
        if kept and ImageChops.difference(kept[-1][0], image).getbbox() is None:
            continue
        if kept and frame.at_s - kept[-1][1] < FRAME_S:
            kept[-1] = (image, kept[-1][1])
        else:
            kept.append((image, frame.at_s))
    return kept


def write_gif(frames: Sequence[Frame], path: Path) -> None:
    """The frames as a moving picture that starts again; with one set of colours, what stands still costs nothing."""
    kept = distinct(frames)
    palette = _palette([image for image, _ in kept[:: max(1, len(kept) // 12)]])
    ends_s = [at_s for _, at_s in kept[1:]]
    durations_ms = [
        round(1000 * min(end_s - at_s, LONGEST_S)) for (_, at_s), end_s in zip(kept[:-1], ends_s, strict=True)
    ]
    images = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image, _ in kept]
    durations_ms.append(round(1000 * LAST_S))
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations_ms, loop=0, optimize=True)


def _palette(images: Sequence[Image.Image]) -> Image.Image:
    """The colours of these pictures together."""
    width, height = images[0].size
    sheet = Image.new("RGB", (width, height * len(images)))
    for place, image in enumerate(images):
        sheet.paste(image, (0, place * height))
    return sheet.quantize(COLOURS, dither=Image.Dither.NONE)


def record_vscode(folder: Path, still: Path) -> list[dict[str, Any]]:
    """A letter with ghost text, then notes that become a paragraph, which is left in `still` too."""
    root = folder / "vscode"
    code_server.write(root / "text" / ".vscode" / "settings.json", SETTINGS)
    code_server.write(root / "text" / "letter.md", "")
    _shadowpen("learn", "off")  # so that no question lies over the text
    _shadowpen("complete", text="The harbour")  # so that the model is loaded
    with code_server.editor(root, [SHADOWPEN, "lsp"], {}) as editor:
        given = {"base": editor.base, "folder": str(editor.folder), "notes": NOTES, "still": str(still)}
        return _film(folder, "vscode", given)


def record_open(folder: Path) -> list[dict[str, Any]]:
    """The pages of `shadowpen open`: a folder is named, one writes, and looks at what a deletion would take."""
    for name, letter in LETTERS.items():
        code_server.write(folder / "letters" / name, letter)
    _shadowpen("complete", text="The harbour")  # so that the model is loaded
    given = {"folder": str(folder / "letters"), "beginning": BEGINNING, "sentences": SENTENCES, "phrase": "boathouse"}
    with subprocess.Popen([SHADOWPEN, "open", "--no-browser"], stdout=subprocess.PIPE, text=True) as pages:
        try:
            assert pages.stdout is not None
            link = next(word for line in pages.stdout for word in line.split() if word.startswith("http://"))
            return _film(folder, "open", {"link": link} | given)
        finally:
            pages.terminate()


def _film(folder: Path, scene: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    frames = folder / "frames"
    frames.mkdir()
    return browser.run_script(SCRIPT, {"scene": scene, "frames": str(frames)} | given, WHOLE_S)


def _shadowpen(*arguments: str, text: str = "") -> None:
    subprocess.run([SHADOWPEN, *arguments], input=text, text=True, capture_output=True, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=["vscode", "open"])
    parser.add_argument("file", type=Path, nargs="?")
    asked = parser.parse_args()
    file = (asked.file or ROOT / "docs" / "images" / f"{asked.which}.gif").resolve()
    os.environ.setdefault("SHADOWPEN_MODELS", str(ROOT / ".cache" / "models"))
    # A short name: the paths of sockets are limited to about 100 bytes.
    with tempfile.TemporaryDirectory(prefix="sp-", ignore_cleanup_errors=True) as folder:
        os.environ["SHADOWPEN_HOME"] = str(Path(folder) / "home")
        try:
            if asked.which == "vscode":
                told = record_vscode(Path(folder), file.with_name(f"{file.stem}-expansion.png"))
            else:
                told = record_open(Path(folder))
        finally:
            _shadowpen("stop")
        write_gif(frames_of(told), file)


if __name__ == "__main__":
    main()
