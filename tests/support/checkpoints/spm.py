"""A small SentencePiece vocabulary as GGUF keys, and the joining of pieces written out naively to compare with."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from tokenizers import Tokenizer, models, normalizers, trainers

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
SPACE = "\u2581"
_CONTROLS = ("<pad>", "<eos>", "<bos>")
_USER_DEFINED = ("\n", "\n\n", "  ", "   ", "<b>")


def spm_keys(lines: Sequence[str], pieces: int = 400, **more: Any) -> dict[str, Any]:
    """The `tokenizer.ggml.` keys of a vocabulary trained on `lines`, laid out like Gemma's: BOS is 2, EOS 1."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", SPACE)
    trained.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=pieces, show_progress=False))
    learned = sorted((item for item in trained.get_vocab().items() if item[0] not in _USER_DEFINED), key=lambda i: i[1])
    rows: list[tuple[str, int, float]] = [(token, CONTROL, -1000.0) for token in _CONTROLS]
    rows.append(("<unk>", UNKNOWN, -1000.0))
    rows += [(token, USER_DEFINED, -1000.0) for token in _USER_DEFINED]
    rows += [(f"<0x{byte:02X}>", BYTE, -1000.0) for byte in range(256)]
    joined = [(token, rank) for token, rank in learned if len(token) > 1]
    letters = [token for token, _ in learned if len(token) == 1]
    rows += [(token, NORMAL, -float(rank)) for token, rank in joined]
    rows += [(token, NORMAL, -10_000.0) for token in letters]
    tokens, kinds, scores = (list(column) for column in zip(*rows, strict=True))
    keys = {
        "model": "llama",
        "pre": "default",
        "tokens": tokens,
        "token_type": kinds,
        "scores": scores,
        "bos_token_id": 2,
        "eos_token_id": 1,
        "unknown_token_id": 3,
        "add_bos_token": True,
        "add_space_prefix": False,
        **more,
    }
    return {f"tokenizer.ggml.{key}": value for key, value in keys.items() if value is not None}


def spm_ids(keys: dict[str, Any], text: str) -> list[int]:
    """What SentencePiece makes of `text`: user-defined pieces first, then always the best pair, leftmost of equals."""
    tokens, kinds = keys["tokenizer.ggml.tokens"], keys["tokenizer.ggml.token_type"]
    ids = {token: index for index, token in enumerate(tokens)}
    defined = sorted((t for t, kind in zip(tokens, kinds, strict=True) if kind == USER_DEFINED), key=len, reverse=True)
    found: list[int] = []
    for part in re.split("(" + "|".join(map(re.escape, defined)) + ")", text):
        if part in defined:
            found.append(ids[part])
        else:
            for piece in _joined(part.replace(" ", SPACE), ids, keys["tokenizer.ggml.scores"]):
                whole = piece in ids
                found += [ids[piece]] if whole else [ids[f"<0x{byte:02X}>"] for byte in piece.encode()]
    return found


def _joined(text: str, ids: dict[str, int], scores: list[float]) -> list[str]:
    pieces = list(text)
    while True:
        pairs = [(scores[ids[a + b]], -i) for i, (a, b) in enumerate(itertools.pairwise(pieces)) if a + b in ids]
        if not pairs:
            return pieces
        at = -max(pairs)[1]
        pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
