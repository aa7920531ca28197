"""Record filed later 补交记录: what was said and seen is written down after the fact."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known
from domain.event import Details, NewEvent
from domain.fields import described
from domain.reasons import NO_SUCH_ACTION
from domain.refusal import AtOdds, Fault, Reason, Text

TAKES_NO_RECORD = Reason(
    code="takes_no_record", zh="该类记录不需要补交内容", en="This type of event takes no record."
)
FILED_BEFORE_ACTION = Reason(
    code="filed_before_action",
    zh="补交日期早于所补记录的发生日期",
    en="A record cannot be filed before the action it describes.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFiled(Details):
    """The record of an earlier visit, call or talk; `target` is that action's event id."""

    TYPE: ClassVar[str] = "record_filed"

    target: UUID = described("所补记录", "Action it describes (event id)")
    record: str = described("内容", "Record", personal=True, max_length=4000)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    details = cast("RecordFiled", new_event.details)
    fact = child.fact(details.target)
    if fact is None:
        raise AtOdds(Fault(reason=NO_SUCH_ACTION, pointer="/details/target"))
    if fact.event_type.record is None:
        yield Fault(reason=TAKES_NO_RECORD, pointer="/details/target")
    if new_event.occurred.day < fact.occurred.day:
        yield Fault(reason=FILED_BEFORE_ACTION, pointer="/occurred_on")


ACTION = CareAction(
    details=RecordFiled, label=Text(zh="补交记录", en="Record filed"), files="target", check=_check
)
