"""What was learned is known again wherever it stands, and only the rest is new."""

from __future__ import annotations

from shadowpen.daemon.corpus.documents import Document, Span, paragraphs
from shadowpen.daemon.learning.ledger import Ledger, inherited, marks
from shadowpen.daemon.storage.versions import Base, TextSource, Version


def _document(name: str, *texts: str, time: float = 0.0, spans: tuple[Span, ...] = ()) -> Document:
    return Document(name, "\n\n".join(texts), name, time, spans)


def _version(id: str, *documents: Document, sources: tuple[TextSource, ...] = ()) -> Version:
    own = [
        TextSource(origin=one.origin, sha256=one.sha256, tokens=1, pieces=dict.fromkeys(marks(one), 1))
        for one in documents
    ]
    return Version(
        id=id, state="promoted", created="", base=Base(name="x", sha256="y"), method="full", sources=[*sources, *own]
    )


def test_of_a_text_that_grew_only_what_was_added_is_new() -> None:
    before = _document("diary", "One day.", "Another day.")
    grown = _document("diary", "One day.", "A day between.", "Another day.", "The last.", spans=(Span(10, 24, 0.3),))

    (new,) = Ledger(_version("v1", before)).new([grown])

    assert new.text == "A day between.\n\nThe last."
    assert new.spans == (Span(0, 14, 0.3),)


def test_a_text_elsewhere_or_wrapped_anew_is_known() -> None:
    ledger = Ledger(_version("v1", _document("a", "One long day.", "Another day.")))

    assert ledger.new([_document("elsewhere", "One\nlong  day.", "Another day.")]) == []
    assert [one.text for one in ledger.known([_document("b", "Another day.", "Not seen.")])] == ["Another day."]


def test_without_a_version_everything_is_new() -> None:
    assert [one.text for one in Ledger(None).new([_document("a", "One.", "Two.")])] == ["One.\n\nTwo."]


def test_its_size_is_that_of_all_that_was_learned() -> None:
    held_out = TextSource(origin="z", sha256="z", tokens=70, held_out=True)
    learned = TextSource(origin="y", sha256="y", tokens=500, pieces={"a": 1}, version="v0")

    assert Ledger(_version("v1", _document("a", "One."), sources=(held_out, learned))).tokens == 501
    assert Ledger(None).tokens == 0


def test_a_sample_is_of_what_was_learned_and_the_same_for_a_seed() -> None:
    learned = [_document(f"d{n}", *(f"Text {n} part {part}." for part in range(9)), time=n) for n in range(20)]
    ledger = Ledger(_version("v1", *learned))
    everything = [*learned, _document("new", "Never seen.")]

    chosen = ledger.sample(everything, 300, seed=1)

    assert 300 <= sum(len(one.text) for one in chosen) < 450
    assert all(ledger.times[piece] for one in chosen for piece in marks(one))
    assert [one.time for one in chosen] == sorted(one.time for one in chosen)
    assert len(paragraphs(chosen[0].text)) == 6
    assert ledger.sample(everything, 300, seed=1) == chosen
    assert ledger.sample(everything, 300, seed=2) != chosen


def test_a_chain_remembers_who_learned_what_and_how_often() -> None:
    first = _version("v1", _document("a", "One.", "Two."), _document("b", "Three."))
    second = _version("v2", _document("c", "Four."), sources=tuple(inherited(first, [_document("a", "Two.")])))
    third = inherited(second, [])

    assert [(source.origin, source.version) for source in third] == [("a", "v1"), ("b", "v1"), ("c", "v2")]
    assert sorted(Ledger(second).times.values()) == [1, 1, 1, 2]
    assert inherited(None, []) == []
