"""What is told of a document's mistakes, when, and what may be done about them; Harper is a rule here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from lsprotocol import types
from support.waiting import until

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.config import Config, load
from shadowpen.daemon.base.sections import GrammarSettings
from shadowpen.daemon.storage import own_words
from shadowpen.lsp_server.documents.positions import Encoding
from shadowpen.lsp_server.grammar import checker
from shadowpen.lsp_server.grammar.diagnostics import MOST_CHARACTERS

from .desk import URI, Desk, ranges


async def test_mistakes_are_told_quietly_with_the_version_they_hold_for(desk: Desk) -> None:
    desk.open("A mixtake here.")
    told = await desk.next()
    (found,) = told.diagnostics
    assert (told.uri, told.version, found.source, found.code) == (URI, 1, "shadowpen", "SpellCheck")
    assert found.severity is types.DiagnosticSeverity.Information
    assert ranges(told) == [(0, 2, 0, 9)]


@pytest.mark.parametrize(("encoding", "start"), [(Encoding.UTF8, 7), (Encoding.UTF16, 5), (Encoding.UTF32, 4)])
async def test_positions_count_as_the_client_counts(desk: Desk, encoding: Encoding, start: int) -> None:
    desk.documents.encoding = encoding
    desk.open("One.\r\n\r\nTwo\r\n😀\t \tx\r\n")
    assert ranges(await desk.next()) == [(3, start, 3, start + 1)]


@pytest.mark.parametrize("before", ["日本語 ", "אבג ", "👩‍👩‍👧 ", "é\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_the_range_holds_the_word_in_any_script(desk: Desk, before: str, end: str) -> None:
    document = desk.open(f"One.{end}{before}mixtake{end}Two.")
    (found,) = (await desk.next()).diagnostics
    start, stop = document.place(found.range.start), document.place(found.range.end)
    assert document.lines.between(start, stop) == "mixtake"


async def test_an_edit_costs_its_paragraph_alone(desk: Desk) -> None:
    document = desk.open("Onex.\n\nTwo.\n\nThree.")
    await desk.next()
    desk.rule.read.clear()
    desk.type(document, 2, 0, "x")
    assert len((await desk.next(2)).diagnostics) == 2
    assert desk.rule.read == ["xTwo.\n"]


async def test_what_is_found_in_a_text_that_moved_on_is_not_told(desk: Desk) -> None:
    desk.rule.gate.clear()
    document = desk.open("A mixtake.")
    await until(lambda: desk.rule.read, "the check")
    desk.type(document, 0, 0, "So: ")
    desk.rule.gate.set()
    told = await desk.next()
    assert (told.version, ranges(told)) == (2, [(0, 6, 0, 13)])
    assert len(desk.published) == 1


async def test_what_is_closed_or_mended_shows_nothing_any_more(desk: Desk) -> None:
    document = desk.open("xy")
    await desk.next()
    document.apply(types.TextDocumentContentChangeWholeDocument("ay"))
    desk.grammar.changed(document)
    assert (await desk.next(2)).diagnostics == []
    desk.type(document, 0, 0, "x")
    await desk.next(3)
    desk.documents.close(URI)
    desk.grammar.closed(URI)
    assert desk.published[3].diagnostics == [] and len(desk.published) == 4


async def test_off_by_default_and_nothing_that_an_editor_can_switch_on(desks: Callable[..., Desk]) -> None:
    assert not Config().grammar.enabled
    desk = desks(enabled=False)
    document = desk.open("xy")
    desk.grammar.configure(allowed=True, documents=[document])
    await asyncio.sleep(0.01)
    assert desk.rule.read == [] and desk.published == []


async def test_an_editor_may_switch_it_off(desk: Desk) -> None:
    document = desk.open("xy")
    await desk.next()
    desk.grammar.configure(allowed=False, documents=[document])
    assert desk.published[1].diagnostics == []
    assert desk.fixes(0) == []


async def test_without_harper_one_sentence_says_how_to_get_it(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "installed", lambda: False)
    desk = desks()
    (sentence,) = desk.told
    assert "harper-py is not installed" in sentence and "harper-py<" in sentence
    desk.open("xy")
    await asyncio.sleep(0.01)
    assert desk.rule.read == []


async def test_what_is_excluded_too_long_or_no_prose_is_never_read(desk: Desk) -> None:
    desk.open("xy" + " " * MOST_CHARACTERS, "file:///long.md")
    desk.open("xy = 1", "file:///a.py", language="python")
    desk.inactive = "The document is excluded."
    secret = desk.open("secretx", "file:///.env")
    desk.inactive = ""
    await desk.checked()
    assert desk.rule.read == ["readyx"]
    desk.grammar.changed(secret)
    desk.inactive = "The document is excluded."
    await asyncio.sleep(0.02)
    assert desk.rule.read == ["readyx"]


async def test_what_is_excluded_while_it_is_checked_shows_nothing_any_more(desk: Desk) -> None:
    document = desk.open("xy")
    await desk.next()
    desk.rule.gate.clear()
    desk.type(document, 0, 0, "x")
    await until(lambda: len(desk.rule.read) > 1, "the check")
    desk.inactive = "The document is excluded."
    desk.rule.gate.set()
    assert (await desk.next(2)).diagnostics == []


async def test_the_authors_frequent_words_are_not_flagged(desk: Desk) -> None:
    store.write_atomic(own_words.used_often(store.layout()), b"taxon\n")
    desk.open("Taxon and taxon’s xerox.")
    assert [each.range.start.character for each in (await desk.next()).diagnostics] == [18]


async def test_without_consent_what_was_learned_is_not_read(desks: Callable[..., Desk]) -> None:
    store.write_atomic(own_words.used_often(store.layout()), b"xenon\n")
    desk = desks(learning="off")
    desk.open("xenon")
    assert len((await desk.next()).diagnostics) == 1


async def test_a_word_that_stands_three_times_in_what_is_open_is_the_authors(desk: Desk) -> None:
    document = desk.open("xylo, xylo")
    assert len((await desk.next()).diagnostics) == 2
    desk.open("xylo", "file:///other.md")
    desk.type(document, 0, 10, ".")
    await until(lambda: desk.published[-1] == types.PublishDiagnosticsParams(URI, [], 2), "nothing")


async def test_a_word_that_is_added_is_not_flagged_again(desk: Desk) -> None:
    desk.open("xylo yx")
    await desk.next()
    command = desk.fixes(2)[-1].command
    assert command is not None and command.command == "shadowpen.addWord" and command.arguments == ["xylo"]
    assert desk.grammar.add_word("xylo")
    assert ranges(await desk.next(2)) == [(0, 5, 0, 7)]
    assert own_words.read(own_words.added(store.layout())) == {"xylo"}


async def test_a_words_file_that_cannot_be_written_is_said(desk: Desk) -> None:
    own_words.added(store.layout()).mkdir(parents=True)
    assert not desk.grammar.add_word("xylo")
    assert len(desk.told) == 1


async def test_a_fix_replaces_the_mistake_in_the_version_it_was_found_in(desk: Desk) -> None:
    desk.open("A mixtake.")
    told = await desk.next()
    first, second, add = desk.fixes(5)
    assert first.title == "Replace with “mistake”" and second.title == "Remove “mixtake”"
    assert [each.is_preferred for each in (first, second, add)] == [True, None, None]
    assert {each.kind for each in (first, second, add)} == {types.CodeActionKind.QuickFix}
    assert list(first.diagnostics or ()) == told.diagnostics
    assert first.edit is not None
    (change,) = first.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (URI, 1)
    assert list(change.edits) == [types.TextEdit(told.diagnostics[0].range, "mistake")]


async def test_clients_that_know_no_versions_get_plain_edits(desk: Desk) -> None:
    desk.open("A mixtake.")
    await desk.next()
    edit = desk.fixes(5, versioned=False)[0].edit
    assert edit is not None and edit.document_changes is None and edit.changes is not None
    assert [each.new_text for each in edit.changes[URI]] == ["mistake"]


async def test_fixes_come_only_where_they_are_wanted_and_right(desk: Desk) -> None:
    document = desk.open("A mixtake.")
    await desk.next()
    assert desk.fixes(0) == []
    assert desk.fixes(5, only=[types.CodeActionKind.Refactor]) == []
    assert desk.fixes(5, only=[types.CodeActionKind.QuickFix])
    desk.type(document, 0, 0, "So: ")
    assert desk.fixes(5) == []


async def test_an_idle_process_is_ended(desks: Callable[..., Desk]) -> None:
    desk = desks(idle_s=0.01)
    desk.open("xy")
    await desk.next()
    await until(lambda: desk.rule.closed, "the end of the process")
    desk.open("zx", "file:///other.md")
    await desk.next(2)


def test_the_settings_can_be_written(layout: store.Layout) -> None:
    config_file.write(layout.config_file, "grammar", "enabled", True)
    config_file.write(layout.config_file, "grammar", "dialect", "british")
    assert load(layout.config_file).grammar == GrammarSettings(enabled=True, dialect="british")
