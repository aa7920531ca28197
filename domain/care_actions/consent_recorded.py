"""Consent 同意书: who said yes to what. Care itself rests on duty, not on this."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast

from domain.care_action import CareAction, Known, before
from domain.days import birthday
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, Fault, Invalid, Reason, Text

NOT_THEIRS_TO_GIVE = Reason(
    code="not_theirs_to_give",
    zh="不满十四周岁的，应由父母或法定监护人同意",
    en="Under 14, a parent or legal guardian must agree.",
)
ADVICE = Advice(
    reason=NOT_THEIRS_TO_GIVE,
    zh="请父母或法定监护人签字；或先登记出生日期。",
    en="Have a parent or legal guardian sign, or record the date of birth.",
    refusals=(Invalid,),
)
_AGE = 14


class ConsentGiver(Choice):
    """Who says yes."""

    FATHER = "father", "父亲", "father"
    MOTHER = "mother", "母亲", "mother"
    LEGAL_GUARDIAN = "legal_guardian", "法定监护人", "legal guardian"
    ENTRUSTED_CARER = "entrusted_carer", "被委托人", "entrusted carer"
    CHILD = "child", "儿童本人", "the child"


class ConsentScope(Choice):
    """To what somebody says yes."""

    PROCESSING = "processing", "信息处理", "processing of data"
    PHOTO = "photo", "拍照", "photographs"
    PUBLICITY = "publicity", "宣传", "publicity"
    SHARING = "sharing", "信息共享", "sharing with other bodies"
    HOSTING = "hosting", "外宿做客", "staying with another family"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Details):
    """Who agreed to what, until when. For a child under 14 that is a parent or a legal guardian."""

    TYPE: ClassVar[str] = "consent_recorded"

    scope: ConsentScope = described("同意事项", "Scope")
    giver: ConsentGiver = described("同意人", "Given by")
    giver_name: str | None = described("同意人姓名", "Name", personal=True, max_length=50, default=None)
    until: date | None = described("有效期至", "Until", default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said, day = cast("ConsentRecorded", new_event.details), new_event.occurred.day
    born = child.born
    if said.giver in (ConsentGiver.CHILD, ConsentGiver.ENTRUSTED_CARER) and (
        born is None or day < birthday(born, _AGE)
    ):
        yield Fault(reason=NOT_THEIRS_TO_GIVE, pointer="/details/giver")
    yield from before(said.until, day, ENDS_BEFORE_IT_BEGINS, "/details/until")


ACTION = CareAction(
    details=ConsentRecorded,
    label=Text(zh="同意书", en="Consent"),
    check=_check,
)
