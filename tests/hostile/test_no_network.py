"""Nothing leaves the machine: every system call of everything Shadowpen runs is watched, in an empty network namespace.

A look-up, a connection over IP or a file outside the folders of state fails the test, whichever dependency is to
blame. Needs Linux, strace and the right to make a network namespace; CI installs strace and runs as root.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
from support import documents

_TESTS = Path(__file__).parents[1]
_ALONE = (
    ("unshare", "--net") if hasattr(os, "geteuid") and os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")
)
_TRACED = "connect,sendto,sendmsg,sendmmsg,openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat"
_NETWORK = re.compile(r"sa_family=AF_INET6?\b|/etc/resolv\.conf|/etc/hosts|io\.systemd\.Resolve")
_WRITES = re.compile(r"^(?:\d+\s+)?(?:open(?:at)?|creat|mkdir(?:at)?|rename\w*|symlink\w*)\(")
_PATHS = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SYSTEM = ("/dev/", "/proc/", "/sys/")  # no files: devices, shared memory and tables of the kernel


def _can_watch() -> bool:
    if not shutil.which("strace") or not shutil.which("unshare"):
        return False
    return subprocess.run([*_ALONE, "true"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or not (_can_watch() or os.environ.get("CI")),
        reason="needs Linux with strace and network namespaces",
    ),
]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with enough of an author's text for one training run, and a document of each other format."""
    folder = tmp_path / "texts"
    folder.mkdir()
    dice = random.Random(1)
    words = [line.split() for line in tiny.LINES]
    for number in range(22):
        lines = [" ".join(dice.sample(dice.choice(words), 8)) + "." for _ in range(28)]
        paragraphs = [" ".join(lines[start : start + 4]) for start in range(0, 28, 4)]
        (folder / f"2024-01-{number + 1:02}.md").write_text("\n\n".join(paragraphs))
    link = "https://example.org/a.css"
    head = f'<head><link rel="stylesheet" href="{link}"></head>'
    page = f'<html>{head}<body><img src="{link}"><p>{lines[0]}</p></body></html>'
    for name, content in {
        "page.html": page.encode(),
        "word.docx": documents.docx(lines[1]),
        "open.odt": documents.odt(f"<text:p>{lines[2]}</text:p>"),
        "rich.rtf": documents.rtf(lines[3]),
        "book.epub": documents.epub([f'<p>{lines[4]}</p><img src="{link}"/>']),
        "sheet.pdf": documents.pdf([[lines[5]]]),
        "Sent.mbox": documents.mbox(documents.mail(lines[6])),
    }.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def trace(home: Path, texts: Path, tiny_models: Path, tmp_path: Path) -> list[str]:
    """The traced system calls of one use of everything, by a user whose folders are all below `tmp_path` and `home`."""
    user, temporary, written = tmp_path / "user", tmp_path / "tmp", tmp_path / "trace"
    for folder in (user, temporary):
        folder.mkdir()
    models = tmp_path / "models"
    shutil.copytree(tiny_models, models)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment |= {
        "HOME": str(user),
        "TMPDIR": str(temporary),
        "SHADOWPEN_MODELS": str(models),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment["PYTHONPATH"] = str(_TESTS)
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "300", "-e", f"trace={_TRACED}", "-o", str(written)]
    script = [sys.executable, str(Path(__file__).with_name("everything_once.py")), str(texts)]
    done = subprocess.run(
        [*_ALONE, *strace, *script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return written.read_text(errors="replace").splitlines()


@pytest.mark.timeout(600)
def test_nothing_is_looked_up_sent_or_left_outside_our_folders(trace: list[str], home: Path, tmp_path: Path) -> None:
    assert len(trace) > 1000, "nothing was watched"
    assert [line for line in trace if _NETWORK.search(line)] == []
    ours = (str(home), str(tmp_path / "models"), *_SYSTEM)
    outside = {path for line in trace for path in _written(line) if not path.startswith(ours)}
    assert {path for path in outside if Path(path).is_file()} == set()
    assert [path for folder in ("user", "tmp") for path in (tmp_path / folder).rglob("*") if path.is_file()] == []


def _written(line: str) -> list[str]:
    """The absolute paths that a successful call of `line` wrote, made or renamed."""
    if " = -1 " in line or not _WRITES.match(line):
        return []
    if line.partition("(")[0].split()[-1].startswith("open") and not re.search(r"O_CREAT|O_WRONLY|O_RDWR", line):
        return []
    return [path for path in _PATHS.findall(line) if path.startswith("/")]
