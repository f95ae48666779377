from shadowpen.daemon.tasks.expansion.accounts import added_places, told_notes


def added(text: str, notes: str) -> list[str]:
    return [text[start:end] for start, end in added_places(text, notes)]


def test_words_that_the_notes_have_in_some_form_are_not_added() -> None:
    assert added("The meetings with Tom moved to Friday.", "mtg w/ Tom -> Friday, moving") == [
        "The"
    ]  # an arrow may be told as "to"
    assert added("Grandmother sang.", "soup") == ["Grandmother", "sang"]


def test_each_sentence_names_the_note_it_tells() -> None:
    notes = ["printer broken", "Tom asks finance", "next meeting 3 March"]
    text = "The printer is broken. It was Tom who asks finance. The next meeting is on 3 March."
    assert told_notes(text, notes) == [0, 1, 2]
    assert told_notes("The next meeting is on 3 March. The printer is broken.", notes) == [2, 0]
