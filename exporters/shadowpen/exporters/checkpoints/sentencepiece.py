"""The SentencePiece BPE of a GGUF file ('llama') as a tokenizers.Tokenizer.

GGUF keeps each piece with its score and no merges: whichever two neighbours make the piece of the highest score are
joined first (llama.cpp's `llm_tokenizer_spm`, after SentencePiece's bpe_model.cc). The merges are every way to put a
piece together out of two others, best piece first. Characters without a piece fall back to their bytes. The blank that
some models expect before a text (`add_space_prefix`) is not added: what is encoded mostly begins amid a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenizers import AddedToken, Tokenizer, decoders, normalizers
from tokenizers.models import BPE

from shadowpen.daemon.base.errors import ModelCorrupt

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6  # gguf's token types
SPACE = "\u2581"
_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
_AGAIN = "Download the model again."


def sentencepiece_bpe(tokens: Sequence[str], kinds: Sequence[int], scores: Sequence[float]) -> Tokenizer:
    """A tokenizer that adds nothing to a text; ModelCorrupt for lists that do not fit each other.

    User-defined pieces are taken out of the text as it is before anything is joined, as SentencePiece does.
    """
    vocabulary = {token: index for index, token in enumerate(tokens)}
    if not tokens or len(vocabulary) != len(tokens) or not len(tokens) == len(kinds) == len(scores):
        raise ModelCorrupt("The GGUF file's list of tokens is empty, has repetitions or lacks types or scores.", _AGAIN)
    unknown = next(
        (token for token, kind in zip(tokens, kinds, strict=True) if kind == UNKNOWN or token == "<unk>"), None
    )
    tokenizer = Tokenizer(
        BPE(
            vocabulary,
            list(_merges(tokens, kinds, scores, vocabulary)),
            unk_token=unknown,
            fuse_unk=True,
            byte_fallback=all(byte in vocabulary for byte in _BYTES),
        )
    )
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens(_added(tokens, kinds, (UNKNOWN, CONTROL), special=True))
    tokenizer.add_tokens(_added(tokens, kinds, (USER_DEFINED,), special=False))
    return tokenizer


def _merges(
    tokens: Sequence[str], kinds: Sequence[int], scores: Sequence[float], vocabulary: dict[str, int]
) -> Iterable[tuple[str, str]]:
    """Pairs of pieces in the order in which they are to be joined."""
    made = [index for index, kind in enumerate(kinds) if kind == NORMAL and len(tokens[index]) > 1]
    for index in sorted(made, key=lambda index: -scores[index]):
        token = tokens[index]
        pairs = ((token[:cut], token[cut:]) for cut in range(1, len(token)))
        yield from sorted(
            (pair for pair in pairs if pair[0] in vocabulary and pair[1] in vocabulary),
            key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]),
        )


def _added(tokens: Sequence[str], kinds: Sequence[int], wanted: Sequence[int], *, special: bool) -> list[AddedToken]:
    return [
        AddedToken(token, normalized=False, special=special)
        for token, kind in zip(tokens, kinds, strict=True)
        if kind in wanted
    ]
