"""Home visit 家访: somebody went to where the child lives."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import Attendance, CareAction, OfActivity, PaperLine, both, contradicting, paper_word
from domain.choices import LifeSide, Met, VisitOutcome
from domain.event import Details
from domain.fields import Choice, described
from domain.refusal import Text


class VisitKind(Choice):
    """On what occasion."""

    REGULAR = "regular", "常规", "regular"
    UNIVERSAL = "universal", "普访", "universal"
    SPECIAL = "special", "专访", "special"
    CONDOLENCE = "condolence", "慰问", "condolence"
    COLLECTIVE = "collective", "集中家访", "collective"
    RETURN = "return", "回访", "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeVisitMade(Details):
    """Who went, whom they met, what was seen. A visit that met somebody is a contact.

    One that met the child is a sighting of it as well.
    """

    TYPE: ClassVar[str] = "home_visit_made"

    carers: tuple[UUID, ...] = described("走访人", "Carers", min_length=1, max_length=20)
    outcome: VisitOutcome = described("结果", "Outcome")
    kind: VisitKind = described("走访类型", "Kind", default=VisitKind.REGULAR)
    met: tuple[Met, ...] = described("见到", "Met", max_length=3, default=())
    place: str | None = described("地点", "Place", personal=True, default=None)
    accompanied_by: str | None = described("陪同", "Accompanied by", personal=True, default=None)
    parenting_guidance: bool | None = described("家教指导", "Parenting guidance", default=None)
    minutes: int | None = described("时长(分钟)", "Minutes", minimum=0, maximum=1440, default=None)
    record: str | None = described("内容", "Record", personal=True, max_length=4000, default=None)
    about: tuple[LifeSide, ...] | None = described("方面", "About", max_length=len(LifeSide), default=None)


def _from_paper(line: PaperLine) -> HomeVisitMade:
    # Whoever writes down whom the visit met has met somebody.
    said = line.outcome or (VisitOutcome.MET.zh if line.counterpart else "")
    outcome, sought = both(
        lambda: paper_word(_OUTCOMES, said, at="outcome"),
        lambda: paper_word(_MET_ON_PAPER, line.counterpart, at="counterpart"),
    )
    met = () if said == _NOT_MET else sought
    if met and outcome is not VisitOutcome.MET:
        raise contradicting("结果", "对象", at="outcome")
    return HomeVisitMade(
        carers=line.carers,
        outcome=outcome,
        kind=_KINDS.get(line.word, VisitKind.REGULAR),
        met=met,
        accompanied_by=line.companions or None,
        minutes=line.minutes,
        record=line.content or None,
    )


# Whoever was looked for and not met is not contradicted by an empty house.
_NOT_MET = "未见到"
_OUTCOMES = {outcome.zh: outcome for outcome in VisitOutcome} | {_NOT_MET: VisitOutcome.NOBODY_HOME}
_MET_ON_PAPER: dict[str, tuple[Met, ...]] = {
    "": (),
    "儿童": (Met.CHILD,),
    "监护人": (Met.GUARDIAN,),
    "儿童和监护人": (Met.CHILD, Met.GUARDIAN),
    "父亲": (Met.PARENT,),
    "母亲": (Met.PARENT,),
    "父母": (Met.PARENT,),
}
_KINDS = {each.zh: each for each in VisitKind if each is not VisitKind.REGULAR}


def _of_activity(there: Attendance) -> HomeVisitMade:
    assert there.outcome is not None
    return HomeVisitMade(
        carers=there.carers,
        outcome=there.outcome,
        kind=VisitKind.COLLECTIVE,
        met=there.met,
        minutes=there.minutes,
        record=there.record,
    )


def _contact(details: HomeVisitMade, *, has_record: bool) -> bool:
    return details.outcome is VisitOutcome.MET


def _sighting(details: HomeVisitMade, *, has_record: bool) -> bool:
    # Whoever met the grandmother has not seen the child, and nobody can say so of whom nobody wrote down.
    return details.outcome is VisitOutcome.MET and Met.CHILD in details.met


def _carers(details: HomeVisitMade) -> tuple[UUID, ...]:
    return details.carers


ACTION = CareAction(
    details=HomeVisitMade,
    label=Text(zh="家访", en="Home visit"),
    record="record",
    contact=_contact,
    sighting=_sighting,
    carers=_carers,
    paper=("家访", "走访", *_KINDS),
    from_paper=_from_paper,
    of_activity=OfActivity(make=_of_activity, visits=True),
)
