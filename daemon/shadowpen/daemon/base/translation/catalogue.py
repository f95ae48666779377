"""Catalogues in gettext's PO format, and the lookup of a finished sentence in them.

A message's id is the English sentence as the code has it, with numbers for its values: "{0} free at {1}.". Sentences
are translated when they are shown, from their finished English form, so the values are found again by the text around
them. A translation names them by the same numbers; `{0!t}` is a value that is a message itself.

This file knows no language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

_FIELD = re.compile(r'(?:(msgid|msgstr)\s+)?(".*")\s*')
_VALUE = re.compile(r"\{(\d+)(!t)?\}")
_WORD = re.compile(r"(?<![\0A-Za-z])[A-Za-z]+(?![\0A-Za-z])")  # that no value touches
_SENTENCE_END = re.compile(r"(?<=[.!?])(?=\s)")
_WIDE_END = ("。", "！", "？", "：", "；", "，", "）", "”")
_LIST_COMMA = "、"
_MOST_SENTENCES = 30  # of a text; one with more is no message of ours
_TOGETHER = 4  # sentences of one message
_LONGEST = 8000  # characters
_KNOWN = 1024


def read(path: Path) -> Iterator[tuple[str, str]]:
    """The messages of a PO file with their translations, without its header.

    ValueError for a line that is neither a comment, `msgid`, `msgstr` nor a quoted continuation: plural forms and
    contexts are not used here.
    """
    fields: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _FIELD.fullmatch(line)
        if match is None or (not match[1] and not fields):
            raise ValueError(f"{path.name}: {line}")
        if match[1]:
            fields.append((match[1], json.loads(match[2])))
        else:
            fields[-1] = fields[-1][0], fields[-1][1] + json.loads(match[2])
    for (first, message), (second, translation) in zip(fields[::2], fields[1::2], strict=True):
        if (first, second) != ("msgid", "msgstr"):
            raise ValueError(f"{path.name}: {message}")
        if message:
            yield message, translation


@dataclass(frozen=True)
class _Pattern:
    """A message with values."""

    message: str
    translation: str

    @cached_property
    def pieces(self) -> list[str]:
        """The text around the values."""
        return _VALUE.split(self.message)[::3]

    @cached_property
    def weight(self) -> int:
        """Characters of it that are no values."""
        return sum(map(len, self.pieces))

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile("(.*?)".join(map(re.escape, self.pieces)), re.DOTALL)

    def values(self, text: str) -> tuple[str, ...] | None:
        """The values that make this message `text`; None where none do."""
        if not text.startswith(self.pieces[0]) or not all(piece in text for piece in self.pieces):
            return None
        match = self._expression.fullmatch(text)
        return match.groups() if match else None


class Catalogue:
    """The translations of one language."""

    def __init__(self, messages: dict[str, str]) -> None:
        self._fixed = {message: text for message, text in messages.items() if not _VALUE.search(message)}
        self._by_word: dict[str, list[_Pattern]] = {}  # each under one word of its own
        for message, text in messages.items():
            if message not in self._fixed:
                words = _WORD.findall(_VALUE.sub("\0", message))
                self._by_word.setdefault(max(words, key=len, default="").lower(), []).append(_Pattern(message, text))
        self._read = lru_cache(maxsize=_KNOWN)(self._read_anew)  # also what stands in several readings of a line

    def translate(self, text: str) -> str:
        """`text` in words of this language, line by line and sentence by sentence; what is no message stays."""
        if len(text) > _LONGEST:
            return text
        return "\n".join(self._read(line)[1] for line in text.split("\n"))

    def _read_anew(self, line: str) -> tuple[int, str]:
        """A line in words of this language, and how many of its characters messages account for."""
        whole = self._message(line) or (0, line)
        return max(whole, self._sentences(line), key=lambda found: found[0])

    def _sentences(self, text: str) -> tuple[int, str]:
        """The reading of a text as sentences that leaves the least of it unread, and how much it read."""
        parts = _SENTENCE_END.split(text)
        if len(parts) > _MOST_SENTENCES:
            return 0, text
        best: list[tuple[int, str]] = [(0, "")]
        for end in range(1, len(parts) + 1):
            readings = []
            for start in range(max(0, end - _TOGETHER), end):
                part = "".join(parts[start:end])
                read = self._message(part) or ((0, part) if end - start == 1 else None)
                if read is not None:
                    readings.append((best[start][0] + read[0], _joined(best[start][1], read[1])))
            best.append(max(readings, key=lambda reading: reading[0]))
        return best[-1]

    def _message(self, text: str) -> tuple[int, str] | None:
        """How much of `text` one message says, and its translation; None where none is it."""
        bare = text.strip()
        readings = [self._found(bare)]
        if bare.endswith("."):  # a message that the code ends, or whose last value would take the full stop
            readings.append(_ended(self._found(bare[:-1]), 1, "。"))
        elif readings == [None]:  # a sentence in the middle of another
            readings.append(_ended(self._found(f"{bare}."), -1, ""))
        found = max((each for each in readings if each is not None), key=lambda each: each[0], default=None)
        return found and (found[0], text.replace(bare, found[1], 1))

    def _found(self, text: str) -> tuple[int, str] | None:
        spellings = (text, text[:1].lower() + text[1:])  # a sentence may begin with what is not one elsewhere
        for spelled in spellings:
            if spelled in self._fixed:
                return len(spelled), self._fixed[spelled]
        for spelled in spellings:
            words = {"", *map(str.lower, _WORD.findall(spelled))}
            candidates = [pattern for word in words for pattern in self._by_word.get(word, ())]
            readings = [reading for pattern in candidates if (reading := self._with_values(pattern, spelled))]
            if readings:
                return max(readings, key=lambda reading: reading[0])
        return None

    def _with_values(self, pattern: _Pattern, text: str) -> tuple[int, str] | None:
        """What `pattern` says of `text`, with what its values say that are messages themselves."""
        values = pattern.values(text)
        if values is None:
            return None
        listed = {
            number: self._listed(values[int(number)]) for number, own in _VALUE.findall(pattern.translation) if own
        }
        weight = pattern.weight + sum(found[0] for found in listed.values())
        return weight, _VALUE.sub(
            lambda match: listed[match[1]][1] if match[2] else values[int(match[1])], pattern.translation
        )

    def _listed(self, text: str) -> tuple[int, str]:
        """A message within another, or several with commas between them."""
        whole = self._read(text)
        if whole[0] or ", " not in text:
            return whole
        parts = [self._read(part) for part in text.split(", ")]
        comma = _LIST_COMMA if all(found[0] for found in parts) else ", "
        return sum(found[0] for found in parts), comma.join(found[1] for found in parts)


def _ended(found: tuple[int, str] | None, more: int, end: str) -> tuple[int, str] | None:
    """A reading that says so many characters more, with another end."""
    return found and (found[0] + more, found[1].removesuffix("。") + end)


def _joined(before: str, after: str) -> str:
    """Two sentences beside each other: no blank stands behind a wide full stop."""
    return before + (after.lstrip(" ") if before.endswith(_WIDE_END) else after)
