"""What may be recorded of a child, beyond what holds on every stream."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from domain.case_no import case_no_of
from domain.child import Child, comes_of_age
from domain.effects import Effect
from domain.event import NewEvent
from domain.ledger.decide import occurred_at
from domain.ledger.event_type import declared, has_effect
from domain.ledger.kind import Checks
from domain.reasons import MERGED_INTO
from domain.refusal import AtOdds, Fault, Reason, at_odds, conflict, refuses

BEFORE_BIRTH = Reason(code="before_birth", zh="日期早于出生日期", en="The day is before the child's birth.")
OF_AGE = Reason(code="of_age", zh="建档日期不早于18周岁", en="The child was already 18 on that day.")
OUTSIDE_ENROLMENT = Reason(
    code="outside_enrolment", zh="该日期不在建档期间内", en="The child was not in care on that day."
)
IN_CARE_ALREADY = Reason(code="in_care_already", zh="该儿童仍在册", en="The child is already in care.")
NOT_IN_CARE = Reason(code="not_in_care", zh="该儿童当日不在册", en="The child was not in care on that day.")


def carers_of(new_event: NewEvent) -> Iterator[tuple[UUID, str]]:
    """Go through the carers that a new event speaks of, each with its JSON pointer."""
    details = new_event.details
    many = isinstance(getattr(details, "carers", None), tuple)
    for i, carer in enumerate(declared(type(details)).carers(details)):
        yield carer, f"/details/carers/{i}" if many else "/details/carer"


@refuses(BEFORE_BIRTH)
def _days(child: Child, new_event: NewEvent) -> Iterator[Fault]:
    """Find a day before the child was born."""
    profile: Any = new_event.details if has_effect(new_event.details, Effect.IDENTIFIES) else child.profile
    # An erased file has a profile that says nothing.
    born: date | None = profile.birth_date if profile else None
    if born is not None and new_event.occurred.day < born:
        yield Fault(reason=BEFORE_BIRTH, pointer=occurred_at(new_event))


@refuses(OF_AGE)
def _opening(_child: Child, new_event: NewEvent) -> Iterator[Fault]:
    """Find an enrolment of somebody who was of age."""
    details: Any = new_event.details
    if new_event.occurred.day >= comes_of_age(details.birth_date):
        yield Fault(reason=OF_AGE, pointer="/occurred_on")


def _restated(others: Child, new_event: NewEvent) -> Iterator[Fault]:
    """Find a corrected date of birth that lies after what was recorded of the child."""
    details: Any = new_event.details
    if any(f.day < details.birth_date for f in others.facts):
        yield Fault(reason=BEFORE_BIRTH, pointer="/details/birth_date")


def _admits(child: Child, new_event: NewEvent, *, corrected: bool) -> Iterator[Fault]:
    """Refuse an exit of who is not in care, a readmission of who is, and what happened outside of care.

    An exit or readmission that is corrected moves the bounds of care itself. Raises `Conflict` or `AtOdds`.
    """
    in_care = child.in_care(new_event.occurred.day)
    effects = declared(type(new_event.details)).effects
    if Effect.OPENS_CARE in effects:
        if in_care and not corrected:
            raise conflict(IN_CARE_ALREADY, "/type")
    elif Effect.CLOSES_CARE in effects:
        if not in_care and not corrected:
            raise conflict(NOT_IN_CARE, "/type")
    elif not in_care and Effect.AFTER_CARE not in effects:
        raise at_odds(OUTSIDE_ENROLMENT, "/occurred_on")
    return iter(())


@refuses(MERGED_INTO)
def refuse_merged(child: Child) -> None:
    """Refuse what is said of a child in a file that was merged, and name the file to say it in."""
    if (kept := child.merged_into) is not None:
        where = f"{case_no_of(kept)}, {kept}"
        raise AtOdds(
            Fault(
                reason=Reason(
                    code=MERGED_INTO.code,
                    zh=f"{MERGED_INTO.zh}（已并入 {where}）",
                    en=f"{MERGED_INTO.en} (Merged into {where}.)",
                )
            )
        )


CHECKS: Checks[Child] = Checks(
    days=_days, opening=_opening, restated=_restated, admits=_admits, ended=refuse_merged
)
