"""Complete messages about documents and edits that some clients send incomplete.

Some clients know no versions, no language or no trigger; some say nothing of an edit that they made; some name places
beyond all lines with numbers that the protocol does not allow. To drop their message would leave the document out of
step without a word. This file knows neither documents nor pygls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types

NO_VERSION = -1
_MOST = 2**31 - 1  # the protocol's largest number
_LANGUAGE = "plaintext"


def complete(message: dict[str, Any], asked: object = None) -> None:
    """Put in what is missing in `message` as it came; others stay as they are. `asked`: of which type an answer is."""
    mend, params = _MENDERS.get(str(message.get("method"))), message.get("params")
    if mend is not None and isinstance(params, dict):
        mend(params)
    if asked is types.ApplyWorkspaceEditResponse and "error" not in message:
        _applied(message)


def uri_of(message: dict[str, Any]) -> str:
    """Which document `message` is about; "" where it does not say."""
    params = message.get("params")
    document = params.get("textDocument") if isinstance(params, dict) else None
    uri = document.get("uri") if isinstance(document, dict) else None
    return uri if isinstance(uri, str) else ""


def _open(params: dict[str, Any]) -> None:
    item = params.get("textDocument")
    if isinstance(item, dict):
        _version(item)
        if not isinstance(item.get("languageId"), str):
            item["languageId"] = _LANGUAGE
        _text(item)


def _change(params: dict[str, Any]) -> None:
    document, changes = params.get("textDocument"), params.get("contentChanges")
    if isinstance(document, dict):
        _version(document)
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, dict):
            _text(change)
            change.pop("rangeLength", None)  # deprecated, and the range says it
            if change.get("range") is None:
                change.pop("range", None)  # the whole text
            else:
                _span(change["range"])


def _ask(params: dict[str, Any]) -> None:
    context = params.get("context")
    if not isinstance(context, dict):
        context = params["context"] = {}
    if context.get("triggerKind") not in [kind.value for kind in types.InlineCompletionTriggerKind]:
        context["triggerKind"] = types.InlineCompletionTriggerKind.Automatic.value


def _applied(answer: dict[str, Any]) -> None:
    """Who made an edit and says nothing of it has not refused it."""
    result = answer.get("result")
    if not isinstance(result, dict):
        result = answer["result"] = {}
    if not isinstance(result.get("applied"), bool):
        result["applied"] = True


def _version(document: dict[str, Any]) -> None:
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version <= _MOST:
        document["version"] = NO_VERSION


def _text(holder: dict[str, Any]) -> None:
    """Without this the reader would take null for the word None."""
    if not isinstance(holder.get("text"), str):
        holder.pop("text", None)


def _span(span: Any) -> None:
    if isinstance(span, dict):
        _place(span.get("start"))
        _place(span.get("end"))


def _place(place: Any) -> None:
    for name in ("line", "character"):
        if isinstance(place, dict) and isinstance(place.get(name), int):
            place[name] = min(max(0, place[name]), _MOST)


_MENDERS: dict[str, Callable[[dict[str, Any]], None]] = {
    types.TEXT_DOCUMENT_DID_OPEN: _open,
    types.TEXT_DOCUMENT_DID_CHANGE: _change,
    types.TEXT_DOCUMENT_INLINE_COMPLETION: _ask,
}
