"""Calls to the authorities 报案与报告: who was called when, and what they answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.refusal import Advice, AtOdds, Conflict, Fault, Reason, Text

NO_SUCH_CALL = Reason(code="no_such_call", zh="该事件没有这一报告记录", en="The incident has no such call.")
ADVICE_ON_NO_SUCH_CALL = Advice(
    reason=NO_SUCH_CALL,
    zh="先登记报告；离线登记的，报告记录到达后重试。",
    en="Record the call first; from a phone that was offline it may come yet.",
    refusals=(AtOdds,),
)
ANSWERED_ALREADY = Reason(
    code="office_answered_already", zh="该报告已有答复", en="The call has been answered already."
)
ADVICE_ON_ANSWERED_ALREADY = Advice(
    reason=ANSWERED_ALREADY,
    zh="答复有变的，作废原答复后再登记。",
    en="Void the answer first where it was wrong.",
    refusals=(Conflict,),
)


class Office(Choice):
    """Who is told."""

    POLICE = "police", "公安机关", "police"
    CIVIL_AFFAIRS = "civil_affairs", "民政部门", "civil affairs"
    EDUCATION = "education", "教育部门", "education office"
    PROCURATORATE = "procuratorate", "检察机关", "procuratorate"
    HEALTH = "health", "卫生健康部门", "health office"
    VILLAGE = "village", "村（居）委会", "village committee"
    OTHER = "other", "其他", "other"


class OfficeAnswer(Choice):
    """What the office says."""

    TAKEN = "taken", "已受理", "taken on"
    REFUSED = "refused", "不予受理", "refused"
    PASSED_ON = "passed_on", "已移送", "passed on"
    DONE = "done", "已办结", "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOfficeCalled(Details):
    """Who was told. The moment at which this occurred is that of the call, however late it is entered."""

    TYPE: ClassVar[str] = "incident_office_called"

    office: Office = described("机关", "Office")
    officer: str | None = described("接报人", "Officer", personal=True, max_length=50, default=None)
    number: str | None = described("接报编号", "Number", personal=True, max_length=64, default=None)
    called_by: str | None = described("报告人", "Called by", personal=True, max_length=50, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOfficeAnswered(Details):
    """What came back of a call."""

    TYPE: ClassVar[str] = "incident_office_answered"

    call: UUID = described("报告记录", "Call (event id)")
    answer: OfficeAnswer = described("答复", "Answer")
    note: str | None = described("说明", "Note", personal=True, max_length=2000, default=None)


def _answered(new_event: NewEvent, incident: Any) -> Iterator[Fault]:
    said = new_event.details
    assert isinstance(said, IncidentOfficeAnswered)
    call = incident.fact(said.call)
    if call is None or not isinstance(call.details, IncidentOfficeCalled):
        raise AtOdds(Fault(reason=NO_SUCH_CALL, pointer="/details/call"))
    if any(other.call == said.call for _, other in incident.of(IncidentOfficeAnswered)):
        raise Conflict(Fault(reason=ANSWERED_ALREADY, pointer="/details/call"))
    return iter(())


EVENT_TYPES = (
    EventType(details=IncidentOfficeCalled, label=Text(zh="报告有关机关", en="Office called")),
    EventType(
        details=IncidentOfficeAnswered,
        label=Text(zh="机关答复", en="Office answered"),
        correctable=False,
        check=_answered,
    ),
)
