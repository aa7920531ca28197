"""Who a row of a paper may be about, and who of a school bears a name."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from application.children.naming import names_of
from application.intake.papers.units import same_unit
from domain.care_views import Move, org_then
from domain.child import Child
from domain.choices import Sex
from domain.normal import normal_number, undotted
from domain.org import within


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who a row of a roster is about, by what tells children apart."""

    name: str
    sex: Sex
    birth_date: date
    student_no: str | None

    def may_be(self, other: "Person") -> bool:
        """Return whether somebody may be this one."""
        return not (self.student_no and other.student_no) and self.who == other.who

    @cached_property
    def who(self) -> tuple[str, Sex, date]:
        """What tells people apart who have no number."""
        return undotted(self.name), self.sex, self.birth_date

    @cached_property
    def number(self) -> str | None:
        """The normal form of the number; None where there is none."""
        return normal_number(self.student_no) if self.student_no else None


class People:
    """Some people, and whether another may be one of them."""

    def __init__(self) -> None:
        self._numbers: set[str] = set()
        self._numbered: set[tuple[str, Sex, date]] = set()
        self._unnumbered: set[tuple[str, Sex, date]] = set()

    def add(self, person: Person) -> None:
        """Take in one more."""
        if person.number:
            self._numbers.add(person.number)
            self._numbered.add(person.who)
        else:
            self._unnumbered.add(person.who)

    def meets(self, person: Person) -> bool:
        """Return whether somebody may be one of these: two numbers tell two people apart."""
        if person.number:
            return person.number in self._numbers or person.who in self._unnumbered
        return person.who in self._numbered or person.who in self._unnumbered


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """What of a child's file tells whether a row means it; `person` is None where it is not enrolled."""

    child_id: UUID
    moves: tuple[Move, ...]
    person: Person | None
    names: frozenset[str]

    @classmethod
    def of(cls, child: Child) -> "OnFile":
        """Return what a file says by now."""
        person = None
        if (now := child.profile) is not None:
            person = Person(name=now.name, sex=now.sex, birth_date=now.birth_date, student_no=now.student_no)
        names = frozenset(map(undotted, names_of(child)))
        return cls(child_id=child.child_id, moves=child.moves, person=person, names=names)

    def may_be_of(self, person: Person) -> bool:
        """Return whether the file may be of somebody; a file that took another over has the names of both."""
        known = self.person
        if known is None or undotted(person.name) not in self.names:
            return False
        return replace(person, name=known.name).may_be(known)

    def org_on(self, day: date) -> str:
        """Return where the child belonged on a day; "" where it belongs nowhere."""
        return org_then(self.moves, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Namesakes:
    """The children of one name who are of a school, or were."""

    school: str
    children: tuple[OnFile, ...]

    @property
    def now(self) -> tuple[UUID, ...]:
        """Those who are of the school now."""
        return tuple(each.child_id for each in self.children if self._is_of("", each.org_on(date.max)))

    def meant(self, said: str, day: date | None) -> tuple[UUID, ...]:
        """Return those whom a line of a day may mean that says a class, or none: "".

        They were in that class on the day; where nobody was, they are in it now.
        """
        for when in (day or date.max, date.max):
            if meant := tuple(i.child_id for i in self.children if self._is_of(said, i.org_on(when))):
                return meant
        return ()

    def _is_of(self, said: str, org: str) -> bool:
        if not org or not within(org, self.school):
            return False
        return not said or same_unit(said, org.removeprefix(self.school).removeprefix("/"))
