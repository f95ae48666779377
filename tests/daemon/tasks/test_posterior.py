"""daemon/tasks/posterior.py against brute force: every way to cut the typed letters into tokens, added up."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import tiny
from support.checkpoints.spm import spm_keys
from support.models.scripted_model import ScriptedEngine, make_tokenizer

from shadowpen.daemon.engine.kv_session import KvSession
from shadowpen.daemon.memory.blending import blend
from shadowpen.daemon.memory.index.counted import Counted
from shadowpen.daemon.memory.recall import Followers, Recall
from shadowpen.daemon.tasks import decoding as decoding_module
from shadowpen.daemon.tasks.decoding import Decoding, Language
from shadowpen.daemon.tasks.posterior import Posterior
from shadowpen.daemon.text.healing import heal
from shadowpen.daemon.text.tokenizer import Tokenizer
from shadowpen.daemon.text.vocabulary import Vocabulary
from shadowpen.exporters.checkpoints.tokenizer_conversion import write_from_gguf

CHINESE = "我喜欢写作。院子里的狐狸很懒，狗也很懒。春天的时候，我们去海边散步。"
TEXTS = {
    "byte-level BPE": [*tiny.LINES],
    "SentencePiece with byte fallback": [*tiny.LINES, CHINESE],
    "Gemma": [*tiny.LINES, "Grüße aus Köln, viele liebe Grüße."],
    "without blanks": [CHINESE],
}
TYPED = {
    "byte-level BPE": ["The ha", "She wrote a le", "the brö"],
    "SentencePiece with byte fallback": ["The harb", "xy 狐狸", "the 🦔q"],
    "Gemma": ["Grü", "aus Kö", "a  liebe"],
    "without blanks": ["我喜欢", "院子里的狐", "养了🦔"],
}
CASES = [(kind, typed) for kind, found in TYPED.items() for typed in found]


class RandomEngine(ScriptedEngine):
    """Other opinions after every sequence of tokens, the same each time."""

    def __init__(self, size: int) -> None:
        super().__init__([], size, 0)

    def _after(self, ids: list[int]) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(repr(list(map(int, ids))).encode()).digest()[:8], "big")
        return np.asarray(np.random.default_rng(seed).normal(0, 3, self.vocabulary_size), np.float32)


class Memory:
    """Has seen one token, the same after everything."""

    def __init__(self, token: int) -> None:
        self._followers = (Followers(order=2, counted=Counted.of({token: 3.0})),)

    def look_up(self, ids: Sequence[int]) -> Recall:
        return Recall(self._followers)


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Language]:
    """A tokenizer of each kind."""
    found = {}
    for kind, lines in TEXTS.items():
        folder = tmp_path_factory.mktemp("tokenizer")
        if kind in ("byte-level BPE", "without blanks"):
            tokenizer = make_tokenizer(folder, " ".join(lines), 330)
        else:
            tokenizer = _sentencepiece(folder, lines, pieces=150 if kind == "Gemma" else 200)
        found[kind] = Language(tokenizer, Vocabulary(tokenizer.token_bytes))
    return found


def _sentencepiece(folder: Path, lines: Sequence[str], pieces: int) -> Tokenizer:
    write_from_gguf(spm_keys([*lines] * 3, pieces), folder / "tokenizer.json")
    return Tokenizer(folder / "tokenizer.json", 2, [1])


Opinion = Callable[[Sequence[int]], np.ndarray]


def brute_force(opinion: Opinion, head: Sequence[int], typed: bytes, token_bytes: Sequence[bytes]) -> Counter[bytes]:
    """The probability of each text behind `typed`, over all sequences of tokens that cover it."""
    logits = opinion(head).astype(np.float64)
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    found: Counter[bytes] = Counter()
    for token, data in enumerate(token_bytes):
        if data and data.startswith(typed):
            found[data[len(typed) :]] += probabilities[token]
        elif data and typed.startswith(data):
            behind = brute_force(opinion, [*head, token], typed[len(data) :], token_bytes)
            for rest, probability in behind.items():
                found[rest] += probabilities[token] * probability
    return found


def prompt(language: Language, typed: str) -> tuple[list[int], bytes]:
    healed = heal("so it is " + typed, language.tokenizer)
    return language.tokenizer.encode(healed.head), healed.stub


@pytest.mark.parametrize(("kind", "typed"), CASES)
def test_the_posterior_is_the_sum_over_all_tokenisations(languages: dict[str, Language], kind: str, typed: str) -> None:
    language = languages[kind]
    engine, (head, stub) = RandomEngine(language.tokenizer.size), prompt(language, typed)
    assert language.vocabulary.inside(stub), "a case in which no token ends inside the typed letters tells nothing"
    _compare(language, head, stub, lambda ids: (logits := engine._after(list(ids)), logits))


@pytest.mark.parametrize(("kind", "typed"), CASES)
def test_so_it_is_with_what_the_memory_says(languages: dict[str, Language], kind: str, typed: str) -> None:
    language = languages[kind]
    engine, (head, stub) = RandomEngine(language.tokenizer.size), prompt(language, typed)
    memory = Memory(language.vocabulary.inside(stub)[-1])

    def opinions(ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        own = engine._after(list(ids))
        return own, blend(own, memory.look_up(ids))

    _compare(language, head, stub, opinions)


@pytest.mark.parametrize("stub", [b" caf\xc3", b"\xe7\x8b", b" \xf0\x9f\xa6"])
@pytest.mark.parametrize("kind", TEXTS)
def test_typed_bytes_may_end_inside_a_character(languages: dict[str, Language], kind: str, stub: bytes) -> None:
    language = languages[kind]
    engine = RandomEngine(language.tokenizer.size)
    _compare(language, [5, 6], stub, lambda ids: (logits := engine._after(list(ids)), logits))


def _compare(
    language: Language,
    head: Sequence[int],
    stub: bytes,
    opinions: Callable[[Sequence[int]], tuple[np.ndarray, np.ndarray]],
) -> None:
    token_bytes = language.tokenizer.token_bytes
    expected = brute_force(lambda ids: opinions(ids)[1], head, stub, token_bytes)
    posterior = Posterior(language.vocabulary, token_bytes, stub)
    posterior.add(posterior.start, *opinions(head))
    while (path := posterior.likeliest_unread()) is not None:
        posterior.add(path, *opinions([*head, *path.tokens]))

    beginnings = posterior.beginnings(5)

    total = sum(expected.values())
    best = sorted(expected, key=lambda data: -expected[data])[:5]
    assert [one.data for one in beginnings] == best
    for one in beginnings:
        assert math.exp(one.log_probability) == pytest.approx(expected[one.data] / total, rel=1e-4)
        assert b"".join(token_bytes[token] for token in one.tokens) == stub + one.data


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("kind", "typed"), CASES)
def test_what_is_left_unread_bounds_the_error(
    languages: dict[str, Language], kind: str, typed: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding_module, "_MOST_GLANCES", 10_000)
    language = languages[kind]
    engine, (head, stub) = RandomEngine(language.tokenizer.size), prompt(language, typed)
    head = [*head, seed + 5]
    expected = brute_force(lambda ids: engine._after(list(ids)), head, stub, language.tokenizer.token_bytes)
    decoding = Decoding(KvSession(engine), language, head, stub)

    for _ in decoding.advance():
        pass

    total = sum(expected.values())
    found, exact = math.exp(decoding.log_probability), expected[decoding.data] / total
    assert found / 1.1 - 1e-6 <= exact <= found + 0.1 / 1.1
    assert exact >= max(expected.values()) / total - 0.1, "nothing is much likelier"
    assert language.tokenizer.decode_bytes(decoding.ids[len(head) :]) == stub + decoding.data


Opinions = dict[tuple[int, ...], dict[int, float]]


class OneByOne(ScriptedEngine):
    """`opinions` by the tokens behind the head; all else is next to impossible. Counts what it was asked."""

    def __init__(self, size: int, head: int, opinions: Opinions) -> None:
        super().__init__([], size, 0)
        self._head, self._opinions = head, opinions
        self.asked: list[tuple[int, ...]] = []

    def _after(self, ids: list[int]) -> np.ndarray:
        tail = tuple(ids[self._head :])
        self.asked.append(tail)
        out = np.full(self.vocabulary_size, -30.0, np.float32)
        for token, probability in self._opinions.get(tail, {}).items():
            out[token] = math.log(probability)
        return out


@pytest.fixture
def harbour(tmp_path: Path) -> tuple[Language, list[int], dict[bytes, int]]:
    """A language, the tokens before " ha", and its tokens by their bytes."""
    tokenizer = make_tokenizer(tmp_path, " ".join([*tiny.LINES, "He had his hat; her horse heard him."]), 480)
    by_bytes = {data: token for token, data in enumerate(tokenizer.token_bytes) if data}
    return Language(tokenizer, Vocabulary(tokenizer.token_bytes)), tokenizer.encode("in the"), by_bytes


def test_a_blank_does_not_win_by_what_could_follow_it(harbour: tuple[Language, list[int], dict[bytes, int]]) -> None:
    language, head, token = harbour
    opinions: Opinions = {(): {token[b" "]: 0.9, token[b" harbour"]: 0.01}, (token[b" "],): {token[b"4"]: 0.99}}
    decoding = _decoding(language, head, OneByOne(language.tokenizer.size, len(head), opinions))
    for _ in decoding.advance():
        pass
    assert decoding.data == b"rbour" and math.exp(decoding.log_probability) > 0.95


def test_a_word_in_pieces_wins_where_the_model_means_it(harbour: tuple[Language, list[int], dict[bytes, int]]) -> None:
    language, head, token = harbour
    pieces: Opinions = {(token[b" h"],): {token[b"a"]: 0.9}, (token[b" h"], token[b"a"]): {token[b"t"]: 0.9}}
    opinions: Opinions = {(): {token[b" h"]: 0.5, token[b" harbour"]: 0.1}, **pieces}
    decoding = _decoding(language, head, OneByOne(language.tokenizer.size, len(head), opinions))
    for _ in range(2):
        for _ in decoding.advance():
            pass
    assert decoding.data == b"t"
    assert math.exp(decoding.steps[0].log_probability) == pytest.approx(0.5 / 0.6, abs=0.01)
    assert [step.data for step in decoding.steps] == [b"", b"", b"t"]


def test_a_glance_is_kept_over_the_keys_of_a_word(harbour: tuple[Language, list[int], dict[bytes, int]]) -> None:
    language, head, token = harbour
    opinions: Opinions = {(): {token[b" "]: 0.9, token[b" harbour"]: 0.01}, (token[b" "],): {token[b"4"]: 0.99}}
    engine = OneByOne(language.tokenizer.size, len(head), opinions)
    session = KvSession(engine)
    for typed in (b" h", b" ha", b" har"):
        for _ in _decoding(language, head, engine, typed, session=session).advance():
            pass
    assert engine.asked.count((token[b" "],)) == 1


def test_late_glances_are_left_out_but_for_the_first(harbour: tuple[Language, list[int], dict[bytes, int]]) -> None:
    language, head, token = harbour
    opinions: Opinions = {(): {token[b" "]: 0.5, token[b" h"]: 0.4, token[b" harbour"]: 0.01}}
    engine = OneByOne(language.tokenizer.size, len(head), opinions)
    decoding = _decoding(language, head, engine, until_s=-math.inf)
    for _ in decoding.advance():
        pass
    assert engine.asked[1:] == [(token[b" "],)]
    assert decoding.data == b"rbour"


def test_others_are_weighed_alike(harbour: tuple[Language, list[int], dict[bytes, int]]) -> None:
    language, head, token = harbour
    opinions: Opinions = {
        (): {token[b" "]: 0.9, token[b" harbour"]: 0.02, token[b" h"]: 0.05},
        (token[b" "],): {token[b"4"]: 1.0},
        (token[b" h"],): {token[b"a"]: 0.2, token[b"e"]: 0.8},
    }
    decoding = _decoding(language, head, OneByOne(language.tokenizer.size, len(head), opinions))
    for _ in decoding.weigh():
        pass
    (other,) = decoding.others(1)
    for _ in decoding.advance():
        pass
    assert (decoding.data, other.data) == (b"rbour", b"")
    assert language.tokenizer.decode_bytes(other.ids[len(head) :]) == b" ha"
    assert math.exp(other.log_probability) == pytest.approx(1 / 3, abs=0.01)


def _decoding(
    language: Language,
    head: list[int],
    engine: ScriptedEngine,
    typed: bytes = b" ha",
    *,
    until_s: float = math.inf,
    session: KvSession | None = None,
) -> Decoding:
    return Decoding(session or KvSession(engine), language, head, typed, glance_until_s=until_s)
