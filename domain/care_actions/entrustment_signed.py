"""Entrustment 委托照护: the parents put the child into the care of somebody (未成年人保护法 22)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast

from domain.care_action import CareAction, Known, Shown, before, latest
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.normal import undotted
from domain.phone import normal_phone
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, Fault, Invalid, Reason, Text

MAY_NOT_BE_ENTRUSTED = Reason(
    code="may_not_be_entrusted",
    zh="依法不得作为被委托人；实际照料情况请登记为“实际照料”",
    en="The law excludes this person. Record who really looks after the child as care at home.",
)
TOO_YOUNG_TO_BE_ENTRUSTED = Reason(
    code="too_young_to_be_entrusted", zh="被委托人应为成年人", en="Only an adult can be entrusted."
)
ADVICE_ON_MAY_NOT_BE_ENTRUSTED = Advice(
    reason=MAY_NOT_BE_ENTRUSTED,
    zh="另选被委托人；实际照料人登记为“实际照料”。",
    en="Have the parents choose another; record who really cares as care at home.",
    refusals=(Invalid,),
)
ADVICE_ON_TOO_YOUNG_TO_BE_ENTRUSTED = Advice(
    reason=TOO_YOUNG_TO_BE_ENTRUSTED,
    zh="另选成年的被委托人；核对年龄。",
    en="Have the parents choose an adult; check the age.",
    refusals=(Invalid,),
)
_ADULT = 18


class Exclusion(Choice):
    """Why the law lets nobody be entrusted."""

    CRIMINAL = "criminal", "有相关违法犯罪记录", "convicted or suspected of an offence against children"
    ADDICTION = "addiction", "有吸毒、酗酒、赌博等恶习", "drugs, drink or gambling"
    NEGLECTED = "neglected", "曾拒不履行或怠于履行监护职责", "once neglected a child"
    UNSUITED = "unsuited", "其他不适宜情形", "otherwise unsuited"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrustmentSigned(Details):
    """To whom, until when, and who was told. A person whom the law excludes can't be entrusted."""

    TYPE: ClassVar[str] = "entrustment_signed"

    name: str = described("被委托人姓名", "Name", personal=True, max_length=50, normal=undotted)
    relation: str | None = described("与儿童关系", "Relation", personal=True, max_length=20, default=None)
    phone: str | None = described(
        "电话", "Telephone", personal=True, max_length=32, normal=normal_phone, default=None
    )
    address: str | None = described("住址", "Address", personal=True, max_length=200, default=None)
    age: int | None = described("年龄", "Age in years", personal=True, minimum=0, maximum=130, default=None)
    until: date | None = described("有效期至", "Until", default=None)
    school_told: bool | None = described("已书面告知学校", "School told in writing", default=None)
    village_told: bool | None = described("已书面告知村（居）委会", "Village told in writing", default=None)
    child_heard: bool | None = described("已听取儿童意见", "The child was heard", default=None)
    excluded_by: tuple[Exclusion, ...] = described(
        "不得受托的情形", "Excluded by", personal=True, max_length=4, default=()
    )


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    said = cast("EntrustmentSigned", new_event.details)
    if said.excluded_by:
        yield Fault(reason=MAY_NOT_BE_ENTRUSTED, pointer="/details/excluded_by")
    if said.age is not None and said.age < _ADULT:
        yield Fault(reason=TOO_YOUNG_TO_BE_ENTRUSTED, pointer="/details/age")
    yield from before(said.until, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/until")


ACTION = CareAction(
    details=EntrustmentSigned,
    label=Text(zh="委托照护", en="Entrustment"),
    check=_check,
    settles=lambda _: "entrustment",
    shows=Shown(name="entrustment", holding=latest(EntrustmentSigned)),
)
