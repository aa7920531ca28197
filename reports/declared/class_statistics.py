"""The statistics of each class: how many children, of which sex and age, whose parents are away."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from domain.card import Card
from domain.care_views import has_carer
from domain.choices import Tag
from domain.left_behind import Away, parents_away
from domain.org import school_of
from domain.refusal import Text
from domain.rules.clocks import Clocks, clocks
from reports import filters
from reports.columns import SIGNED, open_, org
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic


@dataclass(slots=True, kw_only=True)
class Counted:
    """How many children of an organisation are in care, and of these how many are what."""

    org: str
    children: int = 0
    male: int = 0
    female: int = 0
    both_away: int = 0
    one_away: int = 0
    none_away: int = 0
    unknown: int = 0
    boarding: int = 0
    poor: int = 0
    migrant: int = 0
    special_group: int = 0
    paired: int = 0

    def add(self, card: Card, at: Clocks) -> None:
        """Count a child."""
        profile, away = card.profile or {}, parents_away(card, at.as_of)
        tags = set((card.tags_said[-1].tags or ()) if card.tags_said else ())
        self.children += 1
        self.male += profile.get("sex") == "male"
        self.female += profile.get("sex") == "female"
        self.both_away += away is Away.BOTH
        self.one_away += away is Away.ONE
        self.none_away += away is Away.NONE
        self.unknown += away is Away.UNKNOWN
        self.boarding += profile.get("boarding") is True
        self.poor += Tag.POOR in tags
        self.migrant += Tag.MIGRANT in tags
        self.special_group += Tag.SPECIAL_GROUP in tags
        self.paired += has_carer(card.pairings, at.as_of)

    def take(self, other: "Counted") -> None:
        """Add the figures of another organisation."""
        for each in fields(self):
            if each.name != "org":
                setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


_FIGURES = (
    org(),
    open_("children", "在册儿童", "Children in care", lambda x: x.children),
    open_("male", "男", "Boys", lambda x: x.male),
    open_("female", "女", "Girls", lambda x: x.female),
    open_("both_away", "双亲外出（纯留守）", "Both parents away", lambda x: x.both_away),
    open_("one_away", "单亲外出（单留守）", "One parent away", lambda x: x.one_away),
    open_("none_away", "父母均在家", "No parent away", lambda x: x.none_away),
    open_("unknown", "去向不明", "Unknown", lambda x: x.unknown),
    open_("boarding", "寄宿", "Boards", lambda x: x.boarding),
    open_("poor", "贫困", "Poor", lambda x: x.poor),
    open_("migrant", "流动", "Migrant", lambda x: x.migrant),
    open_("special_group", "特殊群体", "Special group", lambda x: x.special_group),
    open_("paired", "已结对", "Paired", lambda x: x.paired),
)
WHOLE: Table[Counted] = Table(name="whole", title=Text(zh="合计", en="In all"), columns=_FIGURES)
SCHOOLS: Table[Counted] = Table(name="schools", title=Text(zh="各校", en="By school"), columns=_FIGURES)
CLASSES: Table[Counted] = Table(title=Text(zh="各班", en="By class"), columns=_FIGURES, signed=SIGNED)


def read(asked: Asked) -> Found:
    """Count the children in care of an organisation, class by class; what is above is the sum of these."""
    at = clocks(now=asked.system.now(), as_of=asked.day("on"))
    classes = counted(asked, at)
    schools: dict[str, Counted] = {}
    whole = Counted(org=asked.org)
    for each in classes:
        schools.setdefault(school_of(each.org), Counted(org=school_of(each.org))).take(each)
        whole.take(each)
    return Found(
        tables=(WHOLE.filled([whole]), SCHOOLS.filled(list(schools.values())), CLASSES.filled(classes)),
        population=IN_CARE,
        clocks=at,
        notes=() if whole.children else None,
    )


def counted(asked: Asked, at: Clocks) -> list[Counted]:
    """Count the children of each class, as their cards tell of them."""
    found: dict[str, Counted] = {}
    cards: Iterable[Card] = asked.reports.cards(asked.org, at)
    for card in cards:
        if card.in_care(at.as_of):
            found.setdefault(card.org, Counted(org=card.org)).add(card, at)
    return [found[path] for path in sorted(found)]


REPORT = Report(
    name="class-statistics",
    title=Text(zh="班级统计表", en="Statistics by class"),
    text=Text(
        zh="各班、各校在册儿童统计：性别、父母外出、寄宿、类别、结对",
        en="The children in care by class and school: sex, parents away, boarding, groups, pairings.",
    ),
    filters=(filters.ORG, filters.ON),
    tables=(WHOLE, SCHOOLS, CLASSES),
    read=read,
    topic=Topic.CHILDREN,
    order=124,
)
