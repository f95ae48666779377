"""The bundle of the repository: building it again gives the same bytes, so anybody can check what it is made of."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import install


def test_building_again_gives_the_bytes_of_the_repository(tmp_path: Path) -> None:
    for name in ("src", "build.mjs", "package.json", "package-lock.json", "tsconfig.json"):
        source = install.PLUGIN / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    shutil.copytree(install.PLUGIN / "node_modules", tmp_path / "node_modules", symlinks=True)
    subprocess.run(["node", "build.mjs"], cwd=tmp_path, check=True, capture_output=True)
    built, kept = (sorted((folder / "dist").iterdir()) for folder in (tmp_path, install.PLUGIN))
    assert [path.name for path in built] == [path.name for path in kept]
    assert [path.read_bytes() for path in built] == [path.read_bytes() for path in kept]
