"""Group formed 小组成立: a leading group, a committee, a council of an organisation at any level."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Fault, Text
from domain.streams.groups.members import MOST_MEMBERS, Member, refuse_named_twice


class GroupKind(Choice):
    """What kind of group."""

    LEADING = "leading", "领导小组", "leading group"
    COORDINATING = "coordinating", "协调小组", "coordinating group"
    COMMITTEE = "committee", "帮扶委员会", "committee"
    COUNCIL = "council", "议事会", "council"
    ACTIVITY = "activity", "活动小组", "activity group"
    PARENTS = "parents", "家长委员会", "parents' committee"


class GroupLevel(Choice):
    """Of what an organisation it is the group."""

    COUNTY = "county", "县", "county"
    TOWNSHIP = "township", "乡镇", "township"
    VILLAGE = "village", "村（社区）", "village"
    SCHOOL = "school", "学校", "school"
    CLASS = "class", "班级", "class"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFormed(Details):
    """What it is called, at which level it stands, who is in it from its first day, and what it does."""

    TYPE: ClassVar[str] = "group_formed"

    kind: GroupKind = described("类型", "Kind")
    name: str = described("名称", "Name", max_length=100)
    level: GroupLevel = described("层级", "Level")
    members: tuple[Member, ...] = described(
        "成员", "Members", personal=True, max_length=MOST_MEMBERS, default=()
    )
    services: tuple[str, ...] = described("服务项目", "Services", max_length=50, default=())
    document: str | None = described("成立文件", "Document", max_length=200, default=None)


def _check(new_event: NewEvent, _group: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, GroupFormed)
    refuse_named_twice(said.members)
    return iter(())


def _carers(said: GroupFormed) -> tuple[UUID, ...]:
    return tuple(each.carer for each in said.members if each.carer is not None)


EVENT_TYPE = EventType(
    details=GroupFormed, label=Text(zh="小组成立", en="Group formed"), carers=_carers, check=_check
)
