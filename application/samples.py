"""Drawing a sample of the children in care of an inspected organisation, and drawing the same again."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.access import Actor
from application.children.cards import Cards
from application.children.listing import ids_in
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.reasons import ID_REUSED
from application.recording.outcome import Provenance
from application.recording.recording import Recording
from domain.care_views import belongs_to
from domain.days import local_day
from domain.event import NewEvent, Occurred
from domain.fields import text_faults
from domain.ids import is_own
from domain.ledger.decide import refuse_stale
from domain.ledger.fact import Fact
from domain.reasons import IN_THE_FUTURE, RESERVED_ID
from domain.refusal import Fault, Invalid, Reason, Refused, Unknown, conflict, invalid, refuses
from domain.streams.inspections.kind import KIND
from domain.streams.inspections.sample import InspectionSampleDrawn, digest_of, drawn

LONGEST_SEED = 64
NOBODY_IN_CARE = Reason(
    code="nobody_in_care", zh="该机构当日没有在管儿童", en="No child is in care there on that day."
)
NO_SAMPLE = Reason(code="unknown_sample", zh="没有这次抽样", en="There is no such sample.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample as it was drawn, and the children that are drawn again from its seed today.

    `new` says that it was drawn just now; `population_sha256` is the digest of the population of today's
    reading of the same day, as known at the same moment.
    """

    event_id: UUID
    version: int
    new: bool
    said: InspectionSampleDrawn
    population_sha256: str
    again: tuple[UUID, ...]

    @property
    def reproduced(self) -> bool:
        """Whether the same population is there, and the same children are drawn of it."""
        of_today = (self.population_sha256, self.again)
        return of_today == (self.said.population_sha256, self.said.children)


class Samples:
    """The samples of inspections."""

    def __init__(
        self,
        *,
        recording: Recording[Any],
        log: EventLog,
        database: Database,
        cards: Cards,
        now: Callable[[], datetime],
    ) -> None:
        self._recording = recording
        self._log = log
        self._database = database
        self._cards = cards
        self._now = now

    @refuses(
        Recording.record_many,
        refuse_stale,
        KIND.unknown,
        NOBODY_IN_CARE,
        RESERVED_ID,
        IN_THE_FUTURE,
        ID_REUSED,
    )
    def draw(
        self,
        stream_id: UUID,
        event_id: UUID,
        *,
        size: int,
        seed: str | None = None,
        as_of: date | None = None,
        based_on: int | None = None,
        actor: Actor,
        provenance: Provenance,
    ) -> Sample:
        """Draw `size` of the children in care on a day, all of them where there are no more.

        Without a `seed` the ledger draws one. The same again is nothing new. Raises `Unknown`, `Invalid`,
        `Conflict`, and `Stale` where it is based on another version.
        """
        if is_own(event_id):
            raise invalid(RESERVED_ID, "/event_id")
        events, state = self._recording.read(stream_id, actor=actor)
        if (known := state.fact(event_id)) is not None:
            return self._said_before(known, size=size, seed=seed, as_of=as_of, version=state.version)
        org = self._recording.org_of(state, events, actor=actor)
        said = self._drawn(org, size=size, seed=seed or secrets.token_hex(16), as_of=as_of)
        new_event = self._new_event(event_id, said, by=actor.name, based_on=based_on)
        (outcome,) = self._recording.record_many(
            actor=actor, stream_id=stream_id, new_events=[new_event], provenance=provenance
        )
        if isinstance(outcome, Refused):
            raise outcome
        return self._sample(event_id, said, version=outcome.version, new=True)

    @refuses(KIND.unknown, NO_SAMPLE)
    def again(self, stream_id: UUID, event_id: UUID, *, actor: Actor) -> Sample:
        """Draw a sample again from its seed and its moment. Raises `Unknown`."""
        _, state = self._recording.read(stream_id, actor=actor)
        fact = state.fact(event_id)
        if fact is None or not isinstance(fact.details, InspectionSampleDrawn):
            raise Unknown(Fault(reason=NO_SAMPLE))
        return self._sample(event_id, fact.details, version=state.version, new=False)

    def _drawn(self, org: str, *, size: int, seed: str, as_of: date | None) -> InspectionSampleDrawn:
        now = self._now()
        day = as_of or local_day(now)
        if day > local_day(now):
            raise invalid(IN_THE_FUTURE, "/as_of")
        if faults := text_faults(seed, "/seed", max_length=LONGEST_SEED):
            raise Invalid(*faults)
        known_at = min(now, self._log.settled())
        population = self._population(org, day, known_at)
        if not population:
            raise conflict(NOBODY_IN_CARE)
        return InspectionSampleDrawn(
            drawn_of=org,
            as_of=day,
            as_known_at=known_at,
            seed=seed,
            size=size,
            population=len(population),
            population_sha256=digest_of(population),
            children=drawn(population, seed=seed, size=size),
        )

    def _said_before(
        self, known: Fact, *, size: int, seed: str | None, as_of: date | None, version: int
    ) -> Sample:
        said = known.details
        same = isinstance(said, InspectionSampleDrawn) and (
            (said.size, said.seed, said.as_of) == (size, seed or said.seed, as_of or said.as_of)
        )
        if not same:
            raise conflict(ID_REUSED, "/event_id")
        return self._sample(known.event_id, said, version=version, new=False)

    def _new_event(
        self, event_id: UUID, said: InspectionSampleDrawn, *, by: str, based_on: int | None
    ) -> NewEvent:
        day = Occurred.on(local_day(self._now()))
        return NewEvent(event_id=event_id, occurred=day, details=said, recorded_by=by, based_on=based_on)

    def _sample(self, event_id: UUID, said: InspectionSampleDrawn, *, version: int, new: bool) -> Sample:
        population = self._population(said.drawn_of, said.as_of, said.as_known_at)
        return Sample(
            event_id=event_id,
            version=version,
            new=new,
            said=said,
            population_sha256=digest_of(population),
            again=drawn(population, seed=said.seed, size=said.size),
        )

    def _population(self, org: str, day: date, known_at: datetime) -> list[UUID]:
        """Return the children in care of an organisation on a day as known at a moment, in order of id."""
        ids = ids_in(self._database, org, past=True)
        cards = self._cards.of(ids, as_of=day, known_at=known_at, unreadable=lambda _id, _fault: None)
        return sorted(
            child_id
            for child_id, card in cards
            if card.in_care(day) and card.merged_into is None and belongs_to(card.placed, org, day)
        )
