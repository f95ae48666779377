"""A note word by word: the words an expansion must contain, in order, and their possible forms.

"w/" may be told as "with", "doesn't" as "does not", "->" as "so" or not at all; "11 Sept" is one word (`wholes`). All
else stays as it is written: another tense or number could say what the author did not. Shortenings are English. Knows
no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from shadowpen.daemon.tasks.expansion import clauses
from shadowpen.daemon.tasks.expansion.small_words import ARTICLES, INDEFINITE, PRONOUNS, VERBS
from shadowpen.daemon.tasks.expansion.wholes import whole_at
from shadowpen.daemon.text.function_words import is_function_word
from shadowpen.daemon.text.shortenings import full_forms

_FORMULA = r"\$\$?(?=[^\s$])[^$\n]{1,200}(?<=\S)\$\$?(?!\d)|\\\([^\n]{1,200}?\\\)|\\\[[^\n]{1,200}?\\\]"
_AS_IT_STANDS = re.compile(rf"“[^“”\n]{{1,200}}”|\"[^\"\n]{{1,200}}\"|\[[^\[\]\n]{{1,200}}\]|{_FORMULA}")
_WORD = re.compile(rf"{_AS_IT_STANDS.pattern}|[^\s,;:()\[\]–—]+(?:[,:](?=\d)\d+)*|[,;:()\[\]–—]")
_PAUSES = frozenset(",;:()[]–—-/|.")
_DASHES = frozenset("-–—")
_KEPT = frozenset(":?!")  # marks that say something of their own
_NUMBER_BEFORE = re.compile(r"\d\W*(?:[A-Z]\w{2,8})?\s*\Z")
_ARROWS = frozenset(("->", "=>", "→"))
_NO_ARROW = frozenset(("to", "into", "of", "for", "from", "in", "on", "at", "by", "as"))  # "rates to loans dearer"
_NO_COMMA = frozenset(("to", "into", "of"))  # "98% of logs" for "98%, logs"
_BRACKET = re.compile(r"\(([^()\n]{1,200})\)")
_NEXT = re.compile(r" ([^\W\d_]+)")
_LAST = re.compile(r"([^\W\d_]+) \Z")
_MODAL = frozenset(("may", "might", "must", "shall", "need", "dare", "maybe", "perhaps", "probably", "still", "now"))
_VOWEL = re.compile(r"(?i)[aeiouy]")
_SYMBOLS = {
    "-": ("to", "until"),
    "->": ("so", "and so", "then"),
    "=>": ("so", "and so", "then"),
    "→": ("so", "and so", "then"),
    "&": ("and",),
    "+": ("and", "plus"),
    "~": ("about",),
    "=": ("is", "equals", "means"),
    "@": ("at",),
    "<": ("less than", "under"),
    ">": ("more than", "over"),
    "*": ("",),
}
_MAY_GO = frozenset(
    ("a", "an", "the", "is", "are", "was", "were", "be", "and", "also", "then", "that", "so", "i", "we", "it's")
)


@dataclass(frozen=True)
class Slot:
    """One word of a note: the `forms` that tell it, and whether it must be told.

    `after_pause`: a mark stood before it. `told_by`: a name and a colon stood before it, as where somebody speaks.
    `bars`: small words that cannot stand before it, as in "a 600 words". `joined`: nothing at all can. `wants_verb`:
    one of the small verbs must, as in "docs not ready". `mark`: the one that stood before it, where no other can take
    its place. `asks`: its sentence is a question. `verbless`: no verb stands from it to the end of its clause. `last`:
    the last of its clause before which an added verb can stand. `needs_verb`: a subject before it wants a verb between
    them, as in "I still at school". `bare`: the number of its clause where no word of it can be a verb, else -1.
    """

    forms: tuple[str, ...]
    required: bool = True
    after_pause: bool = False
    told_by: bool = False
    bars: frozenset[str] = frozenset()
    joined: bool = False
    wants_verb: bool = False
    mark: str = ""
    asks: bool = False
    verbless: bool = False
    last: bool = False
    needs_verb: bool = False
    bare: int = -1


@dataclass(frozen=True)
class NoteSlots:
    """A note in slots; `end` is the mark its last sentence ends with.

    `head` of them stand before a colon, as in "day 2: walked" or "kitchen rota: mine", and are told as they stand.
    `written_out` is the note with every short form that nobody would leave in prose in full, as the model reads it: it
    tells best what stands before it in the very words.
    """

    slots: tuple[Slot, ...]
    end: str = "."
    written_out: str = ""
    head: int = 0


def read_slots(note: str) -> NoteSlots:
    """The slots of one note, none where it has no words."""
    found: list[Slot] = []
    pause, kept = False, ""
    text = note.strip()
    out, at, head = "", 0, 0
    while match := _WORD.search(text, at):
        out += text[at : match.start()]
        pauses = _NO_COMMA if pause else frozenset()
        if whole := whole_at(text, match.start()):
            out += whole.forms[0]
            found.append(Slot(whole.forms, True, pause, bars=pauses | whole.bars, mark=kept))
            pause, kept, at = False, "", whole.end
            head = head or _head(found, text, at)
            continue
        if found and (bracket := _BRACKET.match(text, match.start())):
            told = f"({read_slots(bracket[1]).written_out})"
            found.append(Slot((told,), joined=True))
            out, pause, at = out + told, False, bracket.end()
            continue
        word, mark = _unmarked(match[0], text[match.end() :].lstrip())
        if match[0] in _DASHES and _is_range(text[: match.start()], text[match.end() :]):
            word, mark = "-", False
        word = word if _forms(word) else ""  # a bare star says nothing
        if word in _ARROWS:
            found.append(Slot(_forms(word), False, True, bars=_NO_ARROW))
        elif word:
            told_by = len(found) == 1 and found[0].forms[0][:1].isupper() and text[: match.start()].rstrip()[-1:] == ":"
            bars = pauses | _barred_articles(word, text[: match.start()], "" if mark else text[match.end() :])
            wants_verb = word == "not" and not pause and _is_denied(text[: match.start()], text[match.end() :])
            if word == "=" or wants_verb:
                found = _without_another_verb(found)
                bars |= VERBS if word == "=" else ARTICLES
            slot = Slot(_forms(word), _is_required(word), pause, told_by, bars, wants_verb=wants_verb, mark=kept)
            found.append(slot)
        out += found[-1].forms[0] if word and found[-1].required and word not in found[-1].forms else match[0]
        pause, at = mark or (pause and not word) or match[0] in _PAUSES, match.end()
        kept = (match[0][-1] if match[0][-1] in _KEPT else "" if word else kept) if pause else ""
        head = head or _head(found, text, at)
    end = text[-1:] if text[-1:] in ("!", "?") else "."
    return NoteSlots(tuple(_in_clauses(found, end)), end, out + text[at:], head)


def _in_clauses(slots: Sequence[Slot], end: str) -> list[Slot]:
    """The slots with what their clauses tell of them; `end` is the mark behind the last."""
    if not slots:
        return []
    begins = [number for number, slot in enumerate(slots) if slot.after_pause or not number]
    stretches = [slots[first:behind] for first, behind in pairwise([*begins, len(slots)])]
    is_list = len(stretches) > 2 and not any(clauses.is_finite(_words(stretch)) for stretch in stretches)
    behind_first = clauses.barred_behind(_words(stretches[0]))
    found: list[Slot] = []
    asks = end == "?"
    for clause, stretch in reversed(list(enumerate(stretches))):
        listed = len(stretch) == 1 or (is_list and stretch is stretches[-1])
        barred = behind_first if stretch is not stretches[0] else frozenset()
        found[:0] = _in_clause(stretch, clause, barred, asks=asks, listed=listed)
        asks = stretch[0].mark == "?" if stretch[0].mark in ("?", "!") else asks
    return found


def _in_clause(slots: Sequence[Slot], clause: int, barred: frozenset[str], *, asks: bool, listed: bool) -> list[Slot]:
    """`listed`: something that "and" may join to what stands before it, without a verb."""
    if slots[0].forms == _SYMBOLS["->"] and len(slots) > 1:  # the clause begins behind an arrow, which may be left out
        rest = _in_clause(slots[1:], clause, barred, asks=asks, listed=listed)
        bars = slots[0].bars | rest[0].bars
        return [replace(slots[0], bars=bars, asks=asks, verbless=rest[0].verbless, bare=rest[0].bare), *rest]
    words = _words(slots)
    joined = [slot.joined or clauses.is_joined(words, number) for number, slot in enumerate(slots)]
    last = max((number for number, slot in enumerate(slots) if slot.required and not joined[number]), default=0)
    if clauses.is_doing(words):
        last = 0  # "and is moving to Leeds"
    is_bare = not listed and not clauses.is_finite(words)
    may_lack_verb = not asks and not any(slot.wants_verb for slot in slots)
    verb_place = clauses.verb_place(words) if may_lack_verb else -1
    everywhere = barred | clauses.barred_in(words)
    found = []
    for number, (slot, word) in enumerate(zip(slots, words, strict=True)):
        bars = clauses.barred_before(words, number) | clauses.barred_around(words, number, verb_place)
        found.append(
            replace(
                slot,
                bars=slot.bars | everywhere | bars,
                joined=joined[number],
                wants_verb=slot.wants_verb or number == verb_place,
                asks=asks,
                verbless=not listed and word != "not" and not clauses.is_finite(words, number),
                last=number == last,
                needs_verb=not number and clauses.begins_without_verb(words),
                bare=clause if is_bare else -1,
            )
        )
    return found


def _words(slots: Sequence[Slot]) -> list[str]:
    return [slot.forms[0] for slot in slots]


def _head(slots: Sequence[Slot], text: str, at: int) -> int:
    """How many slots stand before a colon at `at`, where that is one, or two words that say something."""
    if not text.startswith(":", at) or not slots:
        return 0
    says = all(not is_function_word(slot.forms[0]) for slot in slots)
    return len(slots) if len(slots) == 1 or (len(slots) == 2 and says) else 0


def _is_denied(before: str, after: str) -> bool:
    """Whether a "not" denies what something is, as in "docs not ready", but not in "tired but not hungry"."""
    something, what = _LAST.search(before), _NEXT.match(after)
    if something is None or what is None:
        return False
    ends_in_verb = something[1].lower() in _MODAL or something[1].endswith(("ed", "ing"))
    return (
        not ends_in_verb and what[1].islower() and not is_function_word(something[1]) and not is_function_word(what[1])
    )


def _without_another_verb(slots: Sequence[Slot]) -> list[Slot]:
    """The slots of a clause whose verb is an equals sign or comes before a "not": no other verb or subject is added."""
    begins = max((number for number, slot in enumerate(slots) if slot.after_pause), default=0)
    barred = [replace(slot, bars=slot.bars | VERBS | PRONOUNS, wants_verb=False) for slot in slots[begins:]]
    return [*slots[:begins], *barred]


def _barred_articles(word: str, before: str, after: str) -> frozenset[str]:
    """The articles that cannot stand before a word of a note.

    None stands before a name without a noun behind it, as in "from Split, deck empty".
    """
    if not before:
        return frozenset()
    following = _NEXT.match(after)
    alone = following is None or is_function_word(following[1])
    is_name = word[:1].isupper() and (word.endswith(("'s", "’s")) or (word[1:].islower() and alone))
    return ARTICLES if is_name else INDEFINITE if word[:1].isdigit() and word != "1" else frozenset()


def _is_range(before: str, after: str) -> bool:
    """Whether a dash stands between two numbers or dates: "24 Dec - 2 Jan"."""
    return after.lstrip()[:1].isdigit() and bool(_NUMBER_BEFORE.search(before))


def _unmarked(word: str, after: str) -> tuple[str, bool]:
    """The word without the marks that end a clause, and whether one stood behind it."""
    if word in _PAUSES:
        return "", True
    if word in _SYMBOLS or _AS_IT_STANDS.fullmatch(word):
        return word, False
    bare = word.rstrip("!?…")
    is_short = bool(full_forms(bare)) or after[:1].islower()
    if bare.endswith(".") and not is_short and bare.count(".") == 1:
        bare = bare[:-1]
    return bare, bare != word


def _is_required(word: str) -> bool:
    return word.lower() not in _MAY_GO and word != "*"


def _forms(word: str) -> tuple[str, ...]:
    if word in _SYMBOLS:
        return tuple(form for form in _SYMBOLS[word] if form)
    full = full_forms(word)
    # "w/" and "mtg" are no words that anybody would leave in prose.
    is_cipher = bool(full) and not word.isdigit() and (not word.isalnum() or not _VOWEL.search(word))
    is_day = word.istitle() and word not in ("Sat", "Sun") and any(form.istitle() for form in full)  # or a month
    forms = list(full) if is_cipher or is_day else [*full, word]
    if word[:1] == "~" and len(word) > 1:
        forms = ["about " + word[1:], "around " + word[1:]]
    if word.lower().endswith(("n't", "n’t")):
        forms.append(re.sub(r"(?i)n['’]t$", " not", word))
    return tuple(dict.fromkeys(forms))
