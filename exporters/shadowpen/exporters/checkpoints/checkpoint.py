"""A checkpoint on disk: its architecture, and its tensors one at a time as float32.

Opens a folder (config.json and safetensors, single or sharded) or a GGUF file; never a pickle, never a path outside
the folder, and every size is compared with the architecture before anything is allocated. Knows no ONNX.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from gguf import GGMLQuantizationType, ReaderTensor
from gguf.quants import dequantize
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing, ModelUnsupported
from shadowpen.daemon.base.store import sha256_of
from shadowpen.daemon.storage.models import combined_sha256
from shadowpen.exporters.checkpoints.architectures import END_TOKENS, Architecture, from_gguf_metadata, from_hf_config
from shadowpen.exporters.sources.files.foreign import foreign, reads_foreign
from shadowpen.exporters.sources.files.gguf_reader import open_gguf
from shadowpen.exporters.sources.files.safety import shard_names

Floats = NDArray[np.float32]

_JSON_LIMIT_BYTES = 64 << 20
SAFETENSORS_DTYPES = ("F32", "F16", "BF16")

_GGUF_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_GGUF_LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_GGUF_SANDWICH_NAMES = {
    **_GGUF_LAYER_NAMES,
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_PERMUTED_FAMILIES = ("llama", "mistral")  # llama.cpp's converter reorders their q and k rows; Qwen's it leaves alone


class Weights(Protocol):
    """What an export needs: a checkpoint, or base weights with an adapter merged into them."""

    @property
    def architecture(self) -> Architecture: ...

    def tensor(self, name: str) -> Floats:
        """The tensor of that canonical name, float32; KeyError if there is none."""
        ...


class Checkpoint(ABC):
    """Weights in files. Subclasses say where; every tensor handed out has the shape its architecture promises."""

    path: Path
    architecture: Architecture

    @property
    def tokenizer_path(self) -> Path | None:
        """A tokenizer.json beside the weights, if there is one."""
        folder = self.path if self.path.is_dir() else self.path.parent
        found = folder / "tokenizer.json"
        return found if found.is_file() else None

    @property
    @abstractmethod
    def weight_files(self) -> list[Path]:
        """The files that hold the weights, in a fixed order (what identifies the checkpoint is their content)."""

    @property
    def sha256(self) -> str:
        """What identifies it: the hash of its weight files."""
        return combined_sha256({path.name: sha256_of(path) for path in self.weight_files})

    @abstractmethod
    def tensor(self, name: str) -> Floats:
        """The tensor of that canonical name, float32, freshly allocated; KeyError if the checkpoint has none."""

    @abstractmethod
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Canonical name → shape of what the files hold, read without touching the weights."""

    def check(self) -> None:
        """Raise ModelCorrupt unless every tensor of the architecture is there in its shape."""
        found = self.shapes()
        for name, shape in self.architecture.tensor_shapes().items():
            if found.get(name) != shape:
                raise ModelCorrupt(
                    f"{self.path.name} holds {name} as {found.get(name, 'nothing')} where {shape} was expected.",
                    "Download the model again.",
                )


@reads_foreign("The checkpoint")
def open_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint at `path`: a GGUF file, or a folder with one GGUF file or with config.json and safetensors.

    Raises ModelMissing, ModelCorrupt (sizes, holes) or ModelUnsupported (other formats and architectures).
    """
    if path.is_dir() and not (path / "config.json").exists():
        files = sorted(path.glob("*.gguf"))
        if len(files) != 1:
            raise ModelMissing(
                f"{path} holds neither config.json with safetensors nor one GGUF file.",
                "Name the folder or the .gguf file of a checkpoint.",
            )
        path = files[0]
    if not path.exists():
        raise ModelMissing(f"There is no checkpoint at {path}.", "Check the path.")
    checkpoint = SafetensorsCheckpoint(path) if path.is_dir() else GgufCheckpoint(path)
    checkpoint.check()
    return checkpoint


class SafetensorsCheckpoint(Checkpoint):
    """A folder as Hugging Face lays it out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        architecture = from_hf_config(read_json(path / "config.json"))
        self._files = {name: file for file in safetensors_files(path) for name in tensor_names(file)}
        bos_id, end_ids = special_ids(path / "tokenizer.json", architecture.bos_id)
        self.architecture = replace(
            architecture,
            tied_embeddings=architecture.tied_embeddings or "lm_head.weight" not in self._files,
            bos_id=bos_id,
            eos_ids=tuple(sorted({*architecture.eos_ids, *end_ids})),
        )

    @property
    def weight_files(self) -> list[Path]:
        return sorted(set(self._files.values()))

    def shapes(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for file in self.weight_files:
            with opened(file) as tensors:
                for name in tensors.keys():  # noqa: SIM118 (not a dict)
                    found[name] = tuple(tensors.get_slice(name).get_shape())
        return found

    def tensor(self, name: str) -> Floats:
        if name not in self._files or (self.architecture.tied_embeddings and name == "lm_head.weight"):
            raise KeyError(name)
        return self._read(name, self._files[name])

    def _read(self, name: str, file: Path) -> Floats:
        with foreign(f"The tensor {name}"), opened(file) as tensors:
            dtype = tensors.get_slice(name).get_dtype()
            if dtype not in SAFETENSORS_DTYPES:
                raise ModelUnsupported(
                    f"{name} is stored as {dtype}.", f"Checkpoints in {', '.join(SAFETENSORS_DTYPES)} are read."
                )
            values = np.array(tensors.get_tensor(name), dtype=np.float32)
        return _finite(name, values)


class GgufCheckpoint(Checkpoint):
    """One GGUF file, memory-mapped; quantised tensors are unpacked one at a time."""

    def __init__(self, path: Path) -> None:
        if path.suffix != ".gguf":
            raise ModelUnsupported(f"{path.name} is not a GGUF file.", "Give a .gguf file or a folder of safetensors.")
        self.path = path
        self._reader = open_gguf(path)
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        shapes = {name: _shape(one) for name, one in self._tensors.items()}
        architecture = from_gguf_metadata(self.metadata, shapes)
        tokens = self.metadata.get("tokenizer.ggml.tokens") or []
        ends = {number for number, token in enumerate(tokens) if token in END_TOKENS}
        self.architecture = replace(architecture, eos_ids=tuple(sorted({*architecture.eos_ids, *ends})))

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The file's keys and values, the vocabulary's long lists included."""
        return {name: field.contents() for name, field in self._reader.fields.items()}

    @property
    def weight_files(self) -> list[Path]:
        return [self.path]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        found = {}
        for name, tensor in self._tensors.items():
            canonical = self._canonical(name)
            if canonical is not None:
                found[canonical] = _shape(tensor)
        return found

    def _canonical(self, name: str) -> str | None:
        return _canonical(name, _GGUF_SANDWICH_NAMES if self.architecture.post_norms else _GGUF_LAYER_NAMES)

    @cached_property
    def _by_canonical_name(self) -> dict[str, str]:
        return {canonical: name for name in self._tensors if (canonical := self._canonical(name)) is not None}

    def tensor(self, name: str) -> Floats:
        stored = self._tensors[self._by_canonical_name[name]]
        with foreign(f"The tensor {name}"), np.errstate(all="ignore"):
            values = self._converted(stored, name)
        return _finite(name, values)

    def _converted(self, stored: ReaderTensor, name: str) -> Floats:
        shape = _shape(stored)
        values = _unpacked(stored.data, stored.tensor_type).reshape(shape)
        if self.architecture.model_type in _PERMUTED_FAMILIES:
            if ".q_proj." in name:
                values = _unpermuted(values, self.architecture.heads)
            elif ".k_proj." in name:
                values = _unpermuted(values, self.architecture.kv_heads)
        if name.endswith("norm.weight"):  # llama.cpp's converter has added the offset already
            values = values - np.float32(self.architecture.norm_offset)
        return np.array(values, dtype=np.float32)


def _finite(name: str, values: Floats) -> Floats:
    """`values`, or ModelCorrupt where one of them is none: such a model says nothing, whatever it is asked."""
    if values.size and not (np.isfinite(values.min()) and np.isfinite(values.max())):
        raise ModelCorrupt(f"The tensor {name} holds numbers that are not finite.", "Download the model again.")
    return values


def _shape(tensor: ReaderTensor) -> tuple[int, ...]:
    """Rows first: GGUF lists dimensions the other way round."""
    return tuple(int(size) for size in reversed(tensor.shape))


def _unpacked(data: NDArray[Any], kind: GGMLQuantizationType) -> Floats:
    try:
        return np.asarray(dequantize(data, kind), dtype=np.float32)
    except NotImplementedError as error:
        raise ModelUnsupported(f"GGUF weights of type {kind.name} cannot be read.", "Use Q8_0, F16 or Q4_K.") from error


def _unpermuted(rows: Floats, heads: int) -> Floats:
    """Undo llama.cpp's reordering of rotary pairs (`LlamaModel.permute` in convert_hf_to_gguf.py): it stores the two
    halves of every head interleaved, Hugging Face's rotary embedding wants them one after the other."""
    interleaved = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return interleaved.swapaxes(1, 2).reshape(rows.shape)


def _canonical(name: str, layer_names: Mapping[str, str]) -> str | None:
    """Hugging Face's name for a GGUF tensor; None for one that the architecture has no use for."""
    if name in _GGUF_NAMES:
        return _GGUF_NAMES[name]
    matched = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(weight|bias)", name)
    if matched is None or matched[2] not in layer_names:
        return None
    return f"model.layers.{int(matched[1])}.{layer_names[matched[2]]}.{matched[3]}"


def safetensors_files(folder: Path) -> list[Path]:
    """The files of weights in a Hugging Face folder, all of them there."""
    files = [folder / name for name in shard_names(folder)]
    for file in files:
        if not file.is_file():
            raise ModelMissing(
                f"{file} is missing.", "Only safetensors are read: pickled weights (.bin, .pt) are refused."
            )
    return files


def special_ids(tokenizer_path: Path, bos_id: int | None) -> tuple[int | None, list[int]]:
    """`bos_id` if that tokenizer puts it before plain text, else None; and its ids that end a text."""
    if not tokenizer_path.is_file():
        return None, []
    tokenizer = load_tokenizer(tokenizer_path)
    ends = [number for number, token in tokenizer.get_added_tokens_decoder().items() if token.content in END_TOKENS]
    first = tokenizer.encode("a").ids[:1]
    return (bos_id if first == [bos_id] else None), ends


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer.json at `path`; ModelCorrupt if it is none."""
    with foreign(f"The tokenizer {path}"):
        return Tokenizer.from_file(str(path))


def opened(path: Path) -> Any:
    """The safetensors file at `path`, to be used in a `with`; ModelCorrupt if it is not whole."""
    try:
        return safe_open(path, framework="numpy")
    except (SafetensorError, OSError) as error:
        raise ModelCorrupt(f"{path.name} is an incomplete safetensors file.", "Download the model again.") from error


def tensor_names(path: Path) -> Iterable[str]:
    """The names of the tensors in a safetensors file."""
    with opened(path) as tensors:
        return list(tensors.keys())


def read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelMissing(f"{path} is missing.", "Choose the folder of a complete checkpoint.")
    if path.stat().st_size > _JSON_LIMIT_BYTES:
        raise ModelCorrupt(f"{path.name} is {path.stat().st_size >> 20} MB of JSON.", "Download the model again.")
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ModelCorrupt(f"{path.name} is not JSON.", "Download the model again.") from error
    if not isinstance(content, dict):
        raise ModelCorrupt(f"{path.name} is not a JSON object.", "Download the model again.")
    return content
