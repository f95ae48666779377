from __future__ import annotations

from typing import Any

import pytest

from shadowpen.lsp_server.editor.mending import NO_VERSION, complete, uri_of

URI = "file:///a.md"


def mended(method: str, params: dict[str, Any]) -> dict[str, Any]:
    complete({"jsonrpc": "2.0", "method": f"textDocument/{method}", "params": params})
    return params


@pytest.mark.parametrize("version", [{}, {"version": None}, {"version": "3"}, {"version": True}, {"version": -4}])
def test_a_missing_or_senseless_version_is_none_at_all(version: dict[str, Any]) -> None:
    assert mended("didOpen", {"textDocument": {**version}})["textDocument"]["version"] == NO_VERSION
    changed = mended("didChange", {"textDocument": {**version}, "contentChanges": []})
    assert changed["textDocument"]["version"] == NO_VERSION


def test_what_is_right_stays() -> None:
    item = {"uri": URI, "languageId": "tex", "version": 3, "text": ""}
    assert mended("didOpen", {"textDocument": {**item}})["textDocument"] == item
    span = {"start": {"line": 1, "character": 2}, "end": {"line": 1, "character": 4}}
    change = {"range": span, "text": "x"}
    asked = {"textDocument": {"uri": URI, "version": 0}, "contentChanges": [change]}
    assert mended("didChange", asked)["contentChanges"] == [{"range": span, "text": "x"}]
    assert mended("hover", {"position": {"line": -1}}) == {"position": {"line": -1}}


def test_null_is_not_the_word_none() -> None:
    assert "text" not in mended("didOpen", {"textDocument": {"text": None}})["textDocument"]
    assert mended("didChange", {"contentChanges": [{"text": None}]})["contentChanges"] == [{}]


def test_an_open_document_has_a_language() -> None:
    assert mended("didOpen", {"textDocument": {"languageId": None}})["textDocument"]["languageId"] == "plaintext"


def test_places_beyond_all_numbers_are_brought_within() -> None:
    span = {"start": {"line": -1, "character": -5}, "end": {"line": 2**40, "character": 4_294_967_295}}
    (change,) = mended("didChange", {"contentChanges": [{"range": span, "rangeLength": -1, "text": ""}]})[
        "contentChanges"
    ]
    most = 2**31 - 1
    assert change == {
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": most, "character": most}},
        "text": "",
    }


def test_a_change_without_a_range_is_the_whole_text() -> None:
    assert mended("didChange", {"contentChanges": [{"range": None, "text": "x"}]})["contentChanges"] == [{"text": "x"}]


@pytest.mark.parametrize("context", [{}, {"context": None}, {"context": {"triggerKind": 0}}])
def test_who_does_not_say_why_asks_by_itself(context: dict[str, Any]) -> None:
    assert mended("inlineCompletion", context)["context"] == {"triggerKind": 2}


@pytest.mark.parametrize(
    "params", [None, [], 5, {"textDocument": None, "contentChanges": "x"}, {"contentChanges": [1]}]
)
def test_nonsense_is_left_to_whoever_reads_it(params: Any) -> None:
    for method in ("didOpen", "didChange"):
        complete({"method": f"textDocument/{method}", "params": params})
    complete({"method": 5})
    assert uri_of({"params": params}) == ""


def test_which_document_a_message_is_about() -> None:
    assert uri_of({"params": {"textDocument": {"uri": URI}}}) == URI
    assert uri_of({}) == ""
