"""Guardian 监护人: the parents name who looks after the child."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from domain.care_action import CareAction, Known, Shown
from domain.choices import Capability, GuardianKind
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.normal import undotted
from domain.phone import normal_phone
from domain.refusal import Fault, Text
from domain.told import contradictions_of, last_standing


class GuardianField(Choice):
    """What may be known of a guardian."""

    RELATION = "relation", "与儿童关系", "relation"
    KIND = "kind", "监护类型", "kind"
    PHONE = "phone", "电话", "telephone"
    ADDRESS = "address", "住址", "address"
    AGE = "age", "年龄", "age"
    LANGUAGE = "language", "语言", "language"
    CAN_READ = "can_read", "能否识字", "can read"
    CAPABILITY = "capability", "监护能力", "capability"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianDesignated(Details):
    """The primary guardian from this day on; the one before ends with it.

    Of the same person by name, what an entry leaves open is as it was said before; what `unknown` names is
    not known any more.
    """

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
    unknown: tuple[GuardianField, ...] | None = described("已不详的项目", "No longer known", default=None)


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    yield from contradictions_of(new_event.details)


def guardian(child: Known) -> GuardianDesignated | None:
    """Return the current primary guardian: the latest one, with all that is known of it."""
    return last_standing(said for _, said in child.of(GuardianDesignated))


ACTION = CareAction(
    effects=(Effect.NAMES_GUARDIAN,),
    details=GuardianDesignated,
    label=Text(zh="监护人确定", en="Guardian designated"),
    check=_check,
    settles=lambda _: "guardian",
    shows=Shown(name="guardian", holding=lambda child: filter(None, [guardian(child)])),
)
