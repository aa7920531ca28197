"""Enrolment 建档: a child is taken into care and its file is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, cast

from domain.care_action import CareAction
from domain.event import Details, Draft
from domain.fields import Choice, described
from domain.normal import normal_name, normal_number
from domain.refusal import Fault, Reason, Text

if TYPE_CHECKING:
    from domain.child import Child

BAD_ID_NUMBER = Reason(
    code="bad_id_number", zh="身份证号的校验位不符", en="The check digit of the identity number is wrong."
)
ID_NUMBER_LENGTH = 18
ID_NUMBER_LENGTH_WRONG = Reason(
    code=BAD_ID_NUMBER.code,
    zh="身份证号应为 18 位",
    en="An identity number has 18 characters.",
)


class Sex(Choice):
    """The sex on the child's papers."""

    MALE = "male", "男", "male"
    FEMALE = "female", "女", "female"


class LegalBasis(Choice):
    """Why the office may keep the file at all."""

    STATUTORY_DUTY = "statutory_duty", "法定职责", "statutory duty"
    CONSENT = "consent", "监护人同意", "consent of a guardian"


class HukouType(Choice):
    """The kind of household registration."""

    RURAL = "rural", "农业", "rural"
    URBAN = "urban", "非农业", "urban"


class Tag(Choice):
    """A group that a child is counted in for special attention."""

    SPECIAL_GROUP = "special_group", "特殊群体", "special group"
    DISTRESSED = "distressed", "困境", "distressed"
    POOR = "poor", "贫困", "poor"
    MIGRANT = "migrant", "流动", "migrant"
    KEY_TARGET = "key_target", "重点帮扶", "key target"


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


def _check(draft: Draft, _child: "Child") -> Iterator[Fault]:
    number = cast("ChildEnrolled", draft.details).id_number
    if number is not None and (reason := id_number_fault(normal_number(number))):
        yield Fault(reason=reason, pointer="/details/id_number")


def id_number_fault(number: str) -> Reason | None:
    """Tell what is wrong with an identity number in its normal form: its length, or what it is made of."""
    if is_id_number(number):
        return None
    return BAD_ID_NUMBER if len(number) == ID_NUMBER_LENGTH else ID_NUMBER_LENGTH_WRONG


def is_id_number(number: str) -> bool:
    """Tell whether a number has 17 digits and the check character that GB 11643 asks for."""
    if len(number) != ID_NUMBER_LENGTH or not number[:17].isdecimal() or not number.isascii():
        return False
    weighted = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(number[:17]))
    return "10X98765432"[weighted % 11] == number[17].upper()


ACTION = CareAction(
    details=ChildEnrolled,
    check=_check,
    label=Text(zh="建档", en="Enrolment"),
    decision=False,
    on_own_route=True,
)
