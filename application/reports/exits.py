"""Children who left care, who agreed to that, and whether somebody looked after them three months later."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.reports.lines import name_of, student_no_of
from domain.care_actions.child_exited import ExitReason
from domain.care_actions.exit_reviewed import FoundAfterExit
from domain.case_no import case_no_of
from domain.child import Child
from domain.days import months_after
from domain.effects import Effect
from domain.fields import Choice

# So long after an exit somebody looks once more.
LOOK_AFTER_MONTHS = 3


class LookState(Choice):
    """Whether the look after an exit was taken."""

    WAITING = "waiting", "未到期", "not due yet"
    DUE = "due", "应回访", "due"
    DONE = "done", "已回访", "done"
    NOT_NEEDED = "not_needed", "不需要", "not needed"


_FIRST = (LookState.DUE, LookState.WAITING, LookState.DONE, LookState.NOT_NEEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitLine:
    """An exit that stands. Without `approved_by` nobody else agreed to it, as far as it says."""

    child_id: UUID
    case_no: str
    student_no: str
    name: str
    org: str
    exited_on: date
    reason: ExitReason | None
    approved_by: str | None
    due_on: date
    state: LookState
    looked_on: date | None
    found: FoundAfterExit | None


def exits_of(children: Iterable[Child], day: date) -> list[ExitLine]:
    """Return the exits of children that stand, those that are due first, the longest due before others."""
    found = [line for child in children for line in _exits(child, day)]
    return sorted(found, key=lambda line: (_FIRST.index(line.state), line.due_on, line.child_id))


def _exits(child: Child, day: date) -> Iterator[ExitLine]:
    looks = {f.details.exit: (f.day, f.details.found) for f in child.having(Effect.AFTER_CARE)}
    back = [fact.day for fact in child.having(Effect.OPENS_CARE)]
    for fact in child.having(Effect.CLOSES_CARE):
        looked_on, seen = looks.get(fact.event_id, (None, None))
        due_on, reason = months_after(fact.day, LOOK_AFTER_MONTHS), fact.details.reason
        if looked_on is not None:
            state = LookState.DONE
        elif reason is ExitReason.DIED or any(opened > fact.day for opened in back):
            state = LookState.NOT_NEEDED
        else:
            state = LookState.DUE if due_on <= day else LookState.WAITING
        yield ExitLine(
            child_id=child.child_id,
            case_no=case_no_of(child.child_id),
            student_no=student_no_of(child),
            name=name_of(child),
            org=child.org,
            exited_on=fact.day,
            reason=reason,
            approved_by=fact.details.approved_by,
            due_on=due_on,
            state=state,
            looked_on=looked_on,
            found=seen,
        )
