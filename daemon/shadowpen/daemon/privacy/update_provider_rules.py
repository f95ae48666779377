"""Make the table gitleaks_rules.json, which provider_rules.py reads, from a configuration of gitleaks.

    python -m shadowpen.daemon.privacy.update_provider_rules PATH/TO/gitleaks.toml

gitleaks is published under the MIT licence; its notice goes into the table. Its patterns are Go's (RE2, which never
backtracks): what Python writes differently is rewritten, and a rule is left out, with a line that says why, where
it concerns files instead of text, cannot be read, or takes Python too long.
"""

from __future__ import annotations

import json
import re
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

_NOTICE = (
    "Patterns of gitleaks (config/gitleaks.toml). MIT License, Copyright (c) 2019 Zachary Rice. Permission is "
    "hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation "
    'files (the "Software"), to deal in the Software without restriction, including without limitation the rights '
    "to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to "
    "permit persons to whom the Software is furnished to do so, subject to the following conditions: The above "
    "copyright notice and this permission notice shall be included in all copies or substantial portions of the "
    'Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT '
    "NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN "
    "NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER "
    "IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE "
    "USE OR OTHER DEALINGS IN THE SOFTWARE."
)
# Rules that find secrets by their names instead of their shapes: our own do that, with prose in mind.
_COVERED = frozenset({"generic-api-key", "curl-auth-header", "curl-auth-user", "private-key", "jwt-base64"})
_LEADING = re.compile(r"\A(?:\(\?i\))?\[\\w\.-\]\{0,50\}\?")
_INLINE = re.compile(r"\(\?(-?i)\)")
_CLASSES = {"[:alnum:]": "A-Za-z0-9", "[:alpha:]": "A-Za-z", "[:digit:]": "0-9", "[:xdigit:]": "A-Fa-f0-9"}
_TRIAL_LENGTH = 16_000
_LONGEST_S = 0.5


def to_python(pattern: str) -> str:
    r"""A pattern of Go's `regexp` in the words of Python's `re`.

    `\z` is `\Z`; a flag set in the middle holds to the end of its group; POSIX classes are spelled out; the optional
    name before a keyword is left away, since it only costs time.
    """
    had_flag = pattern.startswith("(?i)")
    pattern = _LEADING.sub("(?i)" if had_flag else "", pattern, count=1)
    pattern = pattern.replace(r"\z", r"\Z").replace(r"\x60", "`")
    for name, spelled in _CLASSES.items():
        pattern = pattern.replace(name, spelled)
    return _scoped_flags(pattern)


def _scoped_flags(pattern: str) -> str:
    """`a(?i)b` becomes `a(?i:b)`, closed where the group that it stands in ends."""
    result: list[str] = []
    opened = [0]  # for each open group, how many flag groups are to be closed with it
    at, in_class = 0, False
    while at < len(pattern):
        flag = None if in_class else _INLINE.match(pattern, at)
        character = pattern[at]
        if flag is not None:
            result.append(f"(?{flag[1]}:")
            opened[-1] += 1
            at = flag.end()
            continue
        if character == "\\":
            result.append(pattern[at : at + 2])
            at += 2
            continue
        if in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character == "(":
            opened.append(0)
        elif character == ")":
            result.append(")" * opened.pop())
        result.append(character)
        at += 1
    return "".join(result) + ")" * opened[0]


def converted(configuration: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The table's rules, and a line about each that was left out."""
    taken, left_out = [], []
    for entry in configuration["rules"]:
        name = entry["id"]
        why = _refusal(entry)
        if why:
            left_out.append(f"{name}: {why}")
            continue
        made = {"id": name, "keywords": entry["keywords"], "regex": _named(to_python(entry["regex"]))}
        if "entropy" in entry:
            made["entropy"] = entry["entropy"]
        taken.append(made)
    return taken, left_out


def _named(pattern: str) -> str:
    """The first group that takes anything is the secret."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?P<secret>", pattern, count=1)


def _refusal(entry: dict[str, Any]) -> str:
    if entry["id"] in _COVERED:
        return "our own rules cover it"
    if "regex" not in entry or not entry.get("keywords"):
        return "no pattern, or no keywords"
    if "path" in entry:
        return "it concerns files of certain names"
    try:
        pattern = re.compile(to_python(entry["regex"]))
    except re.error as error:
        return f"Python cannot read it ({error})"
    if len(re.findall(r"(?<!\\)\((?!\?)", entry["regex"])) > 1:
        return "it has several groups"
    return "it takes too long" if _is_slow(pattern, entry["keywords"]) else ""


def _is_slow(pattern: re.Pattern[str], keywords: list[str]) -> bool:
    for piece in (*keywords, *(f"{keyword} " for keyword in keywords), "a", "a-", "a.", "=", " ", "\n"):
        start = time.perf_counter()
        for _ in pattern.finditer(keywords[0] + piece * (_TRIAL_LENGTH // len(piece))):
            pass
        if time.perf_counter() - start > _LONGEST_S:
            return True
    return False


def main() -> None:
    """Read the configuration that the command line names and write the table beside this file."""
    taken, left_out = converted(tomllib.loads(Path(sys.argv[1]).read_text("utf-8")))
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in taken)
    target = Path(__file__).with_name("gitleaks_rules.json")
    target.write_text(f'{{"notice": {json.dumps(_NOTICE)},\n"rules": [\n{lines}\n]}}\n', "utf-8")
    print(f"{len(taken)} rules written to {target}.", *left_out, sep="\n")


if __name__ == "__main__":
    main()
