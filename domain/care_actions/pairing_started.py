"""Pairing 结对: a carer takes on one child from a day on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction
from domain.event import Details, Draft
from domain.fields import Choice, described
from domain.reasons import ALREADY_PAIRED
from domain.refusal import Fault, Text

if TYPE_CHECKING:
    from domain.child import Child


class CarerKind(Choice):
    """What a carer is to the child in this pairing."""

    PROXY_PARENT = "proxy_parent", "代管家长", "proxy parent"
    PROXY_MOTHER = "proxy_mother", "代理妈妈", "proxy mother"
    LOVE_MOTHER = "love_mother", "爱心妈妈", "love mother"
    LOVE_FATHER = "love_father", "爱心爸爸", "love father"
    TEACHER_MOTHER = "teacher_mother", "教师妈妈", "teacher mother"
    TEMPORARY_FATHER = "temporary_father", "临时爸爸", "temporary father"
    HELPER_TEACHER = "helper_teacher", "帮扶教师", "helper teacher"
    CARE_COUNSELLOR = "care_counsellor", "爱心辅导员", "care counsellor"
    PARTY_MEMBER = "party_member", "党员", "party member"
    VOLUNTEER = "volunteer", "志愿者", "volunteer"
    CADRE = "cadre", "村干部", "cadre"
    RETIRED_TEACHER = "retired_teacher", "退休教师", "retired teacher"
    CLASS_CADRE = "class_cadre", "班干部", "class cadre"
    TOP_STUDENT = "top_student", "优秀学生", "top student"
    NEIGHBOUR = "neighbour", "邻居", "neighbour"
    HAND_IN_HAND = "hand_in_hand", "手拉手", "hand in hand"
    LOVE_CLASSMATE = "love_classmate", "爱心同学", "love classmate"


class Domain(Choice):
    """A side of the child's life that a pairing looks after."""

    STUDY = "study", "学习", "study"
    LIFE = "life", "生活", "life"
    THOUGHT = "thought", "思想", "thought"
    HEALTH = "health", "身体", "health"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingStarted(Details):
    """Who is paired with the child, as what. The pairing runs from the day it occurred on."""

    TYPE: ClassVar[str] = "pairing_started"

    carer: UUID = described("结对帮扶人", "Carer")
    kind: CarerKind = described("结对类型", "Kind of carer")
    programme: str | None = described("项目", "Programme", max_length=80, default=None)
    domains: tuple[Domain, ...] = described("帮扶方面", "Domains", max_length=4, default=())
    duties: str | None = described("职责", "Duties", personal=True, max_length=1000, default=None)


def _check(draft: Draft, child: "Child") -> Iterator[Fault]:
    said = cast("PairingStarted", draft.details)
    for pairing in child.pairings:
        if pairing.carer == said.carer and (pairing.end is None or draft.occurred.day < pairing.end):
            yield Fault(reason=ALREADY_PAIRED, pointer="/details/carer")


def _carers(said: PairingStarted) -> tuple[UUID, ...]:
    return (said.carer,)


ACTION = CareAction(
    details=PairingStarted, label=Text(zh="结对", en="Pairing started"), check=_check, carers=_carers
)
