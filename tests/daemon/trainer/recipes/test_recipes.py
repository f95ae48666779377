"""Each recipe learns the author's rows and does what it is for; without data of its kind it says so."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from support.models.patterns import rows_in_a_pattern

from shadowpen.daemon.base.errors import ConfigInvalid, TooLittleText
from shadowpen.daemon.corpus.split import encoder
from shadowpen.daemon.trainer import lora, losses
from shadowpen.daemon.trainer.by_recipe import registry
from shadowpen.daemon.trainer.by_recipe.recipe import Material, Preference
from shadowpen.daemon.trainer.by_recipe.run import RecipeRun
from shadowpen.daemon.trainer.full_training.every_weight import EveryWeight
from shadowpen.daemon.trainer.packing import Packed, pack
from shadowpen.daemon.trainer.recipes.multitask import corrupted, out_of_order
from shadowpen.daemon.trainer.recipes.selfsupervised import masked

pytest.importorskip("peft")

TRAIN, VALIDATION = rows_in_a_pattern(1), rows_in_a_pattern(2, documents=4)
GIVEN = ("learning_rate=0.01", "max_seq_length=32", "batch_rows=4", "gradient_accumulation=1")
PAIR = ("The dog", "The tide", "waited for the boats")


@pytest.fixture
def material(checkpoint: Path) -> Material:
    encode = encoder(checkpoint / "tokenizer.json")
    ids = list(range(20, 50))
    text: list[tuple[Any, Any]] = [(ids, [1.0] * len(ids))] * 4
    return Material(
        encode=lambda text: encode(text)[0],
        bos_id=None,
        length=32,
        by_author={"a": text, "b": [(ids[::-1], weights) for ids, weights in text]},
        general=["He walked along the river with the dog and thought about the winter."] * 4,
        preferences=[Preference("The harbour lay", " still in the morning", " with the boats")],
        counterfactuals=[PAIR],
    )


def _learned(name: str, checkpoint: Path, folder: Path, material: Material, *given: str) -> tuple[EveryWeight, float]:
    """The model after a run, and by how much it reads later rows better."""
    recipe, chosen, problems = registry.chosen(name, [*GIVEN, *given])
    assert problems == []
    rows = {"train": TRAIN, "validation": VALIDATION, **recipe.rows(material)}
    model = EveryWeight(lora.load_base(checkpoint, "float32", "cpu"), folder, "float32")
    before = model.mean_loss(VALIDATION)
    plan: Any = recipe.plan(name, chosen)
    run = RecipeRun(model, recipe, plan, lambda one: rows.get(one, pack([], length=32)), pack([], length=32), folder)
    run.train(lambda _: None)
    return model, before - model.mean_loss(VALIDATION)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("selfsupervised", ()),
        ("selfsupervised", ("own_tasks=masked+contrastive",)),
        ("multitask", ()),
        ("multitask", ("task_weights=uncertainty",)),
        ("transfer", ()),
        ("rloo", ()),
    ],
)
def test_it_learns_beside_what_is_its_own(
    name: str, given: tuple[str, ...], checkpoint: Path, tmp_path: Path, material: Material
) -> None:
    _, gained = _learned(name, checkpoint, tmp_path, material, *given)
    assert gained > 0.1


def test_a_span_is_taken_out_and_asked_for() -> None:
    rows = pack([(list(range(20, 50)), [1.0] * 30)], length=40)
    found = masked(rows, step=3, seed=0)
    span = found.ids[0][found.weights[0] > 0].tolist()
    assert 3 <= len(span) <= 9 and span == list(range(span[0], span[-1] + 1))
    known = found.ids[0][(found.weights[0] == 0) & (found.segments[0] > 0)].tolist()
    assert known.count(0) == 2 and not set(known) & set(span) and {*known, *span} == {0, *range(20, 50)}


def test_what_is_altered_has_the_same_tokens_in_other_places() -> None:
    rows = pack([(list(range(20, 50)), [1.0] * 30)], length=40)
    for altered in (out_of_order(rows, 1, 0), corrupted(rows, 1, 0)):
        assert sorted(altered.ids[0]) == sorted(rows.ids[0]) and not (altered.ids == rows.ids).all()
    assert (corrupted(rows, 1, 0).ids == rows.ids).mean() > 0.7


def test_weights_by_uncertainty_follow_the_losses(checkpoint: Path, tmp_path: Path) -> None:
    """A task of larger loss gets the larger variance, and so the smaller weight (Kendall et al. 2018)."""
    recipe, chosen, _ = registry.chosen("multitask", [*GIVEN, "task_weights=uncertainty", "own_tasks=order"])
    model = EveryWeight(lora.load_base(checkpoint, "float32", "cpu"), tmp_path, "float32")
    plan: Any = recipe.plan("multitask", chosen)
    recipe.begin(model, lambda name: TRAIN, plan)
    recipe.loss(TRAIN.rows([0]), 0).backward()
    following, order = (recipe.heads()[f"log variance of {name}"].grad for name in ("next", "order"))
    assert following is not None and order is not None and following < order


def test_a_task_that_is_not_there_is_told(checkpoint: Path, tmp_path: Path, material: Material) -> None:
    with pytest.raises(ConfigInvalid, match="no task 'kinder'"):
        _learned("multitask", checkpoint, tmp_path, material, "own_tasks=kinder")


def test_feedback_prefers_what_was_written(checkpoint: Path, tmp_path: Path, material: Material) -> None:
    base = EveryWeight(lora.load_base(checkpoint, "float32", "cpu"), tmp_path, "float32")
    before = _lead(base, material)
    model, gained = _learned("feedback", checkpoint, tmp_path, material, "own_loss=20", "epochs=2")
    assert gained > 0.1
    assert _lead(model, material) > before + 1.0


def _lead(model: EveryWeight, material: Material) -> float:
    (pair,) = material.preferences
    rows = material.continued([(pair.context, pair.written), (pair.context, pair.suggested)])
    written, suggested = losses.by_row(model.model, rows)
    return float((suggested - written).detach())


def test_fair_narrows_the_gap(checkpoint: Path, tmp_path: Path, material: Material) -> None:
    with_it, _ = _learned("fair", checkpoint, tmp_path, material, "own_loss=1", "epochs=2")
    without, _ = _learned("fair", checkpoint, tmp_path, material, "own_loss=0", "epochs=2")
    assert abs(_gap(with_it, material)) < 0.5 * abs(_gap(without, material))


def _gap(model: EveryWeight, material: Material) -> float:
    first, second, ending = PAIR
    one, other = losses.by_row(model.model, material.continued([(first, f" {ending}."), (second, f" {ending}.")]))
    return float((one - other).detach())


def test_meta_moves_towards_all_authors(checkpoint: Path, tmp_path: Path, material: Material) -> None:
    base = EveryWeight(lora.load_base(checkpoint, "float32", "cpu"), tmp_path, "float32")
    authors = [pack(texts, None, 32) for texts in material.by_author.values()]
    before = [base.mean_loss(rows) for rows in authors]
    model, _ = _learned("meta", checkpoint, tmp_path, material, "epochs=8", "patience=99")
    assert all(model.mean_loss(rows) < old for rows, old in zip(authors, before, strict=True))


@pytest.mark.parametrize(
    ("name", "lacking"),
    [("feedback", {"preferences": []}), ("fair", {"counterfactuals": []}), ("meta", {"by_author": {}})],
)
def test_without_data_of_its_kind_it_says_so(name: str, lacking: dict[str, Any], material: Material) -> None:
    with pytest.raises(TooLittleText, match="there is none"):
        registry.load(name).rows(dataclasses.replace(material, **lacking))


def test_an_ending_counts_and_its_opening_does_not(material: Material) -> None:
    rows: Packed = material.continued([("The harbour lay still in the morning. " * 9, " and the boats")])
    counted = rows.ids[0][rows.weights[0] > 0].tolist()
    assert counted == material.encode(" and the boats")
    assert rows.ids.shape == (1, 32)


def test_an_ending_of_one_token_has_a_row_of_its_own(material: Material) -> None:
    """What was suggested is often one word: each pair keeps its place."""
    word = next(word for word in (" the", " and", ".", "s") if len(material.encode(word)) == 1)
    rows = material.continued([("The harbour", " lay still"), ("The harbour", word), ("In the morning", " the boats")])
    counted = [row_ids[weights > 0].tolist() for row_ids, weights in zip(rows.ids, rows.weights, strict=True)]
    assert counted == [material.encode(text) for text in (" lay still", word, " the boats")]
