"""Mailboxes: each own mail is a text with its date; all others are told by number."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import documents

from shadowpen.daemon.formats.pieces import LeftOut, Piece, Terms, Unreadable
from shadowpen.daemon.formats.readers import mailboxes

_MINE = Terms(own_addresses=("me@example.org",))


def texts(found: list[Piece | LeftOut]) -> list[str]:
    return [item.text for item in found if isinstance(item, Piece)]


def test_a_mailbox_gives_own_mails_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "all.mbox"
    others = [documents.mail(f"Theirs {n}.", sender="you@example.org") for n in range(5)]
    path.write_bytes(
        documents.mbox(documents.mail("Mine.\n\nFrom here on I row.\n"), *others, documents.mail("Also mine."))
    )

    found = list(mailboxes.mbox(path, _MINE))

    assert texts(found) == ["Mine.\n\nFrom here on I row.", "Also mine."]
    names = [item.name for item in found if isinstance(item, Piece)]
    assert len(set(names)) == 2 and all(name.startswith("2019-03-04 ") for name in names)
    assert found[0].date == "2019-03-04T10:00:00+01:00"  # type: ignore[union-attr]
    left_out = [item for item in found if isinstance(item, LeftOut)]
    assert {item.reason for item in left_out} == {"mail from others"}
    assert left_out[-1].name == "and 2 more"


def test_without_addresses_the_folder_says_whose_mail_it_is(tmp_path: Path) -> None:
    for name in ("Sent.mbox", "Inbox.mbox"):
        (tmp_path / name).write_bytes(documents.mbox(documents.mail("Mine.")))

    assert texts(list(mailboxes.mbox(tmp_path / "Sent.mbox", Terms()))) == ["Mine."]
    assert texts(list(mailboxes.mbox(tmp_path / "Inbox.mbox", Terms()))) == []


def test_a_huge_mail_is_left_out_and_the_next_one_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "_MOST_BYTES", 5_000)
    path = tmp_path / "Sent.mbox"
    path.write_bytes(documents.mbox(documents.mail("long " * 5_000), documents.mail("Short.")))

    found = list(mailboxes.mbox(path, Terms()))

    assert texts(found) == ["Short."]
    assert [item.reason for item in found if isinstance(item, LeftOut)] == ["mail that is too large"]


def test_a_folder_of_files_is_read_with_those_below_it(tmp_path: Path) -> None:
    box = tmp_path / "Mail"
    for folder in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"):
        (box / folder).mkdir(parents=True)
    (box / "cur" / "1.a:2,S").write_bytes(documents.mail("In the inbox.", sender="you@example.org"))
    (box / ".Sent" / "cur" / "2.a:2,S").write_bytes(documents.mail("Sent by me."))
    (box / "tmp" / "3.a").write_bytes(documents.mail("Half written."))

    found = list(mailboxes.maildir(box, Terms()))

    assert texts(found) == ["Sent by me."]
    assert [item.name.startswith(".Sent/") for item in found if isinstance(item, Piece)] == [True]


def test_a_mail_in_a_file_has_no_name_below_it(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(documents.mail("Mine."))

    assert list(mailboxes.eml(tmp_path / "a.eml", _MINE)) == [Piece("Mine.", "", ".txt", "2019-03-04T10:00:00+01:00")]


def test_apples_folder_around_a_mailbox_is_read(tmp_path: Path) -> None:
    (tmp_path / "Sent.mbox").mkdir()
    (tmp_path / "Sent.mbox" / "mbox").write_bytes(documents.mbox(documents.mail("Mine.")))

    assert texts(list(mailboxes.mbox(tmp_path / "Sent.mbox", Terms()))) == ["Mine."]


@pytest.mark.parametrize("content", [b"", b"no mail\n" * 100])
def test_what_is_no_mailbox_has_a_reason(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mbox").write_bytes(content)
    with pytest.raises(Unreadable, match="not a mailbox"):
        list(mailboxes.mbox(tmp_path / "a.mbox", _MINE))
