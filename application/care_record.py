"""The use cases around one child: load, decide, save. Each is one read and one write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from uuid import UUID

from application.access import Action, Actor, require
from application.busy import ATTEMPTS, BUSY, Busy
from application.carers import Carers
from application.child_unit import NOWHERE, ChildUnit, Outcome, Provenance
from application.eventstore.keyring import KeyDestroyed
from application.eventstore.log import EventLog
from application.eventstore.recorder import EventIdTaken, Row, RowTaken, VersionConflict
from application.lookups import Lookups
from domain.child import Child, fold
from domain.decisions import UNKNOWN_CHILD
from domain.event import Draft, Event
from domain.policy import Policy
from domain.refusal import Conflict, Fault, Reason, Refused, Unknown
from domain.status import ChildStatus, status_of

NUMBER_TAKEN = Reason(
    code="number_taken",
    zh="学籍号或身份证号已属于另一份档案",
    en="The student number or identity number belongs to another file.",
)
ERASED = Reason(code="erased", zh="该档案已依法删除", en="The file has been erased.")
# What the row of a child says beside its key.
_STATUS = tuple(field.name for field in fields(ChildStatus) if field.name != "child_id")


class CareRecord:
    """Records care actions on the streams of children."""

    def __init__(
        self,
        *,
        log: EventLog,
        lookups: Lookups,
        carers: Carers,
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._lookups = lookups
        self._carers = carers
        self._policy = policy
        self._now = now

    def child(
        self,
        child_id: UUID,
        *,
        actor: Actor,
        action: Action = Action.READ,
        known_at: datetime | None = None,
    ) -> tuple[Event, ...]:
        """Read a child's stream. Raises `Unknown` where there is none that the actor may know of."""
        events = self._log.stream(child_id, known_at=known_at)
        _require_seen(fold(child_id, events), actor, action)
        return events

    def record_many(
        self,
        *,
        actor: Actor,
        child_id: UUID,
        drafts: Sequence[Draft],
        based_on: int | None = None,
        org: str | None = None,
        provenance: Provenance = NOWHERE,
        unattended: bool = False,
        whole: bool = False,
    ) -> Sequence[Outcome]:
        """Record drafts of one child in one transaction; one that is refused doesn't hold up the others.

        `org` places the child at enrolment or readmission. `unattended` waives the version that
        decisions name, for imports that decide on what they have just read themselves. With `whole`
        nothing is written where any draft is refused.
        """
        reused: set[UUID] = set()
        for _ in range(ATTEMPTS):
            stream, keys = self._log.load(child_id)
            unit = ChildUnit(
                stream=stream,
                child_id=child_id,
                carers=self._carers,
                policy=self._policy,
                now=self._now(),
                actor=actor,
                org=org,
                provenance=provenance,
                reused=reused,
            )
            outcomes = [unit.take(d, based_on=based_on, unattended=unattended) for d in drafts]
            if not unit.events or (whole and any(isinstance(o, Refused) for o in outcomes)):
                return outcomes
            try:
                rows = self._rows(unit.child, before=unit.loaded)
                positions = self._log.append(unit.events, rows=rows, keys=keys)
            except VersionConflict:
                continue
            except EventIdTaken as error:
                reused.add(error.event_id)
                continue
            except RowTaken:
                return _all_refused(outcomes, Fault(reason=NUMBER_TAKEN, pointer="/details/student_no"))
            except KeyDestroyed:
                return _all_refused(outcomes, Fault(reason=ERASED))
            placed = dict(zip((e.event_id for e in unit.events), positions, strict=True))
            return [_placed(o, placed) for o in outcomes]
        raise Busy(Fault(reason=BUSY))

    def find(self, *, kind: str, word: str) -> tuple[UUID, ...]:
        """Find children by student number (`student_no`), identity number (`id_number`) or `name`."""
        return self._lookups.find(kind=kind, word=word)

    def _rows(self, child: Child, *, before: Child) -> list[Row]:
        """Make the rows that go with the events: the status, and what is new of the words to be found by.

        The numbers among these are kept for the child.
        """
        status = status_of(child)
        values = {name: getattr(status, name) for name in _STATUS}
        rows = [Row(table="child_status", key={"child_id": child.child_id}, values=values)]
        old, new = _numbers(before), _numbers(child)
        for kind, word in old.items() - new.items():
            rows.append(self._lookups.release(kind=kind, word=word, stream=child.child_id))
        for kind, word in new.items():
            if old.get(kind) == word:
                continue
            rows.append(self._lookups.row(kind=kind, word=word, stream=child.child_id))
            rows.append(self._lookups.claim(kind=kind, word=word, stream=child.child_id))
        if (name := _name(child)) and name != _name(before):
            rows.append(self._lookups.row(kind="name", word=name, stream=child.child_id))
        return rows


def _require_seen(child: Child, actor: Actor, action: Action) -> None:
    if child.enrolment is None:
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    require(actor, action, org=child.org)


def _numbers(child: Child) -> dict[str, str]:
    """Give the numbers that no two files share."""
    if (profile := child.profile) is None:
        return {}
    numbers = {"student_no": profile.student_no, "id_number": profile.id_number}
    return {kind: word for kind, word in numbers.items() if word}


def _name(child: Child) -> str | None:
    return child.profile.name if child.profile else None


def _all_refused(outcomes: Sequence[Outcome], fault: Fault) -> list[Outcome]:
    """Refuse what would have stood, for a reason that only the store knew."""
    return [o if isinstance(o, Refused) else Conflict(fault) for o in outcomes]


def _placed(outcome: Outcome, placed: Mapping[UUID, int]) -> Outcome:
    if isinstance(outcome, Refused) or outcome.event_id not in placed:
        return outcome
    return replace(outcome, position=placed[outcome.event_id])
