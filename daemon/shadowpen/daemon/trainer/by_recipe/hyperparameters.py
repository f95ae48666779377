"""The hyperparameters of recipes: typed, within limits, and read from text one by one.

A value that cannot be used leaves the default and a sentence. Knows no recipe and no torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

_SHOWN = 60  # characters of a value that cannot be used

Count = Annotated[int, Meta(ge=1, le=1024)]
Share = Annotated[float, Meta(ge=0, le=0.9)]


class Hyperparameters(msgspec.Struct, frozen=True, kw_only=True):
    """How a recipe learns. A recipe states which of them it follows."""

    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 2e-4
    schedule: Literal["cosine", "linear", "constant"] = "constant"  # constant cools down over its last fifth
    warmup: Annotated[int, Meta(ge=0, le=100_000)] = 5  # steps, at most a fifth of all
    optimizer: Literal["adamw", "adafactor", "sgd"] = "adafactor"
    weight_decay: Annotated[float, Meta(ge=0, le=1)] = 0.0
    dropout: Share = 0.0  # of what each layer adds
    batch_rows: Count = 1  # in one forward pass
    gradient_accumulation: Count = 4  # forward passes for one step
    epochs: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    max_seq_length: Annotated[int, Meta(ge=16, le=4096)] = 256  # tokens of a row
    freeze: Annotated[str, Meta(pattern=r"^(none|embeddings|all but head|lowest [0-9]{1,3})$")] = "none"
    rank: Count = 8  # of an adapter
    replay_share: Share = 0.0  # of the rows, text that the base wrote itself
    pull_back: Annotated[float, Meta(ge=0, le=1)] = 0.0  # of what was learned, that is not served in any case
    patience: Count = 2  # evaluations without gain before it stops
    own_loss: Annotated[float, Meta(ge=0, le=100)] = 1.0  # weight of the recipe's own loss beside the next word's
    own_tasks: Annotated[str, Meta(pattern=r"^([a-z]+(\+[a-z]+){0,4})?$")] = (
        ""  # which of its own losses a recipe takes
    )
    task_weights: Literal["fixed", "uncertainty"] = "fixed"  # by own_loss, or learned (Kendall et al. 2018)
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 0


NAMES: tuple[str, ...] = Hyperparameters.__struct_fields__


def read(
    defaults: Hyperparameters, given: Iterable[str], follows: Iterable[str] = NAMES
) -> tuple[Hyperparameters, list[str]]:
    """`defaults` changed by the "NAME=VALUE" of `given`, and a sentence for each that cannot be used.

    A recipe that does not follow a hyperparameter says so too.
    """
    problems: list[str] = []
    found = checked(defaults)
    for text in given:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in NAMES:
            problems.append(f"There is no hyperparameter '{name[:_SHOWN]}'; there are {', '.join(NAMES)}.")
        elif name not in set(follows):
            problems.append(f"This recipe does not use {name}; it is left out.")
        else:
            found = _changed(found, name, value, problems)
    return found, problems


def checked(defaults: Hyperparameters) -> Hyperparameters:
    """The same with each value as its type, a whole number as a float where one is meant; ValueError outside limits."""
    return msgspec.convert(msgspec.structs.asdict(defaults), Hyperparameters)


def _changed(before: Hyperparameters, name: str, value: str, problems: list[str]) -> Hyperparameters:
    content: dict[str, Any] = {**msgspec.structs.asdict(before), name: value}
    try:
        return msgspec.convert(content, Hyperparameters, strict=False)
    except msgspec.ValidationError as error:
        why = str(error).split(" - at ")[0].replace("`", "")
        kept = msgspec.structs.asdict(before)[name]
        problems.append(f"{name} cannot be '{value[:_SHOWN]}' ({why}); it stays {kept}.")
        return before
