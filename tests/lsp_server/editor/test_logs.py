from __future__ import annotations

import io
import logging

from shadowpen.lsp_server.editor.logs import TextFreeHandler

SECRET = "what the author wrote"


def logged(*arguments: object, message: str, error: Exception | None = None) -> str:
    stream = io.StringIO()
    logger = logging.Logger("pygls.test")
    logger.addHandler(TextFreeHandler(stream))
    if error is None:
        logger.error(message, *arguments)
    else:
        try:
            raise error
        except Exception:
            logger.exception(message, *arguments)
    return stream.getvalue()


def test_messages_are_logged_without_their_arguments() -> None:
    line = logged(SECRET, message="Unable to handle %s")
    assert line == "ERROR pygls.test: Unable to handle %s\n"


def test_exceptions_are_logged_as_class_and_place() -> None:
    lines = logged(message="Failed", error=ValueError(SECRET))
    assert SECRET not in lines
    assert "ValueError" in lines
    assert "test_logs.py" in lines
