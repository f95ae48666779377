"""`shadowpen correct` and its kin: text in, text out, by the daemon's tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import Shadowpen

from shadowpen.daemon.cli.writing import verbs

REPORT = b"# Trip\n\nThe ferry to the island was late. It rained.\n\n```\ncode\n```\n"


@pytest.mark.usefixtures("with_model")
def test_each_verb_reads_a_file_or_standard_input(shadowpen: Shadowpen, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(REPORT)
    done = shadowpen("outline", str(path))
    assert (done.err, done.out) == ("", "- Trip\n  - The ferry to the island was late.\n")
    assert shadowpen("summarize", "-", "--sentences", "1", stdin=REPORT).out == "The ferry to the island was late.\n"
    assert (
        shadowpen("reformat", "--to", "list", stdin=b"Tea is hot. Milk is cold.").out
        == "- Tea is hot.\n- Milk is cold.\n"
    )
    refused = shadowpen("reformat", "--to", "table", str(path))
    assert (refused.status, refused.out) == (2, "") and "would be lost" in refused.err


@pytest.mark.usefixtures("with_model")
def test_correcting_tells_a_script_its_edits_and_a_reader_the_difference(shadowpen: Shadowpen) -> None:
    german = b"Wir haben gestern einen langen Brief von unserer Nachbarin bekommen und gelesen.\n"
    document = shadowpen("correct", "--json", stdin=german).json
    assert (document["text"].encode(), document["edits"]) == (german, [])
    assert "another language" in document["notes"][0] and document["model"]
    done = shadowpen("correct", "--diff", stdin=german)
    assert (done.status, done.out) == (0, "") and "another language" in done.err


@pytest.mark.usefixtures("with_model")
def test_any_verb_runs_by_its_name_and_what_is_not_offered_says_why(shadowpen: Shadowpen) -> None:
    assert (
        shadowpen("tasks", "run", "reformat", "--set", "to=list", stdin=b"One two. Three four.").out
        == "- One two.\n- Three four.\n"
    )
    for verb, reason in (("reply", "larger model"), ("dance", "no task 'dance'")):
        done = shadowpen("tasks", "run", verb, stdin=b"A b.")
        assert (done.status, done.out) == (2, "") and reason in done.err


def test_the_verbs_are_listed_without_a_daemon(shadowpen: Shadowpen) -> None:
    done = shadowpen("tasks", "--json").json
    rows = {row["name"]: row for row in done["tasks"]}
    assert done["problems"] == []
    assert (
        rows["correct"]["offered"] and rows["correct"]["model"] == "default" and "F0.5" in rows["correct"]["measured"]
    )
    assert not rows["translate"]["offered"] and "larger model" in rows["translate"]["reason"]
    assert "By rule, without a model." in shadowpen("tasks").out


@pytest.mark.parametrize("verb", ["correct", "summarize", "outline", "reformat"])
def test_an_empty_text_costs_no_connection(shadowpen: Shadowpen, verb: str) -> None:
    done = shadowpen(verb, stdin=b" \n")
    assert (done.status, done.out) == (2, "") and "empty" in done.err


@pytest.mark.usefixtures("with_model")
def test_a_text_is_rewritten_in_another_tone(shadowpen: Shadowpen) -> None:
    done = shadowpen("rewrite", "--to", "friendlier", stdin=b"We do not wait.\n")
    assert (done.status, done.out) == (0, "We don't wait.\n")
    shown = shadowpen("rewrite", "--to", "formal", "--diff", stdin=b"We don't wait.\n").out
    assert "-We don't wait.\n+We do not wait.\n" in shown and "(formal)" in shown
    assert shadowpen("rewrite", stdin=b"We do not wait.\n").status == 2


@pytest.mark.parametrize(
    ("value", "read"), [("-3", -3), ("--5", "--5"), ("\u00b2", "\u00b2"), ("9" * 5000, "9" * 5000), ("true", True)]
)
def test_an_option_is_a_number_only_where_it_is_one(value: str, read: object) -> None:
    assert verbs._setting(f"name={value}") == ("name", read)
