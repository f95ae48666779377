"""Training data beside the user's text: general text, replaced suggestions, pairs about people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from pathlib import PurePath

from shadowpen.daemon.base import store
from shadowpen.daemon.corpus.split import Encode, Split
from shadowpen.daemon.evaluation.harm import pairs
from shadowpen.daemon.privacy import forgotten
from shadowpen.daemon.storage import journal
from shadowpen.daemon.storage.journal import TAKEN_OUT
from shadowpen.daemon.trainer.by_recipe.recipe import Material, Preference
from shadowpen.exporters.graphs.scoring import general_texts

GENERAL_SHARE_KEPT = 4  # every fourth general text is learned by no recipe: it chooses and measures


def material(layout: store.Layout, parts: Split, encode: Encode, bos_id: int | None, length: int) -> Material:
    """All there is; `length` is the tokens of a row."""
    by_author: dict[str, list[tuple[Sequence[int], Sequence[float]]]] = defaultdict(list)
    for tokens in parts.train:
        by_author[str(PurePath(tokens.document.origin).parent)].append((tokens.ids, tokens.weights))
    return Material(
        encode=lambda text: encode(text)[0],
        bos_id=bos_id,
        length=length,
        by_author=by_author,
        general=[text for place, text in enumerate(general_texts()) if place % GENERAL_SHARE_KEPT],
        preferences=list(preferences(layout, {id for one in parts.train for id in one.document.journalled})),
        counterfactuals=[(pair.stereotyped, pair.other, pair.ending) for pair in pairs.stereotypes()][::2],
    )


def preferences(layout: store.Layout, learned: Set[str]) -> Iterator[Preference]:
    """Suggestions in whose place something else was written, or that were changed afterwards.

    Of the edits with the ids `learned` alone: what a version saw can then be told from its sources. Nothing in which a
    forgotten text stands.
    """
    contents = journal.read(layout.edits)
    kept_out = forgotten.load(layout.forgotten)
    for edit in (*contents.typed_over, *contents.edits):
        accepted, written = edit.accepted, edit.final_text
        suggested = accepted.taken or accepted.suggested
        if edit.id not in learned or TAKEN_OUT in (written, suggested):
            continue
        is_other = written.strip() not in ("", suggested.strip())
        if is_other and not any(kept_out.places(text) for text in (accepted.context, written, suggested)):
            yield Preference(accepted.context, written, suggested)
