"""Places where nothing is shown, so that the model need not run.

Each rule has a name, which is the reason that the author is told. Whoever asks for text by a key is refused where a
secret belongs, and nowhere else.
"""

from __future__ import annotations

from shadowpen.daemon.base.config import CompletionSettings
from shadowpen.daemon.markup import headings, spots
from shadowpen.daemon.showing.silence import presets
from shadowpen.daemon.showing.silence.presets import DocumentKind
from shadowpen.daemon.showing.silence.secret_prompts import asks_for_secret
from shadowpen.daemon.wire.protocol import Complete

_NO_BLANKS_FROM = "\u2e80"  # Chinese and Japanese write words without blanks between them
_AFTER = {"deleted": "after_deletion", "pasted": "after_paste", "undone": "after_undo"}


def why_never(request: Complete) -> str:
    """The name of the rule that forbids to suggest anything here, even if asked; "" when none does."""
    return "asks_for_secret" if asks_for_secret(request.prefix) else ""


def why_silent(request: Complete, settings: CompletionSettings, *, mends_words: bool = True) -> str:
    """The name of the rule that forbids to suggest anything here; "" when none does.

    `mends_words`: what is typed between two letters mends the word that they are in, as far as anybody knows.
    """
    if request.explicit:
        return ""
    if request.language in settings.off_languages:
        return "off_language"
    if mends_words and _is_inside_word(request.prefix[-1:], request.suffix[:1]):
        return "inside_word"
    if request.last_edit in _AFTER:
        return _AFTER[request.last_edit]
    if presets.preset(request.language).kind is DocumentKind.CODE:
        return _in_program(request, settings)
    if settings.off_headings and _is_under(settings.off_headings, request):
        return "off_heading"
    spot = spots.spot(request.prefix, request.language)
    return f"in_{spot}" if spot in spots.SILENT else ""


def _is_under(names: list[str], request: Complete) -> bool:
    return headings.is_under(headings.above(request.prefix, request.language, request.headings), names)


def _is_inside_word(before: str, after: str) -> bool:
    return before.isalnum() and after.isalnum() and max(before, after) < _NO_BLANKS_FROM


def _in_program(request: Complete, settings: CompletionSettings) -> str:
    if settings.code == "on" or (settings.code == "comments" and presets.in_comment(request.prefix)):
        return ""
    return "in_code"
