"""What is taken out of text before it is stored, and what ordinary prose keeps."""

from __future__ import annotations

import random
import re
import string

import pytest

from shadowpen.daemon.privacy.redaction import find, redact, redact_split

_PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAx0Jv\nqL1ZkQ9Vw3\n-----END RSA PRIVATE KEY-----"

SECRETS = [
    ("the key sk-abcdEFGH1234abcdEFGH5678abcdEFGH in use", "api-key"),
    ("sk-proj-Ab12_cdEF34ghIJ56klMN78opQR90st", "api-key"),
    ("sk-ant-api03-Ab12cdEF34ghIJ56klMN78opQR90st", "api-key"),
    ("export HF=hf_AbCdEfGhIjKlMnOpQrStUvWxYz12345678", "api-key"),
    ("push with ghp_16C7e42F292c6912E7710c838347Ae178B4a now", "api-key"),
    ("github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "api-key"),
    ("glpat-ABCdef123456_7890xyz is the token", "api-key"),
    ("AKIAIOSFODNN7EXAMPLE", "api-key"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "api-key"),
    ("xoxb-123456789012-abcdefABCDEF", "api-key"),
    ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "api-key"),
    ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "api-key"),
    ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "api-key"),
    ("SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc1s5cr", "api-key"),
    ("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1", "api-key"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "token"),
    ("Authorization: Bearer aB3dE6gH9jK2mN5pQ8sT1", "token"),
    (_PEM, "private-key"),
    ("MIIEpAIBAAKCAQEAx0Jv\nqL1ZkQ9Vw3aaaaaaa\n-----END PRIVATE KEY-----", "private-key"),
    ("clone https://alice:s3cret@example.org/repo.git", "password"),
    ("The password is hunter2.", "password"),
    ("the wifi password is “open sesame please”", "password"),
    ("Password: swordfish", "password"),
    ("- my passphrase: correct horse battery staple", "password"),
    ("password = swordfish", "password"),
    ('{"api_key": "4f9d-not-a-word"}', "password"),
    ("token=4f9da0c1e2b34f9da0c1e2b34f9da0c1e2b34f9d", "password"),
    ("Das Passwort ist Sommer2024!", "password"),
    ("Her PIN is 4711, I think.", "pin"),
    ("the PIN code 123456", "pin"),
    ("card 4111 1111 1111 1111 expires", "card"),
    ("5500-0000-0000-0004", "card"),
    ("378282246310005", "card"),
    ("pay to DE89 3704 0044 0532 0130 00 BY FRIDAY", "iban"),
    ("GB82WEST12345698765432", "iban"),
    ("SSN 536-22-8714", "id-number"),
    ("write to jane.doe+news@example.co.uk", "email"),
    ("call +49 30 1234567", "phone"),
    ("call (555) 123-4567 today", "phone"),
    ("ring 020 7946 0958", "phone"),
    ("session aB3dE6gH9jK2mN5pQ8sT1vW4", "token"),
    ("nonce q83vEjRWeJq83v+SNFZ4mrze8BI0Vnia", "token"),
]

PROSE = [
    "The password is wrong, and the passphrase was too long to type.",
    "Passwords are a secret that everyone shares; a token of my affection: none.",
    "He said the key: patience. The secret is to begin.",
    "I pinned 4 notes to the wall in 1999 and 2024.",
    "ISBN 978-0-306-40615-7 and 0-306-40615-2, ISSN 0012-9658.",
    "On 2024-01-02 13:14:15, from 1660 to 1669, pages 1234-5678.",
    "Fixed in commit 9fceb02d0ae598e95dc970b74767f19372d61af8 last week.",
    "The checksum is e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.",
    "See https://example.org/2024/03/a-rather-long-title-of-a-post?id=12345678901234 for more.",
    "https://www.youtube.com/channel/UC5mCqBulD2KzLugC1lEEedA",
    "The class PeerAwareInstanceRegistryImplementation2 and get_user_by_id_from_cache_v2 are odd names.",
    "Donaudampfschifffahrtsgesellschaft, antidisestablishmentarianism, supercalifragilisticexpialidocious.",
    "We sold 1,234,567,890 of them, or 3.14159265358979 each, in room 0042.",
    "4111 1111 1111 1112 fails its check digit, DE89 3704 0044 0532 0130 01 too.",
    "The ratio was 555-1234 to one; the score 12-10-11.",
    "sk-ip this, ask-the-question-that-nobody-dares-to-ask-aloud, task-sk.",
    "In the AC and the SK the SG. is not a key; the BEGIN of the END.",
    "她说:密码学是一门学问。",
]


@pytest.mark.parametrize(("text", "kind"), SECRETS)
def test_a_secret_becomes_its_placeholder(text: str, kind: str) -> None:
    cleaned, findings = redact(text)

    assert [finding.kind for finding in findings] == [kind]
    secret = text[findings[0].start : findings[0].end]
    assert secret not in cleaned
    assert f"⟦{kind}⟧" in cleaned
    assert cleaned.replace(f"⟦{kind}⟧", secret) == text


@pytest.mark.parametrize("text", PROSE)
def test_ordinary_prose_stays_as_it_is(text: str) -> None:
    assert redact(text) == (text, ())


def test_what_was_redacted_is_clean_and_stays_so() -> None:
    text = "\n".join(secret for secret, _ in SECRETS)

    once, findings = redact(text)

    assert len(findings) >= len(SECRETS) - 1
    assert redact(once)[0] == once
    assert len(re.findall("⟦[a-z-]+⟧", once)) == len(findings)


def test_random_tokens_are_found_and_random_words_are_not() -> None:
    dice = random.Random(7)
    letters = string.ascii_letters + string.digits
    tokens = ["".join(dice.choices(letters, k=32)) for _ in range(400)]
    words = ["".join(dice.choices(["time", "Book", "2024", "over", "Node", "x"], k=8)) for _ in range(400)]

    assert sum(bool(find(f"it was {token} then")) for token in tokens) >= 380
    assert sum(bool(find(f"it was {word} then")) for word in words) <= 8


def test_a_key_cut_by_the_cursor_is_still_a_key() -> None:
    key = ("use sk-proj-Ab12cdEF34gh", "IJ56klMN78opQR90st and go on")

    assert redact_split(*key) == ("use ⟦api-key⟧", "⟦api-key⟧ and go on")
    assert redact_split("an honest ", "sentence") == ("an honest ", "sentence")
    assert redact_split("write to ", "me@example.org now") == ("write to ", "⟦email⟧ now")
    assert redact_split("me@example.org writes", "") == ("⟦email⟧ writes", "")
    assert redact_split("", "PIN 4711 a@b.org") == ("", "PIN ⟦pin⟧ ⟦email⟧")


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "1 " * 100_000, "aB3" * 60_000, "a@" * 80_000, "AB12 " * 40_000, "x=" * 80_000]
)
def test_no_text_makes_the_scanner_stall(text: str) -> None:
    find(text + " password: private key ://")
