"""Proposed transfer 转出: the giving side says that the child goes to another class or school."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast

from domain.care_action import CareAction, Known, before, place_on
from domain.choices import Line
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import described
from domain.org import checked_path, within
from domain.reasons import BEFORE_LAST_MOVE, TRANSFER_OPEN
from domain.refusal import Conflict, Fault, Reason, Refused, Text

THERE_ALREADY = Reason(
    code="there_already", zh="该儿童已在该机构", en="The child already belongs to this organisation."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferProposed(Details):
    """To which organisation, with which duties still open. Nothing changes until that side accepts."""

    TYPE: ClassVar[str] = "transfer_proposed"

    to: str = described("转入机构", "To (organisation)", max_length=300)
    duties: tuple[str, ...] = described("移交事项", "Open duties", personal=True, max_length=20, default=())
    line: Line | None = described("条线", "Line", default=None)
    reason: str | None = described("原因", "Reason", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    details = cast("TransferProposed", new_event.details)
    if any(t.open for t in child.transfers):
        raise Conflict(Fault(reason=TRANSFER_OPEN, pointer="/type"))
    here = place_on(child, details.line) or child.org
    try:
        if checked_path(details.to, pointer="/details/to") != details.to or within(here, details.to):
            yield Fault(reason=THERE_ALREADY, pointer="/details/to")
    except Refused as refused:
        yield from refused.faults
    yield from before(new_event.occurred.day, child.moves[-1].day, BEFORE_LAST_MOVE, "/occurred_on")


ACTION = CareAction(
    effects=(Effect.PROPOSES_TRANSFER,),
    details=TransferProposed,
    label=Text(zh="提出转接", en="Transfer proposed"),
    decision=True,
    check=_check,
)
