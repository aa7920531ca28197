"""Finding children by part of a name, by its sound as letters, or by its initials (ADR 51).

Digests say who may be meant; whoever is shown has been compared with the name itself.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from application.access import Action, Actor, require
from application.children.cards import Cards
from application.children.name_digests import NameDigests
from application.children.naming import names_borne
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.lookups import NAME, Lookups
from application.readable import readable
from domain.card import Card
from domain.case_no import case_no_of
from domain.name_parts import ORDER, Match, Part, Wanted
from domain.org import county_of
from domain.refusal import Reason
from domain.subtree import CHILD_WITHIN, below

# What is looked for is no longer than this.
LONGEST = 50
# How many children are compared one by one where digests don't say who may be meant.
MOST_COMPARED = 500
# How many who may be meant are compared at most.
MOST_MEANT = 1_000
TOO_SHORT = Reason(
    code="name_part_short",
    zh="字数太少，在这么多儿童中只比对了完整姓名和拼音首字母：请输入至少两个字或两个音节，或只查一个学校",
    en="Too short for so many children: only whole names and initials were compared. Give at least two "
    "characters or two syllables, or ask within a school.",
)
INCOMPLETE = Reason(
    code="names_incomplete",
    zh="部分档案未能检索，结果可能不全：请运行 careledger check 查看原因，或运行 careledger rebuild 补建",
    en="Some files could not be searched, so somebody may be missing. `careledger check` says why, "
    "`careledger rebuild` makes what is missing.",
)
TOO_MANY = Reason(
    code="name_too_common",
    zh=f"可能的儿童超过 {MOST_MEANT} 名，只比对了其中一部分：请多输入几个字，或只查一个学校",
    en=f"More than {MOST_MEANT:,} children may be meant, and only some of them were compared. Give more of "
    "the name, or ask within a school.",
)
_HAVING = (
    "SELECT p.child_id FROM name_part p JOIN child_status c ON c.child_id = p.child_id"
    " WHERE p.digest IN ({}) AND {}"
    " GROUP BY p.child_id, c.org HAVING count(*) >= :parts ORDER BY c.org, p.child_id LIMIT :limit"
)
_COUNTIES = "SELECT path FROM org_unit WHERE replace(path, '/', '') = path ORDER BY path"
Place = tuple[bool, int, str, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFound:
    """A child that was found; `former_name` is the one that answers where the present one doesn't."""

    child_id: UUID
    version: int
    case_no: str
    student_no: str | None
    name: str
    org: str
    match: Match
    former_name: str | None

    @property
    def place(self) -> Place:
        """Where the child stands among those found: the best answers first, former names last."""
        return self.former_name is not None, ORDER[self.match], self.org, self.child_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesFound:
    """Some of those who were found, behind which place there are more, and what the list doesn't say."""

    items: tuple[NameFound, ...]
    next: Place | None
    notes: tuple[Reason, ...]


class NameSearch:
    """Finds children by part of a name."""

    def __init__(
        self, *, log: EventLog, cards: Cards, database: Database, lookups: Lookups, digests: NameDigests
    ) -> None:
        self._log = log
        self._cards = cards
        self._database = database
        self._lookups = lookups
        self._digests = digests

    def page(
        self, text: str, *, actor: Actor, org: str, after: Place | None = None, limit: int = 100
    ) -> NamesFound:
        """Find the children of `org` and all below it whose names answer to a text, `limit` at most.

        Raises `Forbidden` and `Unknown`.
        """
        require(actor, Action.READ, org=org)
        wanted, notes = Wanted(text), dict[Reason, None]()
        meant = self._meant(wanted, org=org, notes=notes)
        found = sorted(self._compared(meant, wanted, org=org, notes=notes), key=lambda each: each.place)
        rest = [each for each in found if after is None or each.place > after]
        return NamesFound(
            items=tuple(rest[:limit]),
            next=rest[limit - 1].place if len(rest) > limit else None,
            notes=tuple(notes),
        )

    def _meant(self, wanted: Wanted, *, org: str, notes: dict[Reason, None]) -> list[UUID]:
        """Return who may be meant."""
        if wanted.short:
            everybody = self._some("TRUE", org=org)
            if len(everybody) <= MOST_COMPARED:
                return everybody
            notes[TOO_SHORT] = None
        # The whole name first, whatever is left out behind it.
        meant = dict.fromkeys(self._lookups.children(kind=NAME, words=(wanted.text,), scope=org)[wanted.text])
        for parts in wanted.alternatives:
            meant |= dict.fromkeys(self._having(parts, org=org, least=len(parts)))
        meant |= dict.fromkeys(self._having(wanted.ends, org=org, least=1))
        unsearched = self._some("searched_in IS NULL AND org <> ''", org=org)
        if len(unsearched) > MOST_COMPARED:
            notes[INCOMPLETE] = None
        if len(meant) > MOST_MEANT:
            notes[TOO_MANY] = None
        return list(dict.fromkeys([*list(meant)[:MOST_MEANT], *unsearched[:MOST_COMPARED]]))

    def _some(self, which: str, *, org: str) -> list[UUID]:
        rows = self._database.tuples(
            f"SELECT child_id FROM child_status WHERE {which} AND {CHILD_WITHIN} LIMIT :limit",  # noqa: S608
            **below(org),
            limit=MOST_COMPARED + 1,
        )
        return [child_id for (child_id,) in rows]

    def _having(self, parts: Collection[Part], *, org: str, least: int) -> list[UUID]:
        """Return the children whose names have so many of these parts at least."""
        counties = [county_of(org)] if org else [path for (path,) in self._database.tuples(_COUNTIES)]
        digests = {
            f"digest_{number}_{place}": self._digests.digest(part, county=county)
            for number, county in enumerate(counties)
            for place, part in enumerate(sorted(parts))
        }
        if not digests:
            return []
        rows = self._database.tuples(
            _HAVING.format(", ".join(f":{name}" for name in digests), CHILD_WITHIN),
            parts=least,
            **digests,
            **below(org),
            limit=MOST_MEANT + 1,
        )
        return [child_id for (child_id,) in rows]

    def _compared(
        self, ids: Sequence[UUID], wanted: Wanted, *, org: str, notes: dict[Reason, None]
    ) -> Iterator[NameFound]:
        """Go through those of some children whose names answer."""

        def unreadable(_child_id: UUID, _fault: str) -> None:
            notes[INCOMPLETE] = None

        otherwise: dict[UUID, Card] = {}
        for child_id, card in self._cards.of(ids, unreadable=unreadable):
            if card.name is None or card.erased or not card.belongs_to(org):
                continue
            if (match := wanted.match(card.name)) is not None:
                yield _found(card, match)
            else:
                otherwise[child_id] = card
        # What a child was called is in its file alone.
        for child_id, events in readable(self._log, list(otherwise), unreadable=unreadable):
            for name in names_borne(child_id, events):
                if (match := wanted.match(name)) is not None:
                    yield _found(otherwise[child_id], match, former_name=name)
                    break


def _found(card: Card, match: Match, *, former_name: str | None = None) -> NameFound:
    assert card.name is not None
    return NameFound(
        child_id=card.child_id,
        version=card.version,
        case_no=case_no_of(card.child_id),
        student_no=card.student_no,
        name=card.name,
        org=card.org,
        match=match,
        former_name=former_name,
    )
