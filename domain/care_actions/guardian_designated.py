"""Guardian 监护人: the parents name who looks after the child."""

from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction, Known, Shown
from domain.choices import Capability, GuardianKind
from domain.effects import Effect
from domain.event import Details
from domain.fields import described
from domain.normal import undotted
from domain.phone import normal_phone
from domain.refusal import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianDesignated(Details):
    """The primary guardian from this day on; the one before ends with it."""

    TYPE: ClassVar[str] = "guardian_designated"

    name: str = described(
        "监护人姓名", "Guardian's name", personal=True, max_length=50, normal=undotted, column="监护人姓名"
    )
    relation: str | None = described(
        "与儿童关系", "Relation", personal=True, max_length=20, default=None, column="与儿童关系"
    )
    kind: GuardianKind | None = described("监护类型", "Kind", default=None)
    phone: str | None = described(
        "电话",
        "Telephone",
        personal=True,
        max_length=32,
        default=None,
        normal=normal_phone,
        column="监护人电话",
    )
    address: str | None = described("住址", "Address", personal=True, default=None, column="监护人住址")
    age: int | None = described("年龄", "Age in years", personal=True, minimum=0, maximum=130, default=None)
    language: str | None = described("语言", "Language", personal=True, max_length=40, default=None)
    can_read: bool | None = described("能否识字", "Can read", personal=True, default=None)
    capability: Capability | None = described("监护能力", "Capability", personal=True, default=None)


def guardian(child: Known) -> GuardianDesignated | None:
    """Return the current primary guardian: the latest one."""
    named = [said for _, said in child.of(GuardianDesignated)]
    return named[-1] if named else None


ACTION = CareAction(
    effects=(Effect.NAMES_GUARDIAN,),
    details=GuardianDesignated,
    label=Text(zh="监护人确定", en="Guardian designated"),
    settles=lambda _: "guardian",
    shows=Shown(name="guardian", holding=lambda child: filter(None, [guardian(child)])),
)
