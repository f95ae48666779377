import math
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny import LINES, VOCAB, make_tiny_model

from shadowpen.daemon.base import power, store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.errors import ModelCorrupt, ModelMissing, RequestInvalid
from shadowpen.daemon.base.sections import ModelSettings
from shadowpen.daemon.engine.base import Engine
from shadowpen.daemon.serving import model
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.wire.protocol import (
    Complete,
    Completion,
    Continuation,
    Continue,
    Done,
    Expand,
    Expansion,
    Prepare,
    Status,
)


@pytest.fixture
def layout(home: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> store.Layout:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    return store.layout()


def complete(served: model.ServedModel, prefix: str, *, explicit: bool = False) -> Completion:
    request = Complete(id="1", document="d", prefix=prefix, explicit=explicit)
    (reply,) = [r for r in served.steps(request, math.inf) if isinstance(r, Completion)]
    return reply


def test_the_configured_model_answers_and_says_its_name(layout: store.Layout) -> None:
    served = model.load(layout, Config())
    reply = complete(served, " ".join(LINES[0].split()[:4]))
    assert reply.model == "default@base"
    assert reply.suggestions[0].text.startswith(" " + LINES[0].split()[4])
    served.close()


def expanded(served: model.ServedModel, **more: Any) -> Expansion:
    request = Expand(id="1", document="d", notes="harbour closed, two boats", max_words=12, **more)
    (reply,) = [r for r in served.steps(request, math.inf) if isinstance(r, Expansion)]
    return reply


def promote(layout: store.Layout, tmp_path: Path, recites: str) -> str:
    """Put a version in use whose graph recites something else than the installed model; its name."""
    made = make_tiny_model(tmp_path / "taught", recites=recites)
    staged = store.private_directory(layout.training / "staged")
    shutil.copytree(made / "int8", staged / "int8")
    files = {path.name: store.sha256_of(path) for path in (staged / "int8").iterdir()}
    sizes = {path.name: path.stat().st_size for path in (staged / "int8").iterdir()}
    installed = models.resolve("default", layout)
    version = versions.publish(
        layout,
        staged,
        versions.Version(
            state="promoted",
            created="2026-05-01T00:00:00Z",
            base=versions.Base(name="default", sha256=installed.manifest.weights_sha256),
            precisions={"int8": models.ExportedGraph(files=files, sizes=sizes)},
        ),
    )
    versions.use(layout, installed, version.id, "int8")
    return version.id


def test_the_version_in_use_expands_notes_too(layout: store.Layout, tmp_path: Path) -> None:
    base = model.load(layout, Config())
    before = expanded(base, free=True)
    base.close()

    version = promote(layout, tmp_path, " ".join(reversed(" ".join(LINES).split())))
    served = model.load(layout, Config())

    assert before.model == "default@base"
    assert expanded(served).model == expanded(served, free=True).model == f"default@{version}"
    assert expanded(served, free=True).candidates != before.candidates, "other weights write something else"
    served.close()


@pytest.mark.parametrize("more_rows", [96, -20])
def test_an_embedding_need_not_have_as_many_rows_as_there_are_tokens(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more_rows: int
) -> None:
    make_tiny_model(tmp_path / "models", "default", vocab_size=VOCAB + more_rows)
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "models"))
    served = model.load(store.layout(), Config())
    fillers = re.findall(r"filler\d+", (tmp_path / "models" / "default" / "tokenizer.json").read_text("utf-8"))
    spelled = f"The harbour and {fillers[-1]} were"  # a token that the smaller embedding has no row for

    for prefix in ("The harbour", spelled):
        shown = complete(served, prefix, explicit=True)
        requests = (
            Continue(id="2", document="e", prefix=prefix, max_words=8),
            Expand(id="3", document="f", notes=f"{prefix}, rope", candidates=2, max_words=8),
        )
        made = [reply for request in requests for reply in served.steps(request, math.inf)]

        assert shown.suggestions
        assert any(isinstance(reply, Continuation) and reply.text for reply in made)
        assert any(isinstance(reply, Expansion) and reply.candidates for reply in made)
    served.close()


def test_prepared_documents_are_counted_and_forgotten_when_closed(layout: store.Layout) -> None:
    served = model.load(layout, Config())
    replies = [r for r in served.steps(Prepare(id="1", document="d", prefix=LINES[0]), math.inf) if r]
    assert replies == [Done(id="1")]
    assert served.report().documents == 1
    served.close_document("d")
    assert served.report().documents == 0
    served.close()


def test_documents_of_two_clients_with_one_name_do_not_share_a_cache(layout: store.Layout) -> None:
    served = model.load(layout, Config())

    def reused(client: bytes, text: str) -> int:
        request = Complete(id="1", document="untitled:Untitled-1", prefix=text, explicit=True)
        (reply,) = [r for r in served.steps(request, math.inf, client) if isinstance(r, Completion)]
        return reply.timings.reused_tokens

    first, second = LINES[0], LINES[1]
    reused(b"a", first[:-2]), reused(b"b", second[:-2])
    assert reused(b"a", first) > 2
    assert reused(b"b", second) > 2
    assert served.report().documents == 2
    served.close_document("untitled:Untitled-1", b"a")
    assert served.report().documents == 1
    served.close()


@pytest.mark.parametrize(
    ("profile", "on_battery", "expected"),
    [("auto", True, "battery"), ("auto", False, "full"), ("full", True, "full"), ("battery", False, "battery")],
)
def test_on_battery_it_is_thrifty(
    layout: store.Layout, monkeypatch: pytest.MonkeyPatch, profile: str, on_battery: bool, expected: str
) -> None:
    monkeypatch.setattr(power, "on_battery", lambda: on_battery)
    asked: list[int] = []
    make = model._engine

    def made(*given: Any, threads: int, **more: Any) -> Engine:
        asked.append(threads)
        return make(*given, threads=threads, **more)

    monkeypatch.setattr(model, "_engine", made)
    monkeypatch.setattr(model, "usual_threads", lambda: 3)
    served = model.load(layout, Config(model=ModelSettings(profile=profile)))
    assert served.report().profile == expected
    assert asked == [1 if expected == "battery" else 3]
    served.close()


def test_a_model_that_is_not_there_is_missing(layout: store.Layout) -> None:
    with pytest.raises(ModelMissing) as raised:
        model.load(layout, Config(model=ModelSettings(name="absent")))
    assert "setup" in raised.value.hint


def test_a_request_that_no_task_answers_is_invalid(layout: store.Layout) -> None:
    served = model.load(layout, Config())
    with pytest.raises(RequestInvalid):
        served.steps(Status(id="1"), math.inf)  # type: ignore[arg-type]
    served.close()


def test_a_graph_of_garbage_is_corrupt(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tiny

    folder = tiny.make_tiny_model(tmp_path / "models", "default")
    graph = folder / "int8" / "model.onnx"
    graph.write_bytes(b"\0" * graph.stat().st_size)
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tmp_path / "models"))
    with pytest.raises(ModelCorrupt) as raised:
        model.load(store.layout(), Config())
    assert "setup" in raised.value.hint
