"""Verify an exported graph against its checkpoint on a bundled text.

The reference is PyTorch's reading of the same checkpoint where transformers is installed, else a reference stored for
that very checkpoint, else our own fp32 graph. An export outside the limits of its precision is rejected; the numbers
of the others go to the manifest. This file builds no graphs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base.errors import ExportRejected
from shadowpen.daemon.corpus.split import encoder
from shadowpen.daemon.storage.models import Verification
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.base_adapter import TunedCheckpoint
from shadowpen.exporters.checkpoints.checkpoint import Checkpoint
from shadowpen.exporters.graphs.graph_reader import CHUNK_TOKENS, GraphReader, to_logprobs

TOP = 32  # how many of the reference's likeliest tokens are compared one by one; the rest is compared as one lump
_TEXT = Path(__file__).with_name("verification_text.txt")
_REFERENCES = Path(__file__).with_name("references")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Limits:
    """What an export of a precision may lose; a reason where that is much."""

    perplexity_ratio: float  # its perplexity over the reference's
    kl: float  # nats a token
    note: str = ""


LIMITS = {
    "fp32": Limits(1.001, 0.001),
    "fp16": Limits(1.005, 0.01),
    "int8": Limits(1.015, 0.05),
    "int4": Limits(1.20, 0.5, note="coarse: 4-bit weights cost about 5 % in perplexity where int8 costs half of one"),
}


@dataclass(frozen=True)
class Reference:
    """What the reference expects at every position of the text but the last."""

    source: str  # "torch", "stored" or "fp32 graph"
    ids: NDArray[np.int64]  # [tokens]
    next_logprobs: Floats  # [tokens - 1], of the token that follows
    top_ids: NDArray[np.int64]  # [tokens - 1, TOP], likeliest first
    top_logprobs: Floats  # [tokens - 1, TOP]

    @property
    def perplexity(self) -> float:
        return float(np.exp(-self.next_logprobs.mean(dtype=np.float64)))


def text_ids(tokenizer_path: Path, architecture: Architecture) -> NDArray[np.int64]:
    """The bundled text as the model is to read it, cut to what it can read at once."""
    ids, _ = encoder(tokenizer_path, architecture.vocab)(_TEXT.read_text("utf-8"))
    begun = ids if architecture.bos_id is None else [architecture.bos_id, *ids]
    return np.array(begun[: architecture.context_length], np.int64)


def verify_graph(graph: Path, architecture: Architecture, precision: str, reference: Reference) -> Verification:
    """Run the graph over the reference's ids and compare; raises ExportRejected outside the precision's limits."""
    started = time.perf_counter()
    agreed, divergence, next_logprobs = [], [], []
    position = 0
    for logprobs in to_logprobs(graph_logits(graph, architecture, reference.ids)):
        count = min(len(logprobs), len(reference.ids) - 1 - position)
        here = slice(position, position + count)
        logprobs = logprobs[:count]
        agreed.append(logprobs.argmax(axis=-1) == reference.top_ids[here, 0])
        divergence.append(_divergence(reference.top_logprobs[here], _at(logprobs, reference.top_ids[here])))
        next_logprobs.append(_at(logprobs, reference.ids[1:][here, None])[:, 0])
        position += count
    limits = LIMITS[precision]
    perplexity = float(np.exp(-np.concatenate(next_logprobs).mean(dtype=np.float64)))
    kl = max(0.0, float(np.concatenate(divergence).mean(dtype=np.float64)))
    passed = perplexity <= limits.perplexity_ratio * reference.perplexity and kl <= limits.kl
    verification = Verification(
        top1_agreement=float(np.concatenate(agreed).mean()),
        kl=kl,
        perplexity=perplexity,
        reference_perplexity=reference.perplexity,
        reference=reference.source,
        seconds=time.perf_counter() - started,
        passed=passed,
        note=limits.note,
    )
    if not passed:  # also when a number is not one: comparisons with NaN are false
        raise _rejected(verification, precision, limits)
    return verification


def manifest_entry(verification: Verification) -> dict[str, object]:
    """The entry `verify` of a precision in the manifest, its numbers rounded."""
    fields = msgspec.structs.asdict(verification)
    rounded = {name: round(value, 5) if isinstance(value, float) else value for name, value in fields.items()}
    return {name: value for name, value in rounded.items() if value != ""}


def _rejected(verification: Verification, precision: str, limits: Limits) -> ExportRejected:
    return ExportRejected(
        f"The {precision} export reads the test text with perplexity {verification.perplexity:.3f} where "
        f"{verification.reference} has {verification.reference_perplexity:.3f} (limit "
        f"{limits.perplexity_ratio * verification.reference_perplexity:.3f}; KL {verification.kl:.4f}, limit "
        f"{limits.kl}; top-1 agreement {verification.top1_agreement:.3f}), so it was not installed.",
        "Choose another precision (fp32 loses nothing), or another checkpoint.",
    )


def graph_logits(graph: Path, architecture: Architecture, ids: NDArray[np.int64]) -> Iterator[Floats]:
    """The logits [tokens, vocab] of a served graph, chunk after chunk, as the engine would prefill."""
    return GraphReader(graph, architecture).logits(ids)


def find_reference(weights: object, ids: NDArray[np.int64]) -> Reference | None:
    """PyTorch's reading of a checkpoint, else the one stored for it; None where only our fp32 graph is left."""
    if isinstance(weights, TunedCheckpoint):
        return stored_reference(weights.sha256, ids)
    if not isinstance(weights, Checkpoint):
        return None
    if find_spec("torch") and find_spec("transformers"):
        return torch_reference(weights, ids)
    return stored_reference(weights.sha256, ids)


def graph_reference(graph: Path, architecture: Architecture, ids: NDArray[np.int64]) -> Reference:
    """Our own fp32 graph as the reference."""
    return summarise("fp32 graph", ids, GraphReader(graph, architecture, lean=True).logits(ids))


def torch_reference(checkpoint: Checkpoint, ids: NDArray[np.int64]) -> Reference:
    """The checkpoint read by transformers, with none of our code; needs the extra `train` or `export`."""
    import torch
    from transformers import AutoModelForCausalLM, modeling_gguf_pytorch_utils

    # It draws a bar that nothing switches off; ours is the one that is shown.
    modeling_gguf_pytorch_utils.tqdm = lambda items, **_: items
    folder, name = (
        (checkpoint.path, None) if checkpoint.path.is_dir() else (checkpoint.path.parent, checkpoint.path.name)
    )
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        gguf_file=name,
        dtype=torch.float32,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    )
    if getattr(model.config, "attn_logit_softcapping", None):
        model.set_attn_implementation("eager")  # the others leave the caps out
    with torch.no_grad():
        logits = model.eval()(torch.from_numpy(ids[None])).logits[0].numpy()
    return summarise("torch", ids, (logits[start : start + CHUNK_TOKENS] for start in range(0, len(ids), CHUNK_TOKENS)))


def stored_reference(sha256: str, ids: NDArray[np.int64], folder: Path = _REFERENCES) -> Reference | None:
    """The reference shipped for the weights of that hash; ExportRejected if the text is tokenised differently now."""
    path = folder / f"{sha256[:16]}.npz"
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["sha256"]) != sha256:
            return None
        reference = Reference(
            source="stored",
            ids=stored["ids"].astype(np.int64),
            next_logprobs=stored["next_logprobs"].astype(np.float32),
            top_ids=stored["top_ids"].astype(np.int64),
            top_logprobs=stored["top_logprobs"].astype(np.float32),
        )
    if not np.array_equal(reference.ids, ids):
        raise ExportRejected(
            "The model's tokenizer splits the test text differently from the reference tokenizer.",
            "Download the model again; if that does not help, report it.",
        )
    return reference


def store_reference(reference: Reference, sha256: str, folder: Path = _REFERENCES) -> Path:
    """Write a reference for checkpoints of that hash, in half precision where nothing is lost by it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{sha256[:16]}.npz"
    np.savez_compressed(
        path,
        sha256=np.array(sha256),
        ids=reference.ids.astype(np.uint32),
        next_logprobs=reference.next_logprobs.astype(np.float32),
        top_ids=reference.top_ids.astype(np.uint32),
        top_logprobs=reference.top_logprobs.astype(np.float16),
    )
    return path


def summarise(source: str, ids: NDArray[np.int64], logits: Iterable[Floats]) -> Reference:
    """Reduce logits [tokens, vocab], given in chunks, to what a comparison needs."""
    next_logprobs, top_ids, top_logprobs = [], [], []
    position = 0
    for logprobs in to_logprobs(logits):
        count = min(len(logprobs), len(ids) - 1 - position)
        logprobs = logprobs[:count]
        next_logprobs.append(_at(logprobs, ids[1:][position : position + count, None])[:, 0])
        best = _likeliest(logprobs)
        top_ids.append(best)
        top_logprobs.append(_at(logprobs, best))
        position += count
    return Reference(source, ids, np.concatenate(next_logprobs), np.concatenate(top_ids), np.concatenate(top_logprobs))


def _at(logprobs: Floats, ids: NDArray[np.int64]) -> Floats:
    return np.take_along_axis(logprobs, ids, axis=-1)


def _likeliest(logprobs: Floats) -> NDArray[np.int64]:
    """The TOP likeliest ids at every position, likeliest first."""
    count = min(TOP, logprobs.shape[-1])
    unordered = np.argpartition(-logprobs, count - 1, axis=-1)[:, :count]
    return np.take_along_axis(unordered, np.argsort(-_at(logprobs, unordered), axis=-1), axis=-1)


def _divergence(reference: Floats, candidate: Floats) -> Floats:
    """KL(reference || candidate) [tokens] over the TOP tokens and the lump of all others (a lower bound, and close)."""
    rest, candidate_rest = _rest(reference), _rest(candidate)
    return (np.exp(reference) * (reference - candidate)).sum(axis=-1) + rest * np.log(rest / candidate_rest)


def _rest(logprobs: Floats) -> Floats:
    """The probability of everything that is not listed; never quite 0, so that its logarithm exists."""
    return np.maximum(1 - np.exp(logprobs).sum(axis=-1), np.float32(1e-6))
