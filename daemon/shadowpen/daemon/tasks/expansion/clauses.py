"""Clauses of notes, word by word: whether one has a verb, and which small words cannot be right.

Every rule bars what would say something else than the note, or nothing; `verb_place` alone says what must be there.
Where a word could be of two kinds, nothing is barred. English. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence

from shadowpen.daemon.tasks.expansion.small_words import (
    ARTICLES,
    BE,
    CONTRACTED,
    HELPERS,
    OWNERS,
    PREPOSITIONS,
    PRONOUNS,
    VERBS,
    every_small_word,
)
from shadowpen.daemon.text.content_words import STOP_WORDS


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PAST = _list("""
    ate became began bent bled blew bought broke brought built burnt came caught chose cost cut drank drew drove
    dug fed fell felt fought found flew forgave forgot froze gave got grew heard held hid hit hung hurt kept knew laid
    lay led left lent let lit lost made meant met paid put ran rang read rode rose said sang sank sat saw sent set shook
    shone shot showed shut slept sold sought spent spoke stood stole struck swam swore taught took told thought threw
    understood went woke won wore wrote
""")
# Verbs that notes begin with; some of them are nouns too.
_BASE = _list("""
    add ask bake boil bring buy call check clean close cook cut do drain dry eat email fill find fix fold get give go
    grow hate heat hold hope keep know leave let like look love make meet miss mix move need open order pay pick place
    play post pour print put read remember repeat rinse run save see sell send serve set simmer soak start stay stir
    stop take talk tell test think try turn use visit wait walk want wash watch weigh work write
""")
# What somebody does, and no noun.
_DOES = _list("""
    asks becomes brings buys eats gets gives goes grows keeps knows lets makes meets needs puts reads remembers says
    sees sells sends serves takes tells wants weighs writes
""")
# Forms that "is" cannot stand before, and of most of them "has" neither.
_NO_PARTICIPLES = _list("""
    ate became began blew broke came chose did drank drew drove fell flew forgave forgot froze gave grew knew ran rang
    rode sang sank saw shook spoke stole swam swore took threw went woke wore wrote
    agreed appeared arrived died happened seemed stayed waited
""")
# Prepositions; but "has to", "has about ten" and "has at least ten" are said.
_BEHIND_NO_HELPER = (PREPOSITIONS - {"to", "about", "at", "as"}) | _list("""
    via into onto towards behind beside near under per despite during since until till without within along
""")
_MODALS = _list("must may might shall cannot isn't aren't wasn't weren't")
_SUBJECTS = _list("i we he she they you")
# Behind which people leave a preposition out: "went pub".
_LEADING = _list("""
    go goes went come comes came back drove flew ran rode thanks thank sorry due moved walked talked looked waited
    stayed worked listened applied returned
""")
_TIME_NOUNS = _list("""
    day morning afternoon evening night week weekend month year term season spring summer autumn winter noon midnight
""")
_TIMES = _list("seconds minutes hours days weeks months years ages")
_NUMBERS = _list("one two three four five six seven eight nine ten eleven twelve half")
_PRESENT = _list("now currently tomorrow tonight won't don't doesn't isn't aren't")
_GONE = _list("yesterday ago wasn't weren't didn't")
_NOT_IN_PRESENT = _list("was were had did")
_NOT_IN_PAST = _list("is are am will has have it's I'm we're they're I'll we'll")
_TURNS = _list(
    "and but or so because when while if that which who where what how than as since until till before after"
)
_ADVERBS = _list("""
    still always never already only almost again now just even maybe perhaps also probably too today tomorrow yesterday
""")
# Behind a noun each of these is said of it, and "is" stands between them: "shower cold".
_STATES = _list("""
    afraid angry asleep awake awful bitter broken busy calm cheap clean clear cold cool dark dead deaf delicious dirty
    dry early empty excellent expensive fine friendly frozen full furious good great happy hard heavy hot icy ill
    impossible late lonely loud lovely low lower missing muddy nervous nice noisy ok okay old open perfect possible
    proud quiet ready ripe rough rude sad safe sharp sick silent slow small smooth soaked soft sore sour stable steep
    strong stuck sunny sweet terrible thin tired torn unchanged unclear unhappy unsafe unstable unusable unwell useless
    warm weak wet windy wonderful worn wrong
""")
# Before what is said of a noun: "Bruno always first", "middle part too long"; the last group before states alone.
_SAYING = _list("still always already never too very")
_LINKS = _list("and but so also then when while where which who what that those these this some")
_DEGREES = _list("so quite rather fairly really surprisingly now")
_AMOUNTS = _list("much many little few more often far soon well no")
_BEHIND_STATES = _list("again enough since until till with for on in at from by to but and or when after before")
_WHOLES = _list("whole entire main own every another former latter upcoming no")  # which stand before a noun alone
_BEFORE_NO_ADVERB = VERBS | PRONOUNS | _list("and so but then also some that which")
_THANKS = _list("thank thanks thx")
_SELVES = _list("I we I'm we're I've we've I'll we'll")
_OTHER_PERSONS = _list("I we they you")
_OTHERS = _SELVES | CONTRACTED | _list("it they that which")


def is_finite(words: Sequence[str], first: int = 0) -> bool:
    """Whether a clause may have a verb from its word at `first` on; False is sure, but for verbs in their base form."""
    return any(_may_be_verb(words, place) for place in range(first, len(words)))


def barred_behind(words: Sequence[str]) -> frozenset[str]:
    """The small words that cannot stand in the later clauses of a note that begins with `words`.

    Behind "Mara called" it is she who does something, and behind "thank you for the parcel" mostly the parcel.
    """
    if words[0].lower() in _THANKS:
        return _SELVES
    first = words[0].lower()
    is_name = words[0].istitle() and first not in STOP_WORDS | _PAST and not _is_participle(first)
    return _OTHERS if is_name and len(words) > 1 and _may_be_verb(words, 1) else frozenset()


def barred_in(words: Sequence[str]) -> frozenset[str]:
    """The small words that cannot stand anywhere in a clause: another tense than its own words have."""
    there = {word.lower() for word in words}
    barred = _NOT_IN_PRESENT if there & _PRESENT else frozenset()
    return barred | (_NOT_IN_PAST if there & _GONE and not there & _PRESENT else frozenset())


def barred_before(words: Sequence[str], place: int) -> frozenset[str]:
    """The small words that cannot stand before the word at `place` of a clause."""
    word, before = words[place].lower(), words[place - 1] if place else ""
    after = words[place + 1].lower() if place + 1 < len(words) else ""
    if len(words) == 1 and word in ("no", "yes"):
        return every_small_word()
    barred: frozenset[str] = frozenset()
    if not place and _is_participle(word) and (not after or (after.isalpha() and after not in STOP_WORDS)):
        barred |= ARTICLES | OWNERS  # "chopped wood" is what somebody did
    if not place and is_doing(words):
        barred |= ARTICLES | OWNERS | PREPOSITIONS | {"there"}  # and "moving to Leeds" what somebody is doing
    verb = _next_verb(words, place)
    if verb is not None:
        barred |= VERBS  # "it's a spare room is ready"
        barred |= PRONOUNS if any(_is_plain(one) for one in words[place:verb]) else frozenset()  # "I spare the room is"
    if word in _NO_PARTICIPLES:
        barred |= BE
    if not place and _is_third_person(word, after):
        barred |= VERBS | _OTHER_PERSONS  # neither "I goes to" nor "will goes to"
    if word in _DOES:
        barred |= VERBS | _OTHER_PERSONS | ARTICLES | OWNERS | PREPOSITIONS
    if word in _BEHIND_NO_HELPER:
        barred |= HELPERS  # a bus does not "has via"
    if word in _NUMBERS and after != "of":
        barred |= ARTICLES  # "car park + one tree"
    if word in _TIMES and before in ("in", "for"):
        barred |= ARTICLES | OWNERS  # "best in weeks"
    if word == "whole" and after in _TIME_NOUNS | {"way", "time"}:
        barred |= PREPOSITIONS  # "slept whole day"
    if word == "any" and after == "time":
        barred |= PREPOSITIONS - {"at"}
    if before and not after and word in _ADVERBS:
        barred |= _BEFORE_NO_ADVERB  # "too late probably" is all of its clause
    leads = before in _LEADING or before.endswith("ing") or word in _TIME_NOUNS or after in _TIME_NOUNS
    if before and not leads and _is_plain(before) and _is_plain(words[place]):
        barred |= PREPOSITIONS  # "returns box" is no return to a box
    if place == 1 and _is_plain(before) and before.endswith("s") and _is_plain(words[1]) and is_finite(words, 2):
        barred |= ARTICLES | OWNERS | VERBS  # and nobody returns a box that stays open
    return barred


def is_doing(words: Sequence[str]) -> bool:
    """Whether a clause begins like "moving to Leeds" or "looking for help": with what somebody is doing."""
    return len(words) > 1 and words[0].lower().endswith("ing") and words[1].lower() in ("to", "for")


def verb_place(words: Sequence[str]) -> int:
    """Where in a clause without a verb one is missing for certain, as in "kitchen old" or "Bruno always first"; or -1.

    Elsewhere too one may be missing: what stands behind a noun may as well be a part of its name, or said of its place.
    """
    if is_finite(words):
        return -1
    return next((place for place in range(1, len(words)) if _is_said(words, place)), -1)


def barred_around(words: Sequence[str], place: int, verb_place: int) -> frozenset[str]:
    """The small words that cannot stand before the word at `place`, where the verb belongs before `verb_place`."""
    if verb_place < 0 or any(word.lower() in _TURNS for word in words[verb_place : place + 1]):
        return frozenset()
    if place != verb_place:
        is_state = place > verb_place and words[place].lower() in _STATES
        return VERBS | PRONOUNS | (ARTICLES | OWNERS | PREPOSITIONS if is_state else frozenset())
    helpers = HELPERS - {"has", "have", "had"} if words[place].lower() in _ADVERBS else HELPERS
    return helpers | CONTRACTED | PRONOUNS | ARTICLES | OWNERS | PREPOSITIONS | _LINKS


def _is_said(words: Sequence[str], place: int) -> bool:
    """Whether what begins at `place` is said of the noun before it."""
    word, before = words[place].lower(), words[place - 1]
    after = words[place + 1].lower() if place + 1 < len(words) else ""
    if not _is_noun(before) or any(one.lower() in _TURNS for one in words[:place]):
        return False
    if word in _SAYING | _DEGREES and after in _STATES:
        return True
    if word in _SAYING:
        may_be_done = before.endswith("s") or after.endswith(("s", "ly")) or after in _BASE | _AMOUNTS
        return after.isalpha() and not may_be_done
    return word in _STATES and (not after or after in _BEHIND_STATES or after in _ADVERBS)


def _is_noun(word: str) -> bool:
    """Whether a word before what is said of it is one, as far as can be told: no small word, and no adjective."""
    plain = word.lower()
    is_word = word[:1].isalpha() and word.replace(" ", "").isalnum()  # and "room 4"
    return is_word and not plain.endswith("ly") and plain not in STOP_WORDS | _STATES | _ADVERBS | _SAYING | _DEGREES


def is_joined(words: Sequence[str], place: int) -> bool:
    """Whether nothing can stand between the word at `place` and the one before it: "the whole way"."""
    return place > 0 and words[place - 1].lower() in _WHOLES


def begins_without_verb(words: Sequence[str]) -> bool:
    """Whether a clause cannot follow its subject as it stands: "still at school", "about two weeks"."""
    place = next((place for place, word in enumerate(words) if word.lower() not in _ADVERBS), len(words))
    return place == len(words) or words[place].lower() in PREPOSITIONS | ARTICLES


def _next_verb(words: Sequence[str], place: int) -> int | None:
    """Where from `place` on a verb stands that is nothing else, before the words turn to something else."""
    for number, word in enumerate(words[place:], place):
        if word in VERBS or word.lower() in _MODALS or word.endswith("n't"):
            return number
        if word.lower() in _TURNS:
            return None
    return None


def _may_be_verb(words: Sequence[str], place: int) -> bool:
    word = words[place].lower().replace("’", "'")
    if word in _PAST or word in _MODALS or word in _SUBJECTS or word in {verb.lower() for verb in VERBS}:
        return True
    if _is_participle(word) or word.endswith("n't") or (not place and word in _BASE):
        return True
    if not place:
        return _is_third_person(word, words[1].lower() if len(words) > 1 else "")
    return (
        word.isalpha()
        and not words[0][:1].isdigit()  # "2 kg ripe plums"
        and word.endswith("s")
        and not word.endswith(("ss", "us", "is"))
        and word not in _ADVERBS
        and words[place - 1].isalpha()
        and not words[place - 1].endswith("s")
        and words[place - 1].lower() not in STOP_WORDS
    )


def _is_third_person(word: str, after: str) -> bool:
    """Whether a clause that begins with `word` tells what somebody does: "goes to", "holds on", but "logs of"."""
    return word in _DOES or (word.endswith("s") and after in (PREPOSITIONS | ARTICLES) - {"of"})


def _is_participle(word: str) -> bool:
    return len(word) > 4 and word.isalpha() and word.endswith("ed") and not word.endswith("eed")


def _is_plain(word: str) -> bool:
    return word.isalpha() and word.islower() and word not in STOP_WORDS
