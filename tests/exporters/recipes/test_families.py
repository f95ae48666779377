"""Every supported family, end to end: installed, asked, taught, exported again, swapped and rolled back.

The checkpoints are tiny and random; exporters, engine, tasks, trainer, versions
and the gate (but for its simulated writer) are the real ones. The trainer runs in this process: it would take longer to
start than to learn.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tiny
from support.checkpoints.families import FAMILIES, FamilyCheckpoint, make_checkpoint
from support.models.authors import OTHERS, SUBJECTS, Home, sentences, write_texts
from support.models.graph_session import GraphSession

from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ModelCorrupt
from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.evaluation import keys
from shadowpen.daemon.serving import model as serving
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.models import InstalledModel
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.trainer.full_training.one_pass import FullPlan
from shadowpen.daemon.trainer.job import EventWriter
from shadowpen.daemon.trainer.loop import LoraPlan
from shadowpen.daemon.wire.protocol import Complete, Completion, Expand, Expansion
from shadowpen.exporters.graphs import scoring
from shadowpen.exporters.graphs.portable import export_portable
from shadowpen.exporters.progress import silent
from shadowpen.exporters.recipes import personal
from shadowpen.exporters.recipes.install import install
from shadowpen.exporters.recipes.process import rebuilt
from shadowpen.exporters.sources.folder import FolderSource

pytest.importorskip("peft")
pytestmark = [
    pytest.mark.usefixtures("no_guard_on_harm"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # Nothing below the first layer learns. In a process of its own the trainer says so to nobody.
    pytest.mark.filterwarnings("ignore:Full backward hook"),
]

LINES = (*tiny.LINES, *sentences(1, (*SUBJECTS, *OTHERS), 40))
PLANS = {
    "lora": LoraPlan(learning_rate=1e-2, epochs=3, batch_rows=2, replay_share=0.0, patience=99, dtype="float32"),
    "full": FullPlan(learning_rate=3e-2, batch_rows=1, dtype="float32"),
}
BEFORE = "The dog walked along the harbour and thought about the ri"


@pytest.fixture(scope="module", autouse=True)
def small_world() -> Iterator[None]:
    """General text that such a model can know; nobody types with it, for random models save keys by chance."""
    texts = [" ".join(sentences(99 + number, (*SUBJECTS, *OTHERS), 6)) for number in range(4)]
    with pytest.MonkeyPatch.context() as patch:
        for module in (personal, scoring):
            patch.setattr(module, "general_texts", lambda: texts)
        patch.setattr(keys, "pieces", lambda _documents: [])
        patch.setenv("OMP_NUM_THREADS", "1")  # of models this small a second thread only waits
        yield


def _families() -> list[Any]:
    needs_optimum = pytest.mark.skipif(not find_spec("optimum"), reason="optimum is an extra")
    return [
        pytest.param(family, id=family.name, marks=[needs_optimum] if family.exporter == "portable" else [])
        for family in FAMILIES
    ]


@pytest.mark.parametrize("family", _families())
def test_a_family_is_served_and_learns(family: FamilyCheckpoint, tmp_path: Path) -> None:
    home = Home(tmp_path / "home", PLANS[family.learns])
    checkpoint = make_checkpoint(family, tmp_path / "checkpoint", LINES)
    write_texts(home.texts, 1, SUBJECTS, 12 if family.tokens == "bytes" else 22)

    model = install(FolderSource(str(checkpoint)), "default", ["int8"], silent, layout=home.layout).model

    model.verify()
    assert model.manifest.exporter == family.exporter
    exported = model.manifest.precisions["int8"]
    assert exported.verify is not None
    assert exported.verify.reference == "torch"
    _check_sizes(family, model)
    _ask(home, "default@base")

    outcome = home.run()()

    assert outcome is not None
    assert outcome.promoted, outcome.reasons
    assert outcome.version.method == family.learns
    _ask(home, f"default@{outcome.version.id}")
    _roll_back_and_return(home, model, outcome.version.id)


def _check_sizes(family: FamilyCheckpoint, model: InstalledModel) -> None:
    """The rows are those of the checkpoint, and text is spelled by tokens that have one."""
    manifest = model.manifest
    rows = manifest.architecture.vocab
    whole = Tokenizer(model.tokenizer)
    assert rows - whole.size == family.more_rows
    spelled = Tokenizer(model.tokenizer, manifest.bos_id, manifest.eos_ids, rows=rows)
    ids = spelled.encode(f"{LINES[0]} {''.join(whole.decode([one]) for one in range(whole.size - 6, whole.size))} 雨")
    assert max(ids) < rows
    assert (manifest.bos_id is not None) == family.bos
    assert manifest.eos_ids


def _ask(home: Home, answering: str) -> None:
    """Ghost text and an expansion, through the engine, from who should answer."""
    settings = Config(completion=CompletionSettings(min_probability=0.0), model=home.settings.model)
    served = serving.load(home.layout, settings)
    try:
        assert (served.name, served.problem) == (answering, "")
        requests = (
            Complete(id="1", document="d", prefix=BEFORE),
            Expand(id="2", document="d", notes="- dog\n- winter", candidates=2, max_words=5),
        )
        for request, kind in zip(requests, (Completion, Expansion), strict=True):
            replies = [reply for reply in served.steps(request, math.inf) if isinstance(reply, kind)]
            assert replies[-1].model == answering  # type: ignore[attr-defined]
            assert replies[-1].timings.computed_tokens > 0  # type: ignore[attr-defined]
    finally:
        served.close()


def _roll_back_and_return(home: Home, model: InstalledModel, learned: str) -> None:
    """To the base, and to the version again, whose graph is built anew."""
    assert home.served().version == learned
    versions.rollback(home.layout, model, "int8")
    assert home.served().version == ""
    version = versions.read(home.layout, learned)
    graph = home.served().model.folder  # the base's graphs stay as they were
    model.verify()
    versions.discard(versions.folder_of(home.layout, version) / "int8")

    again = rebuilt(home.layout, home.settings, learned, EventWriter(io.StringIO()))

    assert again.precisions["int8"].files == version.precisions["int8"].files, graph
    versions.use(home.layout, model, learned, "int8")
    assert home.served().version == learned


@pytest.mark.skipif(not find_spec("optimum"), reason="optimum is an extra")
def test_the_portable_exporter_says_what_the_fused_graph_says(tmp_path: Path) -> None:
    """A second opinion, in every precision: the two share no code but that around the graph."""
    (family,) = [one for one in FAMILIES if one.name == "Qwen2.5"]
    home = Home(tmp_path / "home", PLANS["lora"])
    checkpoint = make_checkpoint(family, tmp_path / "checkpoint", LINES)
    precisions = ["fp32", "int8", "int4", "fp16"]
    fused = install(FolderSource(str(checkpoint)), "fused", precisions, silent, layout=home.layout).model
    made = export_portable(checkpoint, tmp_path / "portable", precisions, tokenizer=fused.tokenizer)

    ids = [int(one) for one in np.random.default_rng(5).integers(1, 300, 90)]
    exact = GraphSession(fused.graph("fp32")).run([ids], [0])[0]
    exported = msgspec.convert(made["precisions"], dict[str, Any])
    for precision, closest in (("fp32", 1e-4), ("fp16", 0.02), ("int8", 0.3), ("int4", 1.2)):
        session = GraphSession(tmp_path / "portable" / precision / "model.onnx")
        parts = [session.run([ids[start : start + 30]], [start])[0] for start in range(0, 90, 30)]
        difference = float(np.abs(np.concatenate(parts) - exact).max())
        assert difference < closest, precision
        assert (difference > 1e-3) == (precision != "fp32"), precision
        assert exported[precision]["kv_dtype"] == ("float16" if precision == "fp16" else "float32")


@pytest.mark.parametrize("name", ["SmolLM2", pytest.param("GPT-2", marks=_families()[-4].marks)])
def test_weights_that_are_no_numbers_are_refused(name: str, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    (family,) = [one for one in FAMILIES if one.name == name]
    home = Home(tmp_path / "home", PLANS["lora"])
    checkpoint = make_checkpoint(family, tmp_path / "checkpoint", LINES)
    stored = load_file(checkpoint / "model.safetensors")
    damaged = sorted(stored)[1]
    stored[damaged] = np.full_like(stored[damaged], np.nan)
    save_file(stored, checkpoint / "model.safetensors", {"format": "pt"})

    with pytest.raises(ModelCorrupt, match=f"{damaged} holds numbers that are not finite"):
        install(FolderSource(str(checkpoint)), "default", ["int8"], silent, layout=home.layout)

    assert not (home.layout.models / "default").exists()
