"""Token healing: end the prompt before a partial token.

A cursor inside a word cuts it into tokens the model never saw. So the prompt ends before the word (and
the blank before it, which most tokenizers join to the word), and the bytes cut off, the stub, are
required of what is generated ("token healing"; JetBrains' Full Line and Guidance do the same).
Knows nothing of models; texts without blanks are cut before their last token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shadowpen.daemon.text.scripts import without_blanks
from shadowpen.daemon.text.tokenizer import Tokenizer

MAX_STUB_CHARACTERS = 32
_UNFINISHED = re.compile(r"(?:[ ]|^|(?<=[\n\t]))([^\s]*)\Z")


@dataclass(frozen=True)
class Healed:
    """A prompt without its last, unfinished word.

    The prompt's `head`, and the `stub` bytes that what is generated must begin with.
    """

    head: str
    stub: bytes


def heal(prefix: str, tokenizer: Tokenizer) -> Healed:
    """Split `prefix`; `head + stub` is `prefix` again."""
    match = _UNFINISHED.search(prefix, max(0, len(prefix) - MAX_STUB_CHARACTERS - 1))
    if match and not without_blanks(match[1]):
        return Healed(prefix[: match.start()], prefix[match.start() :].encode())
    return _before_last_token(prefix, tokenizer)


def _before_last_token(prefix: str, tokenizer: Tokenizer) -> Healed:
    tail = prefix[-MAX_STUB_CHARACTERS:]
    ids = tokenizer.encode(tail)
    for dropped in range(1, len(ids) + 1):
        try:
            kept = tokenizer.decode_bytes(ids[:-dropped]).decode()
        except UnicodeDecodeError:
            continue
        stub = tail[len(kept) :] if tail.startswith(kept) else tail
        return Healed(prefix[: len(prefix) - len(stub)], stub.encode())
    return Healed(prefix, b"")
