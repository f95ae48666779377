"""Decide by address, suffix and language which documents get suggestions and which may be kept.

Used by the language server before any text leaves it, and by journal and trainer again before anything is
stored or learned. This file opens no document; it looks only at names, links and the author's own settings.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Protocol

from shadowpen.daemon.privacy.addresses import UNREADABLE, readings, slashes, split_uri

__all__ = [
    "Permission",
    "Settings",
    "is_below",
    "is_prose_file",
    "is_secret",
    "matches",
    "path_verdict",
    "split_uri",
    "verdict",
]

_words = str.split

# Files that hold secrets by their kind; matched against the name, whatever its case.
SECRET_NAMES: tuple[str, ...] = (
    *(".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".htpasswd", ".npmrc", ".pypirc"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "authorized_keys", "*.pem", "*.key", "*.p12", "*.pfx", "*.ppk"),
    *("*.asc", "*.gpg", "*.pgp", "*.age", "*.jks", "*.keystore", "*.kdbx", "*.kdb", "*.ovpn", "*.agilekeychain"),
    *("credentials", "credentials.*", ".credentials*", "secret.*", "secrets.*", ".git-credentials", "*.tfvars"),
    *("shadow", "gshadow", "passwd", "passwords.*", "*.opvault", "*_history", ".vault*", "service-account*.json"),
)
# Folders whose whole content is secret.
SECRET_FOLDERS: tuple[str, ...] = (
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".password-store",
    "keyrings",
)

PROSE_LANGUAGES: frozenset[str] = frozenset(
    _words(
        "asciidoc creole djot fountain git-commit gitcommit hgcommit jjdescription latex mail markdown "
        "markdown.mdx mdx mediawiki norg org pandoc plaintext plaintex quarto restructuredtext rmd rst scminput tex "
        "text textile typst vimwiki wiki"
    )
)
# For folders to learn from, where no editor says what a file is.
PROSE_SUFFIXES: frozenset[str] = frozenset(
    _words(
        ".adoc .asciidoc .creole .dj .djot .dokuwiki .fountain .htm .html .latex .ltx .markdown .md .mdown .mdwn .mdx "
        ".mediawiki .mkd .mkdn .norg .org .qmd .rest .rmd .rst .spmd .tex .text .textile .txt .typ .wiki .xhtml"
    )
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# What editors and systems add to the name of a copy: `.env~`, `#.env#`, `.#id_rsa`, `.env (1)`.
_COPY = re.compile(r"^(?:\.?#)|(?:~|#|;[^;]*|[ ]?\(\d+\)|[ ]-[ ]copy)+$")
_SCHEMES = frozenset({"file", "untitled", ""})
_NOT_PROSE = "Suggestions are for prose, not for {}; the setting completion.code allows them in code."


class Settings(Protocol):
    """Settings that decide which documents may be read.

    What of the author's settings counts here (sections.LearningSettings is one).
    """

    @property
    def exclude(self) -> list[str]: ...

    @property
    def private_folders(self) -> list[str]: ...


@dataclass(frozen=True)
class Permission:
    """What may be done with a document.

    `allowed`: text of it may reach the daemon. `keep`: the journal may store it and the trainer learn it.

    `reason` is the sentence why one of them is refused, "" when both hold.
    """

    allowed: bool
    keep: bool
    reason: str = ""


def verdict(
    uri: str, language: str, settings: Settings, *, extra_exclude: Iterable[str] = (), code: bool = False
) -> Permission:
    """What may be done with the document at `uri` (an address, or a plain path) written in `language`.

    A link is judged by its own name and by where it leads; either may refuse. `code`: program code may be completed;
    it is never kept.
    """
    scheme, path = split_uri(uri)
    if scheme == UNREADABLE:
        return Permission(False, False, "This is not a valid address of a document.")
    if scheme not in _SCHEMES:
        return Permission(False, False, f"Suggestions are for files and untitled texts, not for {scheme}: documents.")
    prose = language.lower() in PROSE_LANGUAGES
    if not prose and not (code and language):
        return Permission(False, False, _NOT_PROSE.format(language or "an unknown language"))
    # An untitled text may have been given the path it is to be saved at.
    is_path = scheme != "untitled" or os.path.isabs(path)  # noqa: PTH117
    places = readings(uri) if is_path else ()
    judged = _strictest(path_verdict(place, settings, extra_exclude=extra_exclude) for place in places)
    return judged if prose or not judged.keep else Permission(True, False, "Program code is never kept or learned.")


def _strictest(verdicts: Iterable[Permission]) -> Permission:
    return min(verdicts, key=lambda one: (one.allowed, one.keep), default=Permission(True, True))


def path_verdict(path: str, settings: Settings, *, extra_exclude: Iterable[str] = ()) -> Permission:
    """The verdict on a file of prose, by its path alone."""
    try:
        led_to = os.path.realpath(path) if os.path.isabs(path) else path  # noqa: PTH117 (Path would change the slashes)
    except ValueError:  # a zero character, or half of one
        return Permission(False, False, "The document's address is not a path.")
    places = dict.fromkeys((slashes(path), slashes(led_to)))
    if any(is_secret(place) for place in places):
        return Permission(False, False, "Files of this kind may contain secrets; Shadowpen does not read them.")
    if any(matches(place, (*settings.exclude, *extra_exclude)) for place in places):
        return Permission(False, False, "The document is excluded by your settings.")
    if any(is_below(place, folder) for place in places for folder in settings.private_folders):
        return Permission(True, False, "The document is in a private folder: nothing of it is kept or learned.")
    return Permission(True, True)


def is_prose_file(path: str) -> bool:
    """Whether a file may hold prose to learn from, by its name alone."""
    return PurePath(path).suffix.lower() in PROSE_SUFFIXES and not is_secret(path)


def is_secret(path: str) -> bool:
    """Whether the name of the file, or of a folder above it, says that it holds secrets."""
    *folders, name = PurePath(slashes(path)).parts or ("",)
    lowered = _seen(name).strip()
    names = dict.fromkeys((lowered, _COPY.sub("", lowered)))
    return any(fnmatchcase(one, pattern) for one in names for pattern in SECRET_NAMES) or any(
        _seen(folder) in SECRET_FOLDERS for folder in folders
    )


def _seen(name: str) -> str:
    """A name as it looks: letters of one case and one spelling, without what nobody sees."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", name)).casefold()


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a glob covers `path`: without a slash any part of it, with one its end or a folder above it.

    `*` crosses slashes, `~` is the home folder, a trailing slash or `/**` covers all below. Case does not count.
    """
    path = _seen(path)
    parts = PurePath(path).parts
    for glob in globs:
        wanted = _seen(slashes(os.path.expanduser(glob.strip())))  # noqa: PTH111 (a glob is no path)
        wanted = re.sub(r"/(?:\*\*)?\Z", "", wanted)
        if not wanted:
            continue
        if "/" not in wanted:
            if any(fnmatchcase(part, wanted) for part in parts):
                return True
        elif any(fnmatchcase(path, shape) for shape in _anchored(wanted)):
            return True
    return False


def _anchored(glob: str) -> tuple[str, ...]:
    if glob.startswith("/") or re.match(r"[A-Za-z]:/", glob):
        return glob, f"{glob}/*"
    loose = glob.removeprefix("**/")
    return loose, f"{loose}/*", f"*/{loose}", f"*/{loose}/*"


def is_below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it, links resolved.

    Case and the way accents are stored do not count, as on macOS and Windows: a rule holds rather too often.
    """
    if not folder.strip():
        return False
    root = _seen(slashes(os.path.realpath(os.path.expanduser(folder))))  # noqa: PTH111
    below = _seen(path)
    return below == root or below.startswith(root.rstrip("/") + "/")
