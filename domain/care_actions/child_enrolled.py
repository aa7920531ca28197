"""Enrolment 建档: a child is taken into care and its file is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast

from domain.care_action import CareAction, Known
from domain.choices import HukouType, Sex, Tag
from domain.effects import Effect
from domain.event import Details, Draft
from domain.fields import Choice, described
from domain.id_number import id_number_fault
from domain.normal import normal_name, normal_number
from domain.refusal import Fault, Text


class LegalBasis(Choice):
    """Why the office may keep the file at all."""

    STATUTORY_DUTY = "statutory_duty", "法定职责", "statutory duty"
    CONSENT = "consent", "监护人同意", "consent of a guardian"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnrolled(Details):
    """Who the child is, as its file says on the day it is opened."""

    TYPE: ClassVar[str] = "child_enrolled"

    name: str = described("姓名", "Name", personal=True, max_length=50, normal=normal_name)
    student_no: str = described(
        "学籍号", "Student number", personal=True, max_length=32, normal=normal_number
    )
    sex: Sex = described("性别", "Sex", personal=True)
    birth_date: date = described("出生日期", "Date of birth", personal=True)
    id_number: str | None = described(
        "身份证号", "Identity number", personal=True, max_length=18, default=None, normal=normal_number
    )
    ethnicity: str | None = described("民族", "Ethnicity", personal=True, max_length=20, default=None)
    hukou_type: HukouType | None = described(
        "户口类型", "Household registration", personal=True, default=None
    )
    address: str | None = described("现居住地址", "Address", personal=True, default=None)
    boarding: bool | None = described("是否寄宿", "Boards at school", default=None)
    health: str | None = described("健康状况", "Health", personal=True, default=None)
    tags: tuple[Tag, ...] = described("类别", "Groups", personal=True, max_length=5, default=())
    legal_basis: LegalBasis = described("处理依据", "Legal basis", default=LegalBasis.STATUTORY_DUTY)


def _check(draft: Draft, _child: Known) -> Iterator[Fault]:
    number = cast("ChildEnrolled", draft.details).id_number
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
)
