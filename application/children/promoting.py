"""Promotion of a whole school on one day: each child once, leavers offered to their next school.

The ids of the entries follow from the promotion and the child. Whatever was cut goes on where it is sent
again, and is undone by voiding.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from application.access import Action, Actor, require
from application.children.care_record import CareRecord
from application.eventstore.database import Database
from application.organisations.registry import Organisations
from application.reasons import UNKNOWN_ORG
from application.recording.outcome import Outcome, Provenance, Recorded
from domain.catalogue import details_by_effects
from domain.days import local_day
from domain.effects import Effect
from domain.event import Details, NewEvent, Occurred
from domain.grades import next_class
from domain.ledger.decide import refuse_same_approver
from domain.ledger.event_voided import EventVoided
from domain.org import school_of, within
from domain.reasons import IN_THE_FUTURE
from domain.refusal import Fault, Invalid, Reason, Refused, refuses

CLASS_WITHOUT_NEXT = Reason(
    code="class_without_next",
    zh="无法确定该班级升入何处",
    en="It is not known where the children of this class go.",
)
NO_CLASS_OF_SCHOOL = Reason(
    code="no_class_of_school", zh="不是该校的班级", en="This is no class of the school."
)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where the children of a class go: to another class, or `leaving` to another school."""

    before: str
    to: str
    leaving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPromoted:
    """A child who was not promoted or offered, and why."""

    child_id: UUID
    org: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OfClass:
    """What became of the children of a class: how many were `done` now, and how many `already`."""

    before: str
    to: str
    leaving: bool
    children: int
    done: int
    already: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What a promotion did, or would do."""

    promotion_id: UUID
    org: str
    day: date
    classes: tuple[OfClass, ...]
    refused: tuple[NotPromoted, ...]


class Promotions:
    """Promotes the classes of a school."""

    def __init__(
        self,
        record: CareRecord,
        *,
        database: Database,
        organisations: Organisations,
        now: Callable[[], datetime],
    ) -> None:
        self._record = record
        self._database = database
        self._organisations = organisations
        self._now = now

    @refuses(CLASS_WITHOUT_NEXT, NO_CLASS_OF_SCHOOL, UNKNOWN_ORG, IN_THE_FUTURE, Organisations.spelled)
    def promote(
        self,
        promotion_id: UUID,
        *,
        org: str,
        day: date,
        classes: Mapping[str, str],
        leaving: Mapping[str, str],
        actor: Actor,
        only_say: bool = False,
    ) -> Promotion:
        """Promote every child of a school who is in care on `day`; the same again goes on, and is once.

        `classes` and `leaving` say where the children of a class go that don't go to the one behind theirs,
        or leave for another school. With `only_say` nothing is written. Raises `Invalid` before anything is.
        """
        school = self._organisations.spelled(org)
        require(actor, Action.MANAGE, org=school)
        if day > local_day(self._now()):
            raise Invalid(Fault(reason=IN_THE_FUTURE, pointer="/occurred_on"))
        here = self._here(school, day)
        done = self._done({uuid5(promotion_id, str(child_id)): child_id for child_id in here})
        waiting = {child_id: place for child_id, place in here.items() if child_id not in done}
        ways = self._ways(school, sorted(set(waiting.values())), classes=classes, leaving=leaving)
        outcomes: dict[UUID, Outcome] = {}
        if not only_say:
            for to in sorted({way.to for way in ways.values() if not way.leaving}):
                self._organisations.ensure(to, actor=actor)
            outcomes = self._recorded(promotion_id, day, waiting, ways, actor=actor)
        return _told(promotion_id, school, day, here=here, ways=ways, done=done, outcomes=outcomes)

    @refuses(refuse_same_approver, Organisations.spelled)
    def undo(self, promotion_id: UUID, *, org: str, reason: str, approved_by: str, actor: Actor) -> Promotion:
        """Void what a promotion recorded and stands, child by child; twice is once."""
        school = self._organisations.spelled(org)
        require(actor, Action.MANAGE, org=school)
        refuse_same_approver((actor.name,), approved_by, "/approved_by")
        here = dict(self._record.belonging(school))
        ids = {uuid5(promotion_id, str(child_id)): child_id for child_id in here}
        done, outcomes = self._done(ids), dict[UUID, Outcome]()
        for child_id, event_id in sorted(done.items()):
            said = EventVoided(target=event_id, reason=reason, approved_by=approved_by)
            (outcomes[child_id],) = self._record.record_many(
                actor=actor,
                stream_id=child_id,
                new_events=[_entry(uuid5(event_id, "undo"), said, day=local_day(self._now()), actor=actor)],
                unattended=True,
            )
        moved = {child_id: here[child_id] for child_id in done}
        ways = {place: Way(before=place, to=place) for place in moved.values()}
        day = local_day(self._now())
        return _told(promotion_id, school, day, here=moved, ways=ways, done={}, outcomes=outcomes)

    def _here(self, school: str, day: date) -> dict[UUID, str]:
        """Return the children of a school who are in care on a day, each with its class."""
        in_care = set(self._record.in_care(school, day))
        places = self._record.belonging(school)
        return {i: org for i, org in places if i in in_care and within(org, school) and org != school}

    def _done(self, ids: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
        """Return of which children an entry is there already, by the ids that these have; and the entry."""
        found: dict[UUID, UUID] = {}
        wanted = list(ids)
        for start in range(0, len(wanted), _AT_ONCE):
            rows = self._database.tuples(
                "SELECT event_id FROM events WHERE event_id IN :ids",
                ids=tuple(wanted[start : start + _AT_ONCE]),
            )
            found |= {ids[event_id]: event_id for (event_id,) in rows}
        return found

    def _ways(
        self, school: str, places: Sequence[str], *, classes: Mapping[str, str], leaving: Mapping[str, str]
    ) -> dict[str, Way]:
        """Return where the children of each class go. Raises `Invalid` for all that can't be so at once."""
        known = self._organisations.paths(below=school)
        faults = list(self._strange(school, known, classes=classes, leaving=leaving))
        found: dict[str, Way] = {}
        for place in places:
            if (to := leaving.get(place)) is not None:
                found[place] = Way(before=place, to=to, leaving=True)
            elif (to := classes.get(place) or next_class(place, known=known)) is not None:
                found[place] = Way(before=place, to=to)
            else:
                reason = Reason(
                    code=CLASS_WITHOUT_NEXT.code,
                    zh=f"{CLASS_WITHOUT_NEXT.zh}（{place}）",
                    en=f"{CLASS_WITHOUT_NEXT.en} ({place})",
                )
                faults.append(Fault(reason=reason, pointer="/classes"))
        if faults:
            raise Invalid(*faults)
        return found

    def _strange(
        self,
        school: str,
        known: Sequence[str],
        *,
        classes: Mapping[str, str],
        leaving: Mapping[str, str],
    ) -> Iterator[Fault]:
        for at, said in (("classes", classes), ("leaving", leaving)):
            for number, (before, to) in enumerate(said.items()):
                if before not in known or before == school:
                    yield Fault(reason=NO_CLASS_OF_SCHOOL, pointer=f"/{at}/{number}/from")
                if at == "classes" and (school_of(to) != school or to == school):
                    yield Fault(reason=NO_CLASS_OF_SCHOOL, pointer=f"/{at}/{number}/to")
                if at == "leaving" and not self._organisations.known(to):
                    yield Fault(reason=UNKNOWN_ORG, pointer=f"/{at}/{number}/to")

    def _recorded(
        self,
        promotion_id: UUID,
        day: date,
        waiting: Mapping[UUID, str],
        ways: Mapping[str, Way],
        *,
        actor: Actor,
    ) -> dict[UUID, Outcome]:
        """Record an entry for each child, in chunks; whoever is refused holds up no other."""
        versions = self._record.versions(tuple(waiting))
        entries: dict[UUID, Sequence[NewEvent]] = {}
        for child_id, place in sorted(waiting.items(), key=lambda each: each[1]):
            way, event_id = ways[place], uuid5(promotion_id, str(child_id))
            said: Details = (
                details_by_effects(Effect.PROPOSES_TRANSFER)(to=way.to, reason="升学")
                if way.leaving
                else details_by_effects(Effect.PLACES, Effect.PROMOTES)(promotion=promotion_id, before=place)
            )
            entries[child_id] = [
                _entry(
                    event_id,
                    said,
                    day=day,
                    actor=actor,
                    org=None if way.leaving else way.to,
                    based_on=versions.get(child_id) if way.leaving else None,
                )
            ]
        found = self._record.record_streams(
            entries, actor=actor, provenance=Provenance(correlation_id=promotion_id)
        )
        return {child_id: outcomes[0] for child_id, outcomes in found.items()}


def _entry(
    event_id: UUID,
    details: Details,
    *,
    day: date,
    actor: Actor,
    org: str | None = None,
    based_on: int | None = None,
) -> NewEvent:
    return NewEvent(
        event_id=event_id,
        occurred=Occurred.on(day),
        details=details,
        recorded_by=actor.name,
        recorder_said=False,
        org=org,
        based_on=based_on,
    )


def _told(
    promotion_id: UUID,
    school: str,
    day: date,
    *,
    here: Mapping[UUID, str],
    ways: Mapping[str, Way],
    done: Mapping[UUID, UUID],
    outcomes: Mapping[UUID, Outcome],
) -> Promotion:
    classes = []
    for place, way in sorted(ways.items()):
        of_class = [child_id for child_id, org in here.items() if org == place and child_id not in done]
        new = [i for i in of_class if isinstance(outcomes.get(i), Recorded)]
        classes.append(
            OfClass(
                before=place,
                to=way.to,
                leaving=way.leaving,
                children=len(of_class),
                done=sum(o.new for i in new if isinstance(o := outcomes[i], Recorded)),
                already=sum(not o.new for i in new if isinstance(o := outcomes[i], Recorded)),
            )
        )
    refused = (
        NotPromoted(child_id=child_id, org=here[child_id], reason=outcome.reason)
        for child_id, outcome in outcomes.items()
        if isinstance(outcome, Refused)
    )
    return Promotion(
        promotion_id=promotion_id,
        org=school,
        day=day,
        classes=tuple(classes),
        refused=tuple(sorted(refused, key=lambda each: (each.org, each.child_id))),
    )
