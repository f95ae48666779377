"""Real packages compare texts in a process of its own; without them nothing is compared, and that is said."""

from __future__ import annotations

import importlib.util

import pytest

from shadowpen.daemon.monitoring import similarity
from shadowpen.daemon.monitoring.similarity import Similarity, TextPair

OFFERED = "The ferry was late again, so I met Anna at the quay."
STANDS = "The ferry was late, so I met Anna at the harbour."


def test_texts_are_compared_in_a_process_of_its_own() -> None:
    pytest.importorskip("sacrebleu")
    pytest.importorskip("rouge_score")
    pairs = [
        TextPair(OFFERED, STANDS),
        TextPair(OFFERED, OFFERED.replace(" ", "\n")),
        TextPair(OFFERED, " "),
        TextPair("Ёлка стоит в углу.", "Ёлка стоит у окна."),
        TextPair("今日は寒いです。", "今日は暑いです。"),
    ]

    changed, same, nothing, cyrillic, japanese = similarity.measured(pairs)

    # As the command of sacrebleu 2.6 says; of 12 words offered and 11 that stand, 10 are in one row.
    assert (changed.bleu, changed.chrf) == pytest.approx((62.98, 71.45), abs=0.01)
    assert changed.rouge_l == pytest.approx(100 * 2 * 10 / (12 + 11))
    assert same == Similarity(100.0, 100.0, 100.0)
    assert nothing == Similarity(0.0, 0.0, 0.0)
    assert cyrillic.rouge_l == pytest.approx(50.0) and 0 < cyrillic.bleu < 100
    assert 50 < japanese.rouge_l < 100 and 0 < japanese.bleu < 100


def test_without_the_packages_nothing_is_compared_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert similarity.measured([TextPair(OFFERED, STANDS)]) == []
    assert "need sacrebleu and rouge-score" in similarity.missing() and "install" in similarity.missing()


def test_a_comparison_that_fails_costs_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(similarity, "is_installed", lambda: True)
    monkeypatch.setattr(similarity, "_COMMAND", (similarity._COMMAND[0], "-c", "raise SystemExit(1)"))
    assert similarity.measured([TextPair(OFFERED, STANDS)]) == []
    assert "could not be compared" in caplog.text and "ferry" not in caplog.text
