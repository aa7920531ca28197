"""Children page by page: who they are, where they belong, who cares for them, how long they are silent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.access import Action, Actor, require
from application.carers.registry import Carers
from application.children.cards import Cards
from application.eventstore.database import Database
from application.organisations.governance import Governance
from application.readable import Unreadable
from domain.card import Card
from domain.care_views import Anchor, has_carer
from domain.case_no import case_no_of
from domain.catalogue import types_with
from domain.choices import CarerKind
from domain.days import local_day
from domain.effects import Effect
from domain.left_behind import DEFINITION, LeftBehindClass, definitions, judged
from domain.org import county_of
from domain.streams.organisations.unit import Extension
from domain.subtree import CHILD_WITHIN, WITHIN, below
from domain.watched import Ground, ground_on

# How often a page reads on where few of those it read are wanted: it may be short, and yet have a next.
_READS = 5
_IN_CARE = " AND (care_ends_on IS NULL OR care_ends_on >= :today)"
_UPDATED = (
    " AND EXISTS (SELECT 1 FROM events WHERE originator_id = child_id AND originator_version = version"
    " AND recorded_at >= :since)"
)
# Where each child belongs, or did until its enrolment was void.
_WHERE_LAST = (
    "SELECT child_id, org <> '' AS enrolled, COALESCE(NULLIF(org, ''), (SELECT e.org FROM events AS e"
    " WHERE e.originator_id = child_id AND e.org <> ''"
    " ORDER BY e.originator_version DESC LIMIT 1), '') AS org, village FROM child_status"
)
Place = tuple[str, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerListed:
    """A carer that is paired with a child today; without a name where it belongs to another county."""

    carer_id: UUID
    name: str | None
    kind: CarerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildListed:
    """A child as it stands today; of one that was `erased` number and name are None.

    `enrolled_on` is the day on which its care began first, `care_ends_on` its last day in care as things
    stand, None where nobody knows. Both silences, and the entries that they rest on, are None where it is
    not in care, `ground` where it is not watched. `left_behind` goes by the definition that was asked for.
    `updated_at` (UTC) is when the last event of it was recorded.
    """

    child_id: UUID
    version: int
    org: str
    case_no: str
    student_no: str | None
    name: str | None
    erased: bool
    in_care: bool
    enrolled_on: date
    care_ends_on: date | None
    carers: tuple[CarerListed, ...]
    last_contact_on: date | None
    last_seen_on: date | None
    days_silent: int | None
    silence_rests_on: Anchor | None
    days_child_unseen: int | None
    unseen_rests_on: Anchor | None
    ground: Ground | None
    left_behind: LeftBehindClass
    transfer_to: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFilter:
    """Which children are wanted; None is either. `updated_since` is a moment (UTC).

    `left_behind` is as what they count today under the `definition`, which lines go by as well.
    """

    in_care: bool | None = None
    paired: bool | None = None
    left_behind: LeftBehindClass | None = None
    definition: str = DEFINITION
    updated_since: datetime | None = None

    def wants(self, child: Card, day: date) -> bool:
        """Return whether a child is one of them on a day."""
        paired = has_carer(child.pairings, day)
        return (
            self.in_care in {None, child.in_care(day)}
            and self.paired in {None, paired}
            and self.left_behind in {None, self.counts_as(child, day)}
        )

    def counts_as(self, child: Card, day: date) -> LeftBehindClass:
        """Return as what a child counts on a day."""
        return judged(child, day, definitions()[self.definition]).found


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPage:
    """Some children, and behind which place the next page begins; None where there is none.

    `unreadable` are those between them whose files can't be read, each with the kind of its fault.
    """

    items: tuple[ChildListed, ...]
    next: Place | None
    unreadable: Mapping[UUID, str]


def ids_in(database: Database, org: str, *, past: bool) -> list[UUID]:
    """Find the children of an organisation in order of id, for a question about the past also who left it."""
    sql = f"SELECT child_id FROM child_status WHERE {CHILD_WITHIN}"  # noqa: S608  a constant
    if past:
        sql += f" UNION SELECT originator_id FROM events WHERE topic IN :placing AND {WITHIN}"  # noqa: S608
    rows = database.all(sql, placing=types_with(Effect.PLACES), **below(org))
    return sorted(row["child_id"] for row in rows)


class ChildList:
    """Lists the children of an organisation by organisation and id."""

    def __init__(
        self,
        *,
        cards: Cards,
        database: Database,
        carers: Carers,
        governance: Governance,
        now: Callable[[], datetime],
    ) -> None:
        self._cards = cards
        self._database = database
        self._carers = carers
        self._governance = governance
        self._now = now

    def page(
        self, wanted: ChildFilter, *, actor: Actor, org: str, after: Place | None = None, limit: int = 100
    ) -> ChildPage:
        """Return `limit` children of `org` and all below it at most, those after `after`.

        A page may have fewer, and yet a next. Raises `Forbidden` and `Unknown`.
        """
        require(actor, Action.READ, org=org)
        found: list[ChildListed] = []
        unread: dict[UUID, str] = {}
        last = after
        for _ in range(_READS):
            places = self._places(wanted, org=org, after=after, limit=limit + 1)
            for place, listed in self._listed(places, wanted, org=org, unreadable=unread.__setitem__):
                if len(found) == limit:
                    for _, later in places[places.index(last) + 1 if last in places else 0 :]:
                        unread.pop(later, None)
                    return ChildPage(items=tuple(found), next=last, unreadable=unread)
                found.append(listed)
                last = place
            if len(places) <= limit:
                return ChildPage(items=tuple(found), next=None, unreadable=unread)
            after = last = places[-1]
        return ChildPage(items=tuple(found), next=last, unreadable=unread)

    def ids(self, *, actor: Actor, org: str, after: UUID | None = None, limit: int = 100) -> dict[UUID, bool]:
        """Return the ids of `limit` children of `org` and all below it, in order, those after `after`.

        Those whose enrolment is void are among them where they were last, with False beside their id.
        Raises `Forbidden` and `Unknown`.
        """
        require(actor, Action.READ, org=org)
        rows = self._database.tuples(
            f"SELECT child_id, enrolled FROM ({_WHERE_LAST}) AS placed"  # noqa: S608  constants
            f" WHERE {CHILD_WITHIN} AND child_id > :after ORDER BY child_id LIMIT :limit",
            **below(org),
            after=after or UUID(int=0),
            limit=limit,
        )
        return {child_id: bool(enrolled) for child_id, enrolled in rows}

    def _places(self, wanted: ChildFilter, *, org: str, after: Place | None, limit: int) -> list[Place]:
        """Read where children stand: those that a row rules out are left out, others are looked at."""
        last_org, last_id = after or ("", UUID(int=0))
        params: dict[str, Any] = {"last_org": last_org, "last_id": last_id, "limit": limit}
        sql = (
            f"SELECT org, child_id FROM child_status WHERE {CHILD_WITHIN}"  # noqa: S608  constants
            " AND enrolled_on IS NOT NULL AND (org, child_id) > (:last_org, :last_id)"
        )
        if wanted.in_care:
            sql, params["today"] = sql + _IN_CARE, local_day(self._now())
        if wanted.updated_since is not None:
            sql, params["since"] = sql + _UPDATED, wanted.updated_since
        rows = self._database.tuples(f"{sql} ORDER BY org, child_id LIMIT :limit", **below(org), **params)
        return [(path, child_id) for path, child_id in rows]

    def _listed(
        self, places: Sequence[Place], wanted: ChildFilter, *, org: str, unreadable: Unreadable
    ) -> Iterator[tuple[Place, ChildListed]]:
        """Go through those of some children who are wanted, and have not left since their rows were read."""
        day = local_day(self._now())
        cards = dict(self._cards.of([child_id for _, child_id in places], unreadable=unreadable))
        found = [
            (place, child)
            for place in places
            if (child := cards.get(place[1])) is not None
            and child.spans
            and child.belongs_to(org)
            and wanted.wants(child, day)
        ]
        active = [p for _, child in found for p in child.pairings if p.holds(day)]
        names = self._carers.names(
            [pairing.carer for pairing in active], counties={county_of(c.org) for _, c in found}
        )
        extensions = self._governance.extensions({path for _, child in found for path in child.orgs})
        for place, child in found:
            counts_as = wanted.counts_as(child, day)
            yield place, _line(child, day, names=names, extensions=extensions, counts_as=counts_as)


def _line(
    child: Card,
    day: date,
    *,
    names: Mapping[UUID, str],
    extensions: Sequence[Extension],
    counts_as: LeftBehindClass,
) -> ChildListed:
    contact, in_care = child.last_contact, child.in_care(day)
    return ChildListed(
        child_id=child.child_id,
        version=child.version,
        org=child.org,
        case_no=case_no_of(child.child_id),
        student_no=None if child.erased else child.student_no,
        name=None if child.erased else child.name,
        erased=child.erased,
        in_care=in_care,
        enrolled_on=child.spans[0].start,
        care_ends_on=child.spans[-1].last,
        carers=tuple(
            CarerListed(carer_id=p.carer, name=names.get(p.carer), kind=p.kind)
            for p in child.pairings
            if p.holds(day)
        ),
        last_contact_on=contact.day if contact else None,
        last_seen_on=child.last_sighting.day if child.last_sighting else None,
        days_silent=child.days_silent(day),
        silence_rests_on=child.anchor if in_care else None,
        days_child_unseen=child.days_child_unseen(day),
        unseen_rests_on=child.unseen_anchor if in_care else None,
        ground=ground_on(child, day, extensions=extensions) if in_care else None,
        left_behind=counts_as,
        transfer_to=child.transfer_to,
        updated_at=child.recorded_at,
    )
