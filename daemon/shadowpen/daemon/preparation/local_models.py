"""Captions and transcripts by models of transformers from a local folder; nothing is fetched.

transformers is an optional package and slow to import: it is imported when a plan names a model.
"""

from __future__ import annotations

import importlib
import os
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.extras import install_command
from shadowpen.daemon.base.telemetry import go_offline
from shadowpen.daemon.preparation.media import Describe, Undescribed

_MOST_PIXELS = 100_000_000
_MOST_S = 4 * 3600  # of one recording
_MOST_NEW_TOKENS = 60


def captioner(folder: str) -> Describe:
    """A model that says in a sentence what an image shows; ConfigInvalid if the folder holds none."""
    pipeline = _pipeline("image-to-text", folder, "caption_model")

    def describe(path: Path) -> str:
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise Undescribed("an image with too many pixels")
            found = pipeline(image.convert("RGB"), max_new_tokens=_MOST_NEW_TOKENS)
        return str(found[0]["generated_text"])

    return _guarded(describe, "image")


def transcriber(folder: str) -> Describe:
    """A model that writes down what is said in a recording; ConfigInvalid if the folder holds none."""
    pipeline = _pipeline("automatic-speech-recognition", folder, "transcript_model")
    rate = int(pipeline.feature_extractor.sampling_rate)

    def describe(path: Path) -> str:
        # Other kinds than WAV are decoded by ffmpeg, which transformers calls by itself where it is installed.
        heard = {"raw": _samples(path, rate), "sampling_rate": rate} if path.suffix.lower() == ".wav" else str(path)
        return str(pipeline(heard, chunk_length_s=30)["text"])

    return _guarded(describe, "recording")


def _pipeline(task: str, folder: str, key: str) -> Any:
    if not Path(folder).is_dir():
        raise ConfigInvalid(f"media.{key}: {folder} is not a folder.", "Name the folder of a model on this machine.")
    go_offline(os.environ)
    try:
        transformers = importlib.import_module("transformers")
    except ImportError as error:
        raise ConfigInvalid(
            f"media.{key} needs the packages transformers and torch, which are not installed.",
            f"Install them ({install_command('transformers', 'torch')}), or leave out media.{key}.",
        ) from error
    transformers.logging.set_verbosity_error()
    try:
        return transformers.pipeline(task, model=folder, device="cpu", trust_remote_code=False)
    except Exception as error:  # what a folder that is no such model makes of it
        said = (str(error).splitlines() or [""])[0][:200]
        raise ConfigInvalid(
            f"media.{key}: {folder} holds no model for this ({type(error).__name__}: {said}).",
            f"Name a folder with a model of transformers for {task}.",
        ) from error


def _guarded(describe: Callable[[Path], str], kind: str) -> Describe:
    """`describe`, whatever a file makes a library raise."""

    def guarded(path: Path) -> str:
        try:
            return describe(path)
        except (Undescribed, MemoryError):
            raise
        except Exception as error:  # neither its words nor its cause: they may quote the file
            raise Undescribed(f"{kind} that the model cannot read ({type(error).__name__})") from None

    return guarded


def _samples(path: Path, rate: int) -> np.ndarray:
    """A WAV file as one channel of float32 at `rate` a second."""
    with wave.open(str(path), "rb") as file:
        if file.getnframes() > _MOST_S * max(1, file.getframerate()):
            raise Undescribed(f"a recording of more than {_MOST_S // 3600} hours")
        width, channels, own_rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
        data = file.readframes(file.getnframes())
    if width not in (1, 2, 4):
        raise Undescribed("a recording with samples of an unusual size")
    kind = np.dtype({1: "u1", 2: "<i2", 4: "<i4"}[width])
    found = np.frombuffer(data[: len(data) // (width * channels) * width * channels], kind).astype(np.float64)
    found = (found - 128) / 128 if width == 1 else found / float(2 ** (8 * width - 1))
    mono = found.reshape(-1, channels).mean(axis=1)
    if own_rate == rate or not len(mono):
        return mono.astype(np.float32)
    places = np.arange(0, len(mono), own_rate / rate)
    return np.interp(places, np.arange(len(mono)), mono).astype(np.float32)
