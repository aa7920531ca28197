"""The use cases around one child: load, decide, save. Each is one read and one write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from uuid import UUID

from application.access import Action, Actor, require
from application.busy import ATTEMPTS, BUSY, Busy
from application.carers import Carers
from application.child_unit import NOWHERE, ChildUnit, Outcome, Proposal, Provenance
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
        known_org: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._lookups = lookups
        self._carers = carers
        self._policy = policy
        self._known_org = known_org
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

        `org` places the child at enrolment or when a transfer is accepted. `unattended` waives the
        version that decisions name, for imports that decide on what they have just read themselves. With
        `whole` nothing is written where any draft is refused.
        """
        return self.record_proposals(
            actor=actor,
            child_id=child_id,
            proposals=[Proposal(draft=draft, based_on=based_on, org=org) for draft in drafts],
            provenance=provenance,
            unattended=unattended,
            whole=whole,
        )

    def record_proposals(
        self,
        *,
        actor: Actor,
        child_id: UUID,
        proposals: Sequence[Proposal],
        provenance: Provenance = NOWHERE,
        unattended: bool = False,
        whole: bool = False,
    ) -> Sequence[Outcome]:
        """Record as `record_many` does, where each draft names its own version and organisation."""
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
                provenance=provenance,
                reused=reused,
                known_org=self._known_org,
            )
            outcomes = [unit.take(proposal, unattended=unattended) for proposal in proposals]
            if not unit.events or (whole and any(isinstance(o, Refused) for o in outcomes)):
                return outcomes
            try:
                rows = self._rows(unit.child, before=unit.loaded)
                positions = self._log.append(unit.events, rows=rows, keys=keys)
            except VersionConflict:
                continue
            except EventIdTaken as error:
                # All of them at once: one by one, a long batch would run out of attempts.
                reused |= {e.event_id for e in unit.events if self._log.event(e.event_id)} | {error.event_id}
                continue
            except RowTaken:
                if len(proposals) > 1 and not whole:
                    # One of them wants a number that is taken: the others are not to fall with it.
                    middle = len(proposals) // 2
                    return [
                        outcome
                        for half in (proposals[:middle], proposals[middle:])
                        for outcome in self.record_proposals(
                            actor=actor,
                            child_id=child_id,
                            proposals=half,
                            provenance=provenance,
                            unattended=unattended,
                        )
                    ]
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
