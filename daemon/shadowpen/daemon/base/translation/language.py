"""The language of this process's messages, and the functions that translate them.

English is in the code; the catalogue of another language is read when its first sentence is shown. JSON, logs, files
and the protocols stay English: they are never given to `translated`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shadowpen.daemon.base.translation.catalogue import Catalogue

ENGLISH = "en"
_FOLDER = Path(__file__).parent
LANGUAGES = (ENGLISH, "zh")
_TAGS = {"zh": "zh-Hans"}  # the catalogue is in simplified characters
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts

_choose: Callable[[], str] = lambda: ENGLISH  # noqa: E731 (asked once, when something is shown)
_chosen: str | None = None


def speak(choose: Callable[[], str]) -> None:
    """From now on say everything in the language that `choose` returns; it is called when something is to be said."""
    global _choose, _chosen
    _choose, _chosen = choose, None


def spoken() -> str:
    """The language that is spoken: "en", or one that there is a catalogue of."""
    global _chosen
    if _chosen is None:
        _chosen = _choose()
    return _chosen


def tag() -> str:
    """The language that is spoken as the `lang` of a page names it (BCP 47)."""
    return _TAGS.get(spoken(), spoken())


def chosen(setting: str, locale: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """The language by the setting `interface.language`, else by the locale that a client or the environment names."""
    if setting != "auto":
        return setting
    if locale is None:
        locale = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    language = locale.replace("-", "_").split("_")[0].split(".")[0].lower()
    return language if language in LANGUAGES else ENGLISH


def translated(text: str) -> str:
    """`text`, which is one or several of our messages, in the language that is spoken; other text stays as it is."""
    language = spoken()
    return text if language == ENGLISH else catalogue(language).translate(text)


@cache
def catalogue(language: str) -> Catalogue:
    """All translations of a language."""
    from shadowpen.daemon.base.translation.catalogue import Catalogue, read

    files = sorted((_FOLDER / language).glob("*.po"))
    return Catalogue({message: text for path in files for message, text in read(path)})


def words(*texts: str) -> tuple[str, ...]:
    """`texts` as they are: single words that are given to `translated` later, named here for the catalogue."""
    return texts
