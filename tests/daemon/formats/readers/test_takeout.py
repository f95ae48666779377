"""Archives of Google Takeout: each document by itself, damaged ones told, no other archive opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import documents

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import takeout

_TERMS = Terms()


def read(tmp_path: Path, members: dict[str, str | bytes], terms: Terms = _TERMS) -> list[Piece | LeftOut]:
    path = tmp_path / "takeout.zip"
    path.write_bytes(documents.zipped(members))
    return list(takeout.read(path, terms))


def test_every_document_is_a_text(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "Takeout/Drive/a.docx": documents.docx("From Word."),
            "Takeout/Drive/b.html": "<html><head><style>x</style></head><p>From a page.</p></html>",
            "Takeout/Drive/c.txt": "Plain.",
            "Takeout/Drive/wide.txt": "Wide.".encode("utf-16"),
            "Takeout/Drive/old.adoc": "Café, naïve and old.".encode("cp1252"),
            "Takeout/Drive/d.odt": documents.odt("<text:p>Open.</text:p>"),
            "Takeout/Drive/e.docx": b"damaged",
            "Takeout/Drive/f.md": bytes(range(256)) * 20,
            "Takeout/Photos/p.jpg": b"\xff\xd8",
        },
    )

    pieces = {item.name: item.text for item in found if isinstance(item, Piece)}
    assert pieces == {
        "Takeout/Drive/a.docx": "From Word.",
        "Takeout/Drive/b.html": "From a page.",
        "Takeout/Drive/c.txt": "Plain.",
        "Takeout/Drive/wide.txt": "Wide.",
        "Takeout/Drive/old.adoc": "Café, naïve and old.",
        "Takeout/Drive/d.odt": "Open.",
    }
    assert [item for item in found if isinstance(item, LeftOut)] == [
        LeftOut("damaged, or not what its name says", "Takeout/Drive/e.docx"),
        LeftOut("its content is not text", "Takeout/Drive/f.md"),
        LeftOut("not a kind of text that is read", "1 file in the archive"),
    ]


def test_a_document_saved_as_a_page_is_read(tmp_path: Path) -> None:
    (piece,) = [
        item
        for item in read(tmp_path, {"Essay.html": "<p>An essay.</p>", "images/i.png": b"x"})
        if isinstance(item, Piece)
    ]
    assert piece.text == "An essay."


@pytest.mark.parametrize("members", [{"code/a.txt": "x"}, {"a.html": "<p>a</p>", "b.html": "<p>b</p>"}, {}])
def test_no_other_archive_is_read(tmp_path: Path, members: dict[str, str | bytes]) -> None:
    with pytest.raises(Unreadable, match="not one of Google Takeout"):
        read(tmp_path, members)


def test_a_member_that_unpacks_to_too_much_is_left_out(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"Takeout/a.txt": " " * 2_000_000, "Takeout/b.txt": "Short."}

    found = read(tmp_path, members, Terms(unpacked_bytes=1_000_000))

    assert [item.text for item in found if isinstance(item, Piece)] == ["Short."]
    assert LeftOut("unpacks to more than 1 MB", "Takeout/a.txt") in found


def test_all_members_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeout, "_MOST_UNPACKED_BYTES", 2_500_000)
    members: dict[str, str | bytes] = {f"Takeout/{n}.txt": f"text {n}" + " " * 1_000_000 for n in range(9)}

    found = read(tmp_path, members)

    assert len([item for item in found if isinstance(item, Piece)]) == 2
    assert isinstance(found[-1], LeftOut) and found[-1].reason.startswith("unpacks to more than")
