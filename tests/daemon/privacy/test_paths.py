"""Which documents reach the daemon, and of which anything is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.privacy.paths import matches, split_uri, verdict

SETTINGS = LearningSettings(exclude=["*.secret.md", "~/taxes/", "work/**"], private_folders=["/srv/diary"])


@pytest.mark.parametrize(
    "uri",
    [
        "file:///home/a/notes.md",
        "file:///home/a/B%C3%BCcher/chapter%201.md",
        "file:///C:/Users/a/notes.md",
        "untitled:Untitled-1",
        "/home/a/letter.md",
        "C:\\Users\\a\\letter.md",
        "file:///home/a/keynote.md",
        "file:///home/a/environment.md",
    ],
)
def test_prose_is_completed_and_kept(uri: str) -> None:
    found = verdict(uri, "markdown", SETTINGS)

    assert (found.allowed, found.keep, found.reason) == (True, True, "")


@pytest.mark.parametrize(
    "uri",
    [
        "file:///home/a/.env",
        "file:///home/a/.env.local",
        "file:///home/a/prod.ENV",
        "file:///home/a/.ssh/notes.md",
        "file:///home/a/.ssh/id_ed25519",
        "file:///home/a/server.pem",
        "file:///home/a/Server.KEY",
        "file:///home/a/.netrc",
        "file:///home/a/.aws/credentials",
        "file:///home/a/secrets.md",
        "file:///C:/Users/a/.gnupg/notes.txt",
        "file:///home/a/.bash_history",
        "file:///home/a/%2Eenv",
        "file:///home/a/.env~",
        "file:///home/a/.env%20",
        "file:///home/a/.env;v=1",
        "file:///home/a/%23.env%23",
        "file:///home/a/id_rsa%20(1)",
        "file:///home/a/.e\u200bnv",
        "file:///home/a/Todo.SECRET.md",
        "git:/home/a/notes.md",
        "output:tasks",
        "vscode-notebook-cell:/home/a/.ssh/x.ipynb#W0sZmlsZQ%3D%3D",
        "vscode-scm:svn/scm0/input",
        "https://example.org/notes.md",
        "file:///home/a/todo.secret.md",
        "file:///home/a/work/report.md",
        "file:///home/a/work/2024/report.md",
    ],
)
def test_these_are_never_read(uri: str) -> None:
    found = verdict(uri, "markdown", SETTINGS)

    assert not found.allowed
    assert not found.keep
    assert found.reason.endswith(".")


@pytest.mark.parametrize("language", ["python", "json", "dotenv", "", "shellscript"])
def test_only_prose_languages(language: str) -> None:
    found = verdict("file:///home/a/notes.md", language, SETTINGS)
    assert not found.allowed and "completion.code" in found.reason


def test_a_private_folder_is_completed_and_never_kept() -> None:
    found = verdict("file:///srv/diary/2024/may.md", "markdown", SETTINGS)

    assert (found.allowed, found.keep) == (True, False)
    assert verdict("file:///srv/diary-of-others/may.md", "markdown", SETTINGS).keep


@pytest.mark.parametrize("path", ["/srv/Tagebücher/a.md", "/SRV/tagebücher/a.md", "/srv/Tagebu\u0308cher/a.md"])
def test_a_private_folder_is_one_however_its_name_is_spelt(path: str) -> None:
    assert not verdict(path, "markdown", LearningSettings(private_folders=["/srv/Tagebücher"])).keep


def test_the_home_folder_in_a_glob(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/a")

    assert not verdict("file:///home/a/taxes/2024.md", "markdown", SETTINGS).allowed
    assert verdict("file:///home/b/taxes/2024.md", "markdown", SETTINGS).allowed


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (tmp_path / ".env").write_text("KEY=1")
    (tmp_path / "innocent.md").symlink_to(tmp_path / ".env")
    (tmp_path / "door").symlink_to(private)
    settings = LearningSettings(private_folders=[str(private)])

    assert not verdict((tmp_path / "innocent.md").as_uri(), "markdown", settings).allowed
    assert not verdict((tmp_path / "door" / "note.md").as_uri(), "markdown", settings).keep


@pytest.mark.parametrize(
    ("path", "glob", "expected"),
    [
        ("/a/b/notes.md", "*.md", True),
        ("/a/drafts/notes.md", "drafts", True),
        ("/a/drafts/notes.md", "drafts/", True),
        ("/a/drafts2/notes.md", "drafts", False),
        ("/a/b/c/notes.md", "b/c", True),
        ("/a/b/c/notes.md", "**/c/*.md", True),
        ("/a/b/c/notes.md", "/a/b/", True),
        ("/a/b/c/notes.md", "/b/c", False),
        ("/a/b/notes.md", "", False),
    ],
)
def test_globs(path: str, glob: str, expected: bool) -> None:
    assert matches(path, [glob]) is expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("file:///c%3A/a/b.md", ("file", "c:/a/b.md")),
        ("file://server/share/b.md", ("file", "//server/share/b.md")),
        ("untitled:Untitled-1", ("untitled", "Untitled-1")),
        ("plain/path.md", ("file", "plain/path.md")),
        ("", ("file", "")),
    ],
)
def test_addresses(uri: str, expected: tuple[str, str]) -> None:
    assert split_uri(uri) == expected


def test_program_code_is_completed_where_its_author_wants_it_and_never_kept() -> None:
    found = verdict("file:///home/a/tool.py", "python", SETTINGS, code=True)

    assert (found.allowed, found.keep) == (True, False)
    assert not verdict("file:///home/a/.env", "dotenv", SETTINGS, code=True).allowed
    assert not verdict("file:///home/a/tool.py", "", SETTINGS, code=True).allowed
    assert verdict("file:///home/a/notes.md", "markdown", SETTINGS, code=True).keep
