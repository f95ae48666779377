"""Text to token ids and token ids to bytes, for any `tokenizer.json`.

Bytes, not characters, are what tokens stand for: a token may hold half a character. Knows nothing of
the model beyond its vocabulary.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tokenizers

from shadowpen.daemon.base.errors import ModelCorrupt, is_panic

_BYTE_TOKEN = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SPIECE_SPACE = "\u2581"


class Tokenizer:
    """The model's tokenizer.

    `bos_id` is put before a text that begins a document, None where the model wants none.

    `rows`: as many ids has the model's embedding, None for no limit. Tokens beyond them are unknown here: text that
    spells one is read in pieces.
    """

    def __init__(
        self, path: Path, bos_id: int | None = None, eos_ids: Iterable[int] = (), *, rows: int | None = None
    ) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(path))
            if rows is not None and _size(self._tokenizer) > rows:
                self._tokenizer = tokenizers.Tokenizer.from_str(_reduced(self._tokenizer.to_str(), rows))
        except BaseException as error:
            if not isinstance(error, Exception) and not is_panic(error):
                raise
            raise ModelCorrupt(f"The tokenizer at {path} cannot be read.", "Run `shadowpen setup --force`.") from error
        # Someone writing about "<|im_end|>" writes eleven characters, not the end of a text.
        self._tokenizer.encode_special_tokens = True
        self.bos_id = bos_id
        self.eos_ids = frozenset(eos_ids)
        self.token_bytes: list[bytes] = _token_bytes(self._tokenizer)

    @property
    def size(self) -> int:
        return len(self.token_bytes)

    def encode(self, text: str) -> list[int]:
        """Ids of `text` alone: no special token is added, none is read out of the text."""
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def encode_with_places(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """`encode`, and the characters of `text` that each token stands for, as (start, end)."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return encoding.ids, encoding.offsets

    def decode_bytes(self, ids: Sequence[int]) -> bytes:
        return b"".join(self.token_bytes[i] for i in ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; an incomplete character at the end is left out."""
        return complete_text(self.decode_bytes(ids))


def complete_text(data: bytes) -> str:
    """`data` as text without a character that is not all there yet."""
    return data.decode("utf-8", errors="ignore")


def _token_bytes(tokenizer: tokenizers.Tokenizer) -> list[bytes]:
    """The bytes of every id; special tokens stand for none."""
    special = {i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    byte_level = any(b"ByteLevel" in _state(step) for step in (tokenizer.decoder, tokenizer.pre_tokenizer))
    table = [b""] * _size(tokenizer)
    for token, i in tokenizer.get_vocab().items():
        if i < len(table) and i not in special:
            table[i] = _byte_level(token) if byte_level else _sentencepiece(token)
    return table


def _size(tokenizer: tokenizers.Tokenizer) -> int:
    """One more than the highest id: ids need not be without gaps."""
    return 1 + max(tokenizer.get_vocab().values(), default=-1)


def _reduced(content: str, rows: int) -> str:
    """A tokenizer.json without the tokens whose ids are `rows` or more, and what merges to them."""
    described = json.loads(content)
    described["added_tokens"] = [token for token in described.get("added_tokens") or [] if token["id"] < rows]
    model = described["model"]
    if isinstance(model["vocab"], dict):
        model["vocab"] = {token: id for token, id in model["vocab"].items() if id < rows}
        if "merges" in model:
            pairs = (pair.split(" ", 1) if isinstance(pair, str) else pair for pair in model["merges"])
            model["merges"] = [pair for pair in pairs if "".join(pair) in model["vocab"]]
    else:
        model["vocab"] = model["vocab"][:rows]
    described["post_processor"] = None  # may name what is gone; special tokens are put in by others
    return json.dumps(described, ensure_ascii=False)


def _state(step: Any) -> bytes:
    """The JSON of one step; that of a whole tokenizer makes hundreds of megabytes of objects if it is large."""
    return b"" if step is None else bytes(step.__getstate__())


def _sentencepiece(token: str) -> bytes:
    byte = _BYTE_TOKEN.fullmatch(token)
    return bytes([int(byte[1], 16)]) if byte else token.replace(_SPIECE_SPACE, " ").encode()


def _byte_level(token: str) -> bytes:
    alphabet = _byte_alphabet()
    if all(c in alphabet for c in token):
        return bytes(alphabet[c] for c in token)
    return token.encode()


@functools.cache
def _byte_alphabet() -> dict[str, int]:
    """GPT-2's printable stand-ins for bytes (Radford et al. 2019, encoder.py), inverted."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + n): b for n, b in enumerate(others)}
