"""Which format reads which file; plug-ins add formats and cannot replace ours."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from shadowpen.daemon.formats import table
from shadowpen.daemon.plugins import registry


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """The entry points that are installed."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(registry, "_entry_points", lambda kind: found if kind == "formats" else [])
    table.plug_ins.cache_clear()
    yield found
    table.plug_ins.cache_clear()


def test_formats_are_found_by_name_and_by_what_a_folder_holds(tmp_path: Path) -> None:
    for folder in ("Mail/cur", "Mail/new", "Mail/tmp", "A.scriv", "Notes", "B.docx"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("Sent", "Sent.msf", "Other"):
        (tmp_path / name).touch()

    found = {
        name: table.find(tmp_path / name) for name in ("a.DOCX", "Mail", "A.scriv", "Sent", "Other", "Notes", "a.md")
    }

    assert {name: form.plural for name, form in found.items() if form} == {
        "a.DOCX": "Word documents",
        "Mail": "mailboxes",
        "A.scriv": "Scrivener projects",
        "Sent": "mailboxes",
    }
    assert table.find(tmp_path / "B.docx") is None


def test_a_plug_in_adds_a_format(points: list[EntryPoint]) -> None:
    points.append(EntryPoint("pages", "package.module:read", "shadowpen.formats"))

    form = table.find(Path("a.pages"))

    assert form is not None and form.target == "package.module:read"
    assert table.is_read("/x/a.pages") and not table.is_read("/x/a.other")


def test_a_plug_in_replaces_none_of_ours(points: list[EntryPoint]) -> None:
    points.append(EntryPoint("docx", "package.module:read", "shadowpen.formats"))

    assert table.find(Path("a.docx")) is table.OWN[".docx"]
    ((plugin, why),) = registry.refused("formats", table.RESERVED)
    assert plugin.name == "docx" and "Shadowpen has a format of that name" in why


def test_a_missing_package_is_named_as_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = table.find_spec
    monkeypatch.setattr(table, "find_spec", lambda name: None if name == "mailparser_reply" else real(name))

    assert table.OWN[".eml"].missing() == ["mail-parser-reply"]
    assert table.OWN[".pdf"].missing() == []
