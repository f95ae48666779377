"""daemon/base/logs.py: private, rotating, and silent about text."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from shadowpen.daemon.base import logs, store


@pytest.fixture
def handler(layout: store.Layout) -> Iterator[logging.Handler]:
    handler = logs.configure(layout, "info")
    yield handler
    logs.LOGGER.removeHandler(handler)
    handler.close()
    logs.LOGGER.propagate = True


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    logs.guard_reports()


def _failed() -> ValueError:
    try:
        raise ValueError("the secret letter")
    except ValueError as error:
        return error


@pytest.mark.usefixtures("handler")
def test_lines_arrive_at_their_level_and_the_file_is_private(layout: store.Layout) -> None:
    logs.LOGGER.info("hello")
    logs.LOGGER.debug("too much")
    assert layout.log_file.read_text().endswith(" INFO hello\n")
    assert layout.log_file.stat().st_mode & 0o777 == 0o600
    assert layout.logs.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("handler")
def test_it_rotates(layout: store.Layout) -> None:
    for _ in range(60):
        logs.LOGGER.info("x" * 100_000)
    files = sorted(layout.logs.iterdir())
    assert len(files) == 4
    assert all(file.stat().st_size <= 1_000_000 for file in files)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)


def test_a_log_that_cannot_be_written_costs_nothing_else(
    handler: logging.Handler, layout: store.Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.log_file.mkdir(parents=True)
    logs.LOGGER.info("the secret letter")
    assert capsys.readouterr().err == ""


def test_an_exception_is_its_type_and_place() -> None:
    described = logs.describe(_failed())
    assert described.startswith("ValueError at test_logs.py:")
    assert "_failed" in described and "secret" not in described


@pytest.mark.usefixtures("handler", "hooks")
def test_uncaught_exceptions_are_logged_without_their_text(
    layout: store.Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=lambda: (_ for _ in ()).throw(_failed()), name="loader")
    thread.start()
    thread.join()
    error = _failed()
    sys.excepthook(type(error), error, error.__traceback__)
    text = layout.log_file.read_text()
    assert "uncaught in loader: ValueError at" in text
    assert "uncaught in main: ValueError at" in text
    assert "secret" not in text + capsys.readouterr().err


@pytest.mark.usefixtures("handler")
def test_work_that_is_tried_again_logs_a_failure_once_and_goes_on(layout: store.Layout) -> None:
    retried = logs.Retried("looking")
    for error in (ValueError("secret"), ValueError("secret"), OSError("gone"), KeyError("secret")):
        with retried:
            raise error
    with pytest.raises(KeyboardInterrupt), retried:
        raise KeyboardInterrupt
    text = layout.log_file.read_text()
    assert [line.count("looking failed: ") for line in text.splitlines()] == [1, 1]
    assert "ValueError" in text and "KeyError" in text and "secret" not in text


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        ("12", "12"),
        ("1" * 13, "<13 characters>"),
        ("dear", "<4 characters>"),
        ("٣", "<1 characters>"),
        ("Dear Anna,", "<10 characters>"),
        ("", "<0 characters>"),
    ],
)
def test_ids_are_shown_as_far_as_they_are_ids(identifier: str, shown: str) -> None:
    assert logs.printable(identifier) == shown
