"""The head of a text: YAML, TOML, JSON, and the metadata of Pelican, Nikola, Pandoc, Org and others.

A head tells its fields as they are written; what they mean is for others to read. A line of three dashes with prose
below it is a rule and no head.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_MOST_LINES = 400
_MOST_CHARACTERS = 50_000
_MOST_BLANK = 20  # lines above a head
_FENCES = {
    **dict.fromkeys(("---", "---yaml", "---yml"), ("---", "...")),
    **dict.fromkeys(("---toml", "---json"), ("---",)),
    "+++": ("+++",),
    ";;;": (";;;",),
}
_SENTENCE = re.compile(r"(?:\S+\s+){2,}?\S*[.!?…][\"'”’»)]*(?:\s|\Z)")
_KEY = r"[\"']?[^\W_][\w .@/-]{0,60}[\"']?"
_YAML = re.compile(rf"\s*(?:#|<<\s*:|-(?:\s|\Z)|[\[\]{{}}]|\Z)|[ \t]+\S|{_KEY}\s*:(?:\s|\Z)")
_YAML_BEGUN = re.compile(r"[\w\"'-]*\Z")
_FIELD = re.compile(r"\s*[\"']?([^\W_][\w .@/-]{0,60}?)[\"']?\s*[:=]\s*(.*?),?\s*\Z")
_NAMES = frozenset(
    [
        "title",
        "date",
        "author",
        "authors",
        "category",
        "categories",
        "tags",
        "tag",
        "slug",
        "status",
        "summary",
        "modified",
        "lang",
        "language",
        "keywords",
        "subtitle",
        "template",
        "description",
        "copyright",
        "email",
        "affiliation",
        "created",
        "published",
        "comments",
        "layout",
        "translation",
        "url",
        "save_as",
        *(
            "abstract",
            "excerpt",
            "type",
            "id",
            "aliases",
            "draft",
            "permalink",
            "weight",
            "image",
            "cover",
            "series",
            "toc",
        ),
        *("format", "output", "bibliography", "lastmod", "updated", "publishdate", "identifier", "version", "source"),
        "from",
        "to",
        "cc",
        "subject",
        "sent",
    ]
)
_KEY_LINE = re.compile(r"([A-Za-z][\w -]{0,30}):(?:[ \t]+(.*))?\Z")
_SHORT_NUMBER = re.compile(r"(?=.*\d).{1,60}")
_NIKOLA = re.compile(r"\s*\.\.[ \t]+([a-z_]+):[ \t]*(.*)\Z")
# What a text of a family says of itself, wherever near its beginning it does.
_SAYINGS = {
    "org": re.compile(r"\s*(?:#\+|:)([A-Za-z_]+):[ \t]+(.*)\Z"),
    "rst": re.compile(r"\s*(?::|\.\.[ \t]+)([A-Za-z_ ]{1,40})::?[ \t]+(.*)\Z"),
    "markdown": re.compile(r"\s*(?:[-*] )?\**(date|created)\**::\**[ \t]+(.*)\Z", re.IGNORECASE),
    "wiki": re.compile(r"%(date|title)[ \t]+(.*)\Z"),
    "norg": re.compile(r"\s*([a-z]+):[ \t]+(.*)\Z"),
    "asciidoc": re.compile(r":([\w-]+):[ \t]+(.*)\Z"),
    "latex": re.compile(r"\s*\\(date|title|author)\{([^{}\n]*)"),
    "typst": re.compile(r"[^\n]*?\b(date|title)\s*:\s*(.*)\Z"),
    "fountain": re.compile(r"([A-Za-z][A-Za-z ]{0,20}):[ \t]*(.*)\Z"),
    "html": re.compile(
        r"[^<]*<meta\s+(?:name|property)=[\"'](?:[\w.:]*?[.:])?([\w-]+)[\"']\s+content=[\"']([^\"'<>]*)"
    ),
}
_SAID_WITHIN = 200  # lines
_REVISION = re.compile(r"(?:v[\d.]+,\s*)?([^:]{0,60}?(?<!\d)(?:19|20)\d\d(?!\d)[^:]{0,40})(?::|\Z)")
_FLOW = re.compile(r"[{,]\s*[\"']?(\w[\w -]{0,60})[\"']?\s*:\s*([^,{}\n]{1,200})")
_TYPST_DATE = re.compile(r"\bdate\s*[:=]\s*(datetime\([^()]{0,200}\)|\"[^\"\n]{1,60}\")")
_FIRST_LINE = re.compile(r"[\s#=*_!~-]*(.{1,60}?)[\s#=*_~-]*\Z")


@dataclass(frozen=True)
class Head:
    """The front matter of a text.

    `lines` are none of the prose; `fields` what they say, by lower-case names. `is_open`: the head goes on.
    """

    lines: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    is_open: bool = False


def head(lines: Sequence[str], family: str) -> Head:
    """The head of a text that is read as `family`."""
    blank = next((number for number, line in enumerate(lines[:_MOST_BLANK]) if line.strip()), 0)
    fenced = fenced_head(lines[blank:] if blank else lines)
    if fenced.lines:
        return Head(fenced.lines + blank, fenced.fields)
    if family in ("markdown", "plain", "wiki", "textile", "html"):
        found = _json(lines) or _keys(lines) or _pandoc(lines)
        if found is not None:
            return found
    return Head(0, _said(lines, family))


def fenced_head(lines: Sequence[str], *, written_so_far: bool = False) -> Head:
    """The block of YAML or TOML between lines of three marks; with `written_so_far` also one that is not closed yet."""
    mark = lines[0].rstrip() if lines else ""
    if mark not in _FENCES:
        return Head()
    for number in range(1, min(len(lines), _MOST_LINES)):
        line = lines[number].rstrip()
        if line in _FENCES[mark]:
            within = lines[1:number]
            told = _json_fields(within) or _fields(within)
            empty = not any(map(str.strip, within))
            return Head(number + 1, told) if mark != "---" or empty or _says_fields(told) else Head()
        is_last = written_so_far and number == len(lines) - 1
        if mark == "---" and not _YAML.match(line) and not (is_last and _YAML_BEGUN.match(line)):
            return Head()
    blank_below = len(lines) > 2 and not lines[1].strip()
    is_open = written_so_far and 1 < len(lines) < _MOST_LINES and not blank_below
    told = _fields(lines[1:]) if is_open and mark == "---" else {}
    return Head(len(lines), {}, is_open=True) if is_open and (not told or _says_fields(told)) else Head()


def _says_fields(told: dict[str, str]) -> bool:
    """Whether what stands between two rules is a head and no talk of "Anna: I went home."."""
    return bool(told) and (any(name in _NAMES for name in told) or not any(map(_SENTENCE.match, told.values())))


def _json_fields(lines: Sequence[str]) -> dict[str, str]:
    found = _json(lines) if lines and lines[0].startswith("{") else None
    return found.fields if found is not None else {}


def _fields(lines: Sequence[str]) -> dict[str, str]:
    """The fields of lines of "key: value" or "key = value"; a value may stand on the next line."""
    fields: dict[str, str] = {}
    for number, line in enumerate(lines):
        if number == 0 and line.lstrip().startswith("{"):
            fields |= {key.lower(): value.strip("\"' ") for key, value in _FLOW.findall(line)}
        found = _FIELD.match(line)
        if found is None or line.lstrip().startswith(("#", "-")):
            continue
        value = found[2].strip()
        if value in ("", ">", "|", ">-", "|-", ">+", "|+"):
            value = ""
        if not value and number + 1 < len(lines) and lines[number + 1][:1] in (" ", "\t", "-"):
            value = lines[number + 1].strip().lstrip("- ")
        fields.setdefault(found[1].strip().lower(), value.strip("\"'"))
    return fields


def _json(lines: Sequence[str]) -> Head | None:
    if not lines or not lines[0].startswith("{") or lines[0].startswith(("{%", "{{", "{:", "{.", "{#")):
        return None
    text = "\n".join(lines[:_MOST_LINES])[:_MOST_CHARACTERS]
    try:
        told, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or text[end : text.find("\n", end) if "\n" in text[end:] else None].strip():
        return None
    nested = [inner for inner in told.values() if isinstance(inner, dict)]
    pairs = [pair for one in (*nested, told) for pair in one.items()]
    fields = {str(key).lower(): str(value) for key, value in pairs if isinstance(value, str | int)}
    return Head(text.count("\n", 0, end) + 1, fields)


def _keys(lines: Sequence[str]) -> Head | None:
    """Lines of "Key: value" up to a blank one, as Pelican and MultiMarkdown have them."""
    fields: dict[str, str] = {}
    number = 0
    for number, line in enumerate(lines[:_MOST_LINES]):  # noqa: B007 (the number of the line that ends the head)
        found = _KEY_LINE.match(line)
        if found is not None:
            fields[found[1].lower()] = (found[2] or "").strip()
        elif not line.strip() or not fields or not line[0].isspace():
            break
    else:
        number += 1
    ended = number >= len(lines) or not lines[number].strip()
    known = [name for name in fields if name in _NAMES]
    alone = known[0] if len(fields) == 1 and known else ""
    sure = len(known) > 1 or alone == "title" or (alone == "date" and bool(_SHORT_NUMBER.fullmatch(fields["date"])))
    return Head(number, fields) if ended and sure and next(iter(fields)) in _NAMES else None


def _pandoc(lines: Sequence[str]) -> Head | None:
    """Up to three lines with a percent sign: title, authors, date."""
    if not lines or not re.match(r"%(?:[ \t]|\Z)", lines[0]):
        return None
    fields: dict[str, str] = {}
    number = 0
    for name in ("title", "author", "date"):
        if number >= len(lines) or not re.match(r"%(?:[ \t]|\Z)", lines[number]):
            break
        fields[name] = lines[number][1:].strip()
        number += 1
        while number < len(lines) and number < _MOST_LINES and re.match(r"[ \t]+\S", lines[number]):
            number += 1
    return Head(number, fields)


def _said(lines: Sequence[str], family: str) -> dict[str, str]:
    """Fields that are told in the text's own way; what it says first counts."""
    is_neorg = bool(lines) and lines[0].startswith("@document.meta")
    form = _SAYINGS.get("norg" if is_neorg else family)
    fields: dict[str, str] = {}
    if family == "typst" and (found := _TYPST_DATE.search("\n".join(lines[:_SAID_WITHIN]))):
        fields["date"] = found[1].strip('"')
    first = next((line for line in lines[:_MOST_BLANK] if line.strip()), "")
    if title := _FIRST_LINE.match(first):
        fields["first line"] = title[1]
    for number, line in enumerate(lines[:_SAID_WITHIN]):
        found = (form.match(line[:1000]) if form else None) or _NIKOLA.match(line[:1000])
        if found is not None:
            fields.setdefault(found[1].strip().lower(), found[2].strip().strip("\"'"))
        elif is_neorg and line.startswith("@end"):
            break
        elif family == "asciidoc" and 0 < number < 4 and lines[0].startswith("= "):
            revision = _REVISION.match(line)
            fields.update({"revdate": revision[1]} if revision else {})
    return fields
