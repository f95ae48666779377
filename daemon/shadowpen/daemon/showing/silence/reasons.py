"""The sentence for each reason of silence, as `shadowpen log`, the report and editors show it.

The names themselves are the codes of the protocol and of `--json`. A name without a sentence is shown as it is.
"""

from __future__ import annotations

_SENTENCES = {
    "offered": "suggested",
    "no_text": "the model had no suggestion",
    "unsure": "you would probably not accept it",
    "not_worth_reading": "it would save fewer keys than a glance costs (completion.glance_price)",
    "too_short": "it would save too few characters (completion.min_gain)",
    "dismissed": "you dismissed it here",
    "backing_off": "you did not accept the last suggestions",
    "paused": "ghost text is paused",
    "manual_only": "manual mode is on",
    "on_battery": "the machine runs on battery",
    "asks_for_secret": "this line asks for a secret, so nothing is suggested here, not even on your key",
    "off_language": "ghost text is off for this language",
    "unwritten_language": "the model does not write the language of this text (writing.unwritten)",
    "off_heading": "ghost text is off under this heading",
    "inside_word": "the cursor is inside a word",
    "after_deletion": "you have just deleted text",
    "after_paste": "you have just pasted text",
    "after_undo": "you have just undone a change",
    "in_code": "the cursor is in code",
    "in_front_matter": "the cursor is in front matter",
    "in_math": "the cursor is in a formula",
    "in_markup": "the cursor is in markup",
    "in_address": "the cursor is in a link or an address",
    "meets_suffix": "it only repeats the text after the cursor",
    "repeats_suffix": "it repeats the text after the cursor",
    "breaks_markup": "it would break the markup",
    "repeats_line_above": "it repeats the line above",
    "repeats_itself": "it repeats what you have just written",
    "junk": "it is not readable text",
    "secret": "it looks like a secret",
    "profane": "it contains profanity",
    "ends_open": "it ends in the middle of a phrase",
    "says_nothing": "it says nothing",
    "server_failed": "the server failed; `shadowpen status` says why",
    "private_folder": "the document is in a private folder, and the server is on another machine",
}


def sentence(reason: str) -> str:
    """The reason `reason` for people."""
    return _SENTENCES.get(reason) or reason.replace("_", " ")
