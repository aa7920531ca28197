"""One assessment as its stream tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.ledger.facts import Facts, view
from domain.streams.assessments.appeals import AssessmentAppealAnswered, AssessmentAppealed
from domain.streams.assessments.closed import AssessmentClosed, AssessmentGrade, Consequence
from domain.streams.assessments.inputs import AssessmentInputsListed
from domain.streams.assessments.opened import AssessmentItem, AssessmentOpened, AssessmentSubject
from domain.streams.assessments.scored import AssessmentGroupScored, AssessmentSelfScored, ItemScored


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedItem:
    """An item of what is published. Points are in tenths."""

    name: str
    weight: int
    tenths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedResult:
    """What may hang on the wall: no child, no note, no reason of an appeal is in it."""

    title: str
    subject: AssessmentSubject
    first: date
    last: date
    items: tuple[PublishedItem, ...]
    tenths: int
    grade: AssessmentGrade
    consequence: Consequence


@dataclass(frozen=True, kw_only=True)
class Assessment(Facts):
    """By which items, on which grounds, with how many points. Points are in tenths."""

    @view(AssessmentOpened)
    def opened(self) -> AssessmentOpened | None:
        """Who is assessed, for which time."""
        return next((said for _, said in self.of(AssessmentOpened)), None)

    @view(opened)
    def items(self) -> tuple[AssessmentItem, ...]:
        """By what it is assessed; numbered from 1."""
        return self.opened.items if self.opened else ()

    @view(AssessmentInputsListed)
    def inputs(self) -> Mapping[str, tuple[UUID, ...]]:
        """The entries on which each item rests, by its number."""
        found: dict[str, tuple[UUID, ...]] = {}
        for _, said in self.of(AssessmentInputsListed):
            found[str(said.item)] = (*found.get(str(said.item), ()), *said.entries)
        return found

    @view(AssessmentSelfScored)
    def self_scores(self) -> tuple[ItemScored, ...]:
        """The points that the subject gives itself, by item; the latest hold."""
        return _latest([said.scores for _, said in self.of(AssessmentSelfScored)])

    @view(AssessmentGroupScored)
    def group_scores(self) -> tuple[ItemScored, ...]:
        """The points that the group gives, by item; the latest hold."""
        return _latest([said.scores for _, said in self.of(AssessmentGroupScored)])

    @view(self_scores)
    def self_score(self) -> int | None:
        """The points that the subject gives itself in all."""
        return _sum(self.self_scores)

    @view(group_scores)
    def group_score(self) -> int | None:
        """The points that the group gives in all."""
        return _sum(self.group_scores)

    @view(AssessmentAppealed, AssessmentAppealAnswered)
    def appeals(self) -> Mapping[UUID, bool | None]:
        """Whether each appeal is upheld, by its event id; None is one that waits for its answer."""
        answers = {said.appeal: said.upheld for _, said in self.of(AssessmentAppealAnswered)}
        return {fact.event_id: answers.get(fact.event_id) for fact, _ in self.of(AssessmentAppealed)}

    @view(AssessmentClosed)
    def closed(self) -> AssessmentClosed | None:
        """What came of it."""
        return next((said for _, said in self.of(AssessmentClosed)), None)

    @view(opened, group_scores, closed)
    def published(self) -> PublishedResult | None:
        """What may be published, naming no child; None while the scores disagree with the result."""
        opened, closed = self.opened, self.closed
        if opened is None or closed is None or closed.tenths != self.group_score:
            return None
        tenths = {each.item: each.tenths for each in self.group_scores}
        return PublishedResult(
            title=opened.title,
            subject=opened.subject,
            first=opened.first,
            last=opened.last,
            items=tuple(
                PublishedItem(name=each.name, weight=each.weight, tenths=tenths.get(number, 0))
                for number, each in enumerate(opened.items, start=1)
            ),
            tenths=closed.tenths,
            grade=closed.grade,
            consequence=closed.consequence,
        )


def _latest(scored: list[tuple[ItemScored, ...]]) -> tuple[ItemScored, ...]:
    return scored[-1] if scored else ()


def _sum(scores: tuple[ItemScored, ...]) -> int | None:
    return sum(each.tenths for each in scores) if scores else None
