"""One census round as its stream tells it, and what it says in the file of each child."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.catalogue import care_actions_by_type
from domain.choices import Party
from domain.event import Details, Event
from domain.ledger.facts import Facts, view
from domain.ledger.fanning import into_files, recorded_before
from domain.ledger.kind import FanOut
from domain.normal import normal_path
from domain.streams.census_rounds.closed import CensusRoundClosed
from domain.streams.census_rounds.opened import CensusRoundOpened
from domain.streams.census_rounds.questionnaire import QuestionnaireAnswered, QuestionnaireSet
from domain.streams.census_rounds.returned import CensusReturned
from domain.streams.census_rounds.table import Broken, CensusFigures, MinistryTable, broken, summed
from domain.wire import from_wire

_VERIFIED, _SURVEY = "profile_reverified", "survey_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenReturn:
    """A return of which an identity does not hold."""

    unit: str
    broken: Broken


@dataclass(frozen=True, kw_only=True)
class CensusRound(Facts):
    """Who was asked, who has returned, and what it comes to."""

    @view(CensusRoundOpened)
    def opened(self) -> CensusRoundOpened | None:
        """Who is asked, of which day, and who counts as left behind."""
        return next((said for _, said in self.of(CensusRoundOpened)), None)

    @view(CensusReturned)
    def returned(self) -> tuple[str, ...]:
        """The units that have returned."""
        return tuple(said.unit for _, said in self.of(CensusReturned))

    @view(opened, returned)
    def missing(self) -> tuple[str, ...]:
        """The units that were asked and have not returned."""
        there = {normal_path(unit) for unit in self.returned}
        asked = self.opened.asked if self.opened else ()
        return tuple(unit for unit in asked if normal_path(unit) not in there)

    @view(opened, returned)
    def unasked(self) -> tuple[str, ...]:
        """The units that returned and had not been asked."""
        asked = {normal_path(unit) for unit in (self.opened.asked if self.opened else ())}
        return tuple(unit for unit in self.returned if normal_path(unit) not in asked)

    @view(CensusReturned)
    def figures(self) -> CensusFigures | None:
        """The sum of the figures returned."""
        return summed(CensusFigures, [said.figures for _, said in self.of(CensusReturned)])

    @view(CensusReturned)
    def table(self) -> MinistryTable | None:
        """The sum of the tables returned."""
        return summed(MinistryTable, [said.table for _, said in self.of(CensusReturned)])

    @view(CensusReturned)
    def broken(self) -> tuple[BrokenReturn, ...]:
        """The returns that do not add up by themselves."""
        return tuple(
            BrokenReturn(unit=said.unit, broken=each)
            for _, said in self.of(CensusReturned)
            for counted in (said.figures, said.table)
            for each in broken(counted)
        )

    @view(CensusReturned)
    def verified(self) -> tuple[UUID, ...]:
        """The children whose files were gone through."""
        return tuple(each.child for _, said in self.of(CensusReturned) for each in said.children)

    @view(QuestionnaireSet)
    def questionnaire(self) -> QuestionnaireSet | None:
        """What the round asks."""
        return next((said for _, said in self.of(QuestionnaireSet)), None)

    @view(QuestionnaireAnswered)
    def answered_for(self) -> tuple[tuple[UUID, Party], ...]:
        """The children for whom the questionnaire was answered, each with who answered."""
        return tuple((said.child, said.answered_by) for _, said in self.of(QuestionnaireAnswered))

    @view(CensusRoundClosed)
    def closed(self) -> CensusRoundClosed | None:
        """The figures that were signed. What is voided afterwards does not change them."""
        return next((said for _, said in self.of(CensusRoundClosed)), None)


def _named(said: CensusReturned | QuestionnaireAnswered) -> Sequence[UUID]:
    if isinstance(said, QuestionnaireAnswered):
        return (said.child,)
    return tuple(each.child for each in said.children)


def _entry(state: CensusRound, cause: Event, child: UUID) -> Details:
    said = cause.details
    if isinstance(said, QuestionnaireAnswered):
        return _survey(state, cause, said)
    assert isinstance(said, CensusReturned)
    changed = next(each.changed for each in said.children if each.child == child)
    words = {"carers": _texts(said.carers), "way": said.way.value, "changed": changed}
    return from_wire(care_actions_by_type()[_VERIFIED].details, words)


def _survey(state: CensusRound, cause: Event, said: QuestionnaireAnswered) -> Details:
    asked = recorded_before(state, cause, QuestionnaireSet)
    items = [(asked.items[each.item - 1], each.answer) for each in said.answers or ()]
    words = {
        "title": asked.title,
        "about": list(dict.fromkeys(item.about.value for item, _ in items)),
        "answered_by": said.answered_by.value,
        "answers": [{"item": item.text, "answer": answer} for item, answer in items],
        "carers": _texts(said.carers),
    }
    return from_wire(care_actions_by_type()[_SURVEY].details, words)


def _texts(carers: Sequence[UUID]) -> list[str]:
    return [str(carer) for carer in carers]


FAN_OUT: FanOut[CensusRound] = into_files(
    (CensusReturned, QuestionnaireAnswered), children=_named, entry=_entry
)
