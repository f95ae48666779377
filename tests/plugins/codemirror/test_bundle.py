"""What is shipped of the extension: building it again gives the same bytes, so anybody can check what it is made of."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import install

PAGES = Path("daemon/shadowpen/daemon/cli/desktop/static")
SHIPPED = [PAGES / "write.js", PAGES / "third-party-licenses.txt", Path("plugins/obsidian/main.js")]
SHIPPED.append(Path("plugins/jupyterlab/static/remoteEntry.js"))


def test_building_again_gives_the_bytes_of_the_repository(tmp_path: Path) -> None:
    for name in ("plugins/codemirror", "plugins/obsidian", "plugins/jupyterlab"):
        shutil.copytree(install.ROOT / name, tmp_path / name, symlinks=True)
    (tmp_path / PAGES).mkdir(parents=True)
    subprocess.run(["npm", "run", "--silent", "check"], cwd=tmp_path / "plugins/codemirror", check=True)
    subprocess.run(["node", "build.mjs"], cwd=tmp_path / "plugins/codemirror", check=True, capture_output=True)
    for path in SHIPPED:
        assert (tmp_path / path).read_bytes() == (install.ROOT / path).read_bytes(), path
