from __future__ import annotations

import pytest
from lsprotocol import types

from shadowpen.lsp_server.grammar.reports import Reports

URI = "file:///a.md"


def found(character: int) -> types.Diagnostic:
    return types.Diagnostic(types.Range(types.Position(0, character), types.Position(0, character + 1)), "No word.")


def name(reports: Reports) -> str:
    report = reports.answer(URI, None)
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport) and report.result_id
    return report.result_id


def test_the_same_mistakes_keep_their_name_and_are_not_told_twice() -> None:
    reports = Reports()
    reports.put(URI, [found(1)])
    known = name(reports)
    reports.put(URI, [found(1)])
    assert reports.answer(URI, known) == types.RelatedUnchangedDocumentDiagnosticReport(result_id=known)
    assert reports.answer(URI, "another") == types.RelatedFullDocumentDiagnosticReport([found(1)], result_id=known)


def test_others_get_another_name_even_those_that_were_there_before() -> None:
    reports, names = Reports(), []
    for character in (1, 2, 1):
        reports.put(URI, [found(character)])
        names.append(name(reports))
    assert len(set(names)) == 3


def test_no_name_of_another_run_or_document_is_taken_for_one_of_this() -> None:
    names = set()
    for _ in range(2):
        reports = Reports()
        for uri in ("file:///b.md", URI):
            reports.put(uri, [found(1)])
        names.add(name(reports))
    assert len(names) == 2


def test_nothing_has_one_name() -> None:
    reports = Reports()
    unknown = name(reports)
    reports.put(URI, [])
    assert name(reports) == unknown
    reports.put(URI, [found(1)])
    reports.drop(URI)
    assert name(reports) == unknown


@pytest.mark.parametrize(("before", "now", "expected"), [([], [], False), ([1], [], True), ([], [1], True)])
def test_whether_the_editor_must_be_told(before: list[int], now: list[int], expected: bool) -> None:
    reports = Reports()
    reports.put(URI, [found(at) for at in before])
    assert reports.put(URI, [found(at) for at in now]) is expected
    assert reports.drop(URI) is bool(now)
