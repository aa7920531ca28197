"""A subsidy ends 资助终止: its day is the last in the scheme."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import ENDS_BEFORE_IT_BEGINS, NO_SUCH_ACTION
from domain.refusal import AtOdds, Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyEnded(Details):
    """Which subsidy, and why."""

    TYPE: ClassVar[str] = "subsidy_ended"

    subsidy: UUID = described("资助记录", "Subsidy (event id of its grant)")
    reason: str | None = described("原因", "Reason", personal=True, max_length=500, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("SubsidyEnded", new_event.details)
    grant = child.fact(said.subsidy)
    if grant is None or grant.type != "subsidy_granted":
        raise AtOdds(Fault(reason=NO_SUCH_ACTION, pointer="/details/subsidy"))
    return before(new_event.occurred.day, grant.day, ENDS_BEFORE_IT_BEGINS, "/occurred_on")


ACTION = CareAction(
    details=SubsidyEnded,
    label=Text(zh="资助终止", en="Subsidy ended"),
    check=_check,
)
