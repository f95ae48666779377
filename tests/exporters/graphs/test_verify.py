"""A graph that says something else than its checkpoint is caught, with numbers."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tiny

from shadowpen.daemon.base.errors import ExportRejected, ModelCorrupt
from shadowpen.exporters.checkpoints.checkpoint import Checkpoint, load_tokenizer, open_checkpoint
from shadowpen.exporters.graphs import verify
from shadowpen.exporters.graphs.graph import PRECISIONS, build_graph

needs_torch = pytest.mark.skipif(not (find_spec("torch") and find_spec("transformers")), reason="torch is an extra")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return open_checkpoint(tiny.make_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint")))


@pytest.fixture(scope="module")
def graphs(checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    built = {}
    for name, precision in PRECISIONS.items():
        built[name] = build_graph(checkpoint, precision, tmp_path_factory.mktemp(name))
    return built


@pytest.fixture(scope="module")
def ids(checkpoint: Checkpoint) -> np.ndarray:
    assert checkpoint.tokenizer_path is not None
    return verify.text_ids(checkpoint.tokenizer_path, checkpoint.architecture)[:600]


@pytest.fixture(scope="module")
def reference(checkpoint: Checkpoint, graphs: dict[str, Path], ids: np.ndarray) -> verify.Reference:
    return verify.graph_reference(graphs["fp32"], checkpoint.architecture, ids)


def test_the_text_is_long_enough_to_measure_by_and_starts_as_asked(checkpoint: Checkpoint) -> None:
    assert checkpoint.tokenizer_path is not None
    wide = replace(checkpoint.architecture, context_length=8192)
    plain = verify.text_ids(checkpoint.tokenizer_path, wide)
    assert len(plain) > 500
    begun = verify.text_ids(checkpoint.tokenizer_path, replace(wide, bos_id=7))
    assert np.array_equal(begun, [7, *plain])
    assert len(verify.text_ids(checkpoint.tokenizer_path, replace(wide, context_length=100))) == 100


def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelCorrupt, match=r"tokenizer\.json"):
        load_tokenizer(tmp_path / "tokenizer.json")


def test_summary_against_a_direct_computation() -> None:
    random = np.random.default_rng(0)
    logits = random.standard_normal((300, 90)).astype(np.float32) * 3
    ids = random.integers(0, 90, 300)
    summary = verify.summarise("torch", ids, [logits[:128], logits[128:256], logits[256:]])
    logprobs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = logprobs[np.arange(299), ids[1:]]
    assert np.abs(summary.next_logprobs - expected).max() < 1e-5
    assert summary.perplexity == pytest.approx(float(np.exp(-expected.mean())), rel=1e-5)
    assert summary.top_ids.shape == (299, verify.TOP)
    assert np.array_equal(summary.top_ids[:, 0], logits[:-1].argmax(-1))
    assert np.all(np.diff(summary.top_logprobs, axis=1) <= 0)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_an_honest_export_passes(
    checkpoint: Checkpoint, graphs: dict[str, Path], reference: verify.Reference, precision: str
) -> None:
    found = verify.verify_graph(graphs[precision], checkpoint.architecture, precision, reference)
    assert found.passed
    assert found.reference_perplexity == pytest.approx(reference.perplexity)
    assert (found.kl < 1e-5) == (precision in ("fp32", "fp16"))
    assert found.top1_agreement == 1.0 or precision != "fp32"
    entry = verify.manifest_entry(found)
    assert {"top1_agreement", "kl", "perplexity", "reference_perplexity", "reference", "seconds", "passed"} <= set(
        entry
    )
    assert ("note" in entry) == (precision == "int4")


def test_an_export_of_other_weights_is_rejected_with_its_numbers(
    checkpoint: Checkpoint, reference: verify.Reference, tmp_path: Path
) -> None:
    other = open_checkpoint(tiny.make_tiny_checkpoint(tmp_path / "other", seed=1))
    graph = build_graph(other, PRECISIONS["int8"], tmp_path)
    with pytest.raises(ExportRejected, match=r"perplexity \d+\.\d+ .* KL \d") as caught:
        verify.verify_graph(graph, checkpoint.architecture, "int8", reference)
    assert "not installed" in caught.value.message


def test_not_a_number_is_no_pass(checkpoint: Checkpoint, reference: verify.Reference, tmp_path: Path) -> None:
    class Broken:
        architecture = checkpoint.architecture

        def tensor(self, name: str) -> np.ndarray:
            values = checkpoint.tensor(name)
            return values * np.nan if name == "model.norm.weight" else values

    graph = build_graph(Broken(), PRECISIONS["fp32"], tmp_path)
    with pytest.raises(ExportRejected):
        verify.verify_graph(graph, checkpoint.architecture, "fp32", reference)


def test_a_file_that_is_no_graph_is_named(checkpoint: Checkpoint, reference: verify.Reference, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelCorrupt, match=r"model\.onnx"):
        verify.verify_graph(tmp_path / "model.onnx", checkpoint.architecture, "fp32", reference)


def test_a_stored_reference_is_the_one_that_was_stored(reference: verify.Reference, tmp_path: Path) -> None:
    sha256 = "ab" * 32
    assert verify.store_reference(reference, sha256, tmp_path).stat().st_size < 200_000
    stored = verify.stored_reference(sha256, reference.ids, tmp_path)
    assert stored is not None
    assert stored.source == "stored"
    assert stored.perplexity == pytest.approx(reference.perplexity, rel=1e-6)
    assert np.array_equal(stored.top_ids, reference.top_ids)
    assert verify.stored_reference("cd" * 32, reference.ids, tmp_path) is None
    assert verify.stored_reference(sha256[:16] + "0" * 48, reference.ids, tmp_path) is None


def test_another_tokenisation_is_caught_by_the_stored_reference(reference: verify.Reference, tmp_path: Path) -> None:
    verify.store_reference(reference, "ab" * 32, tmp_path)
    with pytest.raises(ExportRejected, match="tokenizer"):
        verify.stored_reference("ab" * 32, reference.ids[1:], tmp_path)


def test_references_shipped_are_small_and_of_this_text() -> None:
    shipped = list(Path(verify.__file__).with_name("references").glob("*.npz"))
    assert shipped
    for path in shipped:
        assert path.stat().st_size <= 200_000
        with np.load(path, allow_pickle=False) as stored:
            assert str(stored["sha256"]).startswith(path.stem)
            assert len(stored["next_logprobs"]) == len(stored["ids"]) - 1


@needs_torch
def test_torch_is_asked_where_it_is_installed(
    checkpoint: Checkpoint, ids: np.ndarray, reference: verify.Reference
) -> None:
    found = verify.find_reference(checkpoint, ids)
    assert found is not None
    assert found.source == "torch"
    assert found.perplexity == pytest.approx(reference.perplexity, rel=1e-4)
    assert float((found.top_ids[:, 0] == reference.top_ids[:, 0]).mean()) > 0.99


def test_without_torch_an_unknown_checkpoint_has_no_reference(
    checkpoint: Checkpoint, ids: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "find_spec", lambda _: None)
    assert verify.find_reference(checkpoint, ids) is None
