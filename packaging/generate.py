"""Writes what package channels ask for, from the templates beside it and one table of values.

Version, licence and descriptions come from pyproject.toml, file types from the Neovim plug-in, hashes from the
SHA256SUMS of a release. Without those a hash is zeros, which no installer accepts. It publishes nothing and uses no
network.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TEMPLATES = HERE / "templates"
# Where the project will be published; no release is there yet.
REPOSITORY = "shadowpen/shadowpen"
# The Python that Homebrew and uv are asked for.
PYTHON = "3.13"
NO_HASH = "0" * 64
_SLOT = re.compile(r"\{\{(\w+)\}\}")


def values(repository: str = REPOSITORY, sums: Mapping[str, str] | None = None) -> dict[str, str]:
    """The table: what each slot of the templates stands for. `sums` maps names of released files to their SHA-256."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    version = project["version"]
    assets = {
        "sdist": f"shadowpen-{version}.tar.gz",
        "wheel": f"shadowpen-{version}-py3-none-any.whl",
        "windows": f"shadowpen-{version}-windows-x64.zip",
        "vsix": f"shadowpen-{version}.vsix",
    }
    homepage = f"https://github.com/{repository}"
    return {
        "written": "Written by packaging/generate.py from its template: change that one.",
        "version": version,
        "tag": f"v{version}",
        "repository": repository,
        "homepage": homepage,
        "downloads": f"{homepage}/releases/download/v{version}",
        "license": project["license"],
        "description": project["description"],
        "summary": project["description"].partition(":")[0],
        "python": PYTHON,
        "publisher": json.loads((ROOT / "plugins/vscode/package.json").read_text("utf-8"))["publisher"],
        "filetypes": "\n".join(f"    '{name}'," for name in _filetypes()),
        **assets,
        **{f"{kind}_sha256": (sums or {}).get(name, NO_HASH) for kind, name in assets.items()},
    }


def _filetypes() -> list[str]:
    """Those in which the Neovim plug-in shows ghost text."""
    options = (ROOT / "plugins/neovim/lua/shadowpen/init.lua").read_text("utf-8")
    block = options.partition("  filetypes = {\n")[2].partition("}")[0]
    return re.findall(r"(\w+) = true", block)


def files(table: Mapping[str, str]) -> dict[str, str]:
    """Each generated file below `packaging/`, by its path, with what it should hold."""
    templates = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    return {
        path.relative_to(TEMPLATES).as_posix(): _SLOT.sub(lambda slot: table[slot[1]], path.read_text("utf-8"))
        for path in templates
    }


def lacking(table: Mapping[str, str]) -> set[str]:
    """The generated files that ask for a released file whose hash is not known."""
    unknown = {f"{{{{{name}}}}}" for name, value in table.items() if value == NO_HASH}
    templates = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    return {
        path.relative_to(TEMPLATES).as_posix()
        for path in templates
        if any(slot in path.read_text("utf-8") for slot in unknown)
    }


def read_sums(path: Path) -> dict[str, str]:
    """The hashes in a file as `sha256sum` writes it, by the names of their files."""
    lines = path.read_text("utf-8").splitlines()
    return {name.lstrip("*"): digest for digest, name in (line.split(maxsplit=1) for line in lines if line)}


def main(arguments: list[str] | None = None) -> int:
    """Write the files; 1 if the tag is not that of the version in pyproject.toml."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, default=HERE, help="folder to write to (packaging/)")
    parser.add_argument("--repository", default=REPOSITORY, help=f"owner and name on GitHub ({REPOSITORY})")
    parser.add_argument("--tag", help="the tag being released; must be v and the version in pyproject.toml")
    parser.add_argument(
        "--sums", type=Path, help="SHA256SUMS of the release; channels whose file it lacks are left out"
    )
    options = parser.parse_args(arguments)

    table = values(options.repository, read_sums(options.sums) if options.sums else None)
    if options.tag and options.tag != table["tag"]:
        print(
            f"The tag {options.tag} is not that of pyproject.toml, {table['tag']}. Change one of them.", file=sys.stderr
        )
        return 1
    left_out = {Path(name).parts[0] for name in lacking(table)} if options.sums else set()
    for name, text in files(table).items():
        if Path(name).parts[0] not in left_out:
            (options.output / name).parent.mkdir(parents=True, exist_ok=True)
            (options.output / name).write_text(text, "utf-8", newline="\n")
    for channel in sorted(left_out):
        print(f"Left out {channel}: the release lacks a file that it asks for.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
