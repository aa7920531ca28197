"""Enrolment 建档: a child is taken into care and its file is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast

from domain.care_action import CareAction, Known
from domain.choices import HukouType, Line, Sex, Tag
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import Choice, Column, described
from domain.id_number import id_number_fault
from domain.normal import normal_number, undotted
from domain.refusal import Fault, Text, refuses


class LegalBasis(Choice):
    """Why the office may keep the file at all."""

    STATUTORY_DUTY = "statutory_duty", "法定职责", "statutory duty"
    CONSENT = "consent", "监护人同意", "consent of a guardian"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnrolled(Details):
    """Who the child is, as its file says on the day it is opened."""

    TYPE: ClassVar[str] = "child_enrolled"

    name: str = described("姓名", "Name", personal=True, max_length=50, normal=undotted, column="姓名")
    student_no: str | None = described(
        "学籍号",
        "Student number",
        personal=True,
        min_length=1,
        max_length=32,
        default=None,
        normal=normal_number,
        column="学籍号",
    )
    sex: Sex = described("性别", "Sex", personal=True, column="性别")
    birth_date: date = described("出生日期", "Date of birth", personal=True, column="出生日期")
    id_number: str | None = described(
        "身份证号",
        "Identity number",
        personal=True,
        max_length=18,
        default=None,
        normal=normal_number,
        column=Column(title="身份证号", settle=str.upper, fault=id_number_fault),
    )
    ethnicity: str | None = described(
        "民族", "Ethnicity", personal=True, max_length=20, default=None, column="民族"
    )
    hukou_type: HukouType | None = described(
        "户口类型", "Household registration", personal=True, default=None, column="户口性质"
    )
    address: str | None = described("现居住地址", "Address", personal=True, default=None, column="现居住地址")
    boarding: bool | None = described("是否寄宿", "Boards at school", default=None, column="是否寄宿")
    health: str | None = described("健康状况", "Health", personal=True, default=None, column="健康状况")
    tags: tuple[Tag, ...] = described("类别", "Groups", personal=True, max_length=5, default=())
    legal_basis: LegalBasis = described("处理依据", "Legal basis", default=LegalBasis.STATUTORY_DUTY)
    line: Line | None = described("条线", "Line", default=None)
    remark: str | None = described(
        "备注", "Remark", personal=True, max_length=4000, default=None, column="备注"
    )


@refuses(id_number_fault)
def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    number = cast("ChildEnrolled", new_event.details).id_number
    if number is not None and (reason := id_number_fault(normal_number(number))):
        yield Fault(reason=reason, pointer="/details/id_number")


ACTION = CareAction(
    effects=(
        Effect.IDENTIFIES,
        Effect.OPENS_CARE,
        Effect.PLACES,
    ),
    details=ChildEnrolled,
    check=_check,
    label=Text(zh="建档", en="Enrolment"),
    decision=False,
    on_own_route=True,
    settles=lambda _: "profile",
    day_column="建档日期",
)
