"""The page about what was learned: folders, documents, phrases and words, with buttons to delete them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.errors import ConfigInvalid, ModelCorrupt, ModelMissing
from shadowpen.daemon.cli.learning import added_folder, allowed
from shadowpen.daemon.cli.learning.forget import carried_out
from shadowpen.daemon.learning import forgetting
from shadowpen.daemon.learning.forgetting import ForgettingPlan, Wish
from shadowpen.daemon.privacy.forgotten import words
from shadowpen.daemon.storage import journal, own_words, versions

_MOST_DOCUMENTS = 500
_MOST_PHRASES = 100
_SHOWN_OF_PLAN = 20
_KINDS = ("file", "phrase", "since")


def shown(layout: store.Layout) -> dict[str, Any]:
    """The values of the page; the newest first, and of everything at most a few hundred."""
    learning = config.load(layout.config_file).learning
    documents = _documents(layout)
    return {
        "folders": learning.folders,
        "private_folders": learning.private_folders,
        "documents": documents[:_MOST_DOCUMENTS],
        "more_documents": max(0, len(documents) - _MOST_DOCUMENTS),
        "phrases": _phrases(layout),
        "words": sorted(own_words.read(own_words.added(layout))),
    }


def remove_folder(layout: store.Layout, folder: str) -> str:
    """Stop learning from a folder."""
    if not allowed.remove_folder(layout, folder, ("folders",)):
        raise ConfigInvalid(f"{folder} is not in the list.", "Load the page again.")
    return f"{folder} is no longer learned from. Versions that learned from it remain."


def add_folder(layout: store.Layout, folder: str) -> str:
    """Learn from a folder from now on; what is read of it, or why nothing is learned yet."""
    if not folder:
        raise ConfigInvalid("No folder was named.", "Name the folder that holds your texts.")
    place = allowed.checked_folder(layout, folder)
    is_new = allowed.add_folder(layout, place, "folders")
    learning = config.load(layout.config_file).learning
    corpus = added_folder.read(layout, place, learning, is_new=is_new)
    told: str = added_folder.told(place, corpus, may_learn=learning.enabled == "on")["message"]
    return told if learning.enabled == "on" else f"{told} Nothing is learned before you turn learning on."


def remove_word(layout: store.Layout, word: str) -> str:
    """Take a word out of those that are no mistakes."""
    own_words.remove(own_words.added(layout), word)
    return f"“{word}” is no longer among your words."


def add_word(layout: store.Layout, word: str) -> str:
    """Put a word among those that are no mistakes."""
    if not word or len(word.split()) != 1:
        raise ConfigInvalid("This is not one word.", "Enter one word.")
    own_words.add(own_words.added(layout), word)
    return f"“{word}” is one of your words now."


def planned(layout: store.Layout, kind: str, value: str) -> dict[str, Any]:
    """What forgetting would delete, for the page that asks."""
    plan = _plan(layout, _wish(kind, value))
    return {
        "kind": kind,
        "value": value,
        "edits": len(plan.edits),
        "origins": plan.origins[:_SHOWN_OF_PLAN],
        "more_origins": max(0, len(plan.origins) - _SHOWN_OF_PLAN),
        "versions": plan.versions,
    }


def forget(layout: store.Layout, kind: str, value: str) -> str:
    """Delete a document, a day or a phrase from everything that was learned."""
    wish = _wish(kind, value)
    plan = _plan(layout, wish)
    problem = carried_out(layout, plan, wish)
    told = "It is forgotten." + (" The next training makes a version without it." if plan.versions else "")
    return f"{told} {problem}".rstrip()


def _plan(layout: store.Layout, wish: Wish) -> ForgettingPlan:
    return forgetting.plan(layout, config.load(layout.config_file).learning, wish)


def _wish(kind: str, value: str) -> Wish:
    if kind == "file" and value and "\0" not in value:
        return Wish(file=value)
    if kind == "since":
        try:
            return Wish.since_local(datetime.fromisoformat(value))
        except ValueError:
            raise ConfigInvalid("This is not a date.", "Choose a day.") from None
    if kind == "phrase" and words(value):
        return Wish(phrase=value)
    raise ConfigInvalid("The text to forget contains no words.", "Name at least one.")


def _documents(layout: store.Layout) -> list[tuple[str, int]]:
    """Every document that the version in use learned from, with its tokens; where it is lost the base is in use."""
    pointer = versions.current(layout)
    try:
        sources = versions.read(layout, pointer.version).sources if pointer.version else []
    except (ModelMissing, ModelCorrupt):
        sources = []
    tokens: Counter[str] = Counter()
    for source in sources:
        if not source.held_out:
            tokens[source.origin] += source.tokens
    return sorted(tokens.items())


def _phrases(layout: store.Layout) -> list[tuple[str, str, str]]:
    """The suggestions accepted last: day, text and document."""
    edits = reversed(journal.read(layout.edits).edits)
    taken = [
        (f"{edit.accepted.time.astimezone():%Y-%m-%d}", edit.accepted.taken.strip(), edit.accepted.document)
        for edit in edits
        if edit.was_taken and edit.accepted.taken.strip() not in ("", journal.TAKEN_OUT)
    ]
    return taken[:_MOST_PHRASES]
