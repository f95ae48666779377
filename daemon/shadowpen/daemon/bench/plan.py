"""Sizes of a benchmark run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BenchPlan:
    """Sizes of a benchmark run.

    Lengths in tokens, words or characters as their names say. `pace` 1 types like a person, 0.1 ten times as fast.

    A document of the growth by number has `document_characters`: more than the model's window, as documents have.
    """

    context_tokens: tuple[int, ...] = (64, 512, 1024, 2048)
    draft_tokens: tuple[int, ...] = tuple(range(1, 9))
    draft_context_tokens: int = 512
    prefill_repeats: int = 3
    decode_repeats: int = 20
    context_characters: int = 1500
    typed_characters: int = 1500
    pace: float = 1.0
    idle_s: float = 10.0
    jumps: int = 20
    jump_document_words: int = 20_000
    document_words: tuple[int, ...] = (250, 1000, 4000, 16_000, 64_000)
    documents: tuple[int, ...] = (1, 2, 5, 10, 20, 50)
    document_characters: int = 8000
    growth_keys: int = 30
    seed: int = 0


def full(seed: int = 0) -> BenchPlan:
    """About ten minutes on two cores, most of it spent typing; with a peer five minutes more."""
    return BenchPlan(seed=seed)


def quick(seed: int = 0) -> BenchPlan:
    """About two minutes: the same figures from fewer samples."""
    return BenchPlan(
        context_tokens=(64, 512),
        draft_tokens=(1, 2, 4, 8),
        prefill_repeats=1,
        decode_repeats=8,
        typed_characters=150,
        idle_s=3.0,
        jumps=5,
        document_words=(250, 4000, 20_000),
        documents=(1, 3, 10),
        growth_keys=10,
        seed=seed,
    )
