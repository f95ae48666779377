from shadowpen.daemon.corpus.notes import fits, lead_pair, make_notes, make_pair
from shadowpen.daemon.text.content_words import content_words, missing

PARAGRAPH = (
    "The committee met on 14 March in the old library, and Anna Petrova explained why the roof had to be mended before "
    "winter. Nobody disagreed with her, although the price of copper had risen by 30 per cent since the summer. They "
    "decided to ask two builders from Leeds for an offer; the money would come from the harvest fair."
)


def test_notes_are_short_stubs_of_the_paragraphs_own_words_in_order() -> None:
    notes = make_notes(PARAGRAPH, seed=1)
    assert 3 <= len(notes) <= 6
    said = [w.lower() for w in content_words(" ".join(notes))]
    assert missing(said, PARAGRAPH) == []
    places = [PARAGRAPH.lower().index(note.lower().split()[0]) for note in notes]
    assert places == sorted(places)
    assert all(len(note.split()) <= 8 for note in notes)


def test_names_and_numbers_survive() -> None:
    notes = " ".join(make_notes(PARAGRAPH, seed=1))
    assert "14" in notes
    assert "30" in notes
    assert "Leeds" in notes


def test_the_same_seed_makes_the_same_notes() -> None:
    assert make_pair(PARAGRAPH, 5) == make_pair(PARAGRAPH, 5)
    assert len({make_notes(PARAGRAPH, seed) for seed in range(12)}) > 3


def test_a_lead_sentence_is_a_note_of_its_own() -> None:
    pair = lead_pair(PARAGRAPH)
    assert pair is not None
    assert pair.notes == (PARAGRAPH[: PARAGRAPH.index(" Nobody")],)
    assert lead_pair("Only one sentence here.") is None


def test_only_prose_of_a_paragraphs_length_fits() -> None:
    assert fits(PARAGRAPH)
    assert not fits("Too short.")
    assert not fits(PARAGRAPH + "\n" + PARAGRAPH)
    assert not fits("| a | b |" * 40)
