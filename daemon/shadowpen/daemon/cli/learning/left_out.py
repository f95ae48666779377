"""Print what of a folder is not read or not learned, and why, in terms a writer understands.

Names come from files that strangers may have made: nothing in them reaches the terminal as a command. This file reads
no folder.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shadowpen.daemon.base import terminal
from shadowpen.daemon.base.translation.language import translated

if TYPE_CHECKING:
    from shadowpen.daemon.corpus.folders import Report

_MOST_KINDS = 6
_EXAMPLES = 2
# What cleaning calls the parts that it takes out of a text, where one word does not say it.
_PARTS = {
    "double": "paragraphs that occur twice",
    "near double": "paragraphs that are almost the same as another",
    "similar to another paragraph of the text": "paragraphs that are almost the same as another",
    "another language": "paragraphs in another language",
    "quote": "quotations",
    "table": "tables",
    "code": "program code",
    "formula": "formulas",
    "comment": "comments",
    "image": "images",
    "html": "HTML",
    "markup": "formatting marks",
    "rule": "separator lines",
    "link target": "link targets",
    "footnote mark": "footnote marks",
    "front matter": "information about the text at its beginning",
    "not prose": "lines without sentences",
    "huge line": "very long lines",
    "filler": "filler text",
    "repetition": "repetitions",
    "machine-generated": "text written by a program",
    "web page boilerplate": "menus and other frames of web pages",
    "secrets": "possible secrets",
    "pasted": "pasted text",
    "forgotten": "forgotten text",
}


def print_left_out(report: Report, folder: Path | None = None) -> None:
    """What was left out, a line a reason, with names below `folder`; and how to have the rest read, if there is a way.

    Steps that make good text better are not asked for here: the report as JSON has them.
    """
    lines = [*_files(report, folder), *_folders(report, folder)]
    if lines:
        terminal.say("Not read:")
        click.echo("\n".join(f"  {line}" for line in lines))
    parts: Counter[str] = Counter()
    for reason, count in report.dropped.items():
        parts[_PARTS.get(reason, reason)] += count
    if parts:
        told = ", ".join(f"{translated(what)} ({count:,})" for what, count in parts.most_common())
        terminal.say(f"Left out of the texts, in characters: {told}.")
    for encoding, count in report.encodings.most_common():
        terminal.say(f"{count:,} {'file was' if count == 1 else 'files were'} read as {encoding}, not as plain UTF-8.")
    if needed := report.needed():
        terminal.say(needed)


def _files(report: Report, folder: Path | None) -> Iterator[str]:
    for reason, count in report.files.most_common():
        files = translated(f"{count:,} {'file' if count == 1 else 'files'}")
        kinds = told_kinds(report.kinds.get(reason, {}))
        yield f"{files}: {translated(reason)} ({kinds}), {_such_as(report, reason, folder)}"


def _folders(report: Report, folder: Path | None) -> Iterator[str]:
    for reason, count in report.folders.most_common():
        folders = translated(f"{count:,} {'folder' if count == 1 else 'folders'}")
        yield f"{folders}: {translated(reason)}, {_such_as(report, f'folder: {reason}', folder)}"


def _such_as(report: Report, reason: str, folder: Path | None) -> str:
    """Some of them by name."""
    examples = report.examples[reason]
    names = [terminal.visible(_below(name, folder)) for name in examples[:_EXAMPLES]]
    told = ", ".join(names)
    return translated(f"such as {told}") if len(examples) > len(names) else told


def _below(name: str, folder: Path | None) -> str:
    """A path as seen from `folder`; any other name as it is."""
    return name.removeprefix(f"{folder}{os.sep}") if folder is not None else name


def told_kinds(kinds: Mapping[str, int]) -> str:
    """How many files there are of each suffix, the most first: ".png 5, .csv 2, without a suffix 1"."""
    most = Counter(kinds).most_common(_MOST_KINDS)
    told = [f"{terminal.visible(suffix) or translated('without a suffix')} {count}" for suffix, count in most]
    return ", ".join([*told, "…"] if len(kinds) > _MOST_KINDS else told)
