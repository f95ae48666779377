"""A plan carried out: texts, annotations, media and one report, and nothing that must not be prepared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.preparation.plan import AnnotationSchema, CleaningRules, MediaRules, Plan, PlannedSource
from shadowpen.daemon.preparation.prepare import KeptOut, carry_out
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

_ENGLISH = (
    "Then Thomas Reed visited Anna Berg on 4 March 2019. The harbour was cold, and the boats lay there as they had all "
    "winter. Nobody had thought of them before the tide came in. When it did, we took the oars from the shed and rowed "
    "out to the last of them, which was old and grey, and we sat there until it was dark, without a word, because the "
    "wind was so loud that nobody would have heard it. In the end we came home late, and there was still some soup."
)
_GERMAN = (
    "Es war ein langer Weg zum Hafen, und niemand hatte daran gedacht, eine Lampe mitzunehmen. Wir gingen deshalb "
    "sehr langsam und sprachen nicht miteinander, weil der Wind so laut war, dass man nichts verstehen konnte, und "
    "weil es kalt war. Am Ende kamen wir trotzdem noch rechtzeitig an das Wasser, wo das Boot lag, das mein Bruder "
    "am Abend vorher aus dem Schuppen geholt hatte, und wir fuhren hinaus, obwohl es schon dunkel wurde."
)
_GARDEN = "The garden was warm, and nobody ever went there again in the spring."
_QUOTED = "> Somebody said that boats are slow.\n\n`code` stays where\nlines are wrapped."


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.md").write_text(f"{_ENGLISH}\n\n{_QUOTED}\n")
    (folder / "b.md").write_text(
        f"{_ENGLISH}\n\nThe garden was warm, and nobody ever went there again in the spring.\n"
    )
    (folder / "deutsch.md").write_text(_GERMAN)
    (folder / "short.md").write_text("Hello.\n")
    return folder


def prepare(texts: Path, pasted: ForgottenTexts | None = None, **parts: Any) -> tuple[dict[str, Any], Path]:
    target = texts.parent / "out"
    plan = Plan((PlannedSource("folder", str(texts)),), **parts)
    told, report = carry_out(plan, target, KeptOut(LearningSettings(), ForgottenTexts(), pasted or ForgottenTexts()))
    return {**told, "left_out": report.document()}, target


def test_the_rules_of_learning_hold_unless_they_are_switched_off(texts: Path) -> None:
    told, target = prepare(texts)

    assert "Somebody" not in (target / "a.md.txt").read_text()
    assert _ENGLISH not in (target / "b.md.txt").read_text()
    assert not (target / "deutsch.md.txt").exists()
    assert told["left_out"]["files"]["another language"] == 1


def test_each_rule_has_a_switch(texts: Path) -> None:
    rules = CleaningRules(markup=False, whitespace=False, duplicates=False, language="any")

    _, target = prepare(texts, cleaning=rules)

    written = (target / "a.md.txt").read_text()
    assert "> Somebody said" in written and "`code` stays where\nlines" in written
    assert _ENGLISH in (target / "b.md.txt").read_text()
    assert _GERMAN in (target / "deutsch.md.txt").read_text()


def test_secrets_go_whatever_is_switched_off(texts: Path) -> None:
    (texts / "key.md").write_text("The key is sk-proj-abcdefghijklmnopqrstuvwx1234, and nobody else has it.")

    _, target = prepare(texts, cleaning=CleaningRules(markup=False, whitespace=False, duplicates=False))

    assert "⟦api-key⟧" in (target / "key.md.txt").read_text()


def test_a_language_can_be_named_and_lengths_be_limited(texts: Path) -> None:
    told, _ = prepare(texts, cleaning=CleaningRules(language="de", min_characters=100))
    assert [row["text"] for row in told["texts"]] == ["deutsch.md.txt"]

    told, _ = prepare(texts, cleaning=CleaningRules(language="any", min_characters=20, max_characters=300))
    assert [row["text"] for row in told["texts"]] == ["b.md.txt"]
    assert told["left_out"]["files"]["shorter than 20 characters"] == 1
    assert told["left_out"]["files"]["longer than 300 characters"] == 2


def test_the_schema_is_noted_beside_each_text(texts: Path) -> None:
    schema = AnnotationSchema(
        entities=["DATE", "NAME"], parts_of_speech=True, relations=True, topics=3, sentences=True, words=True
    )

    told, target = prepare(texts, schema=schema)

    text = (target / "a.md.txt").read_text()
    noted = json.loads((target / "a.md.txt.json").read_text())
    assert {text[start:end]: label for start, end, label in noted["entities"]} == {
        "Thomas Reed": "NAME",
        "Anna Berg": "NAME",
        "4 March 2019": "DATE",
    }
    assert [text[start:end] for start, end in noted["relations"][0]] == ["Thomas Reed", "visited", "Anna Berg"]
    assert text[slice(*noted["sentences"][0])].endswith("4 March 2019.")
    assert len(noted["words"]) == len(noted["parts_of_speech"])
    assert len(noted["topics"]) == 3 and "garden" in json.loads((target / "b.md.txt.json").read_text())["topics"]
    assert told["annotations"]["by"] == "rules for English"
    assert told["annotations"]["entities"] == {"NAME": 2, "DATE": 1}


def test_a_pipeline_that_is_not_installed_writes_nothing(texts: Path) -> None:
    with pytest.raises(ConfigInvalid):
        prepare(texts, schema=AnnotationSchema(pipeline="none_such", entities=True))
    assert not (texts.parent / "out").exists()


def test_media_are_told_apart_from_the_texts(texts: Path) -> None:
    (texts / "boat.png").write_bytes(b"x")
    (texts / "boat.png.txt").write_text("A boat on the quay.")

    told, target = prepare(texts, media=MediaRules(images=True))

    (line,) = (target / "media.jsonl").read_text().splitlines()
    assert json.loads(line) == {"file": "boat.png", "text": "A boat on the quay.", "by": "sidecar"}
    assert told["media"] == {"sidecar": 1}


def test_statistics_leave_out_stop_words(texts: Path) -> None:
    told, _ = prepare(texts, cleaning=CleaningRules(language="en"))
    assert "the" not in told["statistics"]["frequent_words"] and told["statistics"]["sentences"] >= 4
    told, _ = prepare(texts, cleaning=CleaningRules(language="en", stop_words=False))
    assert "the" in told["statistics"]["frequent_words"]


def test_two_folders_with_the_same_names_do_not_mix(texts: Path, tmp_path: Path) -> None:
    other = tmp_path / "more" / "texts"
    other.mkdir(parents=True)
    (other / "a.md").write_text("Another text of the same name, which says something else about the garden in spring.")
    plan = Plan((PlannedSource("folder", str(texts)), PlannedSource("folder", str(other))))

    told, _ = carry_out(plan, tmp_path / "out", KeptOut(LearningSettings(), ForgottenTexts(), ForgottenTexts()))

    names = [row["text"] for row in told["texts"]]
    assert {"texts/a.md.txt", "texts/a.md-2.txt"} <= set(names) and len(set(names)) == len(names)
    assert all((tmp_path / "out" / name).is_file() for name in names)
