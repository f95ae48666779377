"""A tokenizer and texts for the memory's tests: a token is a word with the blank before it, else a byte."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from shadowpen.daemon.memory.index.codes import OWN, Code
from shadowpen.daemon.memory.index.texts import Learned, Stretch

_WORDS = (
    "the harbour lay still in morning and boats were waiting for tide she wrote a letter to her brother then another "
    "one that never sent what we keep is not always wanted it was left he walked along river with dog thought about "
    "winter please bring your own cup meeting on friday quarterly planning starts at noon upstairs room two"
)


class Words:
    """See texts.Tokens; `extra` only makes the vocabulary larger."""

    def __init__(self, extra: int = 0) -> None:
        words = sorted({piece for word in _WORDS.split() for piece in (word, " " + word, word.capitalize())})
        self.token_bytes = [bytes([byte]) for byte in range(256)] + [word.encode() for word in words]
        self.token_bytes += [f"<{n}>".encode() for n in range(extra)]
        self._ids = {data: i for i, data in enumerate(self.token_bytes)}
        self.code = Code.of(len(self.token_bytes))

    def encode(self, text: str) -> list[int]:
        return self.encode_with_places(text)[0]

    def encode_with_places(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        ids: list[int] = []
        places: list[tuple[int, int]] = []
        for match in re.finditer(r" ?\w+|.", text, re.DOTALL):
            data = match[0].encode()
            whole = [self._ids[data]] if data in self._ids else list(data)
            ids += whole
            places += [match.span()] * len(whole)
        return ids, places

    def decode(self, ids: list[int]) -> str:
        return b"".join(self.token_bytes[i] for i in ids).decode()


@dataclass(frozen=True)
class Written:
    """See texts.Text."""

    origin: str
    text: str
    time: float = 0.0
    spans: tuple[Stretch, ...] = ()


def as_learned(
    code: Code, ids: list[int], origin: str = "o", time: float = 0.0, kinds: list[int] | None = None
) -> Learned:
    return Learned(origin, time, "", np.asarray(ids, code.dtype), np.asarray(kinds or [OWN] * len(ids), np.uint8))


def counted(texts: list[list[int]], context: list[int]) -> dict[int, float]:
    """What follows `context` in the texts, counted the slow way."""
    found: dict[int, float] = {}
    for text in texts:
        for place in range(len(context), len(text)):
            if text[place - len(context) : place] == context:
                found[text[place]] = found.get(text[place], 0.0) + 1
    return found
