"""The figures of a school, as sums over its children."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from domain.care_views import has_carer
from domain.catalogue import care_actions_by_type
from domain.child import Child
from domain.choices import PEERS
from domain.left_behind import Away, parents_away
from domain.org import within
from domain.streams.organisations.unit import Extension, OrgUnit
from domain.watched import POPULATION, ground_on


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolFigures:
    """Who is left behind, under `school_broad@1`. Without a number of pupils there is no rate.

    Where that is `pupils_approximate`, there are at least so many, and the rate is what it is at most.
    `whereabouts_unknown` are those of whom no parent is known to be away, and of a parent nothing is known.
    """

    pupils: int | None
    pupils_approximate: bool
    left_behind: int
    rate_percent: float | None
    both_parents_away: int
    single_parent_away: int
    whereabouts_unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFigures:
    """The children in care, how many of them are watched, and of these how many have a pairing; the carers
    of these pairings."""

    children: int
    watched: int
    paired: int
    unpaired: int
    carers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLogFigures:
    """The standing care actions of the kinds that a care log knows, by its word for them, of every file."""

    recorded: int
    per_type: Mapping[str, int]
    late_over_5_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """An organisation in figures, without anybody's name. `population` is who is watched."""

    population: str
    school: SchoolFigures
    roster: RosterFigures
    care_log: CareLogFigures


@dataclass(slots=True)
class _Sums:
    children: int = 0
    watched: int = 0
    paired: int = 0
    late: int = 0
    away: dict[Away, int] = field(default_factory=lambda: dict.fromkeys(Away, 0))
    carers: set[UUID] = field(default_factory=set)
    per_word: dict[str, int] = field(default_factory=dict)


def summed_up(
    children: Iterable[Child], *, units: Iterable[OrgUnit], day: date, extensions: Sequence[Extension]
) -> Summary:
    """Sum up children as they are on `day`, and the pupils of the highest units that tell a number."""
    words = {name: action.paper[0] for name, action in care_actions_by_type().items() if action.paper}
    sums = _Sums()
    for child in children:
        _add_actions(sums, child, words)
        if child.in_care(day):
            _add_child(sums, child, day, watched=ground_on(child, day, extensions=extensions) is not None)
    pupils, approximate = _pupils(units)
    left_behind = sums.away[Away.BOTH] + sums.away[Away.ONE]
    return Summary(
        population=POPULATION,
        school=SchoolFigures(
            pupils=pupils,
            pupils_approximate=approximate,
            left_behind=left_behind,
            rate_percent=round(100 * left_behind / pupils, 2) if pupils else None,
            both_parents_away=sums.away[Away.BOTH],
            single_parent_away=sums.away[Away.ONE],
            whereabouts_unknown=sums.away[Away.UNKNOWN],
        ),
        roster=RosterFigures(
            children=sums.children,
            watched=sums.watched,
            paired=sums.paired,
            unpaired=sums.watched - sums.paired,
            carers=len(sums.carers),
        ),
        care_log=CareLogFigures(
            recorded=sum(sums.per_word.values()),
            per_type=dict(sorted(sums.per_word.items(), key=lambda item: -item[1])),
            late_over_5_days=sums.late,
        ),
    )


def _add_actions(sums: _Sums, child: Child, words: Mapping[str, str]) -> None:
    for fact in child.facts:
        if (word := words.get(fact.type)) is not None:
            sums.per_word[word] = sums.per_word.get(word, 0) + 1
            sums.late += fact.late


def _add_child(sums: _Sums, child: Child, day: date, *, watched: bool) -> None:
    sums.children += 1
    sums.away[parents_away(child, day)] += 1
    if not watched:
        return
    sums.watched += 1
    sums.paired += has_carer(child.pairings, day)
    sums.carers.update(p.carer for p in child.pairings if p.holds(day) and p.kind not in PEERS)


def _pupils(units: Iterable[OrgUnit]) -> tuple[int | None, bool]:
    """Add up the pupils of the highest units that tell a number: what lies below is counted there.

    Beside the sum stands whether any of these numbers is what there are at least.
    """
    telling = sorted((unit for unit in units if unit.pupils is not None), key=lambda unit: unit.path)
    total: int | None = None
    counted: list[str] = []
    approximate = False
    for unit in telling:
        if not any(within(unit.path, above) for above in counted):
            counted.append(unit.path)
            total = (total or 0) + (unit.pupils or 0)
            approximate = approximate or unit.pupils_approximate
    return total, approximate
