"""Parser of document addresses: URIs as editors write them, and plain paths.

Clients differ in what they escape. In the address of a file, or of the text that is to become one, `#` and `?` are
taken for letters of its path, as they are where somebody forgot to escape them. Whoever forbids something by a path
asks `readings` too: in them these signs end the path, or what was escaped twice is read.
What cannot be the address of anything (a NUL, half a character) has the scheme UNREADABLE. This file knows no rule and
opens no document.
"""

from __future__ import annotations

import os
import re
from urllib.parse import unquote

UNREADABLE = "unreadable"
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?://([^/\\?#]*))?(.*)", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_LOCAL = ("", "localhost", "127.0.0.1", "[::1]", ".")


def split_uri(uri: str) -> tuple[str, str]:
    """Scheme and path of a document's address; a plain path has the scheme "file", a Windows path keeps its drive."""
    parts = None if _DRIVE.match(uri) else _URI.fullmatch(uri)
    if parts is None:
        return _checked("file", slashes(uri))
    scheme, host, rest = parts[1].lower(), parts[2] or "", parts[3]
    if scheme == "untitled":
        return _checked(scheme, slashes(unquote(rest)))
    if scheme != "file":
        return _checked(scheme, slashes(unquote(re.split(r"[?#]", rest, maxsplit=1)[0])))
    path = unquote(rest)
    if re.match(r"[/\\][A-Za-z]:(?:[\\/]|\Z)", path):
        path = path[1:]
    if unquote(host).lower() not in _LOCAL:
        drive = re.fullmatch(r"([A-Za-z]):?", unquote(host))  # file://C:/x, one slash too few
        path = f"{drive[1]}:{path}" if drive else f"//{unquote(host)}{path}"
    return _checked("file", slashes(path))


def readings(uri: str) -> tuple[str, ...]:
    """The paths that the address of a file may mean.

    All of it, what stands before an unescaped `#` or `?`, and what it says where a client escaped it twice.
    """
    whole = split_uri(uri)[1]
    if not any(sign in uri for sign in "#?%") or _URI.fullmatch(uri) is None or _DRIVE.match(uri):
        return (whole,)
    cut = split_uri(re.split(r"[?#]", uri, maxsplit=1)[0])[1]
    return tuple(dict.fromkeys((whole, cut, _checked("", slashes(unquote(whole)))[1])))


def slashes(path: str) -> str:
    """A Windows path with slashes for backslashes; any other as it is."""
    is_windows = os.name == "nt" or re.match(r"[A-Za-z]:\\|\\\\[^\\]", path)
    return path.replace("\\", "/") if is_windows else path


def _checked(scheme: str, path: str) -> tuple[str, str]:
    if "\0" in path or re.search("[\ud800-\udfff]", path):
        return UNREADABLE, re.sub("[\0\ud800-\udfff]", "\ufffd", path)
    return scheme, path
