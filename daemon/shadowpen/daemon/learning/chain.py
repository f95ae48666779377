"""The length of the version chain, and when to train again from the base.

A long chain carries the rounding of each link and what its first links learned of texts that are gone; and to forget
something early in it, all that follows must be learned again. So from time to time a run starts from the base instead,
over all the text, and the better version answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from shadowpen.daemon.storage.versions import Version

ANEW = "anew"  # the parameter that marks such a version


def links(known: Sequence[Version], version: str) -> list[str]:
    """The versions from the one that started at the base to `version`; of a broken chain what is left."""
    parents = {one.id: one.parent for one in known}
    found: list[str] = []
    while version in parents and version not in found:
        found.append(version)
        version = parents[version]
    return found[::-1]


def is_anew_due(known: Sequence[Version], served: str, after_runs: int) -> bool:
    """Whether the chain of `served` grew by so many runs since a version was last made anew, or tried; 0: never."""
    last = max((one.id for one in known if one.parameters.get(ANEW)), default="")
    return after_runs > 0 and sum(link > last for link in links(known, served)) >= after_runs
