"""Safety checks on model files: no code, no paths outside the folder, sensible sizes.

Used by every source before anything is read into memory. Pickles are refused by name and by their first bytes, whatever
they are called. This file fetches nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from safetensors import SafetensorError, safe_open

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported, StateUnusable
from shadowpen.exporters.sources.files.foreign import reads_foreign
from shadowpen.exporters.sources.files.gguf_reader import check_gguf

PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill", ".npy", ".npz"})
INDEX = "model.safetensors.index.json"
MAX_JSON_BYTES = 256 << 20
_PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04", b"\x93NUMPY")
_SPARE_BYTES = 64 << 20  # what must stay free beside a model
_CONVERT = "Take the safetensors or GGUF form of the model; pickled weights can run code when they are read."


def plain_name(name: str) -> str:
    """`name` if it is a file's name without any folder; ModelCorrupt else."""
    if not is_plain(name):
        raise ModelCorrupt(f"The model points at {name!r}, outside its own folder.", "Do not trust this model.")
    return name


def is_plain(name: str) -> bool:
    return name not in ("", ".", "..") and not name.startswith("~") and not any(sign in name for sign in "/\\:\0")


def is_pickle(name: str) -> bool:
    return Path(name).suffix.lower() in PICKLE_SUFFIXES


def refuse_pickles(names: Iterable[str], where: str) -> None:
    """ModelUnsupported that names a pickle among `names`; for a source in which nothing usable was found."""
    found = next((name for name in sorted(names) if is_pickle(name)), None)
    if found:
        raise ModelUnsupported(f"{where} holds its weights as a pickle ({found}).", _CONVERT)


@reads_foreign("The file of weights")
def check_weights(path: Path) -> None:
    """Raise unless the file is a whole safetensors or GGUF file, told by its content and its structure."""
    with path.open("rb") as file:
        start = file.read(8)
    if is_pickle(path.name) or start.startswith(_PICKLE_STARTS):
        raise ModelUnsupported(f"{path.name} is a pickle or an archive.", _CONVERT)
    if path.suffix == ".gguf":
        check_gguf(path)
        return
    try:
        # The library compares the header and every tensor's place with the file's length before it maps anything.
        with safe_open(path, framework="numpy"):
            pass
    except (SafetensorError, OSError) as error:
        raise ModelCorrupt(f"{path.name} is an incomplete safetensors file: {error}.", "Download it again.") from error


def shard_names(folder: Path) -> list[str]:
    """The safetensors files that make up the checkpoint in `folder`: those of its index, else model.safetensors."""
    index = folder / INDEX
    if not index.is_file():
        return ["model.safetensors"]
    try:
        if index.stat().st_size > MAX_JSON_BYTES:
            raise ModelCorrupt(f"{INDEX} is far too large.", "Download the model again.")
        places = json.loads(index.read_bytes())["weight_map"]
        names = sorted({plain_name(name) for name in places.values()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelCorrupt(f"{INDEX} cannot be read: {error}.", "Download the model again.") from error
    for name in names:
        if not name.endswith(".safetensors"):
            raise ModelUnsupported(f"{INDEX} points at {name}.", _CONVERT)
    return names


def check_room(folder: Path, needed_bytes: int) -> None:
    """StateUnusable when the disk that holds `folder` has no room for so much."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + _SPARE_BYTES:
        raise StateUnusable(
            f"The disk is full: {needed_bytes / 1e6:,.0f} MB are needed in {folder}, {free / 1e6:,.0f} MB are free.",
            "Free some space and try again; nothing was changed.",
        )
