"""Findings 检查问题: what is to be put right and until when, that it was, and that the inspectors agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.care_action import before
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.decide import occurred_at
from domain.ledger.event_type import EventType
from domain.reasons import ENDS_BEFORE_IT_BEGINS
from domain.refusal import Advice, AtOdds, Conflict, Fault, Invalid, Reason, Text

NO_SUCH_FINDING = Reason(code="no_such_finding", zh="没有这一问题", en="There is no such finding.")
ADVICE_ON_NO_SUCH_FINDING = Advice(
    reason=NO_SUCH_FINDING, zh="先登记该问题。", en="Record the finding first.", refusals=(AtOdds,)
)
REPAIRED_ALREADY = Reason(code="repaired_already", zh="该问题已登记整改", en="It was put right already.")
ADVICE_ON_REPAIRED_ALREADY = Advice(
    reason=REPAIRED_ALREADY,
    zh="整改登记有误的，先作废。",
    en="Void the first entry if it was wrong.",
    refusals=(Conflict,),
)
NOT_REPAIRED = Reason(
    code="not_repaired_yet", zh="该问题尚未登记整改", en="It was not recorded yet that it was put right."
)
ADVICE_ON_NOT_REPAIRED = Advice(
    reason=NOT_REPAIRED,
    zh="先登记整改，再销号。",
    en="Record first how it was put right.",
    refusals=(AtOdds,),
)
CLOSED_ALREADY = Reason(code="finding_closed_already", zh="该问题已销号", en="The finding is closed already.")
ADVICE_ON_CLOSED_ALREADY = Advice(
    reason=CLOSED_ALREADY, zh="不必再登记。", en="There is nothing more to record.", refusals=(Conflict,)
)
REPAIRED_BEFORE = Reason(
    code="repaired_before_found", zh="整改日期早于发现日期", en="It was put right before it was found."
)
ADVICE_ON_REPAIRED_BEFORE = Advice(
    reason=REPAIRED_BEFORE, zh="核对两个日期。", en="Check both days.", refusals=(Invalid,)
)
CLOSED_BEFORE = Reason(
    code="closed_before_repaired", zh="销号日期早于整改日期", en="It was closed before it was put right."
)
ADVICE_ON_CLOSED_BEFORE = Advice(
    reason=CLOSED_BEFORE, zh="核对两个日期。", en="Check both days.", refusals=(Invalid,)
)


class FindingAbout(Choice):
    """Where something was found."""

    FILES = "files", "档案资料", "files"
    HOMES = "homes", "儿童家庭", "homes of children"
    CAMPUS = "campus", "校园", "campus"
    BOARDING = "boarding", "寄宿生活", "boarding"
    SURROUNDINGS = "surroundings", "校园周边", "surroundings of the school"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFindingMade(Details):
    """What is to be put right, until when; `child` where it is about one."""

    TYPE: ClassVar[str] = "inspection_finding_made"

    finding: str = described("问题", "Finding", personal=True, max_length=2000)
    demand: str | None = described(
        "整改要求", "What is demanded", personal=True, max_length=2000, default=None
    )
    due: date = described("整改期限", "Due")
    child: UUID | None = described("儿童", "Child", default=None)
    about: FindingAbout | None = described("所在方面", "About", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFindingRepaired(Details):
    """The day of the entry is that on which it was put right."""

    TYPE: ClassVar[str] = "inspection_finding_repaired"

    finding: UUID = described("问题记录", "Finding (event id)")
    how: str | None = described("整改情况", "How", personal=True, max_length=2000, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFindingClosed(Details):
    """The inspectors have looked, and agree."""

    TYPE: ClassVar[str] = "inspection_finding_closed"

    finding: UUID = described("问题记录", "Finding (event id)")
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _made(new_event: NewEvent, _inspection: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, InspectionFindingMade)
    return before(said.due, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/due")


def _repaired(new_event: NewEvent, inspection: Any) -> Iterator[Fault]:
    finding = _named(new_event, inspection)
    if finding.repaired_on is not None:
        raise Conflict(Fault(reason=REPAIRED_ALREADY, pointer="/details/finding"))
    return before(new_event.occurred.day, finding.found_on, REPAIRED_BEFORE, occurred_at(new_event))


def _closed(new_event: NewEvent, inspection: Any) -> Iterator[Fault]:
    finding = _named(new_event, inspection)
    if finding.closed_on is not None:
        raise Conflict(Fault(reason=CLOSED_ALREADY, pointer="/details/finding"))
    if finding.repaired_on is None:
        raise AtOdds(Fault(reason=NOT_REPAIRED, pointer="/details/finding"))
    return before(new_event.occurred.day, finding.repaired_on, CLOSED_BEFORE, occurred_at(new_event))


def _named(new_event: NewEvent, inspection: Any) -> Any:
    """Return the finding that an entry names. Raises `AtOdds` where there is none: it may come yet."""
    said = new_event.details
    assert isinstance(said, InspectionFindingRepaired | InspectionFindingClosed)
    found = next((each for each in inspection.findings if each.finding == said.finding), None)
    if found is None:
        raise AtOdds(Fault(reason=NO_SUCH_FINDING, pointer="/details/finding"))
    return found


EVENT_TYPES = (
    EventType(details=InspectionFindingMade, label=Text(zh="检查问题", en="Finding"), check=_made),
    EventType(
        details=InspectionFindingRepaired, label=Text(zh="问题整改", en="Finding put right"), check=_repaired
    ),
    EventType(details=InspectionFindingClosed, label=Text(zh="问题销号", en="Finding closed"), check=_closed),
)
