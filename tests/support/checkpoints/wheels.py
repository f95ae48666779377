"""Small wheels for tests, and a folder of them as the only package index that pip knows."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest


def make_wheel(
    folder: Path, name: str, version: str, members: Mapping[str, bytes], metadata: str = "", record: bool = True
) -> Path:
    """`members` go into the wheel as they are; METADATA, WHEEL and RECORD come with it."""
    folder.mkdir(parents=True, exist_ok=True)
    project = name.replace("-", "_")
    info = f"{project}-{version}.dist-info"
    files = {
        **members,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if record:
        files[f"{info}/RECORD"] = "".join(
            f"{path},{_hash(content)},{len(content)}\n" for path, content in files.items()
        ).encode()
    path = folder / f"{project}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    return path


def only_index(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """pip, as a user would configure it: no network, wheels from `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
