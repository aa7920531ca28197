"""The use cases around one child: load, decide, save. Each is one read and one write."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from application.access import Action, Actor, require
from application.busy import ATTEMPTS, Busy
from application.carers.registry import Carers
from application.children.chunks import Children, chunks, halves
from application.children.claims import FailedClaims
from application.children.session import NOWHERE, BatchScope, ChildSession, Outcome, Proposal, Provenance
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.keyring import KeyDestroyed, KeysMissing
from application.eventstore.log import EventLog, Keys
from application.eventstore.recorder import EventIdTaken, Row, RowTaken, VersionConflict
from application.lookups import NAME, NORMAL, Lookups
from application.organisations.registry import Organisations
from application.reasons import BUSY, ERASED, NUMBER_TAKEN
from domain.child import Child, fold
from domain.event import Draft, Event
from domain.org import county_of
from domain.policy import Policy
from domain.reasons import UNKNOWN_CHILD
from domain.refusal import Conflict, Fault, Refused, Unknown
from domain.status import ChildStatus, status_of
from domain.subtree import WITHIN, below

# What the row of a child says beside its key.
_STATUS = tuple(field.name for field in fields(ChildStatus) if field.name != "child_id")


class CareRecord:
    """Records care actions on the streams of children."""

    def __init__(
        self,
        *,
        log: EventLog,
        database: Database,
        lookups: Lookups,
        carers: Carers,
        policy: Policy,
        organisations: Organisations,
        claims: FailedClaims,
        now: Callable[[], datetime],
        refuse_types: Callable[[Collection[str]], None],
    ) -> None:
        self._log = log
        self._database = database
        self._lookups = lookups
        self._carers = carers
        self._policy = policy
        self._organisations = organisations
        self._claims = claims
        self._refuse_types = refuse_types
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
            session = self._session(
                child_id, stream, batch=self._batch(), actor=actor, provenance=provenance, reused=reused
            )
            outcomes = [session.take(proposal, unattended=unattended) for proposal in proposals]
            if not session.events or (whole and any(isinstance(o, Refused) for o in outcomes)):
                return outcomes
            try:
                placed = self._save([session], keys=keys)
            except VersionConflict:
                continue
            except EventIdTaken as error:
                # All of them at once: one by one, a long batch would run out of attempts.
                there = {e.event_id for e in session.events if self._log.event(e.event_id)}
                reused |= there | {error.event_id}
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
                self._claims.note(actor)
                return _all_refused(outcomes, Fault(reason=NUMBER_TAKEN, pointer="/details/student_no"))
            except KeyDestroyed:
                return _all_refused(outcomes, Fault(reason=ERASED))
            return [_placed(o, placed) for o in outcomes]
        raise Busy(Fault(reason=BUSY))

    def record_children(
        self, children: Children, *, actor: Actor, provenance: Provenance = NOWHERE
    ) -> dict[UUID, Sequence[Outcome]]:
        """Record drafts of many children as `record_proposals` does child by child, in their order.

        Chunks of them are decided and saved as one. Where that is refused, whatever the reason, each half
        is tried by itself, down to the single child. A child that too many write to gets `Busy`, one
        whose key is missing `KeysMissing`.
        """
        done: dict[UUID, Sequence[Outcome]] = {}
        for chunk in chunks(children, versions=self._versions(children)):
            done |= self._chunk(chunk, actor=actor, provenance=provenance)
        return done

    def _chunk(
        self, children: Children, *, actor: Actor, provenance: Provenance
    ) -> dict[UUID, Sequence[Outcome]]:
        if len(children) == 1:
            ((child_id, proposals),) = children.items()
            try:
                outcomes = self.record_proposals(
                    actor=actor, child_id=child_id, proposals=proposals, provenance=provenance
                )
            except (Busy, KeysMissing) as refused:
                outcomes = [refused] * len(proposals)
            return {child_id: outcomes}
        together = self._together(children, actor=actor, provenance=provenance)
        if together is not None:
            return together
        first, second = halves(children)
        return self._chunk(first, actor=actor, provenance=provenance) | self._chunk(
            second, actor=actor, provenance=provenance
        )

    def _together(
        self, children: Children, *, actor: Actor, provenance: Provenance
    ) -> dict[UUID, Sequence[Outcome]] | None:
        """Decide and save drafts of some children as one; None where one of them is in the way of that."""
        batch = self._batch()
        try:
            streams, keys = self._log.load_many(tuple(children))
            sessions = {
                child_id: self._session(child_id, stream, batch=batch, actor=actor, provenance=provenance)
                for child_id, stream in streams.items()
            }
            outcomes = {
                child_id: [sessions[child_id].take(proposal, unattended=False) for proposal in proposals]
                for child_id, proposals in children.items()
            }
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001  whatever is wrong with one of them: by itself it says so
            return None
        try:
            placed = self._save(list(sessions.values()), keys=keys)
        except Exception:  # noqa: BLE001  nothing was written; or all of it is found there again
            return None
        return {child_id: [_placed(o, placed) for o in of_child] for child_id, of_child in outcomes.items()}

    def _batch(self) -> BatchScope:
        return BatchScope(
            carers=self._carers,
            organisations=self._organisations,
            claims=self._claims,
            refuse_types=self._refuse_types,
        )

    def _session(
        self,
        child_id: UUID,
        stream: Sequence[Event],
        *,
        batch: BatchScope,
        actor: Actor,
        provenance: Provenance,
        reused: AbstractSet[UUID] = frozenset(),
    ) -> ChildSession:
        return ChildSession(
            stream=stream,
            child_id=child_id,
            batch=batch,
            policy=self._policy,
            now=self._now(),
            actor=actor,
            provenance=provenance,
            reused=reused,
        )

    def _save(self, sessions: Sequence[ChildSession], *, keys: Keys) -> dict[UUID, int]:
        """Save what some sessions decided, all or nothing; return the position of each event by its id.

        Streams, and rows that need no order of their own, go in one order everywhere: two that write the same
        would else wait for each other.
        """
        changed = sorted((u for u in sessions if u.events), key=lambda u: u.child.child_id)
        slots = sorted(
            (slot for session in sessions for slot in session.slots),
            key=lambda e: (e.originator_id, e.originator_version),
        )
        events = [*(event for session in changed for event in session.events), *slots]
        if not events:
            return {}
        # As they were decided: a number may be given up by one child and taken by the next.
        rows = [row for u in sessions if u.events for row in self._rows(u.child, before=u.loaded)]
        positions = self._log.append(events, rows=_in_order(rows), keys=keys)
        return dict(zip((e.event_id for e in events), positions, strict=True))

    def _versions(self, children: Children) -> dict[UUID, int]:
        """Tell how long the streams of some children are; one child goes alone, however long."""
        if len(children) == 1:
            return {}
        return dict(
            self._database.tuples(
                "SELECT child_id, version FROM child_status WHERE child_id IN :ids", ids=tuple(children)
            )
        )

    def find(self, *, kind: str, word: str, scope: str) -> tuple[UUID, ...]:
        """Find children by student number (`student_no`), identity number (`id_number`) or `name`.

        Only those of the subtree `scope`, or on their way into it; "" is everywhere.
        """
        return self._lookups.children(kind=kind, words=(word,), scope=scope)[word]

    def meant(self, numbers: Collection[str], *, scope: str) -> Mapping[str, tuple[UUID, ...]]:
        """Find the child that each student number stands for: of several none is meant.

        Files from before numbers had a normal form may differ in nothing but the spelling of theirs, which
        then tells them apart.
        """
        found = self._lookups.children(kind="student_no", words=numbers, scope=scope)
        return {number: self._spelled_so(number, ids) for number, ids in found.items()}

    def meant_before(self, numbers: Mapping[UUID, str], *, scope: str) -> Mapping[UUID, UUID]:
        """Find the children whom student numbers stood for when events were recorded in `scope`.

        `numbers` are by the ids of the events. The child may have left since; its number is still its own.
        """
        if not numbers:
            return {}
        rows = self._database.all(
            "SELECT event_id, originator_id FROM events"  # noqa: S608  a constant
            f" WHERE event_id IN :ids AND {WITHIN}",
            ids=tuple(numbers),
            **below(scope),
        )
        of = {row["event_id"]: row["originator_id"] for row in rows}
        bearers = self._lookups.children(
            kind="student_no", words={numbers[event_id] for event_id in of}, scope=""
        )
        return {event_id: child for event_id, child in of.items() if child in bearers[numbers[event_id]]}

    def _spelled_so(self, number: str, ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        if len(ids) < 2:
            return ids
        profiles = ((i, fold(i, events).profile) for i, events in self._log.streams(list(ids)).items())
        exactly = tuple(i for i, said in profiles if said and said.student_no.strip() == number.strip())
        return exactly or ids

    def _rows(self, child: Child, *, before: Child) -> list[Row]:
        """Make the rows that go with the events: the status, and what is new of the words to be found by.

        The numbers among these are kept for the child in its county, and go with it into another.
        """
        status = status_of(child)
        values = {name: getattr(status, name) for name in _STATUS}
        rows = [Row(table="child_status", key={"child_id": child.child_id}, values=values)]
        rows += _number_rows(self._lookups, child, before=before)
        if (name := name_of(child)) and name != name_of(before):
            rows.append(self._lookups.word(kind=NAME, word=name, stream=child.child_id))
        return rows


def _number_rows(lookups: Lookups, child: Child, *, before: Child) -> Iterator[Row]:
    """Make the rows of what has changed in a child's numbers and in the county that keeps them for it."""
    stream = child.child_id
    old, new = kept_numbers(before), kept_numbers(child)
    words = {(kind, word) for kind, (word, _) in new.items()}
    for kind, (word, county) in old.items():
        if new.get(kind) != (word, county):
            yield lookups.release(kind=kind, word=word, county=county, stream=stream)
            if (kind, word) not in words:
                yield lookups.word(kind=kind, word=word, stream=stream, borne=False)
    for kind, (word, county) in new.items():
        if old.get(kind) != (word, county):
            yield lookups.word(kind=kind, word=word, stream=stream)
            yield lookups.claim(kind=kind, word=word, county=county, stream=stream)


def kept_numbers(child: Child) -> dict[str, tuple[str, str]]:
    """Give the normal form of each number of a child, and the county that keeps it."""
    county = county_of(child.org)
    normal = {kind: NORMAL[kind](word) for kind, word in _numbers(child).items()}
    return {kind: (word, county) for kind, word in normal.items() if word}


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """Put rows that replace others first, those of a table side by side.

    Claims stay as they were decided where one gives up what another may take.
    """
    claims = [row for row in rows if row.unique or row.gone]
    plain = [row for row in rows if not (row.unique or row.gone)]
    if not any(row.gone for row in claims):
        claims.sort(key=_place)
    return [*sorted(plain, key=_place), *claims]


def _place(row: Row) -> tuple[Any, ...]:
    return row.table, *row.key.values()


def _require_seen(child: Child, actor: Actor, action: Action) -> None:
    if child.enrolment is None:
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    require(actor, action, org=child.org)


def _numbers(child: Child) -> dict[str, str]:
    """Give the numbers that no two files of a county share."""
    if (profile := child.profile) is None:
        return {}
    numbers = {"student_no": profile.student_no, "id_number": profile.id_number}
    return {kind: word for kind, word in numbers.items() if word}


def name_of(child: Child) -> str | None:
    """Give the name of a child."""
    return child.profile.name if child.profile else None


def _all_refused(outcomes: Sequence[Outcome], fault: Fault) -> list[Outcome]:
    """Refuse what would have stood, for a reason that only the store knew."""
    return [o if isinstance(o, Refused) else Conflict(fault) for o in outcomes]


def _placed(outcome: Outcome, placed: Mapping[UUID, int]) -> Outcome:
    if isinstance(outcome, Refused) or outcome.event_id not in placed:
        return outcome
    return replace(outcome, position=placed[outcome.event_id])
