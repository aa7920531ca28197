"""What follows a report 应急处置、评估帮扶、监护干预: each of it is an entry, in the order of events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, Conflict, Fault, Reason, Text

NAMED_ALREADY = Reason(
    code="named_already", zh="该儿童已在此事件中", en="The incident names this child already."
)
ADVICE = Advice(
    reason=NAMED_ALREADY, zh="不必再登记。", en="There is nothing more to record.", refusals=(Conflict,)
)


class Measure(Choice):
    """What was done at once."""

    MADE_SAFE = "made_safe", "脱离危险、妥善安置", "brought to safety"
    TREATED = "treated", "送医救治", "taken to a doctor"
    GUARDIAN_CALLED = "guardian_called", "通知监护人", "guardian called"
    SHELTERED = "sheltered", "临时监护", "in temporary guardianship"
    FOUND = "found", "找到儿童", "child found"
    OTHER = "other", "其他", "other"


class Intervention(Choice):
    """What the authorities do about the guardians."""

    ADMONISHED = "admonished", "训诫", "admonished"
    INSTRUCTED = "instructed", "责令接受家庭教育指导", "told to take instruction"
    PROTECTED = "protected", "人身安全保护令", "protection order"
    SUSPENDED = "suspended", "中止监护", "guardianship suspended"
    REVOKED = "revoked", "撤销监护人资格", "guardianship revoked"
    PROSECUTED = "prosecuted", "追究刑事责任", "prosecuted"
    SUPPORTED = "supported", "帮扶支持", "supported"
    OTHER = "other", "其他", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChildNamed(Details):
    """Which child it is about: known only now."""

    TYPE: ClassVar[str] = "incident_child_named"

    child: UUID = described("儿童", "Child")


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMeasureTaken(Details):
    """What was done at once, by whom."""

    TYPE: ClassVar[str] = "incident_measure_taken"

    measure: Measure = described("措施", "Measure")
    by: str | None = described("处置人", "By whom", personal=True, max_length=50, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=2000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAssessed(Details):
    """How the child and its family stand, and what is to be done."""

    TYPE: ClassVar[str] = "incident_assessed"

    findings: str = described("评估结果", "Findings", personal=True, max_length=4000)
    assessor: str | None = described("评估人", "Assessor", personal=True, max_length=50, default=None)
    plan: str | None = described("帮扶计划", "Plan", personal=True, max_length=4000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentIntervened(Details):
    """What was decided about the guardians, by whom."""

    TYPE: ClassVar[str] = "incident_intervened"

    intervention: Intervention = described("干预", "Intervention")
    by: str | None = described("决定机关", "Decided by", personal=True, max_length=100, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=2000, default=None)


def _named(new_event: NewEvent, incident: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, IncidentChildNamed)
    if said.child in incident.children:
        raise Conflict(Fault(reason=NAMED_ALREADY, pointer="/details/child"))
    return iter(())


EVENT_TYPES = (
    EventType(
        details=IncidentChildNamed,
        label=Text(zh="确认涉及儿童", en="Child named"),
        correctable=False,
        check=_named,
    ),
    EventType(details=IncidentMeasureTaken, label=Text(zh="应急处置", en="Emergency measure")),
    EventType(details=IncidentAssessed, label=Text(zh="评估帮扶", en="Assessed")),
    EventType(details=IncidentIntervened, label=Text(zh="监护干预", en="Intervention")),
)
