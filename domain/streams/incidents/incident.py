"""One incident as its stream tells it: how far it is, whom it is about, who was told, who may read it."""

from dataclasses import dataclass
from uuid import UUID

from domain.fields import Choice
from domain.ledger.facts import BY_VERSION, Facts, view
from domain.ledger.kind import Access
from domain.streams.incidents.access import IncidentAccessGranted, IncidentAccessWithdrawn
from domain.streams.incidents.calls import IncidentOfficeAnswered, IncidentOfficeCalled, Office, OfficeAnswer
from domain.streams.incidents.closed import IncidentClosed
from domain.streams.incidents.reported import IncidentReported
from domain.streams.incidents.steps import (
    IncidentAssessed,
    IncidentChildNamed,
    IncidentIntervened,
    IncidentMeasureTaken,
)


class Stage(Choice):
    """How far an incident is: the furthest of these that was reached."""

    FOUND = "found", "已发现未报告", "found, nobody called yet"
    REPORTED = "reported", "强制报告", "reported"
    EMERGENCY = "emergency", "应急处置", "emergency"
    ASSESSMENT = "assessment", "评估帮扶", "assessment"
    INTERVENTION = "intervention", "监护干预", "intervention"
    CLOSED = "closed", "已办结", "closed"


_REACHED = (
    (IncidentClosed, Stage.CLOSED),
    (IncidentIntervened, Stage.INTERVENTION),
    (IncidentAssessed, Stage.ASSESSMENT),
    (IncidentMeasureTaken, Stage.EMERGENCY),
    (IncidentOfficeCalled, Stage.REPORTED),
)


@dataclass(frozen=True, kw_only=True)
class Called:
    """A call to an office, and what came back; `minutes` after it was found, where both moments are known."""

    call: UUID
    office: Office
    number: str | None
    minutes: int | None
    answer: OfficeAnswer | None


@dataclass(frozen=True, kw_only=True)
class Incident(Facts):
    """How an incident stands."""

    @view(IncidentReported)
    def reported(self) -> IncidentReported | None:
        """What was seen."""
        return next((said for _, said in self.of(IncidentReported)), None)

    @view(IncidentReported, *(details for details, _ in _REACHED))
    def stage(self) -> Stage:
        """How far it is."""
        return next((stage for details, stage in _REACHED if any(self.of(details))), Stage.FOUND)

    @view(reported, IncidentChildNamed)
    def children(self) -> tuple[UUID, ...]:
        """The children whom it is about, as far as they are known."""
        first = self.reported.children if self.reported else ()
        return tuple(dict.fromkeys((*first, *(said.child for _, said in self.of(IncidentChildNamed)))))

    @view(IncidentReported, IncidentOfficeCalled, IncidentOfficeAnswered)
    def calls(self) -> tuple[Called, ...]:
        """Who was called, in order of the calls; the time of a call counts, not that of its entry."""
        found = next((fact for fact, _ in self.of(IncidentReported)), None)
        answers = {said.call: said.answer for _, said in self.of(IncidentOfficeAnswered)}
        calls = []
        for fact, said in self.of(IncidentOfficeCalled):
            exact = found is not None and found.occurred.at is not None and fact.occurred.at is not None
            passed = fact.occurred.instant - found.occurred.instant if exact and found else None
            calls.append(
                Called(
                    call=fact.event_id,
                    office=said.office,
                    number=said.number,
                    minutes=None if passed is None else int(passed.total_seconds() // 60),
                    answer=answers.get(fact.event_id),
                )
            )
        return tuple(calls)

    @view(reported, IncidentAccessGranted, IncidentAccessWithdrawn)
    def access(self) -> Access:
        """Who may read it: those who recorded on it or were named, and none of the excluded."""
        opening = next((fact for fact, _ in self.of(IncidentReported)), None)
        may: set[UUID | None] = {opening.event.metadata.principal} if opening is not None else set()
        barred: set[UUID | None] = set()
        if self.reported is not None:
            may |= {*self.reported.readers}
            barred |= {*self.reported.excluded}
        said = self.of_any(IncidentAccessGranted, IncidentAccessWithdrawn)
        # What was recorded later holds, whatever day it names.
        for fact in sorted(said, key=BY_VERSION):
            granted = isinstance(fact.details, IncidentAccessGranted)
            (may if granted else barred).add(fact.details.principal)
            (barred if granted else may).discard(fact.details.principal)
        return Access(readers=_known(may), excluded=_known(barred))

    @view(IncidentClosed)
    def closed(self) -> bool:
        """Whether it is over."""
        return any(self.of(IncidentClosed))


def _known(ids: set[UUID | None]) -> frozenset[UUID]:
    return frozenset(each for each in ids if each is not None)
