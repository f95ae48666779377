"""Documents, books, mail and archives as programs write them, made for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dcterms="http://purl.org/dc/terms/"><dcterms:modified>{}</dcterms:modified></cp:coreProperties>'
)
_STYLES = {"Heading1": "heading 1", "Quote": "Quote", "TOC1": "toc 1"}


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(*paragraphs: str, modified: str = "2019-03-04T10:00:00Z", members: Mapping[str, str | bytes] = {}) -> bytes:
    """Paragraphs as text, or as XML where they begin with `<`; "Heading1: …" is in that style."""
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{types.format(kind)}"/>'
        for name, kind in (("document", "document.main"), ("styles", "styles"))
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/></w:style>'
        for id, name in _STYLES.items()
    )
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
            f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
            f'<Relationship Id="r1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
            "word/styles.xml": f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>',
            "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{"".join(map(_word, paragraphs))}'
            "</w:body></w:document>",
            "docProps/core.xml": _CORE.format(modified),
            **members,
        }
    )


def _word(paragraph: str) -> str:
    if paragraph.startswith("<"):
        return paragraph
    style, apart, text = paragraph.partition(": ")
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if apart and style in _STYLES else ""
    return f"<w:p>{named}<w:r><w:t>{escape(text if named else paragraph)}</w:t></w:r></w:p>"


def odt(body: str, date: str = "2018-02-03T04:05:06", encrypted: bool = False) -> bytes:
    """`body` is XML of the namespaces `text`, `table` and `office`."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style", "meta")
    )
    style = '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Quotations"/>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": f"<manifest>{'<encryption-data/>' if encrypted else ''}</manifest>",
            "content.xml": f"<office:document-content {spaces}><office:automatic-styles>{style}"
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
            "meta.xml": f'<office:document-meta {spaces} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
            f"<dc:date>{date}</dc:date></office:meta></office:document-meta>",
        }
    )


def rtf(*paragraphs: str) -> bytes:
    body = "\\par\n".join(
        "".join(c if ord(c) < 128 else f"\\u{ord(c)}?" for c in paragraph) for paragraph in paragraphs
    )
    return ("{\\rtf1\\ansi{\\fonttbl{\\f0 Times;}}{\\*\\generator Word;}\\f0 " + body + "\\par}").encode()


def epub(chapters: Sequence[str], date: str = "2017-05-06", members: Mapping[str, str | bytes] = {}) -> bytes:
    """Chapters as the insides of their bodies, behind a table of contents."""
    items = "".join(
        f'<item id="c{n}" href="text/{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Book</title></head><body>{}</body></html>'
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
            "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:date>{date}</dc:date></metadata><manifest>'
            f'<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>{items}</manifest>'
            f'<spine><itemref idref="nav"/>{spine}</spine></package>',
            "OEBPS/nav.xhtml": page.format("<nav>Table of contents of this very book</nav>"),
            **{f"OEBPS/text/{n}.xhtml": page.format(chapter) for n, chapter in enumerate(chapters)},
            **members,
        }
    )


def pdf(pages: Sequence[Sequence[str]], date: str = "D:20160708090000Z") -> bytes:
    """Pages of lines, in Latin-1."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>"
        % (len(pages), b" ".join(b"%d 0 R" % (5 + 2 * n) for n in range(len(pages)))),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</ModDate(%s)>>" % date.encode(),
    ]
    for number, lines in enumerate(pages):
        shown = b"".join(b"(%s)'" % _pdf_escaped(line) for line in lines)
        content = b"BT /F1 10 Tf 12 TL 50 800 Td " + shown + b" ET"
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (6 + 2 * number)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def _pdf_escaped(line: str) -> bytes:
    return line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def mail(
    text: str,
    sender: str = "me@example.org",
    date: str = "Mon, 04 Mar 2019 10:00:00 +0100",
    html: str = "",
    headers: Mapping[str, str] = {},
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Someone <{sender}>", "you@example.org", "Re: Boats"
    message["Date"] = date
    for name, value in headers.items():
        message[name] = value
    message.set_content(html or text, subtype="html" if html else "plain")
    return bytes(message)


def mbox(*mails: bytes) -> bytes:
    return b"".join(
        b"From - Mon Mar 04 10:00:00 2019\n" + mail.replace(b"\nFrom ", b"\n>From ") + b"\n" for mail in mails
    )


def scrivener(folder: Path, binder: str, texts: Mapping[str, bytes]) -> Path:
    """A project of version 3: its binder as XML, and the texts by id."""
    folder.mkdir(parents=True)
    (folder / f"{folder.stem}.scrivx").write_text(f"<ScrivenerProject><Binder>{binder}</Binder></ScrivenerProject>")
    for id, content in texts.items():
        place = folder / "Files" / "Data" / id
        place.mkdir(parents=True)
        (place / "content.rtf").write_bytes(content)
    return folder
