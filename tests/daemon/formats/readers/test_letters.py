"""What of a mail its sender wrote, in several habits of replying, and whose mail it is."""

from __future__ import annotations

import pytest
from support import documents

from shadowpen.daemon.formats.readers import letters

_OWN = "I will come on Monday and bring the oars with me, since yours are broken."
_ABOVE = "On Mon, 4 Mar 2019 at 09:00, Bob <bob@example.org> wrote:"

# What was written, as mail programs keep it; of each only _OWN is new.
HABITS = {
    "alone": _OWN,
    "above": f"{_OWN}\n\n{_ABOVE}\n\n> Shall we row?\n> It is dry.\n",
    "below": f"{_ABOVE}\n> Shall we row?\n\n{_OWN}\n",
    "above, unmarked": f"{_OWN}\n\n{_ABOVE}\nShall we row? It is dry.\n",
    "wrapped": f"{_OWN}\n\nOn Mon, 4 Mar 2019 at 09:00, Bob\n<bob@example.org> wrote:\n> Shall we row?",
    "German": f"{_OWN}\n\nAm 04.03.2019 um 09:00 schrieb Bob <bob@example.org>:\n> Rudern wir?\n",
    "French": f"{_OWN}\n\nLe lun. 4 mars 2019 à 09:00, Bob <bob@example.org> a écrit :\n> On rame ?\n",
    "Outlook": f"{_OWN}\n\n-----Original Message-----\nFrom: Bob\nSent: Monday\nSubject: Boats\n\nShall we row?\n",
    "forwarded": f"{_OWN}\n\n---------- Forwarded message ---------\nFrom: Bob\n\nShall we row?\n",
    "signature behind a rule": f"{_OWN}\n\n-- \nAnna Berg\nHarbour 1\n",
    "signature by words": f"{_OWN}\n\nBest regards,\nAnna\n",
    "signed with PGP": "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    f"{_OWN}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n",
}


@pytest.mark.parametrize("habit", HABITS)
def test_only_what_is_new_stays(habit: str) -> None:
    assert letters.own_text(letters.parsed(documents.mail(HABITS[habit]))) == _OWN


def test_answers_between_the_lines_stay_all() -> None:
    text = f"Hello Bob,\n\n{_ABOVE}\n> Shall we row?\n\nYes, on Monday.\n\n> Is it dry?\n\nIt is.\n"

    assert letters.own_text(letters.parsed(documents.mail(text))).split() == (
        ["Hello", "Bob,", "Yes,", "on", "Monday.", "It", "is."]
    )


def test_thanks_at_the_beginning_are_no_signature() -> None:
    text = "Hello Bob,\n\nThanks, that helps.\n\n" + f"{_OWN}\n\n" * 10

    assert letters.own_text(letters.parsed(documents.mail(text))).count(_OWN) == 10


def test_long_lines_are_kept_whole_and_take_no_time() -> None:
    long = "On Monday, 4 March, " * 500 + "we rowed."

    assert letters.own_text(letters.parsed(documents.mail(f"{long}\n\n{_OWN}"))) == f"{long}\n\n{_OWN}"


def test_lines_that_flow_are_joined() -> None:
    raw = documents.mail("I will come \non Monday.\n").replace(b'charset="utf-8"', b'charset="utf-8"; format=flowed')
    assert letters.own_text(letters.parsed(raw)) == "I will come on Monday."


def test_a_mail_of_html_loses_its_quotation() -> None:
    page = f"<p>{_OWN}</p><div>{_ABOVE.replace('<', '&lt;')}<blockquote>Shall we row?</blockquote></div>"

    assert letters.own_text(letters.parsed(documents.mail("", html=page))) == _OWN


def test_encrypted_mail_has_no_text() -> None:
    text = "-----BEGIN PGP MESSAGE-----\n\nhQIMA\n-----END PGP MESSAGE-----\n"

    assert letters.own_text(letters.parsed(documents.mail(text))) == ""


@pytest.mark.parametrize(
    ("own", "sent", "headers", "why"),
    [
        (["ME@example.org"], False, {}, ""),
        (["other@example.org"], True, {}, "mail from others"),
        ([], True, {}, ""),
        ([], False, {}, "mail that may be from others (name your addresses)"),
        ([], False, {"X-Gmail-Labels": "Important,Sent"}, ""),
        (["me@example.org"], True, {"Auto-Submitted": "auto-replied"}, "mail that a program sent"),
    ],
)
def test_whose_mail_it_is(own: list[str], sent: bool, headers: dict[str, str], why: str) -> None:
    assert letters.why_not_own(letters.parsed(documents.mail("x", headers=headers)), own, sent) == why


@pytest.mark.parametrize("name", ["Sent", "sent-mail", "Gesendete Elemente", ".Sent", "INBOX.Sent", "Éléments envoyés"])
def test_folders_of_sent_mail_are_known(name: str) -> None:
    assert letters.is_sent(name)


@pytest.mark.parametrize("name", ["Inbox", "Presents", "sent by others", "Unsent", ""])
def test_other_folders_are_not(name: str) -> None:
    assert not letters.is_sent(name)


@pytest.mark.parametrize("raw", [b"", b"\0\xff" * 500, b"From: =?x?q?\xff?=\nDate: never\nContent-Type: text/\n\n\xff"])
def test_what_is_no_mail_is_survived(raw: bytes) -> None:
    mail = letters.parsed(raw)

    assert letters.date_of(mail) == ""
    assert letters.why_not_own(mail, ["me@example.org"], True) == "mail from others"
    letters.own_text(mail)
