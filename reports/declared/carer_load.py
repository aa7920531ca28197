"""For how many children each carer is there, and how evenly that is spread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.choices import CarerKind
from domain.fields import Choice
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.programmes.kind import KIND as PROGRAMME
from projections import pairings
from projections.pairings import Load
from projections.runner import lag_of
from reports import filters
from reports.columns import open_, org, personal
from reports.pairs import Loaded, carers_known, carers_of
from reports.reasons import BEHIND
from reports.report import IN_CARE, Asked, Filter, Found, Kind, Report, Table, Topic
from reports.streams import streams_of

KIND = Filter(
    name="kind",
    kind=Kind.WORD,
    title=Text(zh="结对类型", en="Kind"),
    text=Text(zh="仅此结对类型，默认全部成年帮扶人", en="only this kind; all grown-ups if left out"),
    words={kind.value: Text(zh=kind.zh, en=kind.en) for kind in CarerKind},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the children are spread over the carers."""

    loads: Sequence[Load]

    @property
    def pairings(self) -> int:
        """The pairings of all of them."""
        return sum(each.pairings for each in self.loads)

    @property
    def average(self) -> float:
        """The children of one carer, on the average."""
        return round(sum(each.children for each in self.loads) / len(self.loads), 2)


SPREAD: Table[Spread] = Table(
    name="spread",
    title=Text(zh="负担概况", en="How it is spread"),
    columns=(
        open_("carers", "帮扶人", "Carers", lambda x: len(x.loads)),
        open_("pairings", "结对（对）", "Pairings", lambda x: x.pairings),
        open_("average", "人均儿童", "Children each", lambda x: x.average),
        open_("most", "最多", "Most", lambda x: x.loads[0].children),
        open_("least", "最少", "Least", lambda x: x.loads[-1].children),
    ),
)
CARERS: Table[Loaded] = Table(
    title=Text(zh="帮扶人", en="Carers"),
    columns=(
        personal("name", "姓名", "Name", lambda x: x.name),
        open_("children", "儿童", "Children", lambda x: x.load.children),
        open_("pairings", "结对（对）", "Pairings", lambda x: x.load.pairings),
        open_("capacity", "最多结对人数", "Most at once", lambda x: x.most),
        open_("fewest", "最少结对人数", "Fewest at once", lambda x: x.fewest),
        open_("under", "低于下限", "Fewer than that", lambda x: x.under),
        org(lambda x: x.carer.org if x.carer else ""),
        open_("carer_id", "帮扶人编号", "Carer id", lambda x: x.load.carer_id),
    ),
)
UNDER: Table[Loaded] = Table(
    name="under",
    title=Text(zh="低于下限的帮扶人", en="Carers with fewer than they registered for"),
    columns=(
        personal("name", "姓名", "Name", lambda x: x.name),
        open_("children", "儿童", "Children", lambda x: x.load.children),
        open_("fewest", "最少结对人数", "Fewest at once", lambda x: x.fewest),
        org(lambda x: x.carer.org),
        open_("carer_id", "帮扶人编号", "Carer id", lambda x: x.load.carer_id),
    ),
)


class OffBounds(Choice):
    """In which way a carer has other than as many children as a programme says."""

    OVER = "over", "多于上限", "more than the most"
    UNDER = "under", "少于下限", "fewer than the fewest"


@dataclass(frozen=True, slots=True, kw_only=True)
class InProgramme:
    """A carer in a programme, who has more or fewer children than that says."""

    title: str
    fewest: int | None
    most: int | None
    loaded: Loaded

    @property
    def mark(self) -> OffBounds | None:
        """In which way."""
        children = self.loaded.load.children
        if self.most is not None and children > self.most:
            return OffBounds.OVER
        return OffBounds.UNDER if children < (self.fewest or 0) else None


PROGRAMMES: Table[InProgramme] = Table(
    name="programmes",
    title=Text(zh="多于或少于项目规定的帮扶人", en="Carers with other than as many as a programme says"),
    columns=(
        open_("programme", "项目", "Programme", lambda x: x.title),
        personal("name", "姓名", "Name", lambda x: x.loaded.name),
        open_("children", "儿童", "Children", lambda x: x.loaded.load.children),
        open_("fewest", "最少", "At least", lambda x: x.fewest),
        open_("most", "最多", "At most", lambda x: x.most),
        open_("mark", "情况", "Which", lambda x: x.mark),
        org(lambda x: x.loaded.carer.org if x.loaded.carer else ""),
        open_("carer_id", "帮扶人编号", "Carer id", lambda x: x.loaded.load.carer_id),
    ),
)


def read(asked: Asked) -> Found:
    """List the carers of an organisation's children by how many they have, the most first."""
    system, word = asked.system, asked.word("kind")
    lag = lag_of(system.database, system.log, "pairings")
    at = clocks(now=system.now(), as_of=asked.day("on"))
    kind = CarerKind.from_word(word) if word else None
    loads = pairings.loads(system.database, org=asked.org, day=at.as_of, kind=kind)
    carers = carers_known(asked, [each.carer_id for each in loads[: asked.most]])
    rows = [Loaded(load=each, carer=carers.get(each.carer_id)) for each in loads[: asked.most]]
    return Found(
        tables=(
            SPREAD.filled([Spread(loads=loads)] if loads else []),
            UNDER.filled(_under(asked, loads)),
            PROGRAMMES.filled(list(_off_bounds(asked, at.as_of))),
            CARERS.filled(rows),
        ),
        population=IN_CARE,
        clocks=at,
        notes=(BEHIND,) if lag else (),
    )


def _off_bounds(asked: Asked, day: date) -> Iterator[InProgramme]:
    """Go through the carers who have other than as many children as a programme says, programme by programme.

    Its carers are those with pairings of its kind in its organisation, and those whom classes name.
    """
    running = [(where, each) for where, each in streams_of(asked, PROGRAMME) if not each.ended]
    for where, programme in sorted(running, key=lambda x: (x[0], x[1].stream_id)):
        said = programme.launched
        if said is None or (said.fewest_each, said.most_each) == (None, None):
            continue
        found = pairings.loads(asked.system.database, org=where, day=day, kind=said.kind)
        there = {each.carer_id: each for each in found}
        for named in programme.named:
            if named.carer is not None:
                there.setdefault(named.carer, Load(carer_id=named.carer, children=0, pairings=0))
        carers = carers_known(asked, list(there))
        for carer_id, load in there.items():
            loaded = Loaded(load=load, carer=carers.get(carer_id))
            row = InProgramme(
                title=said.title or "", fewest=said.fewest_each, most=said.most_each, loaded=loaded
            )
            if row.mark is not None:
                yield row


def _under(asked: Asked, loads: Sequence[Load]) -> list[Loaded]:
    """Return the carers who have fewer children than the fewest that they registered for, or none."""
    have = {each.carer_id: each for each in loads}
    carers = carers_of(asked, asked.org or asked.actor.org)
    rows = [
        Loaded(load=have.get(i, Load(carer_id=i, children=0, pairings=0)), carer=c) for i, c in carers.items()
    ]
    return sorted((row for row in rows if row.under), key=lambda x: (x.load.children, x.load.carer_id))


REPORT = Report(
    name="carer-load",
    title=Text(zh="帮扶人负担", en="Load of carers"),
    text=Text(
        zh="每名帮扶人带多少儿童，是否均衡；只统计，不拒绝",
        en="How many children each carer has, and how evenly that is spread.",
    ),
    filters=(filters.ORG, filters.ON, KIND),
    tables=(SPREAD, UNDER, PROGRAMMES, CARERS),
    read=read,
    action=Action.READ,
    topic=Topic.CARERS,
    order=111,
)
