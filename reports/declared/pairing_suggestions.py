"""Who might be paired with whom, and why. Nobody is paired by this: people decide, and record it."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.card import Card
from domain.case_no import case_no_of
from domain.org import school_of
from domain.refusal import Reason, Text
from domain.rules.clocks import clocks
from projections import pairings
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.pairs import Loaded, carers_of, without_carer
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic

MOST_MONTHS = 24
MOST_HELPERS = 5
_VILLAGE = re.compile(r"([^\s省市县区镇乡道]+?(?:村|社区|居委会|屯|寨))")
ONLY_SUGGESTED = Reason(
    code="only_suggested",
    zh="仅为建议：须征得双方家庭同意，由人确认后另行登记结对",
    en="These are suggestions: both families must agree, and people record the pairing.",
)
NO_SUGGESTION = Text(zh="没有可建议的结对。", en="There is nobody to suggest.")
Village = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Another child of the same village, of about the same age."""

    child: Card
    peer: Card
    village: str
    months: int

    @property
    def reasons(self) -> tuple[Text, ...]:
        """Why these two."""
        return (
            Text(zh=f"同村（{self.village}）", en=f"same village ({self.village})"),
            Text(zh=f"年龄相差 {self.months} 个月", en=f"{self.months} months apart"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A carer who lives in the village of a child."""

    child: Card
    helper: Loaded
    village: str

    @property
    def reasons(self) -> tuple[Text, ...]:
        """Why this carer."""
        return (
            Text(zh=f"住在同村（{self.village}）", en=f"lives in the same village ({self.village})"),
            Text(zh=f"现带 {self.helper.load.children} 名", en=f"has {self.helper.load.children} now"),
        )


PEERS: Table[Suggested] = Table(
    title=Text(zh="同伴", en="Companions"),
    columns=(
        case_no(lambda x: x.child.child_id),
        named(lambda x: x.child.name),
        personal("peer", "建议的同伴", "Companion", lambda x: x.peer.name),
        open_("peer_case_no", "同伴个案编号", "Their case no.", lambda x: case_no_of(x.peer.child_id)),
        personal("reasons", "理由", "Why", lambda x: x.reasons, lines=True),
        org(lambda x: x.child.org),
    ),
    child=lambda row: row.child.child_id,
)
HELPERS: Table[Loaded] = Table(
    name="helpers",
    title=Text(zh="所带儿童最少的帮扶人", en="Carers with the fewest children"),
    columns=(
        personal("name", "姓名", "Name", lambda x: x.name),
        open_("children", "儿童", "Children", lambda x: x.load.children),
        org(lambda x: x.carer.org),
        open_("carer_id", "帮扶人编号", "Carer id", lambda x: x.load.carer_id),
    ),
)
NEAR: Table[Near] = Table(
    name="near",
    title=Text(zh="住得近的帮扶人", en="Carers who live near"),
    columns=(
        case_no(lambda x: x.child.child_id),
        named(lambda x: x.child.name),
        personal("carer", "建议的帮扶人", "Carer", lambda x: x.helper.name),
        open_("children", "现有儿童", "Children now", lambda x: x.helper.load.children),
        personal("reasons", "理由", "Why", lambda x: x.reasons, lines=True),
        org(lambda x: x.child.org),
        open_("carer_id", "帮扶人编号", "Carer id", lambda x: x.helper.load.carer_id),
    ),
    child=lambda row: row.child.child_id,
)


def read(asked: Asked) -> Found:
    """Suggest for each child in care without a carer who lives near and is of its age, and who has room."""
    at = clocks(now=asked.system.now())
    alone = [each.card for each in without_carer(asked, at.as_of)]
    there = [card for card in asked.reports.cards(asked.org, at) if card.in_care(at.as_of)]
    found = sorted(_peers(alone, by_village(there)), key=lambda x: (x.child.org, x.months, x.child.child_id))
    helpers = _helpers(asked, {school_of(card.org) for card in alone}, at.as_of)
    return Found(
        tables=(
            PEERS.filled(found, empty=NO_SUGGESTION),
            NEAR.filled(list(_near(alone, helpers)), empty=NO_SUGGESTION),
            HELPERS.filled(_fewest(helpers), empty=NO_SUGGESTION),
        ),
        population=IN_CARE,
        clocks=at,
        notes=(ONLY_SUGGESTED,),
    )


def village_of(card: Card) -> Village | None:
    """Return the township of a child and the village that its address names; None where it names none."""
    found = _VILLAGE.search(str((card.profile or {}).get("address") or ""))
    return ("/".join(card.org.split("/")[:2]), found[1]) if found else None


def by_village(cards: Sequence[Card]) -> Mapping[Village, list[tuple[date, Card]]]:
    """Put children by their villages, the eldest first."""
    found: dict[Village, list[tuple[date, Card]]] = defaultdict(list)
    for card in cards:
        village, born = village_of(card), _born(card)
        if village is not None and born is not None:
            found[village].append((born, card))
    for some in found.values():
        some.sort(key=lambda pair: (pair[0], pair[1].child_id))
    return found


def _peers(alone: Sequence[Card], villages: Mapping[Village, list[tuple[date, Card]]]) -> Iterator[Suggested]:
    for card in alone:
        village, born = village_of(card), _born(card)
        if village is None or born is None:
            continue
        near = villages[village]
        place = bisect_left(near, born, key=lambda pair: pair[0])
        # Whoever is nearest in age stands beside it; it may itself stand there too.
        beside = near[max(0, place - 2) : place + 3]
        others = [(abs((born - day).days), other) for day, other in beside if other.child_id != card.child_id]
        if others:
            days, peer = min(others, key=lambda pair: (pair[0], pair[1].child_id))
            if days <= MOST_MONTHS * 30.44:
                yield Suggested(child=card, peer=peer, village=village[1], months=round(days / 30.44))


def _born(card: Card) -> date | None:
    said = (card.profile or {}).get("birth_date")
    return date.fromisoformat(said) if said else None


def _helpers(asked: Asked, schools: set[str], day: date) -> Mapping[str, list[Loaded]]:
    """Return the carers of schools who may take another child on, those with the fewest first."""
    loads = {each.carer_id: each for each in pairings.loads(asked.system.database, org=asked.org, day=day)}
    found = {}
    for school in sorted(schools):
        rows = [
            Loaded(load=loads.get(i, pairings.Load(carer_id=i, children=0, pairings=0)), carer=carer)
            for i, carer in carers_of(asked, school).items()
        ]
        found[school] = sorted(rows, key=lambda x: (x.load.children, x.load.carer_id))
    return found


def _fewest(helpers: Mapping[str, list[Loaded]]) -> list[Loaded]:
    return [each for some in helpers.values() for each in some[:MOST_HELPERS]]


def _near(alone: Sequence[Card], helpers: Mapping[str, list[Loaded]]) -> Iterator[Near]:
    """Go through carers with room who live in the village of a child, of each school those of its own."""
    by_place: dict[Village, list[Loaded]] = defaultdict(list)
    for each in (helper for some in helpers.values() for helper in some):
        village = _village_of_carer(each)
        if village is not None and (each.most is None or each.load.children < each.most):
            by_place[village].append(each)
    for card in alone:
        village = village_of(card)
        for helper in by_place.get(village, [])[:MOST_HELPERS] if village else []:
            yield Near(child=card, helper=helper, village=village[1] if village else "")


def _village_of_carer(helper: Loaded) -> Village | None:
    said = helper.carer.registered if helper.carer else None
    found = _VILLAGE.search(said.home_place or "") if said else None
    return ("/".join(helper.carer.org.split("/")[:2]), found[1]) if found and helper.carer else None


REPORT = Report(
    name="pairing-suggestions",
    title=Text(zh="结对建议", en="Whom to pair"),
    text=Text(
        zh="为未结对儿童建议同村、年龄相近的同伴，以及所带儿童最少的帮扶人，附理由",
        en="For children who are not paired: companions of the same village and age, and carers with room.",
    ),
    filters=(filters.ORG,),
    tables=(PEERS, NEAR, HELPERS),
    read=read,
    action=Action.READ,
    topic=Topic.CARERS,
    order=113,
)
