"""Convert a checkpoint's tokenizer to the tokenizer.json that the engine uses.

From a GGUF file the byte-level BPE is rebuilt out of the metadata (SentencePiece's is for `sentencepiece`); a folder's
tokenizer.json is taken as it is, without the steps that add special tokens, or a blank before the text. Whether a text
begins with BOS is told apart, in `SpecialIds`. Pre-tokenisers are those that llama.cpp names in `tokenizer.ggml.pre`
(src/llama-vocab.cpp), built as their original Hugging Face tokenizers are. This file knows nothing of weights.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Digits, Split

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported
from shadowpen.exporters.checkpoints.architectures import END_TOKENS
from shadowpen.exporters.checkpoints.sentencepiece import CONTROL, USER_DEFINED, sentencepiece_bpe
from shadowpen.exporters.sources.files.foreign import foreign, reads_foreign

_Item = TypeVar("_Item", str, int, float)

_MAX_JSON_BYTES = 256 << 20
_MAX_SETTINGS_BYTES = 16 << 20
_AGAIN = "Download the model again."
# Gemma's marks around images, which GGUF files list among the tokens of text; a model would write them.
_MARKS = (["<start_of_image>"], ["<end_of_image>"])

_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN2 = _LLAMA3.replace("{1,3}", "")
_LLAMA_CPP_DEFAULT = (
    r"[\p{P}\$\+<=>\^~\|]+",
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)",
    r"\p{N}+",
    r"[0-9][0-9][0-9]",
)


@dataclass(frozen=True)
class SpecialIds:
    """Ids of the tokens that begin and end a text.

    `bos_id` is None where plain text begins without one; any of `eos_ids` ends a text.
    """

    bos_id: int | None
    eos_ids: tuple[int, ...]

    def within(self, rows: int) -> SpecialIds:
        """Those that an embedding of `rows` has."""
        bos_id = self.bos_id if self.bos_id is not None and self.bos_id < rows else None
        return SpecialIds(bos_id, tuple(one for one in self.eos_ids if one < rows))


@dataclass(frozen=True)
class _PreTokenizer:
    """One value of `tokenizer.ggml.pre`: how text is cut before merging, and what goes with it."""

    build: Callable[[], pre_tokenizers.PreTokenizer]
    nfc: bool = False
    ignore_merges: bool = False  # a piece that is a token is taken whole
    adds_bos: bool = False  # where the file does not say


def _split(*patterns: str) -> pre_tokenizers.PreTokenizer:
    """Cut by each pattern in turn, then map bytes to letters."""
    cuts = [Split(Regex(pattern), behavior="isolated") for pattern in patterns]
    return pre_tokenizers.Sequence([*cuts, ByteLevel(add_prefix_space=False, use_regex=False)])


def _gpt2() -> pre_tokenizers.PreTokenizer:
    return ByteLevel(add_prefix_space=False, use_regex=True)


def _smollm() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence([Digits(individual_digits=True), _gpt2()])


_PRE_TOKENIZERS: Mapping[str, _PreTokenizer] = {
    "gpt-2": _PreTokenizer(_gpt2),
    "smollm": _PreTokenizer(_smollm),
    "qwen2": _PreTokenizer(lambda: _split(_QWEN2), nfc=True),
    "deepseek-r1-qwen": _PreTokenizer(lambda: _split(_QWEN2), nfc=True),
    "llama-bpe": _PreTokenizer(lambda: _split(_LLAMA3), ignore_merges=True, adds_bos=True),
    "default": _PreTokenizer(lambda: _split(*_LLAMA_CPP_DEFAULT)),
}


@reads_foreign("The tokenizer")
def write_from_gguf(metadata: Mapping[str, Any], target: Path) -> SpecialIds:
    """Write the tokenizer that a GGUF file's keys describe to `target`; ModelUnsupported for an unknown kind."""
    kind = metadata.get("tokenizer.ggml.model", "none")
    if kind not in ("gpt2", "llama"):
        raise ModelUnsupported(
            f"The model's tokenizer is of the kind '{kind}'; GGUF files are read with byte-level BPE ('gpt2') and "
            "SentencePiece's ('llama').",
            "Use the same model as safetensors with its tokenizer.json.",
        )
    tokens, kinds = _listed(metadata, "tokens", str), _listed(metadata, "token_type", int)
    kinds = [CONTROL if tokens[place : place + 1] in _MARKS else own for place, own in enumerate(kinds)]
    if kind == "llama":
        tokenizer, adds_bos = sentencepiece_bpe(tokens, kinds, _listed(metadata, "scores", float)), True
    else:
        rules = _pre_tokenizer(metadata.get("tokenizer.ggml.pre"))
        tokenizer = _byte_level_bpe(tokens, kinds, _listed(metadata, "merges", str), rules)
        adds_bos = rules.adds_bos
    store.write_atomic(target, tokenizer.to_str().encode())
    return _gguf_special_ids(metadata, tokens, kinds, adds_bos)


@reads_foreign("The tokenizer")
def write_from_folder(folder: Path, target: Path) -> SpecialIds:
    """Write the folder's tokenizer.json to `target` so that it adds nothing; ModelCorrupt if it cannot load."""
    path = folder / "tokenizer.json"
    state = _read_object(path, _MAX_JSON_BYTES)
    if state is None:
        raise ModelUnsupported(
            f"{folder.name} has no tokenizer.json.", "Save its tokenizer with transformers' save_pretrained (fast)."
        )
    tokenizer = _load(json.dumps(state), path)
    for step in ("post_processor", "truncation", "padding"):
        state[step] = None
    state["normalizer"] = _without_blank(state.get("normalizer"))
    state["pre_tokenizer"] = _without_blank(state.get("pre_tokenizer"))
    content = json.dumps(state, ensure_ascii=False)
    _load(content, path)
    store.write_atomic(target, content.encode())
    return _folder_special_ids(folder, tokenizer)


def _without_blank(step: Any) -> Any:
    """A normaliser or pre-tokeniser without what puts a blank before the text, as SentencePiece's are given one."""
    if not isinstance(step, dict) or step.get("type") == "Prepend":
        return None
    if step["type"] == "Metaspace":
        return {**step, "prepend_scheme": "never"}
    for inner in ("normalizers", "pretokenizers"):
        if inner in step:
            step = {**step, inner: [kept for one in step[inner] if (kept := _without_blank(one)) is not None]}
    return step


def _listed(metadata: Mapping[str, Any], key: str, kind: type[_Item]) -> list[_Item]:
    items = metadata.get(f"tokenizer.ggml.{key}", [])
    if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
        raise ModelCorrupt(f"The GGUF file's tokenizer.ggml.{key} is not a list of {kind.__name__}.", _AGAIN)
    return items


def _pre_tokenizer(name: str | None) -> _PreTokenizer:
    if name is not None and name in _PRE_TOKENIZERS:
        return _PRE_TOKENIZERS[name]
    said = f"the pre-tokeniser '{name}'" if name else "no pre-tokeniser"
    raise ModelUnsupported(
        f"The GGUF file names {said}; known are {', '.join(_PRE_TOKENIZERS)}.",
        "Use the same model as safetensors with its tokenizer.json.",
    )


def _byte_level_bpe(
    tokens: list[str], kinds: list[int], merges: Iterable[str], rules: _PreTokenizer
) -> tokenizers.Tokenizer:
    vocabulary = {token: index for index, token in enumerate(tokens)}
    if not tokens or len(vocabulary) != len(tokens) or (kinds and len(kinds) != len(tokens)):
        raise ModelCorrupt("The GGUF file's list of tokens is empty, has repetitions or lacks types.", _AGAIN)
    pairs = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    with foreign("The list of merges"):
        tokenizer = Tokenizer(BPE(vocabulary, pairs, ignore_merges=rules.ignore_merges))
    if rules.nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = rules.build()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(_added(tokens, kinds, CONTROL))
    tokenizer.add_tokens(_added(tokens, kinds, USER_DEFINED))
    return tokenizer


def _added(tokens: list[str], kinds: list[int], wanted: int) -> list[AddedToken]:
    return [
        AddedToken(token, normalized=False, special=wanted == CONTROL)
        for token, kind in zip(tokens, kinds, strict=False)
        if kind == wanted
    ]


def _gguf_special_ids(metadata: Mapping[str, Any], tokens: list[str], kinds: list[int], adds_bos: bool) -> SpecialIds:
    bos_id = metadata.get("tokenizer.ggml.bos_token_id")
    wants_bos = metadata.get("tokenizer.ggml.add_bos_token", adds_bos)
    ends = [metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("eos", "eot", "eom")]
    ends += [i for i, (token, kind) in enumerate(zip(tokens, kinds, strict=False)) if _ends(token, kind == CONTROL)]
    return _special_ids(bos_id if wants_bos else None, ends, len(tokens))


def _folder_special_ids(folder: Path, tokenizer: tokenizers.Tokenizer) -> SpecialIds:
    settings = _read_object(folder / "tokenizer_config.json", _MAX_SETTINGS_BYTES) or {}
    ends: list[Any] = [tokenizer.token_to_id(_content(settings.get("eos_token")))]
    for name in ("config.json", "generation_config.json"):
        found = (_read_object(folder / name, _MAX_SETTINGS_BYTES) or {}).get("eos_token_id")
        ends += found if isinstance(found, list) else [found]
    added = tokenizer.get_added_tokens_decoder()
    ends += [index for index, token in added.items() if _ends(token.content, token.special)]
    return _special_ids(_folder_bos(settings, tokenizer), ends, max(tokenizer.get_vocab().values()) + 1)


def _folder_bos(settings: Mapping[str, Any], tokenizer: tokenizers.Tokenizer) -> int | None:
    """What is put before plain text: as tokenizer_config.json says, else as the tokenizer itself does it."""
    bos_id = tokenizer.token_to_id(_content(settings.get("bos_token")))
    if isinstance(settings.get("add_bos_token"), bool):
        return bos_id if settings["add_bos_token"] else None
    with_special, plain = (tokenizer.encode("a", add_special_tokens=added).ids for added in (True, False))
    return with_special[0] if len(with_special) > len(plain) and with_special[0] != plain[0] else None


def _special_ids(bos_id: Any, ends: Iterable[Any], size: int) -> SpecialIds:
    """Only what are ids of this vocabulary."""
    eos_ids = tuple(sorted({end for end in ends if _is_id(end, size)}))
    return SpecialIds(bos_id if _is_id(bos_id, size) else None, eos_ids)


def _is_id(value: Any, size: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < size


def _ends(token: str, special: bool) -> bool:
    return special and token in END_TOKENS


def _content(token: Any) -> str:
    """The text of a special token as tokenizer_config.json writes it: plain, or as an object."""
    found = token.get("content") if isinstance(token, dict) else token
    return found if isinstance(found, str) else ""


def _load(content: str, path: Path) -> tokenizers.Tokenizer:
    with foreign(f"The tokenizer {path.name}"):
        return Tokenizer.from_str(content)


def _read_object(path: Path, limit_bytes: int) -> dict[str, Any] | None:
    """The JSON object at `path`, None where there is no such file; ModelCorrupt for anything else."""
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > limit_bytes:
            raise ModelCorrupt(f"{path.name} is over the limit of {limit_bytes >> 20} MB.", _AGAIN)
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelCorrupt(f"{path.name} cannot be read: {error}.", _AGAIN) from error
    if not isinstance(content, dict):
        raise ModelCorrupt(f"{path.name} is not a JSON object.", _AGAIN)
    return content
