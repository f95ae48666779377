"""Tables of words that are easily confused; the model decides which is meant.

This file knows neither texts nor models.
"""

from __future__ import annotations

# Each word of a line may stand where another of it should. Several words at once stand for one.
_SETS = """
a part/apart
a while/awhile
accept/except
adapt/adopt
advice/advise
affect/effect
aisle/isle
all ready/already
all together/altogether
allot/a lot/alot
allowed/aloud
altar/alter
an/and/a
any more/anymore
any one/anyone
any time/anytime
any way/anyway
are/our
as well/aswell
assure/ensure/insure
at least/atleast
ate/eight
back up/backup
bare/bear
based/biased/bias
beat/beet
been/being
beside/besides
board/bored
boarder/border
brake/break
breath/breathe
bring/brig
buy/by/bye
can not/cannot
capital/capitol
case/chase
ceiling/sealing
check out/checkout
choose/chose
cite/sight/site
cloths/clothes
coarse/course
complement/compliment
conscience/conscious
council/counsel
could of/could have
dairy/diary
dead/death
desert/dessert
device/devise
die/dye
do/due
does/dose
dose/does
draw/drawer
each other/eachother
eager/edger
effected/affected
elicit/illicit
every day/everyday
every one/everyone
every thing/everything
except/expect
fair/fare
farther/further
feel/fell/fill
fewer/less
find/fine
first/fist
flour/flower
for/four
form/from
formally/formerly
forth/fourth
from/form
groan/grown
had/has/have
hear/here
heard/herd
heel/heal
hole/whole
hopping/hoping
if/it/is/in
in/on/at/of/for/to/with/from/by/about/as
in fact/infact
in to/into
in stead/instead
is/are/am/be
its/it's
it/its
knew/new
know/no/now
lay/lie
lead/led
least/lest
leave/live
lessen/lesson
let's/lets
log in/login
loose/lose
made/make
mail/male
main/mane
manger/manager
may be/maybe
meat/meet
might of/might have
moral/morale
must of/must have
my/may
nor/or
not/note/no
now/know
of/off/have
on to/onto
one/won
once/ones
or/our
other/others
out/our
over night/overnight
pair/pare/pear
passed/past
patience/patients
peace/piece
peak/peek/pique
personal/personnel
plain/plane
pole/poll
poor/pore/pour
pray/prey
precede/proceed
presence/presents
principal/principle
quiet/quite/quit
rain/reign/rein
raise/rise
read/red
real/reel
right/write
road/rode
role/roll
safe/save
sail/sale
scene/seen
sea/see
seam/seem
seize/cease
set up/setup
shore/sure
should of/should have
sit/set
some/same
some one/someone
some thing/something
some time/sometime
some times/sometimes
son/sun
stair/stare
stake/steak
stationary/stationery
steal/steel
suite/suit
tail/tale
than/then/that
thank/thanks
that/who/which
their/there/they're
them/then
these/this/those
they/the
thing/think
though/thought/through/thorough/tough
threw/through
throne/thrown
to/too/two
to day/today
use/used
vain/vein
vary/very
wait/weight
waist/waste
wander/wonder
want/won't
was/were
way/weigh
weak/week
wear/where/ware
weather/whether
went/want
were/we're/where
what/want
which/witch
who/whom
who's/whose
will/well
with/which
with out/without
would of/would have
work out/workout
world/word
yeah/yea
you/your
you're/your
"""

# Letters without their apostrophe.
_CONTRACTIONS = """
arent/aren't cant/can't couldnt/couldn't couldve/could've didnt/didn't doesnt/doesn't dont/don't hadnt/hadn't
hasnt/hasn't havent/haven't hes/he's id/I'd im/I'm isnt/isn't ive/I've mightve/might've shes/she's shouldnt/shouldn't
thats/that's theres/there's theyll/they'll theyre/they're theyve/they've wasnt/wasn't werent/weren't weve/we've
whats/what's wheres/where's whos/who's wont/won't wouldnt/wouldn't wouldve/would've youd/you'd youll/you'll
youre/you're youve/you've i/I
"""

# What is left out, or stands there too much, oftener than other words.
FUNCTION_WORDS = ("the", "a", "an", "to", "of", "in", "on", "for", "is", "are", "be", "it", "with", "that", "at", "as")


def _read(table: str) -> dict[str, tuple[str, ...]]:
    others: dict[str, dict[str, None]] = {}
    for line in table.split("\n"):
        words = [word for word in line.split("/") if word]
        for word in words:
            others.setdefault(word, {}).update((other, None) for other in words if other != word)
    return {word: tuple(found) for word, found in others.items()}


OTHERS = _read(_SETS)
CONTRACTIONS = dict(pair.split("/") for pair in _CONTRACTIONS.split())
