"""Who belongs to a group 小组成员, who joins it, and who leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.care_action import before
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.decide import occurred_at
from domain.ledger.event_type import EventType
from domain.normal import undotted
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

MOST_MEMBERS = 100
MEMBER_ALREADY = Reason(
    code="member_already", zh="此人已是小组成员", en="This person belongs to the group already."
)
ADVICE_ON_MEMBER_ALREADY = Advice(
    reason=MEMBER_ALREADY,
    zh="每人只列一次；职务有变的，先登记退出。",
    en="Name each once; if the role has changed, record first that they left.",
    refusals=(Conflict,),
)
NO_SUCH_MEMBER = Reason(
    code="no_such_member", zh="小组中没有此人", en="There is no such member in the group."
)
ADVICE_ON_NO_SUCH_MEMBER = Advice(
    reason=NO_SUCH_MEMBER,
    zh="核对姓名；加入尚未登记的，先登记加入。",
    en="Check the name, and record first that they joined.",
    refusals=(AtOdds,),
)


class GroupRole(Choice):
    """What somebody is in a group."""

    HEAD = "head", "组长", "head"
    DEPUTY = "deputy", "副组长", "deputy head"
    SECRETARY = "secretary", "联络员", "secretary"
    MEMBER = "member", "成员", "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in the group; `post` is what they are outside of it."""

    name: str = described("姓名", "Name", personal=True, max_length=50)
    role: GroupRole = described("职务", "Role", default=GroupRole.MEMBER)
    post: str | None = described("所任职务", "Post", max_length=100, default=None)
    carer: UUID | None = described("帮扶人", "Carer", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupJoined(Details):
    """Who belongs to it from this day on."""

    TYPE: ClassVar[str] = "group_joined"

    members: tuple[Member, ...] = described(
        "成员", "Members", personal=True, min_length=1, max_length=MOST_MEMBERS
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLeft(Details):
    """This day is the first without this member."""

    TYPE: ClassVar[str] = "group_left"

    name: str = described("姓名", "Name", personal=True, max_length=50)
    reason: str | None = described("原因", "Reason", personal=True, max_length=200, default=None)


def refuse_named_twice(members: tuple[Member, ...], there: tuple[str, ...] = ()) -> None:
    """Raise `Conflict` where a member is named twice or is there already, however the name is spelled."""
    names = {undotted(name) for name in there}
    for number, each in enumerate(members):
        if undotted(each.name) in names:
            raise Conflict(Fault(reason=MEMBER_ALREADY, pointer=f"/details/members/{number}/name"))
        names.add(undotted(each.name))


def _joined(new_event: NewEvent, group: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, GroupJoined)
    refuse_named_twice(said.members, tuple(each.name for each in group.members if each.until is None))
    return iter(())


def _left(new_event: NewEvent, group: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, GroupLeft)
    there = {undotted(each.name): each for each in group.members if each.until is None}
    if undotted(said.name) not in there:
        raise AtOdds(Fault(reason=NO_SUCH_MEMBER, pointer="/details/name"))
    since = there[undotted(said.name)].since
    return before(new_event.occurred.day, since, ENDS_BEFORE_IT_BEGINS, occurred_at(new_event))


def _carers(said: GroupJoined) -> tuple[UUID, ...]:
    return tuple(each.carer for each in said.members if each.carer is not None)


EVENT_TYPES = (
    EventType(
        details=GroupJoined,
        label=Text(zh="加入小组", en="Joined the group"),
        correctable=False,
        carers=_carers,
        check=_joined,
    ),
    EventType(
        details=GroupLeft, label=Text(zh="退出小组", en="Left the group"), correctable=False, check=_left
    ),
)
