"""The small rules for entities, parts of speech and relations, on sentences whose answer is plain."""

from __future__ import annotations

from itertools import pairwise

from shadowpen.daemon.preparation import rules

_TEXT = (
    "On 4 March 2019 Dr. Anna Berg met Thomas Reed in Lisbon at 10:30. The Harbour Company paid $1,200.50, about 15 % "
    "of it. She wrote to the University of Porto. Nobody answered."
)


def said(text: str, found: list[tuple[int, int, str]]) -> dict[str, str]:
    return {text[start:end]: label for start, end, label in found}


def test_entities_are_found_by_kind() -> None:
    assert said(_TEXT, rules.entities(_TEXT)) == {
        "4 March 2019": "DATE",
        "Dr. Anna Berg": "PERSON",
        "Thomas Reed": "NAME",
        "Lisbon": "PLACE",
        "10:30": "TIME",
        "Harbour Company": "ORG",
        "$1,200.50": "MONEY",
        "15 %": "PERCENT",
        "University of Porto": "ORG",
    }


def test_a_sentence_does_not_begin_with_a_name_unless_it_stands_elsewhere() -> None:
    text = "Boats lay there. Mary came. We saw Mary again."

    assert said(text, rules.entities(text)) == {"Mary": "NAME"}


def test_no_two_entities_overlap() -> None:
    found = rules.entities(_TEXT * 3)

    assert all(first[1] <= second[0] for first, second in pairwise(found))


def test_parts_of_speech_follow_endings_and_closed_classes() -> None:
    text = "The careful sailors quickly crossed 3 rivers with Mary."

    assert said(text, rules.parts_of_speech(text)) == {
        "The": "DET",
        "careful": "ADJ",
        "sailors": "NOUN",
        "quickly": "ADV",
        "crossed": "VERB",
        "3": "NUM",
        "rivers": "NOUN",
        "with": "ADP",
        "Mary": "PROPN",
        ".": "PUNCT",
    }


def test_relations_join_two_names_of_one_sentence() -> None:
    text = "Then Thomas Reed visited Anna Berg. We liked Lisbon. The boat of Mary, and Peter."

    found = [tuple(text[start:end] for start, end in parts) for parts in rules.relations(text, rules.entities(text))]

    assert found == [("Thomas Reed", "visited", "Anna Berg")]
