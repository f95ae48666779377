"""The plan of a corpus, from a file like corpus.toml: sources, cleaning, annotations, models for media.

Every key has its type and limits here; a wrong one is told by name before anything is read. This file reads no text.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid

_HINT = "docs/preparing.md describes the file."
_KINDS = ("folder", "feed", "page")
_MOST_SOURCES = 1_000
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class PlannedSource:
    """One place of texts. `kind` is folder, feed or page; `place` a path or an address; `entries` of a feed at most."""

    kind: str
    place: str
    entries: int = 100


@dataclass(frozen=True)
class CleaningRules:
    """Which steps of cleaning are taken. `language`: "main", "any" or an ISO 639-1 code.

    Texts of fewer or more characters than the limits are left out; 0 is no limit. `stop_words` are not counted in the
    statistics: true for those of Shadowpen's own list, or words.
    """

    markup: bool = True
    whitespace: bool = True
    duplicates: bool = True
    language: str = "main"
    min_characters: int = 0
    max_characters: int = 0
    stop_words: bool | list[str] = True


@dataclass(frozen=True)
class AnnotationSchema:
    """What is noted beside each text. `pipeline` is spaCy's; "" for the small rules of Shadowpen, for English.

    `entities`: true for all kinds, or the labels that are wanted. `topics`: how many words a text.
    """

    pipeline: str = ""
    entities: bool | list[str] = False
    parts_of_speech: bool = False
    relations: bool = False
    topics: int = 0
    sentences: bool = False
    words: bool = False

    @property
    def asks_nothing(self) -> bool:
        return self == AnnotationSchema(pipeline=self.pipeline)


@dataclass(frozen=True)
class MediaRules:
    """Whether images and recordings are described, and the folders of local models that do it ("": none)."""

    images: bool = False
    audio: bool = False
    caption_model: str = ""
    transcript_model: str = ""


@dataclass(frozen=True)
class Plan:
    """All that a preparation is asked for."""

    sources: tuple[PlannedSource, ...]
    cleaning: CleaningRules = field(default_factory=CleaningRules)
    schema: AnnotationSchema = field(default_factory=AnnotationSchema)
    media: MediaRules = field(default_factory=MediaRules)


def load(path: Path) -> Plan:
    """The plan in a file; paths in it are relative to its folder. ConfigInvalid, naming the key, where it is wrong."""
    try:
        told = tomllib.loads(store.read_bounded(path).decode("utf-8-sig"))
    except OSError as error:
        raise ConfigInvalid(f"{path} cannot be read: {error.strerror}.", "Name a file like corpus.toml.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigInvalid(f"{path} is not TOML: {error}.", _HINT) from error
    unknown = sorted(told.keys() - {"data_sources", "cleaning_rules", "annotation_schema", "media"})
    if unknown:
        raise ConfigInvalid(f"{path} has a section {unknown[0]!r}, which does not exist.", _HINT)
    folder = path.resolve().parent
    media = _section(told, "media", MediaRules)
    models = (_path(place, folder) for place in (media.caption_model, media.transcript_model))
    return Plan(
        _sources(told.get("data_sources"), folder),
        _section(told, "cleaning_rules", CleaningRules),
        _section(told, "annotation_schema", AnnotationSchema),
        MediaRules(media.images, media.audio, *models),
    )


def _sources(told: Any, folder: Path) -> tuple[PlannedSource, ...]:
    if not isinstance(told, list) or not told or len(told) > _MOST_SOURCES:
        raise ConfigInvalid("The file names no data_sources.", 'Write [[data_sources]] and folder = "…" below it.')
    return tuple(_source(item, number, folder) for number, item in enumerate(told, 1))


def _source(told: Any, number: int, folder: Path) -> PlannedSource:
    name = f"data_sources, number {number},"
    kinds = [kind for kind in _KINDS if isinstance(told, dict) and kind in told]
    if len(kinds) != 1:
        raise ConfigInvalid(f"{name} must name one of {', '.join(_KINDS)}.", _HINT)
    unknown = sorted(told.keys() - {kinds[0], *(("entries",) if kinds[0] == "feed" else ())})
    if unknown:
        raise ConfigInvalid(f"{name} has a key {unknown[0]!r}, which does not exist.", _HINT)
    place, entries = told[kinds[0]], told.get("entries", 100)
    if not isinstance(place, str) or not place.strip():
        raise ConfigInvalid(f"{name} has no text for {kinds[0]}.", _HINT)
    if type(entries) is not int or not 1 <= entries <= 10_000:
        raise ConfigInvalid(f"entries of {name} must be a number from 1 to 10,000.", _HINT)
    if kinds[0] != "folder":
        _check_address(place, name)
        return PlannedSource(kinds[0], place, entries)
    found = Path(_path(place, folder))
    if not found.is_dir():
        raise ConfigInvalid(f"{found} is not a folder.", f"Correct {name.rstrip(',')} in the file.")
    return PlannedSource("folder", str(found))


def _check_address(address: str, name: str) -> None:
    try:
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigInvalid(f"{name} must be an address that begins with http:// or https://.", _HINT)


def _path(place: str, folder: Path) -> str:
    if not place:
        return ""
    try:
        return str((folder / Path(place).expanduser()).resolve())
    except (ValueError, RuntimeError) as error:
        raise ConfigInvalid(f"{place!r} is not a path.", _HINT) from error


def _section(told: dict[str, Any], section: str, kind: type[_Kind]) -> _Kind:
    """One section as its class; every value is of the type of its default."""
    values = told.get(section, {})
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(values, dict):
        raise ConfigInvalid(f"{section} must be a section, [{section}].", _HINT)
    for key, value in values.items():
        if key not in known:
            raise ConfigInvalid(f"{section} has no key {key!r}. It has: {', '.join(known)}.", _HINT)
        wanted = _WANTED[str(known[key].type)]
        if not wanted[0](value):
            raise ConfigInvalid(f"{section}.{key} must be {wanted[1]}.", _HINT)
    return kind(**values)


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_WANTED = {
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "str": (lambda value: isinstance(value, str) and "\0" not in value, "a text"),
    "int": (lambda value: type(value) is int and 0 <= value <= 10**9, "a number from 0 to 1,000,000,000"),
    "bool | list[str]": (lambda value: isinstance(value, bool) or _is_words(value), "true, false or a list of texts"),
}
