"""A look after an exit 退出后回访: three months later somebody sees how the child is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, before, entry_named
from domain.care_actions.child_exited import ChildExited
from domain.effects import Effect
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.refusal import Advice, Fault, Invalid, Reason, Text

REVIEW_BEFORE_EXIT = Reason(code="review_before_exit", zh="回访早于退出", en="The look is before the exit.")
ADVICE = Advice(reason=REVIEW_BEFORE_EXIT, zh="核对日期。", en="Check the day.", refusals=(Invalid,))


class FoundAfterExit(Choice):
    """How the child was found to be."""

    WELL = "well", "情况良好", "well"
    NEEDS_CARE = "needs_care", "需重新纳入", "needs care again"
    MOVED_ON = "moved_on", "已迁离", "moved away"
    NOT_REACHED = "not_reached", "未联系上", "not reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitReviewed(Details):
    """After which exit, and what was found."""

    TYPE: ClassVar[str] = "exit_reviewed"

    exit: UUID = described("退出记录", "Exit (event id)")
    found: FoundAfterExit = described("情况", "Found")
    carers: tuple[UUID, ...] = described("回访人", "Carers", max_length=5, default=())
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("ExitReviewed", new_event.details)
    entry_named(child, said.exit, ChildExited, at="exit")
    exited = child.fact(said.exit)
    assert exited is not None, "it was found just now"
    yield from before(new_event.occurred.day, exited.day, REVIEW_BEFORE_EXIT, "/occurred_on")


ACTION = CareAction(
    effects=(Effect.AFTER_CARE,),
    details=ExitReviewed,
    label=Text(zh="退出后回访", en="Look after an exit"),
    carers=lambda said: said.carers,
    check=_check,
)
