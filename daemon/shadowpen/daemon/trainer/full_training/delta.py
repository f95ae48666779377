"""The weight changes of a full run in one small file, as coarsely rounded differences to the base.

A row is divided by a step of three quarters of its root mean square, rounded to whole numbers and Huffman coded: about
2.5 bits a weight, 42 MB for the default model. The rounding is finer than that of the graph that is served. Needs
numpy and safetensors alone. Which base the file belongs to is its owner's to know.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt

_STEP = 0.75  # of a row's root mean square
_MOST_STEPS = 127
_STEPS = ".step"

Floats = NDArray[np.float32]


class Delta:
    """A file of weight changes.

    The differences in the file `path`, unpacked one matrix at a time. ModelCorrupt if it holds none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file: Any = safe_open(path, framework="numpy")
            self._shapes: dict[str, list[int]] = json.loads((self._file.metadata() or {})["shapes"])
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise _corrupt(path) from error

    @property
    def names(self) -> Iterable[str]:
        return self._shapes.keys()

    def tensor(self, name: str) -> Floats:
        """The difference of the matrix `name`; KeyError if it was not learned."""
        shape = self._shapes[name]
        wanted = shape[0] * shape[1]
        try:
            unpacking = zlib.decompressobj()
            steps = unpacking.decompress(self._file.get_tensor(name).tobytes(), wanted + 1)
            rows = self._file.get_tensor(name + _STEPS).astype(np.float32)
            return np.frombuffer(steps, np.int8).reshape(shape) * rows[:, None]
        except (SafetensorError, zlib.error, ValueError) as error:
            raise _corrupt(self.path) from error


def write(path: Path, differences: Iterable[tuple[str, Floats]]) -> None:
    """Put the differences, all matrices, into the file `path`. They are used up."""
    packed: dict[str, NDArray[Any]] = {}
    shapes: dict[str, list[int]] = {}
    for name, difference in differences:
        shapes[name] = list(difference.shape)
        squares = np.einsum("ij,ij->i", difference, difference, dtype=np.float64) / max(1, difference.shape[1])
        step = (_STEP * np.sqrt(squares)).astype(np.float32)
        difference /= np.where(step > 0, step, np.float32(1))[:, None]  # in place: the largest matrix takes 0.1 GB
        np.rint(difference, out=difference)
        steps = np.clip(difference, -_MOST_STEPS, _MOST_STEPS, out=difference).astype(np.int8)
        packed[name] = np.frombuffer(_coded(steps.tobytes()), np.uint8)
        packed[name + _STEPS] = step
    store.write_atomic(path, save(packed, {"shapes": json.dumps(shapes)}))


def _coded(content: bytes) -> bytes:
    """Huffman codes alone: rounded noise repeats nothing that a search would find."""
    coding = zlib.compressobj(level=1, strategy=zlib.Z_HUFFMAN_ONLY)
    return coding.compress(content) + coding.flush()


def _corrupt(path: Path) -> ModelCorrupt:
    return ModelCorrupt(f"{path} does not contain a version's weights.", "shadowpen train now")
