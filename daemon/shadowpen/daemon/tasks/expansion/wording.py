"""Which tokens may come next in an expansion: the note's words in order, and small words between.

A faithful expansion is the note with what makes it a sentence put in: this file is the automaton of that. It walks
words as the tokenizer spells them, so that nothing else can be written, whatever the model likes. (Lexically
constrained decoding after Hokamp and Liu 2017, with the order fixed and the added words a closed list.) Knows the
tokenizer, no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shadowpen.daemon.tasks.expansion.slots import NoteSlots, Slot
from shadowpen.daemon.tasks.expansion.small_words import (
    ARTICLES,
    BE,
    CONTRACTED,
    OBJECTS,
    OWNERS,
    POINTING,
    PRONOUNS,
    VERBS,
    barred_before,
)
from shadowpen.daemon.text.tokenizer import Tokenizer

_MOST_SMALL_WORDS = 3  # between two words of the note
_SAYS = ("said", "says")
_MARKS = frozenset((",", ":", ";", ".", "?", "!"))
_JOINING = frozenset(("and", "so", "but", "then", "also"))
_OPENING = frozenset(("and", "so", "but", "which", "who", "that", "when", "where", "while"))  # of a clause with a verb
_BEFORE_NOUNS = ARTICLES | OWNERS - {"her"}
_CONNECTIVES = frozenset(("and", "so", "but", "when", "while"))
_SUBJECTS = frozenset(("i", "we", "it", "they", "you", "he", "she"))


@dataclass(frozen=True)
class Place:
    """How far a note is told.

    `told`: slots told or passed over. `small`: small words since the last of them. `begins`: the next word begins a
    sentence. `last`: the last word or mark. `marked`: a mark stands behind the last word of the note. `owes`: what was
    added wants a verb before the clause ends. `rests`: words under way, as (number of the word, tokens left). `whole`:
    the number of the word that stands if nothing is added to it, -1 for none. `verbs`: bare clauses that got a verb,
    `verb_in` the number of the last.
    """

    told: int = 0
    small: int = 0
    begins: bool = True
    last: str = ""
    marked: bool = False
    owes: bool = False
    rests: tuple[tuple[int, tuple[int, ...]], ...] = ()
    whole: int = -1
    ended: bool = False
    verbs: int = 0
    verb_in: int = -1


@dataclass(frozen=True)
class _Option:
    """A word or mark that may be written, and the place it leads to."""

    text: str
    tokens: tuple[int, ...]
    then: Place


class Wording:
    """The automaton of one note. `first`: the note begins the paragraph, so that no blank stands before it."""

    def __init__(self, note: NoteSlots, tokenizer: Tokenizer, small_words: Sequence[str], *, first: bool) -> None:
        self._note, self._tokenizer, self._first = note, tokenizer, first
        self._small_words = small_words
        self._options: dict[Place, list[_Option]] = {}
        self._spelt: dict[str, tuple[int, ...]] = {}

    def next_tokens(self, place: Place) -> Mapping[int, Place]:
        """The tokens that may come at `place`, each with the place it leads to; none once the note is told."""
        found: dict[int, Place] = {}
        base, begun = self._boundary(place), place.rests
        if begun:
            options = self._at(base)
            for token in dict.fromkeys(rest[0] for _, rest in begun):
                rests = tuple((n, rest[1:]) for n, rest in begun if rest[0] == token)
                found[token] = self._after(base, options, rests)
        if place.whole >= 0:
            after = self._at(base)[place.whole].then
            for token, then in self._starts(after).items():
                found.setdefault(token, then)
        elif not begun:
            found = self._starts(place)
        return found

    def closed(self, place: Place) -> Place:
        """`place` with the word under way taken as whole, where it can be."""
        return self._at(self._boundary(place))[place.whole].then if place.whole >= 0 else place

    def _starts(self, place: Place) -> dict[int, Place]:
        if place.ended:
            return {}
        options = self._at(place)
        firsts: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        for number, option in enumerate(options):
            firsts.setdefault(option.tokens[0], []).append((number, option.tokens[1:]))
        return {token: self._after(place, options, tuple(rests)) for token, rests in firsts.items()}

    @staticmethod
    def _boundary(place: Place) -> Place:
        return replace(place, rests=(), whole=-1)

    @staticmethod
    def _after(base: Place, options: Sequence[_Option], rests: tuple[tuple[int, tuple[int, ...]], ...]) -> Place:
        whole = next((number for number, rest in rests if not rest), -1)
        left = tuple((number, rest) for number, rest in rests if rest)
        if whole >= 0 and not left:
            return options[whole].then
        return replace(base, rests=left, whole=whole)

    def _at(self, place: Place) -> list[_Option]:
        """What may be written next, between words."""
        if place not in self._options:
            found = [*self._slot_options(place), *self._small_options(place), *self._marks(place)]
            # Where no word is right, the note goes on: a wording comes to its end, however bad.
            self._options[place] = found or self._slot_options(place, anyhow=True)
        return self._options[place]

    def _slot_options(self, place: Place, *, anyhow: bool = False) -> list[_Option]:
        """The next words of the note, as far as they can stand here, or `anyhow`."""
        found = []
        for number in range(place.told, len(self._note.slots)):
            slot = self._note.slots[number]
            if not anyhow and not self._can_stand(slot, place):
                break
            for form in slot.forms:
                for text in _cased(form, begins=place.begins, is_first=number == 0):
                    then = Place(
                        number + 1,
                        begins=False,
                        last=text,
                        owes=place.owes and not slot.last,
                        verbs=place.verbs,
                        verb_in=place.verb_in,
                    )
                    found.append(_Option(text, self._tokens(text, place), then))
            if slot.required:
                break
        return found

    def _can_stand(self, slot: Slot, place: Place) -> bool:
        """Whether a word of the note can come next: behind a pause, and behind a verb where one is wanted."""
        if slot.mark and not place.marked and place.last not in _SAYS:
            return False
        is_joined = bool(place.told) and not place.small and not place.marked
        wants_verb = slot.wants_verb or (place.owes and slot.last) or self._is_bare_subject(slot, place)
        return not (slot.after_pause and is_joined) and (not wants_verb or _is_verb(place.last))

    @staticmethod
    def _is_bare_subject(slot: Slot, place: Place) -> bool:
        return slot.needs_verb and place.small > 0 and place.last.lower() in _SUBJECTS

    def _small_options(self, place: Place) -> list[_Option]:
        if place.small >= _MOST_SMALL_WORDS or self._is_told(place) or place.last.lower() in _BEFORE_NOUNS:
            return []
        slot = self._note.slots[place.told]
        if slot.joined or place.told < self._note.head:
            return []
        found = []
        wants_mark = bool(slot.mark) and not place.marked
        behind_head = (place.told == self._note.head > 0 or wants_mark) and not place.marked
        bars = self._barred(slot, place)
        if slot.verbless and place.told and not self._behind_pause(place):
            bars |= _CONNECTIVES  # a clause without a verb that the note does not part is none
        says = _SAYS if slot.told_by and not place.small else ()
        for word in says if behind_head and not place.small else (*self._small_words, *says):
            owes = (place.owes or (slot.verbless and word in _OPENING)) and word not in VERBS
            if word in bars or not self._leaves_room(word, slot, place, owes=owes):
                continue
            text = word[0].upper() + word[1:] if place.begins else word
            if text.lower() != place.last.lower():
                then = replace(place, small=place.small + 1, begins=False, last=text, owes=owes)
                if slot.bare >= 0 and slot.bare != place.verb_in and word in VERBS:
                    then = replace(then, verbs=place.verbs + 1, verb_in=slot.bare)
                found.append(_Option(text, self._tokens(text, place), then))
        return found

    def _behind_pause(self, place: Place) -> bool:
        """Whether a mark or an arrow stands before the next word that must be told."""
        ahead = self._note.slots[place.told - 1 :]  # an arrow that was told is behind
        begun = ahead[:1] if not ahead[0].required else ()
        return any(slot.after_pause for slot in (*begun, ahead[1]))

    @staticmethod
    def _leaves_room(word: str, slot: Slot, place: Place, *, owes: bool) -> bool:
        """Whether a verb that is wanted before `slot` can still come behind the small `word`."""
        if word in VERBS or not (slot.wants_verb or (owes and slot.last) or (slot.needs_verb and word in PRONOUNS)):
            return True
        return place.small < _MOST_SMALL_WORDS - 1 and word not in _BEFORE_NOUNS

    def _barred(self, slot: Slot, place: Place) -> frozenset[str]:
        """The small words that cannot stand at `place`, before `slot`.

        Behind a pause whoever is something is named again: "moved, and they are not ready" for "moved, not ready". What
        is said of something is not something else: "desk, view of trees" is no desk that is a view. "Can test it" does
        not become a question, nor "visit?" somebody's visit.
        """
        last = place.last.lower()
        word = slot.forms[0].lower()
        bars = slot.bars | barred_before(word)
        told = next(one.forms[0] for one in self._note.slots[place.told :] if one.required)
        if slot.after_pause and last in _JOINING and not told.endswith("ing"):
            bars |= BE
        if slot.after_pause and last in BE and not place.marked:
            bars |= ARTICLES | OWNERS
        if slot.after_pause and not slot.required and not place.small and not place.marked:
            bars |= VERBS  # what an arrow leads to is not what it comes from
        if slot.after_pause and not place.marked and not place.small:
            # No mark can stand behind them, and "called, moving" is no "called me moving".
            bars |= ARTICLES | OWNERS | OBJECTS | PRONOUNS | CONTRACTED | POINTING
        if not place.begins:
            bars |= POINTING
        if slot.asks:
            return bars | (PRONOUNS | CONTRACTED if place.begins else frozenset())
        if _is_verb(place.last) and place.small:
            bars |= PRONOUNS | OBJECTS | CONTRACTED
        return bars | (PRONOUNS if last in VERBS and place.told == 1 and not place.small else frozenset())

    def _marks(self, place: Place) -> list[_Option]:
        """Marks behind a word: the end once all is told, a comma or a new sentence where the note pauses."""
        if place.begins or not place.told or place.small or place.marked:
            return []
        ends = replace(place, begins=True, last=".", marked=True)
        if self._is_told(place):
            return [_Option(self._note.end, self._plain(self._note.end), replace(ends, ended=True))]
        slot = self._note.slots[place.told]
        if slot.joined or slot.wants_verb or place.told < self._note.head:
            return []
        if slot.mark:
            then = replace(place, begins=slot.mark != ":", last=slot.mark, marked=True)
            return [_Option(slot.mark, self._plain(slot.mark), then)]
        found = [_Option(",", self._plain(","), replace(place, last=",", marked=True))]
        if slot.after_pause:
            found += [_Option(mark, self._plain(mark), replace(place, last=mark, marked=True)) for mark in (":", ";")]
            found.append(_Option(".", self._plain("."), ends))
        return found

    def _is_told(self, place: Place) -> bool:
        return not any(slot.required for slot in self._note.slots[place.told :])

    def _tokens(self, text: str, place: Place) -> tuple[int, ...]:
        blank = "" if self._first and place.begins and not place.told and not place.small else " "
        return self._plain(blank + text)

    def _plain(self, text: str) -> tuple[int, ...]:
        if text not in self._spelt:
            self._spelt[text] = tuple(self._tokenizer.encode(text))
        return self._spelt[text]


def _is_verb(word: str) -> bool:
    return word in VERBS or word.lower() in VERBS


def _cased(form: str, *, begins: bool, is_first: bool) -> list[str]:
    """`form` as it may be written: capital where a sentence begins, and names that the notes have in lower case.

    The first word of a note may be capital for its place alone.
    """
    capital = form[:1].upper() + form[1:]
    if " " in form and not begins:  # a whole: no name in lower case
        return [form]
    if begins:
        own_capitals = any(c.isupper() for c in form.split(" ")[0][1:])  # "pH", but not "plot C"
        return [form] if own_capitals and form[:1].islower() else [capital]
    if form[:1].isupper():
        return [form, form[:1].lower() + form[1:]] if is_first and form[1:].islower() else [form]
    return list(dict.fromkeys([form, capital]))
