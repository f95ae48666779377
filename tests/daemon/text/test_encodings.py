"""daemon/text/encodings.py: Unicode with and without mark, stray bytes, zeros; and what is no text."""

from __future__ import annotations

import gzip
import random

import pytest

from shadowpen.daemon.text.encodings import decode

ENGLISH = "A week later the letter arrived at last,\nand I read it twice before I put it away.\n"
OTHERS = [
    "На следующее утро мы спустились к гавани, и никто не подумал взять с собой лампу.\n",
    "第二天早上，我们走到港口，没有人想到要带一盏灯。\n天气很冷，海是灰色的，谁也不说话。\n",
    "次の朝、私たちは港へ下りていった。\n",
    "다음 날 아침 우리는 항구로 내려갔다.\n",
    "صباح الغد نزلنا إلى الميناء.\n",
    "A 😀 in a café – “yes”.\n",
]


def text_of(content: bytes) -> str | None:
    decoded = decode(content)
    return decoded.text if decoded is not None else None


@pytest.mark.parametrize("text", [ENGLISH, *OTHERS])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_unicode_with_and_without_mark(encoding: str, text: str) -> None:
    assert text_of(text.encode(encoding)) == text
    assert text_of(text.replace("\n", "\r\n").encode(encoding)) == text.replace("\n", "\r\n")


@pytest.mark.parametrize("mark", [b"\xfe\xff", b"\x00\x00\xfe\xff"])
def test_the_mark_of_the_other_order(mark: bytes) -> None:
    assert text_of(mark + ENGLISH.encode("utf-16-be" if len(mark) == 2 else "utf-32-be")) == ENGLISH


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (ENGLISH.encode() + b"\0" * 500, ENGLISH),
        (ENGLISH.encode() + b"\x1a", ENGLISH),
        (ENGLISH.encode() + b"\x1a" + b"\0" * 127, ENGLISH),
        (ENGLISH.encode("utf-16-le") + b"\0" * 100, ENGLISH),
        (ENGLISH.encode("utf-16") + b"\0", ENGLISH),
        (ENGLISH.encode("cp1252") + b"\x92\0\0\0", ENGLISH + "’"),
        (b"One half" + b"\0" * 4096 + b" and the other.", "One half and the other."),
        ("naïve, and the café".encode()[:-1], "naïve, and the caf"),
        ("A café – it".encode() + b"\x92s open.", "A café – it’s open."),
        ("На следующее утро".encode() + b"\xe9 " + "мы".encode(), "На следующее утро мы"),
        ("a\ud83d\ude00 é".encode("utf-8", "surrogatepass"), "a😀 é"),
        (b"\xef\xbb\xbf" + "A café".encode("cp1252"), "A café"),
        (b"", ""),
        ("Вранці ми йшли вздовж набережної.".encode().replace(b" ", b" \0", 1), "Вранці ми йшли вздовж набережної."),
    ],
)  # fmt: skip
def test_what_happened_to_files(content: bytes, text: str) -> None:
    assert text_of(content) == text


@pytest.mark.parametrize(
    ("says", "encoding"),
    [
        ('<meta charset="koi8-r">', "koi8-r"),
        ('<?xml version="1.0" encoding="ISO-8859-2"?>', "iso-8859-2"),
        ("# -*- coding: latin-1 -*-", "latin-1"),
        ("% vim: fenc=cp1257", "cp1257"),
        ("\\usepackage[applemac]{inputenc}", "mac-roman"),
        ("% !TeX encoding = ISO-8859-15", "iso-8859-15"),
    ],
)
def test_what_a_text_says_of_itself_is_believed(says: str, encoding: str) -> None:
    text = f"{says}\nHe wrote ÄÖ and no more."
    if encoding == "koi8-r":
        text = f"{says}\nПисал и."

    decoded = decode(text.encode(encoding))

    assert decoded is not None
    assert decoded.text == text


def test_what_is_said_and_cannot_be_is_not_believed() -> None:
    assert text_of("<meta charset='cp1252'>\nÜber den Dächern".encode()) == "<meta charset='cp1252'>\nÜber den Dächern"


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02" * 100,
        bytes(range(256)) * 400,
        b"\xff\xfe" + b"\x00\xd8" * 500,
        b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(5_000),
        b"\x7fELF\x02\x01\x01" + b"\0" * 9 + random.Random(2).randbytes(5_000),
        gzip.compress(ENGLISH.encode() * 50),
        random.Random(3).randbytes(3_000),
        bytes(byte | 0x80 for byte in random.Random(4).randbytes(1_900_000)),
    ],
)
def test_what_is_no_text(content: bytes) -> None:
    assert text_of(content) is None


@pytest.mark.parametrize("encoding", ["cp932", "gb18030", "euc-jp"])
def test_a_long_line_is_judged_by_its_beginning(encoding: str) -> None:
    text = "日本の朝、私たちは港へ下りていった。海は灰色だった。" * 3_000

    assert text_of(text.encode(encoding)) == text
    assert text_of(b"x" + text.encode(encoding)) == "x" + text
