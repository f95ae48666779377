"""daemon/privacy/look_alikes.py: what a rule found is a secret, or only looks like one."""

from __future__ import annotations

import itertools
import random

import pytest

from shadowpen.daemon.privacy import look_alikes
from shadowpen.daemon.privacy.redaction import redact

MARKS = "“\"'«`「『.,;:!?)…—，。 <{[($⟦=-~/\t\r"
JUDGES = [
    look_alikes.is_said_password,
    look_alikes.is_line,
    look_alikes.is_encoded,
    look_alikes.is_hidden_email,
    look_alikes.is_assigned,
    look_alikes.is_strong,
]


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.__name__)
def test_marks_alone_are_judged_like_anything_else(judge: object) -> None:
    for marks in itertools.chain(MARKS, map("".join, itertools.product(MARKS, repeat=2))):
        for before in ("", "PASSWORD=", "password: "):
            assert judge(marks, before) in ("", *(marks[:end] for end in range(len(marks) + 1)))  # type: ignore[operator]


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD=", "api_key: ", "password: ", "the password is ", "Authorization: Basic "]
)
def test_marks_behind_a_name_do_no_harm(name: str) -> None:
    triples = ["".join(marks) for marks in itertools.product(MARKS, repeat=3)]
    for marks in random.Random(0).sample(triples, 1_500):
        redact(f"Set {name}{marks} and go on.")
