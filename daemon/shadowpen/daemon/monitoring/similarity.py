"""Similarity of the offered text and what is left of it: BLEU, chrF and ROUGE-L.

Both packages come with the extra `monitor`. They are imported in a process that lives for one comparison, so that they
cost the daemon neither memory nor time; the texts go there through a pipe and touch no file. Knows nothing of days,
tasks or versions.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from shadowpen.daemon.base.logs import LOGGER

PACKAGES = ("sacrebleu", "rouge_score")
_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.monitoring.similarity")
_LIMIT_S = 120.0
_IDEOGRAMS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # of scripts without blanks between words
_WORD = re.compile(rf"[{_IDEOGRAMS}]|[^\W{_IDEOGRAMS}]+")


class TextPair(NamedTuple):
    """What was `offered`, and what `stands` of it."""

    offered: str
    stands: str


class Similarity(NamedTuple):
    """How alike two texts are, each from 0 to 100 for the same words."""

    bleu: float
    chrf: float
    rouge_l: float


_NOTHING, _THE_SAME = Similarity(0.0, 0.0, 0.0), Similarity(100.0, 100.0, 100.0)


def is_installed() -> bool:
    """Whether both packages are there; none of them is imported."""
    return all(importlib.util.find_spec(name) is not None for name in PACKAGES)


def missing() -> str:
    """What to say where nothing can be compared; "" where it can."""
    if is_installed():
        return ""
    from shadowpen.daemon.base.extras import install_hint  # a running daemon has no need of it

    return f"BLEU, chrF and ROUGE-L need sacrebleu and rouge-score, not both installed. {install_hint('monitor')}"


def measured(pairs: Sequence[TextPair]) -> list[Similarity]:
    """How alike each pair is, by a process of its own; nothing where the packages are missing or it fails."""
    if not is_installed():
        return []
    try:
        done = subprocess.run(
            _COMMAND,
            input=msgspec.json.encode(pairs),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_LIMIT_S,
            check=True,
        )
        return msgspec.json.decode(done.stdout, type=list[Similarity])
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError) as error:
        LOGGER.warning("what was offered could not be compared with what stands: %s", type(error).__name__)
        return []


def comparison() -> Callable[[TextPair], Similarity]:
    """Compares pairs in this process. ImportError where a package is missing.

    BLEU (Papineni 2002) counts rows of up to four words, in a short text only those it has; chrF (Popović 2015) counts
    rows of up to six letters; ROUGE-L (Lin 2004) is the F-measure of the longest common subsequence of words. What
    stands is the reference.
    """
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics import BLEU, CHRF

    bleu = {name: BLEU(effective_order=True, tokenize=name) for name in ("13a", "zh")}
    chrf, rouge = CHRF(), RougeScorer(["rougeL"], tokenizer=_Words())

    def compare(pair: TextPair) -> Similarity:
        offered, stands = pair
        if not offered.strip() or not stands.strip():
            return _NOTHING
        if offered.split() == stands.split():
            return _THE_SAME
        words = "zh" if re.search(f"[{_IDEOGRAMS}]", offered + stands) else "13a"
        return Similarity(
            bleu[words].sentence_score(offered, [stands]).score,
            chrf.sentence_score(offered, [stands]).score,
            100 * rouge.score(stands, offered)["rougeL"].fmeasure,
        )

    return compare


class _Words:
    """Words in any script: those of rouge-score itself are of a to z alone."""

    def tokenize(self, text: str) -> list[str]:
        return _WORD.findall(text.lower())


def _main() -> None:
    sys.modules["scipy"] = None  # type: ignore[assignment]  # nltk loads it where it is installed, for two seconds
    pairs = msgspec.json.decode(sys.stdin.buffer.read(), type=list[TextPair])
    compare = comparison()
    sys.stdout.buffer.write(msgspec.json.encode([compare(pair) for pair in pairs]))


if __name__ == "__main__":
    _main()
