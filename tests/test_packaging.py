"""What a user installs: the wheel and the sdist hold all of the product and put nothing generic on the import path."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from shadowpen.daemon.cli.setup.install_vscode import SHIPPED
from shadowpen.daemon.cli.setup.served.install_jupyterlab import FILES as JUPYTERLAB

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CODE = ("daemon", "exporters", "lsp_server")
EXTENSION = ROOT / "plugins" / "vscode"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel and an sdist of the tracked tree, built without the network."""
    tree = tmp_path_factory.mktemp("tree")
    for name in _tracked():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes((ROOT / name).read_bytes())
    output = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-P", "-m", "build", "--no-isolation", "--outdir", str(output), str(tree)]
    subprocess.run(command, check=True, capture_output=True)
    return {"wheel": next(output.glob("*.whl")), "sdist": next(output.glob("*.tar.gz")), "tree": tree}


def _tracked() -> list[str]:
    """Every file of the repository that is there, also what is not committed yet."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def _wanted() -> set[str]:
    """What has to be installed: all of our code and its data, and the plug-ins that a command puts in place."""
    code = {name.partition("/")[2] for name in _tracked() if name.split("/")[0] in CODE}
    folders = tuple(f"plugins/{name}/" for name in ("emacs", "libreoffice", "neovim", "vim"))
    plugins = [name for name in _tracked() if name.startswith(folders)]
    plugins += [f"plugins/vscode/{name}" for name in SHIPPED]
    plugins += ["plugins/obsidian/main.js", "plugins/obsidian/manifest.json"]
    plugins += [f"plugins/jupyterlab/{name}" for name in JUPYTERLAB]
    return code | {f"shadowpen/{name}" for name in plugins}


def test_the_wheel_holds_the_product_and_nothing_else(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = {name for name in wheel.namelist() if not name.endswith("/")}
    product = {name for name in names if ".dist-info/" not in name}
    assert product == _wanted()
    assert {name.split("/")[0] for name in names} == {"shadowpen", f"shadowpen-{_version()}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_builds_the_same_wheel(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = next(tmp_path.iterdir())
    assert (unpacked / "LICENSE").is_file() and (unpacked / "README.md").is_file()
    command = [
        sys.executable,
        "-P",
        "-m",
        "build",
        "--no-isolation",
        "--wheel",
        "--outdir",
        str(tmp_path),
        str(unpacked),
    ]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(built["wheel"]) as first, zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as second:
        assert set(first.namelist()) == set(second.namelist())


@pytest.fixture(scope="session")
def installed(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed into a folder of its own."""
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*command, str(built["wheel"])], check=True, capture_output=True)
    return target


def _run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Python with the installed wheel alone: the paths of the editable install are taken away."""
    roots = [str(ROOT / folder) for folder in CODE]
    prelude = f"import sys;sys.path[:] = [{str(installed)!r}, *(path for path in sys.path if path not in {roots!r})];"
    command = [sys.executable, "-P", "-c", prelude + arguments[0], *arguments[1:]]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_every_module_of_the_wheel_is_imported_from_it(installed: Path, tmp_path: Path) -> None:
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in _wanted()
        if name.endswith(".py") and not name.endswith("__main__.py") and not name.startswith("shadowpen/plugins/")
    )
    code = (
        "import importlib, pathlib\n"
        f"for name in {modules!r}:\n"
        "    module = importlib.import_module(name)\n"
        f"    assert pathlib.Path(module.__file__).is_relative_to({str(installed)!r}), module.__file__\n"
        "assert not {'daemon', 'lsp_server', 'exporters', 'plugins', 'tests'} & set(sys.modules)\n"
        "print(len(sys.modules))"
    )
    done = _run(installed, f"\n{code}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_installed_command_finds_the_plugin(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    code = "from shadowpen.daemon.cli import run; sys.exit(run(sys.argv[1:]))"
    done = _run(installed, code, "install", "neovim", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    start = tmp_path / "nvim/site/pack/shadowpen/start/shadowpen"
    assert (start / "plugin/shadowpen.lua").read_bytes() == (ROOT / "plugins/neovim/plugin/shadowpen.lua").read_bytes()


def test_the_installed_command_has_the_built_extension(installed: Path, tmp_path: Path) -> None:
    code = "from shadowpen.daemon.cli import run; sys.exit(run(sys.argv[1:]))"
    done = _run(installed, code, "install", "vscode", "--vsix", "shadowpen.vsix", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "shadowpen.vsix") as package:
        bundle = package.read("extension/dist/extension.js")
    assert bundle == (EXTENSION / "dist/extension.js").read_bytes()


def test_the_built_extension_is_that_of_its_sources() -> None:
    lines = (EXTENSION / "dist/SHA256SUMS").read_text("utf-8").splitlines()
    noted = {name: digest for digest, name in (line.split("  ") for line in lines)}
    there = [*EXTENSION.glob("src/**/*.ts"), *EXTENSION.glob("dist/*")]
    names = {path.relative_to(EXTENSION).as_posix() for path in there} - {"dist/SHA256SUMS"}
    names |= {"build.mjs", "package-lock.json", "tsconfig.json"}
    sums = {name: hashlib.sha256((EXTENSION / name).read_bytes()).hexdigest() for name in names}
    assert sums == noted, "Run `make vscode` and commit plugins/vscode/dist."


def test_an_editable_install_follows_the_tree(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", "import shadowpen.daemon.cli as cli; print(cli.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == ROOT / "daemon/shadowpen/daemon/cli/__init__.py"


# --- the lock files ----------------------------------------------------------------------------------


def _locked(*names: str) -> dict[str, Version]:
    pins = {}
    for name in names:
        for package, version in re.findall(
            r"^(\S+)==(\S+)", (ROOT / "requirements" / name).read_text("utf-8"), re.MULTILINE
        ):
            pins[_normal(package)] = Version(version)
    return pins


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _asked(*extras: str) -> list[Requirement]:
    project = PYPROJECT["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("files", "extras"),
    [
        (["serve.lock"], ["cpu"]),
        (["serve.lock", "dev.lock"], ["cpu", "train", "export", "report", "http", "monitor", "dev"]),
    ],
)
def test_the_lock_gives_what_the_project_asks_for(files: list[str], extras: list[str]) -> None:
    pins = _locked(*files)
    wrong = [
        str(asked) for asked in _asked(*extras) if not asked.specifier.contains(pins.get(_normal(asked.name), "0"))
    ]
    assert wrong == []


def test_completing_is_locked_without_what_training_needs() -> None:
    assert not {"torch", "transformers", "optimum", "peft"} & set(_locked("serve.lock"))
    assert "onnxruntime-gpu" not in _locked("serve.lock", "dev.lock")


@pytest.mark.parametrize("name", ["serve.lock", "dev.lock", "site.lock"])
def test_every_locked_version_has_hashes_and_names_no_place(name: str) -> None:
    content = (ROOT / "requirements" / name).read_text("utf-8")
    entries = re.split(r"\n(?=[A-Za-z])", content.strip())

    assert "://" not in content
    assert [
        entry for entry in entries if not re.fullmatch(r"\S+==\S+(?: \\\n    --hash=sha256:[0-9a-f]{64})+", entry)
    ] == []


def test_what_is_installed_is_compared_with_its_hash() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.findall(r"\$\(PIP\) (.*)-r requirements", makefile) == ["--no-deps --require-hashes "] * 2
    assert "npm ci --ignore-scripts" in makefile


def test_the_packager_of_the_extension_is_locked() -> None:
    locked = json.loads((EXTENSION / "package-lock.json").read_text("utf-8"))["packages"]

    assert locked["node_modules/@vscode/vsce"]["integrity"]
    assert "npx" not in (EXTENSION / "package.json").read_text("utf-8")


def test_torch_is_pinned_alike_everywhere() -> None:
    (version,) = re.findall(r"^TORCH_VERSION := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert _locked("dev.lock")["torch"] == Version(version)


def _version() -> str:
    return str(PYPROJECT["project"]["version"])
