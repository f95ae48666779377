"""The sender's own words in a mail, without quotations; and whether the sender is the user.

A reply above the mail that it answers, below it, or between its lines: each keeps only the new lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from functools import cache
from typing import Any

from shadowpen.daemon.formats.readers import pages

_MOST_CHARACTERS = 20_000  # of one mail; beyond it is a log or a table
_MOST_SIGNATURE_CHARACTERS = 600
_LONGEST_HEADER = 300  # characters of a line above a quotation
_END_CHARACTERS = 2_000  # in which a signature is looked for
# Names of the folders of sent mail, as programs and providers call them.
_SENT = frozenset(
    str.split(
        "sent sent_items sent_mail sent_messages gesendet gesendete_elemente gesendete_objekte gesendete_nachrichten "
        "enviados elementos_enviados correo_enviado enviadas messages_envoyés éléments_envoyés envoyés inviati "
        "posta_inviata verzonden verzonden_items skickat skickade_objekt sendt sendte_elementer lähetetyt wysłane "
        "elementy_wysłane odeslané отправленные 送信済み 送信済みアイテム 已发送 已寄出 보낸편지함 보낸_편지함"
    )
)
_FORWARDED = re.compile(
    r"^[ \t>]*(?:-{2,}[ \t]*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|doorgestuurd bericht|original message|ursprüngliche nachricht|message d'origine|"
    r"mensaje original|messaggio originale)[ \t]*-{2,}|begin forwarded message:)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_SIGNED = re.compile(
    r"\A\s*-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]+\n)*\n|^-----BEGIN PGP SIGNATURE-----.*", re.M | re.S
)
_RULE = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
_FLOWED = re.compile(r"(?<=[^\n] )\n(?![>\n ]|-- ?$)", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]*[>|].*$", re.MULTILINE)
_WROTE = re.compile(  # what stands above a quotation; a long one is wrapped
    r"^(?:(?:On|Am|Le|El|Il|Op|Den|Em|Dne|W dniu)\b[^\n]{0,200}\n)?(?![ \t]*>)[^\n]{0,200}:[ \t]*\n(?=\n?[ \t]*>)",
    re.MULTILINE,
)
_PARSER = BytesParser(policy=policy.default)


def parsed(content: bytes) -> EmailMessage:
    """The mail; whatever the bytes are, they are one."""
    found: Any = _PARSER.parsebytes(content)
    return found  # type: ignore[no-any-return]


def why_not_own(mail: EmailMessage, own_addresses: Iterable[str], folder_is_sent: bool) -> str:
    """The reason why a mail is not taken for the user's, "" if it is."""
    if any(_header(mail, name).lower() not in ("", "no") for name in ("Auto-Submitted", "X-Autoreply")):
        return "mail that a program sent"
    own = {address.strip().lower() for address in own_addresses if address.strip()}
    if own:
        senders = {address.lower() for _, address in getaddresses([_header(mail, "From")])}
        return "" if senders & own else "mail from others"
    labels = {is_sent(label) for label in _header(mail, "X-Gmail-Labels").split(",")}
    return "" if folder_is_sent or True in labels else "mail that may be from others (name your addresses)"


def is_sent(name: str) -> bool:
    """Whether a folder of that name holds what its owner sent."""
    plain = re.sub(r"[\s\-_]+", "_", name.strip(" .\"'")).lower()
    return plain in _SENT or any(plain.endswith((f".{sent}", f"/{sent}")) for sent in _SENT)


def date_of(mail: EmailMessage) -> str:
    """When it was sent, "" if it does not say."""
    try:
        return parsedate_to_datetime(_header(mail, "Date")).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def own_text(mail: EmailMessage) -> str:
    """What the sender wrote, without what they quote; "" if it has no text or is encrypted."""
    text = _plain(_body(mail)[:_MOST_CHARACTERS])
    if _ENCRYPTED in text:
        return ""
    text = _SIGNED.sub("", text)
    forwarded = _FORWARDED.search(text)
    return _without_signature(_unquoted(text[: forwarded.start()] if forwarded else text)).strip()


def _plain(text: str) -> str:
    """The text with single line ends and blanks, over whose runs the library's patterns take for ever."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[ \t]{3,}", "  ", re.sub(r"[^\S\n ]", " ", text))
    return re.sub(r"\n(?:[ ]*\n){2,}", "\n\n", text)


def _unquoted(text: str) -> str:
    """The lines that are not quoted."""
    if _QUOTED.search(text):  # marked line by line: whatever is not marked is new
        return _RULE.sub("", _QUOTED.sub("", _WROTE.sub("", text)))
    # Without marks all behind the first "… wrote:" is quoted. Long lines are no such line; the library's patterns would
    # take for ever over them.
    lines = text.split("\n")
    long = {f"\ue000{place}\ue001": line for place, line in enumerate(lines) if len(line) > _LONGEST_HEADER}
    stand_ins = {line: stand_in for stand_in, line in long.items()}
    reply = str(_answers().read("\n".join(stand_ins.get(line, line) for line in lines)).replies[0].content)
    return re.sub("\ue000\\d+\ue001", lambda found: long.get(found[0], ""), reply)


def _without_signature(text: str) -> str:
    text = _RULE.sub("", text)
    signature = _answers().read(text[-_END_CHARACTERS:]).replies[-1].signatures or ""
    if not signature or len(signature) > _MOST_SIGNATURE_CHARACTERS or signature.startswith("- "):
        return text
    start = text.rfind(signature.strip().split("\n", 1)[0])
    return text[:start] if start > 0 else text


@cache
def _answers() -> Any:
    from mailparser_reply import EmailReplyParser
    from mailparser_reply.constants import MAIL_LANGUAGES

    return EmailReplyParser(languages=[language for language in MAIL_LANGUAGES if len(language) == 2])


def _body(mail: EmailMessage) -> str:
    """The plain text of a mail, or that of its page."""
    part: Any = mail.get_body(preferencelist=("plain", "html"))
    if part is None or not part.get_content_type().startswith("text/"):
        return ""
    text = _decoded(part)
    if part.get_content_subtype() == "html":
        return pages.markdown(text)
    flowed = str(part.get_param("format", "")).lower() == "flowed"
    return _FLOWED.sub("", text) if flowed else text


def _decoded(part: Any) -> str:
    content = part.get_payload(decode=True) or b""
    for charset in (str(part.get_content_charset("utf-8")), "utf-8"):
        try:
            return str(content.decode(charset))
        except (LookupError, UnicodeError):
            continue
    return str(content.decode("cp1252", "replace"))


def _header(mail: EmailMessage, name: str) -> str:
    """A header as text, "" if there is none or none that can be read."""
    try:
        return str(make_header(decode_header(str(mail.get(name, ""))))).strip()
    except Exception:  # the parser of headers raises what Python raises
        return ""
