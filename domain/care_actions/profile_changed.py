"""Profile change 信息变更: something in the child's file is different from this day on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction, Known
from domain.choices import HukouType, Tag
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.normal import normal_number, undotted
from domain.refusal import Fault, Reason, Text
from domain.wire import to_wire

NOTHING_CHANGED = Reason(code="nothing_changed", zh="没有写明任何变更", en="No change is given.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(Details):
    """The fields that are new; a field left out is as it was."""

    TYPE: ClassVar[str] = "profile_changed"

    name: str | None = described("姓名", "Name", personal=True, max_length=50, default=None, normal=undotted)
    student_no: str | None = described(
        "学籍号",
        "Student number",
        personal=True,
        min_length=1,
        max_length=32,
        default=None,
        normal=normal_number,
    )
    ethnicity: str | None = described("民族", "Ethnicity", personal=True, max_length=20, default=None)
    hukou_type: HukouType | None = described(
        "户口类型", "Household registration", personal=True, default=None
    )
    address: str | None = described("现居住地址", "Address", personal=True, default=None)
    boarding: bool | None = described("是否寄宿", "Boards at school", default=None)
    health: str | None = described("健康状况", "Health", personal=True, default=None)
    tags: tuple[Tag, ...] | None = described("类别", "Groups", personal=True, max_length=5, default=None)
    remark: str | None = described("备注", "Remark", personal=True, max_length=4000, default=None)


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    if not to_wire(new_event.details):
        yield Fault(reason=NOTHING_CHANGED, pointer="/details")


ACTION = CareAction(
    effects=(Effect.CHANGES_PROFILE,),
    details=ProfileChanged,
    label=Text(zh="信息变更", en="Profile change"),
    check=_check,
    settles=lambda _: "profile",
)
