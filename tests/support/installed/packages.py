"""Packages that bring plug-ins, as an installer leaves them: a module and its metadata."""

from __future__ import annotations

from pathlib import Path

import pytest


def install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str, version: str = "1", **kinds: dict[str, str]
) -> None:
    """A package `name` of one module of that name, seen by this process and by those it starts.

    `kinds` has what it brings: tasks={"blot": "inkwell:Blot"}.
    """
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = (
        f"[shadowpen.{kind}]\n" + "".join(f"{point} = {target}\n" for point, target in points.items())
        for kind, points in kinds.items()
    )
    (info / "entry_points.txt").write_text("".join(groups))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
