"""Clauses of notes, word by word: whether one has a verb of its own, and small words that cannot be right in it.

Every rule bars what would say something else than the note, or nothing; none says what a sentence must have. Where a
word could be of two kinds, nothing is barred. English. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence

from shadowpen.daemon.tasks.expansion.small_words import ARTICLES, BE, OWNERS, PREPOSITIONS, PRONOUNS, VERBS
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
# Forms that "is" cannot stand before, and of most of them "has" neither.
_NO_PARTICIPLES = _list("""
    ate became began blew broke came chose did drank drew drove fell flew forgave forgot froze gave grew knew ran rang
    rode sang sank saw shook spoke stole swam swore took threw went woke wore wrote
    agreed appeared arrived died happened seemed stayed waited
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
_BEFORE_NO_ADVERB = VERBS | PRONOUNS | _list("and so but that which")
_THANKS = _list("thank thanks thx")
_SELVES = _list("I we I'm we're I've we've I'll we'll")
_OTHERS = _SELVES | _list("it they they're it's that that's which")


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
    barred: frozenset[str] = frozenset()
    if not place and _is_participle(word) and (not after or (after.isalpha() and after not in STOP_WORDS)):
        barred |= ARTICLES | OWNERS  # "chopped wood" is what somebody did
    verb = _next_verb(words, place)
    if verb is not None:
        barred |= VERBS  # "it's a spare room is ready"
        barred |= PRONOUNS if any(_is_plain(one) for one in words[place:verb]) else frozenset()  # "I spare the room is"
    if word in _NO_PARTICIPLES:
        barred |= BE
    if word in _NUMBERS and after != "of":
        barred |= ARTICLES  # "car park + one tree"
    if word in _TIMES and before in ("in", "for"):
        barred |= ARTICLES | OWNERS  # "best in weeks"
    if word == "any" and after == "time":
        barred |= PREPOSITIONS - {"at"}
    if before and not after and word in _ADVERBS:
        barred |= _BEFORE_NO_ADVERB  # "too late probably" is all of its clause
    leads = before in _LEADING or before.endswith("ing") or word in _TIME_NOUNS or after in _TIME_NOUNS
    if before and not leads and _is_plain(before) and _is_plain(words[place]):
        barred |= PREPOSITIONS  # "returns box" is no return to a box
    if place == 1 and _is_plain(before) and before.endswith("s") and is_finite(words, 2):
        barred |= ARTICLES | OWNERS | VERBS  # and nobody returns a box that stays open
    return barred


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
    if not place:  # "goes to", "holds on", but "logs of"
        return len(words) > 1 and word.endswith("s") and words[1].lower() in (PREPOSITIONS | ARTICLES) - {"of"}
    return (
        word.isalpha()
        and not words[0][:1].isdigit()  # "2 kg ripe plums"
        and word.endswith("s")
        and not word.endswith(("ss", "us", "is"))
        and words[place - 1].isalpha()
        and not words[place - 1].endswith("s")
        and words[place - 1].lower() not in STOP_WORDS
    )


def _is_participle(word: str) -> bool:
    return len(word) > 4 and word.isalpha() and word.endswith("ed") and not word.endswith("eed")


def _is_plain(word: str) -> bool:
    return word.isalpha() and word.islower() and word not in STOP_WORDS
