"""What people do with the ledger, in one word each: thin wrappers around submissions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE, Recorded
from application.system import System
from domain.child import Child, fold
from domain.refusal import Refused
from domain.streams.carers.carer import CarerRegistered

SCHOOL = "county/township/school"
CLASS = f"{SCHOOL}/grade 3/class 4"
_ENVELOPE = (
    "written_on",
    "recorded_by",
    "based_on",
    "org",
    "late_reason",
    "noted_at",
    "source_event_id",
)


class Desk:
    """A clerk at a desk: says what happened, and sees what is recorded."""

    def __init__(self, system: System, *, actor: Actor = SYSTEM) -> None:
        self.system = system
        self.actor = actor

    def submit(
        self, type_: str, day: str, *, child: UUID, event_id: UUID | None = None, **more: Any
    ) -> Recorded:
        """Submit one care action. `day` is "2026-03-05" or a moment with its offset."""
        envelope = {k: more.pop(k) for k in _ENVELOPE if k in more}
        when: dict[str, Any] = (
            {"occurred_at": datetime.fromisoformat(day)}
            if "T" in day
            else {"occurred_on": date.fromisoformat(day)}
        )
        submission = Submission(
            event_id=event_id or uuid4(), type=type_, child_id=child, details=more, **when, **envelope
        )
        return self.system.submissions.submit(submission, actor=self.actor, provenance=NOWHERE)

    def enrol(
        self,
        day: str = "2026-03-01",
        *,
        child: UUID | None = None,
        org: str = CLASS,
        enrolment_id: UUID | None = None,
        **more: Any,
    ) -> UUID:
        """Enrol a child and give its id."""
        child = child or uuid4()
        self.system.organisations.ensure(org, actor=self.actor)
        number = f"T{child.hex[:12]}"
        words = {"name": "林小禾", "student_no": number, "sex": "female", "birth_date": "2016-05-20"} | more
        self.submit("child_enrolled", day, child=child, event_id=enrolment_id, org=org, **words)
        return child

    def carer(
        self, name: str = "卢老师", *, carer: UUID | None = None, org: str = SCHOOL, **more: Any
    ) -> UUID:
        """Register a carer and give its id."""
        carer = carer or uuid4()
        details = CarerRegistered(name=name, **more)
        self.system.carers.register(actor=self.actor, carer_id=carer, org=org, details=details)
        return carer

    def pair(
        self, child: UUID, carer: UUID, day: str = "2026-03-01", *, kind: str = "care_counsellor"
    ) -> Recorded:
        """Pair a carer with a child."""
        return self.submit("pairing_started", day, child=child, carer=str(carer), kind=kind)

    def visit(self, child: UUID, carer: UUID, day: str, *, outcome: str = "met", **more: Any) -> Recorded:
        """Record a home visit, with a record unless told otherwise."""
        words = {"carers": [str(carer)], "outcome": outcome, "record": "了解学习和生活情况"} | more
        return self.submit("home_visit_made", day, child=child, **words)

    def void(self, child: UUID, target: UUID, *, approved_by: str = "王校长", **more: Any) -> Recorded:
        """Void an entry, based on the present version."""
        return self._decide(
            "event_voided", child, target=str(target), reason="误录", approved_by=approved_by, **more
        )

    def correct(self, child: UUID, target: UUID, *, approved_by: str = "王校长", **fields: Any) -> Recorded:
        """Correct an entry, based on the present version."""
        return self._decide(
            "event_corrected",
            child,
            target=str(target),
            fields=fields,
            reason="笔误",
            approved_by=approved_by,
        )

    def propose(self, child: UUID, to: str, day: str, **more: Any) -> Recorded:
        """Propose a transfer to an organisation."""
        return self._decide("transfer_proposed", child, day=day, to=to, **more)

    def accept(self, child: UUID, transfer: UUID, day: str, *, org: str | None = None) -> Recorded:
        """Accept a transfer, where wanted into a class."""
        more = {"org": org} if org else {}
        return self._decide(
            "transfer_accepted", child, day=day, transfer=str(transfer), accepted_by="赵主任", **more
        )

    def _decide(self, type_: str, child: UUID, *, day: str | None = None, **details: Any) -> Recorded:
        day = day or self.system.now().date().isoformat()
        return self.submit(type_, day, child=child, based_on=self.child(child).version, **details)

    def child(self, child: UUID, *, known_at: datetime | None = None, as_of: date | None = None) -> Child:
        """Fold the child as it stands, or as it was known."""
        return fold(child, self.system.log.stream(child, known_at=known_at), as_of=as_of)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    """The codes of a refusal, each with its pointer."""
    return [(f.reason.code, f.pointer) for f in refused.value.faults]
