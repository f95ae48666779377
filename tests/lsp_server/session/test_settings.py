"""lsp_server/session/settings.py: config.toml, the editor's options on top, and which documents they leave out."""

from __future__ import annotations

import pytest
from lsprotocol import types

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.config import Config
from shadowpen.daemon.base.sections import CompletionSettings, LearningSettings
from shadowpen.lsp_server.documents.documents import Documents, OpenDocument
from shadowpen.lsp_server.editor.options import Options
from shadowpen.lsp_server.session.settings import MAX_DOCUMENT_BYTES, LiveSettings, Scope


def test_what_the_user_writes_holds_at_once_and_stays_while_the_file_is_missing(home: object) -> None:
    settings = LiveSettings(Config())
    assert settings.author().learning.enabled == "ask"
    file = store.layout().config_file
    config_file.write(file, "learning", "enabled", "on")
    assert settings.author().learning.enabled == "on"
    file.unlink()
    assert settings.author().learning.enabled == "on"


def test_the_editor_may_ask_for_an_earlier_answer_and_not_for_a_later_one(home: object) -> None:
    settings = LiveSettings(Config(completion=CompletionSettings(deadline_ms=100)))
    asked = []
    for wished in (None, 50, 500):
        assert settings.configure({"deadlineMs": wished}) == []
        asked.append(settings.deadline_ms())
    assert asked == [None, 50, 100]


def test_a_mistake_in_the_options_is_told_and_keeps_the_default(home: object) -> None:
    settings = LiveSettings(Config())
    (problem,) = settings.configure({"enabled": "no"})
    assert "enabled" in problem and settings.options.enabled


def document(uri: str = "file:///home/me/essay.md", text: str = "Hello", language: str = "markdown") -> OpenDocument:
    return Documents().open(types.TextDocumentItem(uri, language, 1, text))


def scope(options: Options | None = None, learning: LearningSettings | None = None, code: str = "off") -> Scope:
    settings = Config(learning=learning or LearningSettings(), completion=CompletionSettings(code=code))
    return Scope(LiveSettings(settings, options))


def why(document: OpenDocument, options: Options | None = None, learning: LearningSettings | None = None) -> str:
    return scope(options, learning).why_inactive(document)


@pytest.mark.parametrize("uri", ["file:///home/me/essay.md", "untitled:Untitled-1", "file:///c%3A/Users/me/a.md"])
def test_files_and_untitled_texts_are_served(uri: str) -> None:
    assert why(document(uri)) == ""


@pytest.mark.parametrize(
    "uri",
    ["git:/home/me/essay.md", "https://example.org/a.md", "file:///home/me/.env", "file:///home/me/.ssh/notes.md"],
)
def test_other_schemes_and_files_with_secrets_are_not(uri: str) -> None:
    assert why(document(uri)) != ""


@pytest.mark.parametrize(
    ("text", "served"), [("a" * MAX_DOCUMENT_BYTES, True), ("é" * (MAX_DOCUMENT_BYTES // 2 + 1), False)]
)
def test_the_limit_is_a_megabyte_of_utf8(text: str, served: bool) -> None:
    assert (why(document(text=text)) == "") is served


def test_a_document_that_shrinks_is_served_again() -> None:
    large = document(text="a" * (MAX_DOCUMENT_BYTES + 10))
    rules = scope()
    assert rules.why_inactive(large) != ""
    large.apply(types.TextDocumentContentChangeWholeDocument("small now"))
    assert rules.why_inactive(large) == ""


def test_the_editor_may_restrict_further() -> None:
    assert why(document(), Options(enabled=False)) != ""
    assert "markdown" in why(document(), Options(languages_off=("markdown",)))
    assert why(document(), Options(exclude=("essay.*",))) != ""


def test_the_authors_own_exclusions_hold() -> None:
    assert why(document(), learning=LearningSettings(exclude=["**/me/*.md"])) != ""


@pytest.mark.parametrize(("code", "served"), [("off", False), ("comments", True), ("on", True)])
def test_program_code_is_served_where_its_author_wants_it(code: str, served: bool) -> None:
    program = document("file:///home/me/tool.py", language="python")
    assert (scope(code=code).why_inactive(program) == "") is served
    assert scope(code=code).why_inactive(document("file:///home/me/id_rsa.py", language="python")) != ""
    excluded = LearningSettings(exclude=["tool.py"])
    assert scope(learning=excluded, code=code).why_inactive(program) != ""


def test_an_exclusion_holds_at_once(home: object) -> None:
    rules = scope()
    assert rules.why_inactive(document()) == ""
    config_file.write(store.layout().config_file, "learning", "exclude", ["essay.*"])
    assert "excluded" in rules.why_inactive(document())
    config_file.write(store.layout().config_file, "learning", "exclude", [])
    assert rules.why_inactive(document()) == ""


def test_an_exclusion_holds_while_its_author_edits_the_settings(home: object) -> None:
    file = store.layout().config_file
    rules = scope()
    config_file.write(file, "learning", "exclude", ["essay.*"])
    assert "excluded" in rules.why_inactive(document())
    whole = file.read_text()
    file.write_text(whole[:-3])
    assert "excluded" in rules.why_inactive(document())
    file.unlink()
    assert "excluded" in rules.why_inactive(document())
    file.write_text(whole.replace("essay", "letter"))
    assert rules.why_inactive(document()) == ""
