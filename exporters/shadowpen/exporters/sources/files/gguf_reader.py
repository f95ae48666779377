"""Open a GGUF file after validating its structure against its length.

`gguf.GGUFReader` trusts the counts, lengths and offsets it reads; a truncated or hostile file would make it allocate
by them or read beyond the end. `open_gguf` walks all of them first and allocates nothing. Layout: GGUF specification,
versions 2 and 3, little endian. This file knows nothing of what keys and tensors mean.
"""

from __future__ import annotations

import math
import mmap
import os
import struct
from pathlib import Path

import gguf

from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.sources.files.foreign import reads_foreign

_MAGIC = b"GGUF"
_HEADER_BYTES = 24
_MAX_KEYS = 1 << 16
_MAX_TENSORS = 1 << 17
_MAX_KEY_BYTES = (1 << 16) - 1
_MAX_STRING_BYTES = 1 << 24
_SHORT_TEXT_BYTES = 1024
_MAX_ARRAY_ITEMS = 1 << 24
_MAX_ARRAY_DEPTH = 2
_MAX_TENSOR_NAME_BYTES = 256
_MAX_DIMENSIONS = 4
_MAX_ALIGNMENT = 1 << 16
_STRING = gguf.GGUFValueType.STRING
_ARRAY = gguf.GGUFValueType.ARRAY
_SCALAR_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # GGUFValueType → width
_AGAIN = "Download the file again; it is incomplete or was changed."


def open_gguf(path: Path) -> gguf.GGUFReader:
    """A reader of the GGUF file at `path`; ModelCorrupt or ModelUnsupported with a sentence if it does not hold."""
    check_gguf(path)
    try:
        return gguf.GGUFReader(path)
    except Exception as error:
        raise ModelCorrupt(f"{path.name} cannot be read as GGUF: {error}.", _AGAIN) from error


@reads_foreign("The GGUF file")
def check_gguf(path: Path) -> dict[str, str]:
    """Walk the whole structure of the file, and return its short texts by key (`general.name`, `general.license`).

    Raises ModelCorrupt for a file that does not hold together, ModelUnsupported for a version or type not read.
    """
    data = _mapped(path)
    try:
        return _Walk(data, path.name).run()
    finally:
        data.close()


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size >= _HEADER_BYTES:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise ModelCorrupt(f"{path} cannot be read: {error.strerror or error}.", "Check the path.") from error
    raise ModelCorrupt(f"{path.name} is not a GGUF file: it has only {size} bytes.", _AGAIN)


class _Walk:
    """One pass over a file's header, keys and tensor descriptions."""

    def __init__(self, data: mmap.mmap, name: str) -> None:
        self._data = data
        self._name = name
        self._size = len(data)
        self._at = 0
        self._alignment = 32  # the specification's default
        self._texts: dict[str, str] = {}

    def run(self) -> dict[str, str]:
        tensors, keys = self._header()
        seen: set[bytes] = set()
        for _ in range(keys):
            self._key(seen)
        ends = [self._tensor(seen) for _ in range(tensors)]
        start = -(-self._at // self._alignment) * self._alignment
        for label, end in ends:
            if start + end > self._size:
                raise self._corrupt(f"is cut short: '{label}' ends at byte {start + end:,}, the file at {self._size:,}")
        return self._texts

    def _header(self) -> tuple[int, int]:
        if self._take(4) != _MAGIC:
            raise self._corrupt("is not a GGUF file: it does not begin with GGUF")
        version = self._number("<I")
        if version not in (2, 3):
            swapped = version & 0xFFFF == 0
            kind = "a big-endian GGUF file" if swapped else f"GGUF version {version}"
            raise ModelUnsupported(
                f"{self._name} is {kind}; versions 2 and 3, little endian, are read.", "Convert it with llama.cpp."
            )
        tensors, keys = self._number("<Q"), self._number("<Q")
        if tensors > _MAX_TENSORS or keys > _MAX_KEYS:
            raise self._corrupt(f"claims {tensors:,} tensors and {keys:,} keys")
        return tensors, keys

    def _key(self, seen: set[bytes]) -> None:
        key = self._string(_MAX_KEY_BYTES)
        if key in seen:
            raise self._corrupt(f"has the key '{_text(key)}' twice")
        seen.add(key)
        kind = self._number("<I")
        if key == b"general.alignment":
            self._set_alignment(kind)
        elif key == b"split.count":
            self._refuse_split(kind)
        elif kind == _STRING:
            value = self._string(_MAX_STRING_BYTES)
            if len(value) <= _SHORT_TEXT_BYTES:
                self._texts[_text(key)] = _text(value)
        else:
            self._skip_value(kind, depth=0)

    def _set_alignment(self, kind: int) -> None:
        value = self._number("<I") if kind == gguf.GGUFValueType.UINT32 else 0
        if not 0 < value <= _MAX_ALIGNMENT or value & (value - 1):
            raise self._corrupt(f"claims an alignment of {value}")
        self._alignment = value

    def _refuse_split(self, kind: int) -> None:
        parts = int.from_bytes(self._take(_SCALAR_BYTES.get(kind, 0)), "little")
        if parts > 1:
            raise ModelUnsupported(
                f"{self._name} is one of {parts} parts of a model.", "Join them with llama.cpp's gguf-split --merge."
            )

    def _skip_value(self, kind: int, depth: int) -> None:
        if kind == _STRING:
            self._string(_MAX_STRING_BYTES)
        elif kind == _ARRAY:
            self._skip_array(depth + 1)
        elif kind in _SCALAR_BYTES:
            self._skip(_SCALAR_BYTES[kind])
        else:
            raise self._corrupt(f"has a value of the unknown type {kind}")

    def _skip_array(self, depth: int) -> None:
        kind, count = self._number("<I"), self._number("<Q")
        if depth > _MAX_ARRAY_DEPTH or count > _MAX_ARRAY_ITEMS:
            raise self._corrupt(f"has a list of {count:,} items, {depth} deep")
        if kind in _SCALAR_BYTES:
            self._skip(_SCALAR_BYTES[kind] * count)
            return
        for _ in range(count):
            self._skip_value(kind, depth)

    def _tensor(self, seen: set[bytes]) -> tuple[str, int]:
        """A tensor's name and where it ends, counted from the start of the tensor data."""
        name = self._string(_MAX_TENSOR_NAME_BYTES)
        label = _text(name)
        if b"tensor:" + name in seen:
            raise self._corrupt(f"has the tensor '{label}' twice")
        seen.add(b"tensor:" + name)
        count = self._number("<I")
        if not 0 < count <= _MAX_DIMENSIONS:
            raise self._corrupt(f"gives '{label}' {count} dimensions")
        shape = [self._number("<Q") for _ in range(count)]
        kind, offset = self._number("<I"), self._number("<Q")
        if offset % self._alignment:
            raise self._corrupt(f"puts '{label}' at {offset}, off its alignment of {self._alignment}")
        return label, offset + self._tensor_bytes(label, shape, kind)

    def _tensor_bytes(self, label: str, shape: list[int], kind: int) -> int:
        try:
            block, width = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType(kind)]
        except (ValueError, KeyError):
            raise ModelUnsupported(
                f"{self._name}: '{label}' is of the unknown type {kind}.", "Update Shadowpen, or use another file."
            ) from None
        if min(shape) < 1 or shape[0] % block:
            raise self._corrupt(f"gives '{label}' the shape {shape}, which its type cannot have")
        return math.prod(shape) // block * width

    def _string(self, limit: int) -> bytes:
        length = self._number("<Q")
        if length > limit:
            raise self._corrupt(f"has a text of {length:,} bytes where {limit:,} are allowed")
        return self._take(length)

    def _number(self, form: str) -> int:
        width = struct.calcsize(form)
        self._skip(width)
        number: int = struct.unpack_from(form, self._data, self._at - width)[0]
        return number

    def _take(self, length: int) -> bytes:
        self._skip(length)
        return self._data[self._at - length : self._at]

    def _skip(self, length: int) -> None:
        if length > self._size - self._at:
            raise self._corrupt(f"is cut short: it ends at byte {self._size:,}, in the middle of its description")
        self._at += length

    def _corrupt(self, what: str) -> ModelCorrupt:
        return ModelCorrupt(f"{self._name} {what}.", _AGAIN)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")
