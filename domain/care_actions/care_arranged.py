"""Care at home 实际照料: who really looks after the child from this day on, fit or not."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction
from domain.choices import Capability
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.normal import undotted
from domain.phone import normal_phone
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CareArranged(Details):
    """Somebody who looks after the child at home, one of several perhaps; recorded as it is, good or bad."""

    TYPE: ClassVar[str] = "care_arranged"

    name: str = described("照料人姓名", "Name", personal=True, max_length=50, normal=undotted)
    relation: str | None = described("与儿童关系", "Relation", personal=True, max_length=20, default=None)
    age: int | None = described("年龄", "Age in years", personal=True, minimum=0, maximum=130, default=None)
    phone: str | None = described(
        "电话", "Telephone", personal=True, max_length=32, normal=normal_phone, default=None
    )
    address: str | None = described("住址", "Address", personal=True, max_length=200, default=None)
    can_read: bool | None = described("能否识字", "Can read", personal=True, default=None)
    language: str | None = described("语言", "Language", personal=True, max_length=40, default=None)
    capability: Capability | None = described("照料能力", "Capability", personal=True, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


ACTION = CareAction(
    details=CareArranged,
    label=Text(zh="实际照料", en="Care at home"),
    effects=(Effect.ARRANGES_CARE,),
)
