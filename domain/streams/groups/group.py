"""One group as its stream tells it."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.ledger.facts import Facts, view
from domain.normal import undotted
from domain.streams.groups.dissolved import GroupDissolved
from domain.streams.groups.formed import GroupFormed
from domain.streams.groups.members import GroupJoined, GroupLeft, GroupRole, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Somebody in the group, from when until before when; `until` is None for who belongs to it now."""

    name: str
    role: GroupRole
    post: str | None
    carer: UUID | None
    since: date
    until: date | None


@dataclass(frozen=True, kw_only=True)
class Group(Facts):
    """Who belongs to it, and who did."""

    @view(GroupFormed)
    def formed(self) -> GroupFormed | None:
        """What it is called, and for what it is there."""
        return next((said for _, said in self.of(GroupFormed)), None)

    @view(GroupDissolved)
    def dissolved_on(self) -> date | None:
        """Since when there is no such group any more."""
        return next((fact.day for fact, _ in self.of(GroupDissolved)), None)

    @view(GroupFormed, GroupJoined, GroupLeft, dissolved_on)
    def members(self) -> tuple[Membership, ...]:
        """Everybody who belongs or belonged to it, in the order in which they came."""
        found: list[Membership] = []
        for fact in self.of_any(GroupFormed, GroupJoined, GroupLeft):
            if isinstance(fact.details, GroupLeft):
                gone = undotted(fact.details.name)
                for place, each in enumerate(found):
                    if each.until is None and undotted(each.name) == gone:
                        found[place] = replace(each, until=fact.day)
            else:
                found += (_since(fact.day, each) for each in fact.details.members)
        if self.dissolved_on is None:
            return tuple(found)
        return tuple(each if each.until else replace(each, until=self.dissolved_on) for each in found)


def _since(day: date, member: Member) -> Membership:
    return Membership(
        name=member.name,
        role=member.role,
        post=member.post,
        carer=member.carer,
        since=day,
        until=None,
    )
