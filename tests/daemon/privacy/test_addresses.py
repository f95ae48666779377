"""Addresses as clients write them: one table for every parser."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.corpus import origin_of
from shadowpen.daemon.learning.forgetting import _place
from shadowpen.daemon.memory.places import Quote, locate
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.privacy.addresses import UNREADABLE, readings, split_uri
from shadowpen.daemon.privacy.paths import verdict
from shadowpen.daemon.wire.journal_events import Accepted
from shadowpen.daemon.wire.protocol import Source
from shadowpen.lsp_server.ghost_text.explanation import _place as _place_in_explanation

ADDRESSES = [
    ("file:///home/a/notes.md", ("file", "/home/a/notes.md")),
    ("FILE:///home/a/notes.md", ("file", "/home/a/notes.md")),
    ("file:/home/a/notes.md", ("file", "/home/a/notes.md")),
    ("file://localhost/home/a/notes.md", ("file", "/home/a/notes.md")),
    ("file://LOCALHOST/home/a.md", ("file", "/home/a.md")),
    ("/home/a/notes.md", ("file", "/home/a/notes.md")),
    ("notes.md", ("file", "notes.md")),
    ("", ("file", "")),
    ("file:///home/a/B%C3%BCcher/chapter%201.md", ("file", "/home/a/Bücher/chapter 1.md")),
    ("file:///home/a/Bücher/chapter 1.md", ("file", "/home/a/Bücher/chapter 1.md")),
    ("file:///x/%23private/diary.md", ("file", "/x/#private/diary.md")),
    ("file:///x/#private/diary.md", ("file", "/x/#private/diary.md")),
    ("file:///x/C%23/.env", ("file", "/x/C#/.env")),
    ("file:///x/C#/.env", ("file", "/x/C#/.env")),
    ("file:///x/what%3F/id_rsa", ("file", "/x/what?/id_rsa")),
    ("file:///x/what?/id_rsa", ("file", "/x/what?/id_rsa")),
    ("file:///x/a?b#c.md", ("file", "/x/a?b#c.md")),
    ("file:///x/a#b?c.md", ("file", "/x/a#b?c.md")),
    ("/x/#private/diary.md", ("file", "/x/#private/diary.md")),
    ("/x/what?/id_rsa", ("file", "/x/what?/id_rsa")),
    ("/x/100%.md", ("file", "/x/100%.md")),
    ("/x/a%20b.md", ("file", "/x/a%20b.md")),
    ("file:///x/100%25.md", ("file", "/x/100%.md")),
    ("file:///x/100%.md", ("file", "/x/100%.md")),
    ("file:///x/%2523.md", ("file", "/x/%23.md")),
    ("file:///x%2Fprivate%2Fdiary.md", ("file", "/x/private/diary.md")),
    ("file:///x/a+b.md", ("file", "/x/a+b.md")),
    ("file:///x/a%2Bb.md", ("file", "/x/a+b.md")),
    ("file:///x/a;b=c,d@e!f$g&h'i(j)*.md", ("file", "/x/a;b=c,d@e!f$g&h'i(j)*.md")),
    ("file:///x/a:b.md", ("file", "/x/a:b.md")),
    ("file:///x/%FF.md", ("file", "/x/\ufffd.md")),
    ("file:///x/日本.md", ("file", "/x/日本.md")),
    ("file:///x/%E6%97%A5%E6%9C%AC.md", ("file", "/x/日本.md")),
    ("file:///x/%F0%9F%96%8B.md", ("file", "/x/🖋.md")),
    ("file:///x/a\nb.md", ("file", "/x/a\nb.md")),
    ("file:///x/a%0Ab.md", ("file", "/x/a\nb.md")),
    ("file:///C:/Users/a/notes.md", ("file", "C:/Users/a/notes.md")),
    ("file:///c%3A/Users/a/notes.md", ("file", "c:/Users/a/notes.md")),
    ("file:///c%3a/Users/a%23/notes.md", ("file", "c:/Users/a#/notes.md")),
    ("file:///C:/Users/a#/notes.md", ("file", "C:/Users/a#/notes.md")),
    ("file://C:/Users/a/notes.md", ("file", "C:/Users/a/notes.md")),
    (r"C:\Users\a\notes.md", ("file", "C:/Users/a/notes.md")),
    ("C:/Users/a/notes.md", ("file", "C:/Users/a/notes.md")),
    (r"c:\Users\#a\what?.md", ("file", "c:/Users/#a/what?.md")),
    (r"file:///C:\Users\a\notes.md", ("file", "C:/Users/a/notes.md")),
    ("file://server/share/notes.md", ("file", "//server/share/notes.md")),
    ("file:////server/share/notes.md", ("file", "//server/share/notes.md")),
    ("file://server/share/#x/notes.md", ("file", "//server/share/#x/notes.md")),
    (r"\\server\share\notes.md", ("file", "//server/share/notes.md")),
    ("file://wsl%24/Ubuntu/home/a.md", ("file", "//wsl$/Ubuntu/home/a.md")),
    ("file://[::1/x.md", ("file", "//[::1/x.md")),
    ("untitled:Untitled-1", ("untitled", "Untitled-1")),
    ("untitled:/home/a/.env", ("untitled", "/home/a/.env")),
    ("untitled:/x/#private/what?.md", ("untitled", "/x/#private/what?.md")),
    ("Untitled:Untitled-1", ("untitled", "Untitled-1")),
    ("vscode-remote://ssh-remote%2Bhost/home/a/notes.md", ("vscode-remote", "/home/a/notes.md")),
    ("vscode-notebook-cell:/x/a.ipynb#W0sZmlsZQ%3D%3D", ("file", "/x/a.ipynb")),
    ("vscode-notebook-cell:/x/%23private/a%20b.ipynb#W0sZmlsZQ%3D%3D", ("file", "/x/#private/a b.ipynb")),
    ("vscode-notebook-cell://ssh-remote%2Bhost/x/a.ipynb#W0sZmlsZQ%3D%3D", ("file", "/x/a.ipynb")),
    ("vscode-notebook-cell:/c%3A/x/a.ipynb#W0sZmlsZQ%3D%3D", ("file", "c:/x/a.ipynb")),
    (
        "vscode-scm:git/scm0/input?rootUri%3Dfile%253A%252F%252F%252Fx%252Fa%2520b",
        ("file", "/x/a b/.git/COMMIT_EDITMSG"),
    ),
    ("vscode-scm:git/scm0/input?rootUri=file:///x/a/", ("file", "/x/a/.git/COMMIT_EDITMSG")),
    ("vscode-scm:git/scm0/input?rootUri%3Dvscode-remote%253A%252F%252Fhost%252Fx", ("file", "/x/.git/COMMIT_EDITMSG")),
    ("vscode-scm:svn/scm1/input", ("vscode-scm", "svn/scm1/input")),
    ("vscode-vfs://github/a/b.md?ref=x", ("vscode-vfs", "/a/b.md")),
    ("git:/x/a.md?%7B%22ref%22%3A%22~%22%7D", ("git", "/x/a.md")),
    ("term://~//123:/bin/sh", ("term", "//123:/bin/sh")),
    ("https://example.org/a.md", ("https", "/a.md")),
    ("file:///a\0b.md", (UNREADABLE, "/a\ufffdb.md")),
    ("file:///a%00b.md", (UNREADABLE, "/a\ufffdb.md")),
    ("/a\0b.md", (UNREADABLE, "/a\ufffdb.md")),
    ("file:///\ud800.md", (UNREADABLE, "/\ufffd.md")),
    ("untitled:\udfff", (UNREADABLE, "\ufffd")),
]


@pytest.mark.parametrize(("address", "parts"), ADDRESSES)
def test_an_address_has_one_scheme_and_one_path(address: str, parts: tuple[str, str]) -> None:
    assert split_uri(address) == parts


@pytest.mark.parametrize("address", [address for address, _ in ADDRESSES])
def test_whoever_is_given_an_address_can_do_with_it(address: str) -> None:
    judged = verdict(address, "markdown", LearningSettings(private_folders=["/x/private"]))
    place = locate(Quote(address, "before", ""))

    assert judged.allowed or judged.reason
    assert place.document or not address
    assert _place(address) is not None
    assert readings(address)


@pytest.mark.parametrize("address", [address for address, _ in ADDRESSES])
def test_every_reader_of_addresses_takes_the_same_path(address: str, tmp_path: Path) -> None:
    scheme, path = split_uri(address)
    event = Accepted(
        id="a",
        time=datetime(2026, 5, 1, tzinfo=UTC),
        context="",
        suggested="x",
        taken="x",
        document=address,
        language="",
    )

    if scheme == "file":
        assert origin_of(event) == os.path.realpath(path)
        assert locate(Quote(address, "before", "")).document == path
    else:
        assert origin_of(event) == f"{address} 2026-05-01"
        assert _place(address) == address
    forgotten.remember(tmp_path / "forgotten", files=[origin_of(event) if scheme == "file" else address])
    assert forgotten.load(tmp_path / "forgotten").knows_document(address)
    assert "line 3" in _place_in_explanation(Source(document=path, line=3), plain=False)


@pytest.mark.parametrize("written", ["escaped", "as it is", "untitled"])
@pytest.mark.parametrize("folder", ["#private", "what?", "a#b?c", "100%", "C#"])
def test_a_rule_holds_however_the_address_is_written(tmp_path: Path, folder: str, written: str) -> None:
    (tmp_path / folder).mkdir()
    settings = LearningSettings(private_folders=[str(tmp_path / folder)])

    def judged(name: str, settings: LearningSettings) -> tuple[bool, bool]:
        path = tmp_path / folder / name
        addresses = {"escaped": path.as_uri(), "as it is": f"file://{path}", "untitled": f"untitled:{path}"}
        found = verdict(addresses[written], "markdown", settings)
        return found.allowed, found.keep

    assert judged("diary.md", settings) == (True, False)
    assert judged("diary.md", LearningSettings(exclude=[folder.replace("?", "[?]")])) == (False, False)
    assert judged(".env", LearningSettings()) == judged("id_rsa", LearningSettings()) == (False, False)
    assert judged("diary.md", LearningSettings()) == (True, True)


@pytest.mark.parametrize(
    "address",
    ["file:///x/.env#L3", "file:///x/.env?x", "file:///x/id_rsa#", "untitled:/home/a/.env", "file:///x/%252Eenv"],
)
def test_a_secret_file_stays_one_with_a_fragment_behind_it(address: str) -> None:
    assert not verdict(address, "plaintext", LearningSettings()).allowed


def test_there_are_as_many_as_were_promised() -> None:
    assert len(ADDRESSES) >= 60
