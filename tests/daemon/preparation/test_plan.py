"""The plan's file: what it may say, and one sentence about whatever it says wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.preparation import plan as plans
from shadowpen.daemon.preparation.plan import AnnotationSchema, CleaningRules, MediaRules, Plan, PlannedSource


def load(tmp_path: Path, text: str) -> Plan:
    (tmp_path / "texts").mkdir(exist_ok=True)
    (tmp_path / "corpus.toml").write_text(text)
    return plans.load(tmp_path / "corpus.toml")


def test_a_whole_plan_is_read(tmp_path: Path) -> None:
    plan = load(
        tmp_path,
        """
[[data_sources]]
folder = "texts"
[[data_sources]]
feed = "https://example.org/feed.xml"
entries = 20
[[data_sources]]
page = "http://example.org/about"
[cleaning_rules]
markup = false
language = "en"
min_characters = 100
stop_words = ["the", "and"]
[annotation_schema]
entities = ["PERSON"]
topics = 5
sentences = true
[media]
images = true
caption_model = "models/caption"
""",
    )

    assert plan.sources == (
        PlannedSource("folder", str(tmp_path / "texts")),
        PlannedSource("feed", "https://example.org/feed.xml", 20),
        PlannedSource("page", "http://example.org/about"),
    )
    assert plan.cleaning == CleaningRules(markup=False, language="en", min_characters=100, stop_words=["the", "and"])
    assert plan.schema == AnnotationSchema(entities=["PERSON"], topics=5, sentences=True)
    assert plan.media == MediaRules(images=True, caption_model=str(tmp_path / "models/caption"))


def test_a_short_plan_has_the_steps_of_learning(tmp_path: Path) -> None:
    plan = load(tmp_path, '[[data_sources]]\nfolder = "texts"\n')

    assert plan.cleaning == CleaningRules() and plan.cleaning.language == "main"
    assert plan.schema.asks_nothing


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names no data_sources"),
        ("data_sources = 7", "names no data_sources"),
        ("not toml", "is not TOML"),
        ("a = " + "[" * 5_000, "is not TOML"),
        ("[other]\n", "section 'other'"),
        ("[[data_sources]]\n", "must name one of folder, feed, page"),
        ('[[data_sources]]\nfolder = "texts"\nfeed = "https://a.b"', "must name one of"),
        ('[[data_sources]]\nfolder = "none"', "is not a folder"),
        ('[[data_sources]]\nfolder = "a\\u0000b"', "is not a"),
        ("[[data_sources]]\nfolder = 7", "has no text for folder"),
        ('[[data_sources]]\nfolder = "texts"\nentries = 3', "a key 'entries'"),
        ('[[data_sources]]\nfeed = "file:///etc/passwd"', "http://"),
        ('[[data_sources]]\nfeed = "https://a.b:99999/"', "http://"),
        ('[[data_sources]]\nfeed = "https://a.b"\nentries = 0', "from 1 to"),
        ("[cleaning_rules]\nmarkup = 1", "cleaning_rules.markup must be true or false"),
        ("[cleaning_rules]\nmin_characters = -1", "cleaning_rules.min_characters must be a number"),
        ("[cleaning_rules]\nstop_words = [1]", "cleaning_rules.stop_words must be true, false or a list"),
        ("[cleaning_rules]\ncolour = 1", "has no key 'colour'"),
        ("[annotation_schema]\ntopics = true", "annotation_schema.topics must be a number"),
        ("media = 3", "media must be a section"),
    ],
)
def test_what_is_wrong_is_told_by_name(tmp_path: Path, text: str, why: str) -> None:
    if text.startswith(("[cleaning", "[annotation", "media")):
        text = f'{text}\n[[data_sources]]\nfolder = "texts"'
    with pytest.raises(ConfigInvalid) as error:
        load(tmp_path, text)
    assert why in error.value.message and error.value.hint


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        plans.load(tmp_path / "none.toml")
