"""A version is made anew from the base when the chain has grown long enough, and not again at once."""

from __future__ import annotations

from shadowpen.daemon.learning.chain import is_anew_due, links
from shadowpen.daemon.storage.versions import Base, Version


def _version(number: int, parent: int = 0, *, anew: bool = False, state: str = "promoted") -> Version:
    return Version(
        id=f"v{number:04}-20260501", state=state, created="2026-05-01", base=Base(name="default", sha256=""),  # type: ignore[arg-type]
        parent=f"v{parent:04}-20260501" if parent else "", parameters={"anew": 1} if anew else {},
    )  # fmt: skip


_CHAIN = [_version(1), _version(2, 1), _version(4, 2)]


def test_a_chain_is_told_from_the_base_on() -> None:
    assert [link[:5] for link in links(_CHAIN, _CHAIN[-1].id)] == ["v0001", "v0002", "v0004"]
    assert links(_CHAIN, "") == []
    assert [link[:5] for link in links(_CHAIN[1:], _CHAIN[-1].id)] == ["v0002", "v0004"]
    round_about = [_version(1, 2), _version(2, 1)]
    assert len(links(round_about, round_about[0].id)) == 2


def test_it_is_due_after_so_many_runs() -> None:
    served = _CHAIN[-1].id
    assert [is_anew_due(_CHAIN, served, after) for after in (0, 2, 3, 4)] == [False, True, True, False]


def test_one_that_was_tried_is_not_tried_again_at_once() -> None:
    refused = _version(5, anew=True, state="rejected")
    assert not is_anew_due([*_CHAIN, refused], _CHAIN[-1].id, 3)

    later = [_version(6, 4), _version(7, 6), _version(8, 7)]
    assert is_anew_due([*_CHAIN, refused, *later], later[-1].id, 3)
    assert not is_anew_due([*_CHAIN, refused, *later], later[-1].id, 4)


def test_one_that_answers_begins_a_new_count() -> None:
    anew, later = _version(5, anew=True), [_version(6, 5), _version(7, 6)]
    assert not is_anew_due([*_CHAIN, anew, *later], later[-1].id, 3)
    assert is_anew_due([*_CHAIN, anew, *later], later[-1].id, 2)
