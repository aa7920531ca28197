"""Responsibility assigned 明确责任: who answers for a side of the work, a grade, a class, some households."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.care_action import before, ends_no_earlier
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.decide import occurred_at
from domain.ledger.event_type import EventType
from domain.normal import undotted
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, AtOdds, Conflict, Fault, Invalid, Reason, Text

MOST_HOUSEHOLDS = 1000
ANSWERS_ALREADY = Reason(
    code="answers_already", zh="此人已负责这一项", en="This person answers for that already."
)
ADVICE_ON_ANSWERS_ALREADY = Advice(
    reason=ANSWERS_ALREADY,
    zh="不必再登记；范围有变的，先登记原分工结束。",
    en="There is nothing more to record; if it changed, end the earlier assignment first.",
    refusals=(Conflict,),
)
NO_SUCH_ASSIGNMENT = Reason(code="no_such_assignment", zh="没有这一分工", en="There is no such assignment.")
ADVICE_ON_NO_SUCH_ASSIGNMENT = Advice(
    reason=NO_SUCH_ASSIGNMENT, zh="先登记该分工。", en="Record the assignment first.", refusals=(AtOdds,)
)
ENDED_ALREADY = Reason(
    code="assignment_ended_already", zh="该分工已结束", en="The assignment has ended already."
)
ADVICE_ON_ENDED_ALREADY = Advice(
    reason=ENDED_ALREADY,
    zh="结束有误的，先作废。",
    en="Void the first end if it was wrong.",
    refusals=(Conflict,),
)
SCOPE_MISSING = Reason(
    code="scope_missing",
    zh="包年级、包班、包户须写明年级、班级或住户",
    en="Say which grade, class or households.",
)
ADVICE_ON_SCOPE_MISSING = Advice(
    reason=SCOPE_MISSING,
    zh="写明范围；包户的也可列出家庭或户数。",
    en="Give the scope; of households their ids or their number will do as well.",
    refusals=(Invalid,),
)


class Side(Choice):
    """What somebody answers for: a side of the work, or a part of the organisation."""

    OVERALL = "overall", "全面工作", "the whole"
    SAFETY = "safety", "安全法制教育", "safety and law"
    THOUGHT = "thought", "思想教育", "thought and morals"
    STUDY = "study", "学习", "study"
    LIFE = "life", "生活", "daily life"
    MIND = "mind", "心理健康", "mind"
    HEALTH = "health", "卫生健康", "health"
    FILES = "files", "档案管理", "files"
    ACTIVITIES = "activities", "活动组织", "activities"
    BOARDING = "boarding", "寄宿管理", "boarders"
    SURROUNDINGS = "surroundings", "校园周边", "surroundings of the school"
    GRADE = "grade", "包年级", "a grade"
    CLASS = "class", "包班", "a class"
    HOUSEHOLDS = "households", "包户", "households"


SCOPED = (Side.GRADE, Side.CLASS, Side.HOUSEHOLDS)


class Post(Choice):
    """As what somebody answers."""

    PRINCIPAL = "principal", "校长", "principal"
    VICE_PRINCIPAL = "vice_principal", "副校长", "vice principal"
    COUNSELLOR = "counsellor", "总辅导员", "chief counsellor"
    OFFICE = "office", "处室主任", "head of an office"
    CLASS_TEACHER = "class_teacher", "班主任", "class teacher"
    TEACHER = "teacher", "教师", "teacher"
    BOARDING = "boarding", "生活教师", "boarding supervisor"
    CHILD_DIRECTOR = "child_director", "儿童主任", "child director"
    SOCIAL_WORKER = "social_worker", "社工", "social worker"
    CADRE = "cadre", "干部", "official"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilityAssigned(Details):
    """From this day on `holder` answers for `side`; `scope` says for which grade or class.

    `households` are those that are kept here, `households_in_all` how many there are whether kept or not.
    """

    TYPE: ClassVar[str] = "responsibility_assigned"

    side: Side = described("负责方面", "Answers for")
    holder: str = described("负责人", "Who", personal=True, max_length=50)
    post: Post = described("职务", "Post")
    scope: str | None = described("范围", "Scope", max_length=100, default=None)
    carer: UUID | None = described("帮扶人", "Carer", default=None)
    households: tuple[UUID, ...] = described("家庭", "Households", max_length=MOST_HOUSEHOLDS, default=())
    households_in_all: int | None = described(
        "户数", "Households in all", minimum=1, maximum=10_000, default=None
    )
    duties: str | None = described("职责", "Duties", max_length=1000, default=None)
    until: date | None = described("截止日期", "Until", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibilityEnded(Details):
    """This day is the first on which nobody answers by that assignment."""

    TYPE: ClassVar[str] = "responsibility_ended"

    assignment: UUID = described("分工记录", "Assignment (event id)")
    reason: str | None = described("原因", "Reason", max_length=200, default=None)


def _assigned(new_event: NewEvent, matrix: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, ResponsibilityAssigned)
    named = said.scope or (
        said.side is Side.HOUSEHOLDS and (said.households or said.households_in_all is not None)
    )
    if said.side in SCOPED and not named:
        yield Fault(reason=SCOPE_MISSING, pointer="/details/scope")
    yield from ends_no_earlier(new_event, matrix)
    day = new_event.occurred.day
    for each in matrix.assignments:
        same = (each.side, each.scope, undotted(each.holder)) == (
            said.side,
            said.scope,
            undotted(said.holder),
        )
        overlaps = (each.until is None or day < each.until) and (
            said.until is None or each.since < said.until
        )
        if same and overlaps and each.assignment != new_event.event_id:
            raise Conflict(Fault(reason=ANSWERS_ALREADY, pointer="/details/holder"))


def _ended(new_event: NewEvent, matrix: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, ResponsibilityEnded)
    found = next((each for each in matrix.assignments if each.assignment == said.assignment), None)
    if found is None:
        raise AtOdds(Fault(reason=NO_SUCH_ASSIGNMENT, pointer="/details/assignment"))
    if found.ended:
        raise Conflict(Fault(reason=ENDED_ALREADY, pointer="/details/assignment"))
    return before(new_event.occurred.day, found.since, ENDS_BEFORE_IT_BEGINS, occurred_at(new_event))


def _carers(said: ResponsibilityAssigned) -> tuple[UUID, ...]:
    return () if said.carer is None else (said.carer,)


EVENT_TYPES = (
    EventType(
        details=ResponsibilityAssigned,
        label=Text(zh="明确责任", en="Responsibility assigned"),
        carers=_carers,
        check=_assigned,
    ),
    EventType(
        details=ResponsibilityEnded,
        label=Text(zh="分工结束", en="Responsibility ended"),
        correctable=False,
        check=_ended,
    ),
)
