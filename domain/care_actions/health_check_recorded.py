"""Health check 体检: what was measured and found."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, PaperLine, before
from domain.event import Details, NewEvent
from domain.fields import described
from domain.paper_lines import reads
from domain.refusal import Advice, Fault, Invalid, Reason, Text

FOLLOW_UP_BEFORE_CHECK = Reason(
    code="follow_up_before_check", zh="复查日期早于体检日期", en="The follow-up is before the check."
)
ADVICE = Advice(
    reason=FOLLOW_UP_BEFORE_CHECK, zh="核对两个日期。", en="Check both days.", refusals=(Invalid,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheckRecorded(Details):
    """Height in cm, weight in g, and what was found. On `follow_up_on` somebody looks again."""

    TYPE: ClassVar[str] = "health_check_recorded"

    height_cm: int | None = described(
        "身高(厘米)", "Height (cm)", personal=True, minimum=30, maximum=250, default=None
    )
    weight_g: int | None = described(
        "体重(克)", "Weight (g)", personal=True, minimum=500, maximum=300000, default=None
    )
    eyes: str | None = described("视力", "Eyesight", personal=True, max_length=100, default=None)
    teeth: str | None = described("口腔", "Teeth", personal=True, max_length=100, default=None)
    findings: tuple[str, ...] = described("发现", "Findings", personal=True, max_length=20, default=())
    free: bool | None = described("是否免费", "Free of charge", default=None)
    provider: str | None = described("体检机构", "Provider", max_length=100, default=None)
    follow_up_on: date | None = described("复查日期", "Follow-up on", default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


def _check(new_event: NewEvent, _child: Known) -> Iterator[Fault]:
    said = cast("HealthCheckRecorded", new_event.details)
    return before(said.follow_up_on, new_event.occurred.day, FOLLOW_UP_BEFORE_CHECK, "/details/follow_up_on")


def _of_line(line: PaperLine, _child: None, _done: None) -> HealthCheckRecorded:
    found = (line.record,) if line.record else ()
    return HealthCheckRecorded(findings=found, carers=line.carers)


ACTION = CareAction(
    details=HealthCheckRecorded,
    label=Text(zh="体检", en="Health check"),
    check=_check,
    carers=lambda said: said.carers,
    paper=("体检",),
    from_paper=reads(_of_line),
)
