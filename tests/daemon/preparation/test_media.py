"""Images and recordings in words: from beside them, from notes, from a model; never against the user's settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.folders import Report
from shadowpen.daemon.preparation import media
from shadowpen.daemon.preparation.media import Undescribed
from shadowpen.daemon.preparation.plan import MediaRules
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

_SRT = """1
00:00:01,000 --> 00:00:03,000
<i>The tide came in.</i>

2
00:00:03,000 --> 00:00:05,000
The tide came in.
Nobody was there &amp; nothing moved.
"""
_VTT = "WEBVTT\n\nNOTE no words\n\n00:01.000 --> 00:03.000 align:start\n<v Anna>We rowed out.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.jpg", "c.jpeg", "d.webp", "e.wav", "f.mp3", "g.ogg", "h.mp4", "private/i.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0" * 10)
    (tmp_path / "a.png.txt").write_text("A boat in the harbour, sk-proj-abcdefghijklmnopqrstuvwx1234")
    (tmp_path / "note.md").write_text("![A grey lighthouse](b.jpg) ![](c.jpeg) ![far](https://x.org/d.webp)")
    (tmp_path / "page.html").write_text('<img class="x" alt="Two &quot;old&quot; oars" src=\'c.jpeg\'>')
    (tmp_path / "e.srt").write_text(_SRT)
    (tmp_path / "f.mp3.vtt").write_text(_VTT)
    (tmp_path / "g.txt").write_bytes("A transcript of the café.".encode("cp1252"))
    return tmp_path


def describe(
    folder: Path,
    report: Report,
    caption: media.Describe | None = None,
    transcribe: media.Describe | None = None,
    rules: MediaRules | None = None,
) -> dict[str, tuple[str, str]]:
    settings = LearningSettings(private_folders=[str(folder / "private")])
    asked = rules or MediaRules(images=True, audio=True)
    found = media.describe(folder, asked, settings, ForgottenTexts(), report, caption, transcribe)
    return {str(one.path.relative_to(folder)): (one.text, one.by) for one in found}


def test_words_beside_a_file_and_in_notes_are_taken(folder: Path) -> None:
    report = Report()

    assert describe(folder, report) == {
        "a.png": ("A boat in the harbour, ⟦api-key⟧", "sidecar"),
        "b.jpg": ("A grey lighthouse", "alt text"),
        "c.jpeg": ('Two "old" oars', "alt text"),
        "e.wav": ("The tide came in. Nobody was there & nothing moved.", "sidecar"),
        "f.mp3": ("We rowed out.", "sidecar"),
        "g.ogg": ("A transcript of the café.", "sidecar"),
    }
    assert report.files == {
        "image without words, and no model is named": 1,
        "recording without words, and no model is named": 1,
        "secret, private or excluded": 1,
    }


def test_a_model_describes_the_rest(folder: Path) -> None:
    def transcribe(path: Path) -> str:
        raise Undescribed("recording that the model cannot read (ValueError)")

    report = Report()
    found = describe(folder, report, lambda path: f"seen {path.name}", transcribe)

    assert found["d.webp"] == ("seen d.webp", "caption")
    assert "h.mp4" not in found and report.files["recording that the model cannot read (ValueError)"] == 1


def test_only_what_is_asked_for_is_described(folder: Path) -> None:
    found = describe(folder, Report(), rules=MediaRules(audio=True))

    assert set(found) == {"e.wav", "f.mp3", "g.ogg"}


def test_a_file_that_is_too_large_is_not_given_to_a_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_MOST_IMAGE_BYTES", 5)
    report = Report()

    assert "d.webp" not in describe(folder, report, lambda path: pytest.fail("asked"))
    assert report.files["too large"] == 1


@pytest.mark.parametrize("text", ["", "\0\0", "-->", "00:00:01,000 --> x\n" * 50])
def test_subtitles_that_are_none_have_no_words(text: str) -> None:
    assert media.subtitles(text).strip("\0") == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_a_pipe_beside_an_image_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\0")
    os.mkfifo(tmp_path / "a.png.txt")
    report = Report()
    rules = MediaRules(images=True)
    assert list(media.describe(tmp_path, rules, LearningSettings(), ForgottenTexts(), report, None, None)) == []
    assert report.files["image without words, and no model is named"] == 1
