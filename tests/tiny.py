"""A model small enough to build inside a test: Qwen2-class, 2 layers, hidden 64, seeded weights, no torch.

    make_tiny_checkpoint(folder)              config.json, model.safetensors, tokenizer.json
    make_tiny_model(models)                   an installed model folder `models/tiny/` with fp32 and int8
    make_tiny_model(models, recites=text)     the same, but the next word is always the one that follows in `text`

The random model says nonsense, deterministically. The reciting one knows only which token follows which.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from shadowpen.daemon.base.store import sha256_of
from shadowpen.exporters.checkpoints.architectures import Architecture, from_hf_config
from shadowpen.exporters.checkpoints.checkpoint import open_checkpoint
from shadowpen.exporters.graphs.graph import PRECISIONS, build_graph
from shadowpen.exporters.graphs.onnx_writer import DATA_FILE, GRAPH_FILE

END_TOKEN = "<|endoftext|>"
VOCAB = 512
LINES = (
    "The harbour lay still in the morning and the boats were waiting for the tide.",
    "She wrote a letter to her brother, and then another one that she never sent.",
    "What we keep is not always what we wanted to keep; it is what was left.",
    "He walked along the river with the dog and thought about the winter.",
)
CONFIG = {
    "model_type": "qwen2",
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "rope_theta": 10000.0,
    "rms_norm_eps": 1e-6,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
    "bos_token_id": 0,
    "eos_token_id": 0,
}

GEMMA3 = {
    "model_type": "gemma3_text",
    "num_hidden_layers": 4,
    "num_key_value_heads": 1,
    "head_dim": 32,
    "hidden_act": None,
    "hidden_activation": "gelu_pytorch_tanh",
    "query_pre_attn_scalar": 24,
    "sliding_window": 8,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "rope_theta": 1_000_000.0,
    "rope_local_base_freq": 10_000.0,
}
# As a GGUF file can say it: every sixth layer is global, and attention is scaled by the width of a head.
GEMMA3_GGUF = {**GEMMA3, "num_hidden_layers": 6, "layer_types": None, "query_pre_attn_scalar": 32}


def tiny_tokenizer(*more_lines: str) -> Tokenizer:
    """Byte-level BPE trained on a few lines, padded to VOCAB entries so that every id of the model decodes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB,
        special_tokens=[END_TOKEN],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*LINES, *more_lines], trainer)
    tokenizer.add_tokens([f"filler{number}" for number in range(VOCAB - tokenizer.get_vocab_size())])
    return tokenizer


def make_tiny_checkpoint(folder: Path, seed: int = 0, recites: str | None = None, **changes: object) -> Path:
    """Write the checkpoint into `folder`, which is created, and return it; `changes` go to its config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tiny_tokenizer(*([recites] * 4 if recites else []))
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {**CONFIG, "vocab_size": tokenizer.get_vocab_size(), **changes}
    if recites:
        config["tie_word_embeddings"] = False
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    tensors = random_tensors(from_hf_config(config), seed)
    if recites:
        _teach(tensors, tokenizer.encode(recites, add_special_tokens=False).ids)
    save_file(tensors, folder / "model.safetensors")
    return folder


def make_tiny_model(
    models_folder: Path,
    name: str = "tiny",
    recites: str | None = None,
    precisions: tuple[str, ...] = ("fp32", "int8"),
    **changes: object,
) -> Path:
    """An installed model as the daemon finds it, `models_folder/name`; returns that folder.

    `changes` go to its checkpoint's config.json.
    """
    folder = models_folder / name
    checkpoint = open_checkpoint(make_tiny_checkpoint(folder / "source", recites=recites, **changes))
    shutil.copyfile(folder / "source" / "tokenizer.json", folder / "tokenizer.json")
    exported = {one: _exported(checkpoint, one, folder) for one in precisions}
    manifest = {
        "schema": 1,
        "name": name,
        "source": {
            "kind": "folder",
            "locator": str(folder / "source"),
            "sha256": sha256_of(folder / "source" / "model.safetensors"),
            "licence": "Apache-2.0",
        },
        "architecture": checkpoint.architecture.manifest(),
        "bos_id": checkpoint.architecture.bos_id,
        "eos_ids": list(checkpoint.architecture.eos_ids),
        "precisions": exported,
        "default_precision": precisions[-1],
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2), "utf-8")
    return folder


def random_tensors(architecture: Architecture, seed: int = 0) -> dict[str, np.ndarray]:
    """Seeded weights, large enough that layers matter and small enough that nothing saturates."""
    random = np.random.default_rng(seed)
    tensors = {}
    for name, shape in architecture.tensor_shapes().items():
        spread = 0.1 if len(shape) == 2 else 0.3
        centre = 1.0 - architecture.norm_offset if "norm" in name else 0.0
        tensors[name] = (centre + spread * random.standard_normal(shape)).astype(np.float32)
    return tensors


def _exported(checkpoint: object, precision: str, folder: Path) -> dict[str, object]:
    target = folder / precision
    target.mkdir()
    build_graph(checkpoint, PRECISIONS[precision], target)  # type: ignore[arg-type]
    verified = {"top1_agreement": 1.0, "kl": 0.0, "perplexity": 1.0, "reference_perplexity": 1.0}
    return {
        "files": {file: sha256_of(target / file) for file in (GRAPH_FILE, DATA_FILE)},
        "kv_dtype": PRECISIONS[precision].kv_dtype,
        "verify": {**verified, "reference": "fp32 graph", "seconds": 0.0, "passed": True},
    }


def _teach(tensors: dict[str, np.ndarray], ids: list[int]) -> None:
    """Make the head answer every token with its first successor in `ids`; the last one is followed by the first.

    The layers are silenced, so what reaches the head is the normed embedding, and rows of random signs are nearly
    orthogonal in 64 dimensions.
    """
    for name in tensors:
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            tensors[name][:] = 0
        elif name.endswith("norm.weight"):
            tensors[name][:] = 1
    random = np.random.default_rng(1)
    embeddings, head = tensors["model.embed_tokens.weight"], tensors["lm_head.weight"]
    embeddings[:] = random.choice([-1.0, 1.0], size=embeddings.shape)
    head[:] = 0
    taught: set[int] = set()
    for token, successor in zip(ids, [*ids[1:], ids[0]], strict=True):
        if token not in taught:
            head[successor] += 0.5 * embeddings[token]
            taught.add(token)
