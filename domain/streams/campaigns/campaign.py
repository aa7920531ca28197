"""One campaign as its stream tells it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.choices import VettingResult
from domain.ledger.facts import BY_VERSION, Facts, view
from domain.streams.campaigns.closed import CampaignClosed
from domain.streams.campaigns.course import CampaignSpent, CampaignStepDone, PublicityGiven
from domain.streams.campaigns.planned import CampaignPlanned
from domain.streams.campaigns.sites import CampaignSiteChosen, CampaignSiteProposed
from domain.streams.campaigns.volunteers import VolunteerEnlisted, VolunteerVetted, VolunteerWithdrew


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStands:
    """A step as it stands; `late` where it was done after its last day."""

    name: str
    first: date
    last: date | None
    done_on: date | None
    heads: int | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteer:
    """Somebody who comes along, and how they were vetted last."""

    volunteer: UUID
    name: str
    unit: str
    team: str | None
    fit: bool | None
    vetted: VettingResult | None
    vetted_on: date | None
    valid_to: date | None
    withdrew: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place with its rank: those from where one is back the same day, by children, then by need."""

    site: UUID
    rank: int
    place: str
    left_behind: int
    poor: int | None
    minutes_away: int | None
    same_day: bool | None
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Campaign(Facts):
    """What is done when, for how much, by whom, and where."""

    @view(CampaignPlanned)
    def planned(self) -> CampaignPlanned | None:
        """What it is."""
        return next((said for _, said in self.of(CampaignPlanned)), None)

    @view(planned, CampaignStepDone)
    def steps(self) -> tuple[StepStands, ...]:
        """Its timeline, and how far it is."""
        done = {said.step: (fact.day, said.heads) for fact, said in self.of(CampaignStepDone)}
        found = []
        for each in self.planned.steps if self.planned else ():
            on, heads = done.get(each.name, (None, None))
            late = on is not None and on > (each.last or each.first)
            found.append(
                StepStands(
                    name=each.name, first=each.first, last=each.last, done_on=on, heads=heads, late=late
                )
            )
        return tuple(found)

    @view(CampaignSpent)
    def spent_fen(self) -> int:
        """What it has cost so far, in fen."""
        return sum(said.amount_fen for _, said in self.of(CampaignSpent))

    @view(planned, spent_fen)
    def over_budget(self) -> bool:
        """Whether it has cost more than was planned."""
        budget = self.planned.budget_fen if self.planned else None
        return budget is not None and self.spent_fen > budget

    @view(PublicityGiven)
    def leaflets(self) -> int:
        """How many leaflets were handed out."""
        return sum(said.leaflets or 0 for _, said in self.of(PublicityGiven))

    @view(VolunteerEnlisted, VolunteerVetted, VolunteerWithdrew)
    def volunteers(self) -> tuple[Volunteer, ...]:
        """Everybody who enlisted, and how they were vetted last."""
        vetted = {
            fact.details.volunteer: fact for fact in sorted(self.of_any(VolunteerVetted), key=BY_VERSION)
        }
        gone = {said.volunteer for _, said in self.of(VolunteerWithdrew)}
        return tuple(
            Volunteer(
                volunteer=fact.event_id,
                name=said.name,
                unit=said.unit,
                team=said.team,
                fit=said.fit,
                vetted=last.details.result if last else None,
                vetted_on=last.day if last else None,
                valid_to=last.details.valid_to if last else None,
                withdrew=fact.event_id in gone,
            )
            for fact, said in self.of(VolunteerEnlisted)
            for last in (vetted.get(fact.event_id),)
        )

    @view(CampaignSiteProposed, CampaignSiteChosen)
    def sites(self) -> tuple[Site, ...]:
        """The places, the one with the best claim first."""
        chosen = {said.site for _, said in self.of(CampaignSiteChosen)}
        ranked = sorted(
            self.of(CampaignSiteProposed),
            key=lambda pair: (
                pair[1].same_day is False,
                -pair[1].left_behind,
                -(pair[1].poor or 0),
                pair[1].place,
            ),
        )
        return tuple(
            Site(
                site=fact.event_id,
                rank=rank,
                place=said.place,
                left_behind=said.left_behind,
                poor=said.poor,
                minutes_away=said.minutes_away,
                same_day=said.same_day,
                chosen=fact.event_id in chosen,
            )
            for rank, (fact, said) in enumerate(ranked, start=1)
        )

    @view(CampaignClosed)
    def closed(self) -> CampaignClosed | None:
        """What came of it."""
        return next((said for _, said in self.of(CampaignClosed)), None)
