"""Two files that may be of one child: what speaks for it, what against it, and how much (ADR 50).

Nobody is found out by a score: it only says which pairs somebody should look at first.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice, product

from domain.child import Child
from domain.choices import Parent, Sex
from domain.effects import Effect
from domain.normal import normal_number, undotted
from domain.refusal import Text
from domain.sounds import Sounds, sounds_of

GUARDIAN = "guardian"
FATHER, MOTHER = Parent.FATHER.value, Parent.MOTHER.value
# Names are found by so many ways to read them; the likeliest come first.
_MOST_READINGS = 12
# From here on two files are worth a look. Name, birth date and sex are, also with two student numbers.
LEAST = 6
# What files are found by: two of these that are equal, or the identity number.
Mark = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Traits:
    """Who a child is said to be, as far as that tells children apart. `kin` are the names of its people."""

    name: str
    sex: Sex
    birth_date: date
    student_no: str | None = None
    id_number: str | None = None
    kin: Mapping[str, str | None] = field(default_factory=dict)

    @cached_property
    def written(self) -> str:
        """The normal form of the name."""
        return undotted(self.name)

    @cached_property
    def sounds(self) -> Sounds:
        """How the name may be read, character by character; what has no reading stands for itself."""
        found = zip(self.written, sounds_of(self.written), strict=True)
        return tuple(readings or (character,) for character, readings in found)

    def person(self, who: str) -> str | None:
        """Return the normal form of the name of a parent or the guardian; None where nobody said it."""
        return undotted(self.kin.get(who) or "") or None

    @cached_property
    def signs(self) -> tuple[object, ...]:
        """What it says of each of `SIGNS`."""
        return tuple(sign.of(self) for sign in SIGNS)

    @cached_property
    def marks(self) -> frozenset[Mark]:
        """What a file is found by: its name as it may sound with the birth date, or with one of its people;
        the identity number."""
        people = {person for who in (FATHER, MOTHER, GUARDIAN) if (person := self.person(who))}
        beside = [("born", self.birth_date.isoformat()), *(("kin", person) for person in sorted(people))]
        spoken = [" ".join(each) for each in islice(product(*self.sounds), _MOST_READINGS)]
        marks: set[Mark] = {(what, each, sound) for what, each in beside for sound in spoken}
        return frozenset(marks | ({("id", number)} if (number := _number(self.id_number)) else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Something by which children are told apart, and what it weighs where two files agree or differ.

    Of what one file says nothing it weighs nothing.
    """

    name: str
    label: Text
    of: Callable[[Traits], object]
    agrees: int
    differs: int
    same: Callable[[object, object], bool] = lambda one, other: one == other


def _number(number: str | None) -> str | None:
    return normal_number(number) if number else None


def _sound_alike(one: object, other: object) -> bool:
    """Return whether two names may be read alike."""
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return len(one) == len(other) and all(not set(a).isdisjoint(b) for a, b in zip(one, other, strict=True))


# Children of one family share parents and guardian, and twins the birth date too: so a name that sounds
# otherwise weighs more than all of these. Pupils of two schools have two numbers, so that weighs little.
SIGNS: tuple[Sign, ...] = (
    Sign(
        name="id_number",
        label=Text(zh="身份证号", en="identity number"),
        of=lambda who: _number(who.id_number),
        agrees=10,
        differs=-6,
    ),
    Sign(
        name="student_no",
        label=Text(zh="学籍号", en="student number"),
        of=lambda who: _number(who.student_no),
        agrees=6,
        differs=-1,
    ),
    Sign(name="name", label=Text(zh="姓名", en="name"), of=lambda who: who.written, agrees=2, differs=0),
    Sign(
        name="sound",
        label=Text(zh="姓名读音", en="sound of the name"),
        of=lambda who: who.sounds,
        agrees=3,
        differs=-12,
        same=_sound_alike,
    ),
    Sign(
        name="birth_date",
        label=Text(zh="出生日期", en="date of birth"),
        of=lambda who: who.birth_date,
        agrees=4,
        differs=-4,
    ),
    Sign(name="sex", label=Text(zh="性别", en="sex"), of=lambda who: who.sex, agrees=1, differs=-4),
    Sign(
        name=FATHER,
        label=Text(zh="父亲", en="father"),
        of=lambda who: who.person(FATHER),
        agrees=3,
        differs=-2,
    ),
    Sign(
        name=MOTHER,
        label=Text(zh="母亲", en="mother"),
        of=lambda who: who.person(MOTHER),
        agrees=3,
        differs=-2,
    ),
    Sign(
        name=GUARDIAN,
        label=Text(zh="监护人", en="guardian"),
        of=lambda who: who.person(GUARDIAN),
        agrees=3,
        differs=-1,
    ),
)
LABELS: Mapping[str, Text] = {sign.name: sign.label for sign in SIGNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How far two files agree: the signs in which they do, those in which they don't, and the sum."""

    score: int
    agrees: tuple[str, ...]
    differs: tuple[str, ...]

    @property
    def worth_a_look(self) -> bool:
        """Whether they may be of one child."""
        return self.score >= LEAST


def compared(one: Traits, other: Traits) -> Likeness:
    """Compare who two children are said to be."""
    found = [
        (sign, sign.same(said, there))
        for sign, said, there in zip(SIGNS, one.signs, other.signs, strict=True)
        if said is not None and there is not None
    ]
    return Likeness(
        score=sum(sign.agrees if same else sign.differs for sign, same in found),
        agrees=tuple(sign.name for sign, same in found if same),
        differs=tuple(sign.name for sign, same in found if not same),
    )


def traits_of(child: Child) -> Traits | None:
    """Return who a child is said to be now; None where it was never enrolled, or its file was erased."""
    profile = child.profile
    if profile is None or (child.enrolment is not None and child.enrolment.event.erased):
        return None
    return Traits(
        name=profile.name,
        sex=profile.sex,
        birth_date=profile.birth_date,
        student_no=profile.student_no,
        id_number=profile.id_number,
        kin=dict(_kin(child)),
    )


def _kin(child: Child) -> Iterator[tuple[str, str | None]]:
    """Go through the names of its people as they were said; the latest one of each holds."""
    for fact in child.having(Effect.TELLS_OF_PARENT):
        if fact.details.name:
            yield fact.details.parent.value, fact.details.name
    for fact in child.having(Effect.NAMES_GUARDIAN):
        yield GUARDIAN, fact.details.name
