"""The commands of the server (workspace/executeCommand), and parsing their arguments.

Arguments that make no sense are refused with what is wanted. This file knows neither documents nor suggestions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from shadowpen.daemon.base import config
from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.wire.protocol import LONGEST_PAUSE_MINUTES, MOST_OPTIONS
from shadowpen.lsp_server.ghost_text import items
from shadowpen.lsp_server.ghost_text.explanation import WHY_COMMAND, ExplanationData, data
from shadowpen.lsp_server.grammar.fixes import ADD_WORD_COMMAND
from shadowpen.lsp_server.handlers.folders import ADD_FOLDER_COMMAND, add_folder
from shadowpen.lsp_server.handlers.report import REPORT_COMMAND, report
from shadowpen.lsp_server.writing import continuation, expansion, verbs
from shadowpen.lsp_server.writing.work_done import WorkDone
from shadowpen.lsp_server.writing.writing import WritingEditor

if TYPE_CHECKING:
    from shadowpen.lsp_server.session.server import ShadowpenServer
    from shadowpen.lsp_server.session.session import SessionReport
    from shadowpen.lsp_server.session.status import StatusParams

PAUSE_COMMAND = "shadowpen.pause"
RESUME_COMMAND = "shadowpen.resume"
MANUAL_COMMAND = "shadowpen.manual"
STATUS_COMMAND = "shadowpen.status"
LEARN_COMMAND = "shadowpen.learn"
DISMISS_COMMAND = "shadowpen.dismiss"
RATE_COMMAND = "shadowpen.rate"
_RATINGS = {"good": 5, "bad": 1, **{str(mark): mark for mark in range(1, 6)}}
_LONGEST_WORD = 100


async def accept(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> None:
    """`[id, text]`"""
    id, text = _arguments(params, str, str)
    ls.session.suggestions.confirm(id, text)


async def dismiss(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> None:
    """`[id?]`: a suggestion (without an id: whatever is shown) was waved away; it never comes again there."""
    id = params.arguments[0] if params.arguments else None
    if id is not None and not isinstance(id, str):
        raise JsonRpcInvalidParams(f"{params.command} takes a suggestion's id, or nothing.")
    ls.session.suggestions.dismiss(id)


async def continue_paragraph(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[uri, position]` → `{applied, text, reason}`"""
    return _told(await write_continuation(ls, params, WorkDone(ls, params.work_done_token)))


async def write_continuation(
    ls: ShadowpenServer, params: types.ExecuteCommandParams, editor: WritingEditor
) -> dict[str, Any]:
    """Continue the paragraph in `editor`, as the arguments of the command say."""
    uri, raw = _arguments(params, str, dict)
    return await ls.session.continue_paragraph(uri, _position(raw), editor)


async def expand(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[uri, range]` → `{applied, text, reason}`; the best paragraph replaces the range.

    `[uri, range, {preview: true, seed, candidates}]` → `{applied: false, candidates, missing, version, reason}`; with
    `{turn: "shorter", shown}` others, of which that holds, in place of the paragraph that is shown.
    """
    return _told(await write_expansion(ls, params, WorkDone(ls, params.work_done_token)))


async def write_expansion(
    ls: ShadowpenServer, params: types.ExecuteCommandParams, editor: WritingEditor
) -> dict[str, Any]:
    """Expand a selection in `editor`, as the arguments of the command say."""
    wish = expansion.ExpansionOptions()
    if len(params.arguments or ()) > 2:
        uri, raw, wished = _arguments(params, str, dict, dict)
        wish = _wish(wished)
    else:
        uri, raw = _arguments(params, str, dict)
    span = types.Range(_position(raw.get("start")), _position(raw.get("end")))
    return await ls.session.expand(uri, span, wish, editor)


async def run_verb(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, Any]:
    """`[uri, range, verb, {options}?]` → `{applied, text, reason}`; with `preview: true` see verbs.run."""
    return _told(await write_verb(ls, params, WorkDone(ls, params.work_done_token)))


async def write_verb(ls: ShadowpenServer, params: types.ExecuteCommandParams, editor: WritingEditor) -> dict[str, Any]:
    """Carry out a verb in `editor`, as the arguments of the command say."""
    options: dict[str, Any] = {}
    if len(params.arguments or ()) > 3:
        uri, raw, verb, options = _arguments(params, str, dict, str, dict)
    else:
        uri, raw, verb = _arguments(params, str, dict, str)
    if len(options) > MOST_OPTIONS or not all(
        isinstance(value, str | bool | int | float) for value in options.values()
    ):
        raise JsonRpcInvalidParams("The options must be a few names with texts, numbers, true or false.")
    span = types.Range(_position(raw.get("start")), _position(raw.get("end")))
    return await ls.session.run_verb(uri, span, verb, options, editor)


def _wish(raw: dict[str, Any]) -> expansion.ExpansionOptions:
    """What is absent keeps its default; names that only another version's client knows are let pass."""
    names = ("preview", "seed", "candidates", "free", "turn", "shown")
    wish = expansion.ExpansionOptions(**{name: raw[name] for name in names if name in raw})
    are_flags = isinstance(wish.preview, bool) and isinstance(wish.free, bool)
    are_texts = isinstance(wish.turn, str) and isinstance(wish.shown, str)
    if not are_flags or not are_texts or not _is_count(wish.seed) or not _is_count(wish.candidates):
        raise JsonRpcInvalidParams(
            "The options must be {preview: true or false, free: true or false, seed: number, candidates: number, "
            "turn: text, shown: text}."
        )
    return wish


async def learn(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, str]:
    """`["on"|"off", "both"|"accepted"|"written"?]`: whether text may be kept, and which; returns `{learning, keep}`."""
    given: list[Any] = list(params.arguments or ())
    answer, keep = (*given, None)[:2] if 1 <= len(given) <= 2 else (None, None)
    if answer not in ("on", "off") or keep not in (None, "both", "accepted", "written"):
        raise JsonRpcInvalidParams(f"{params.command} takes on or off, and then both, accepted, written or nothing.")
    ls.consent.answer(answer, keep)
    return {"learning": answer, "keep": config.load().learning.keep}


async def add_word(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, bool]:
    """`[word]`: never flagged again, in any editor; returns `{added: bool}`."""
    (word,) = _arguments(params, str)
    if not word.isprintable() or word.split() != [word] or len(word) > _LONGEST_WORD:
        raise JsonRpcInvalidParams(f"{params.command} takes one word.")
    return {"added": ls.session.grammar.add_word(word)}


async def rate(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> dict[str, bool]:
    """`["good"|"bad"|1|…|5]`: the user's mark for what was taken last; returns `{rated: bool}`."""
    given = params.arguments[0] if params.arguments and len(params.arguments) == 1 else None
    mark = _RATINGS.get(str(given)) if isinstance(given, str | int) and not isinstance(given, bool) else None
    if mark is None:
        raise JsonRpcInvalidParams(f"{params.command} takes good, bad, or a number from 1 to 5.")
    return {"rated": ls.session.suggestions.rate(mark)}


async def pause(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> StatusParams:
    """`[]` toggles, `[minutes]` (0 goes on), `["tomorrow"]` (until its morning), `["on"]`; returns the status."""
    given: list[Any] = list(params.arguments or ())
    wish: Any = given[0] if given else 0 if ls.session.daemon.pause.active else "on"
    if len(given) > 1 or not (_is_minutes(wish) or wish in ("tomorrow", "on")):
        raise JsonRpcInvalidParams(f"{params.command} takes a number of minutes, tomorrow, on, or nothing.")
    return ls.session.daemon.attend(pause=wish)


async def resume(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> StatusParams:
    """`[]`: no longer paused; returns the status."""
    return ls.session.daemon.attend(pause=0)


async def manual(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> StatusParams:
    """`["on"|"off"]`, `[]` toggles: ghost text comes by a key only; returns the status."""
    given: list[Any] = list(params.arguments or ())
    if given not in ([], ["on"], ["off"]):
        raise JsonRpcInvalidParams(f"{params.command} takes on, off, or nothing.")
    return ls.session.daemon.attend(manual=given == ["on"] if given else not ls.session.daemon.pause.manual)


async def why(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> ExplanationData | None:
    """`[uri, position]`, or `[]` for the last answer → see explanation.data; null where there is nothing to explain."""
    if params.arguments:
        uri, raw = _arguments(params, str, dict)
        explanation = await ls.session.suggestions.why(uri, _position(raw))
    else:
        explanation = await ls.session.suggestions.why_last()
    return data(explanation) if explanation is not None else None


async def status(ls: ShadowpenServer, params: types.ExecuteCommandParams) -> SessionReport:
    """`[]` → state, message, hint, model, counts of this session, and the daemon's own report."""
    return await ls.session.report()


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """The result of a command with its reason in the user's language."""
    return {**result, "reason": translated(result["reason"])}


def _arguments(params: types.ExecuteCommandParams, *kinds: type) -> Any:
    given = params.arguments or []
    if len(given) != len(kinds) or not all(isinstance(g, kind) for g, kind in zip(given, kinds, strict=True)):
        wanted = ", ".join(kind.__name__ for kind in kinds)
        raise JsonRpcInvalidParams(f"{params.command} needs the arguments [{wanted}].")
    return given


def _position(raw: Any) -> types.Position:
    if not isinstance(raw, dict) or not all(_is_count(raw.get(name)) for name in ("line", "character")):
        raise JsonRpcInvalidParams("A position must be {line: number, character: number}.")
    return types.Position(raw["line"], raw["character"])


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_minutes(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_PAUSE_MINUTES


COMMANDS: dict[str, Callable[..., Any]] = {
    items.ACCEPT_COMMAND: accept,
    DISMISS_COMMAND: dismiss,
    continuation.CONTINUE_COMMAND: continue_paragraph,
    expansion.EXPAND_COMMAND: expand,
    verbs.VERB_COMMAND: run_verb,
    PAUSE_COMMAND: pause,
    RESUME_COMMAND: resume,
    MANUAL_COMMAND: manual,
    STATUS_COMMAND: status,
    LEARN_COMMAND: learn,
    RATE_COMMAND: rate,
    WHY_COMMAND: why,
    REPORT_COMMAND: report,
    ADD_WORD_COMMAND: add_word,
    ADD_FOLDER_COMMAND: add_folder,
}
