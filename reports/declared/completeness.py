"""Whether each file says what it must: the child, who cares, the parents; and who reaches whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from application.access import Action
from domain.org import within
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import case_no, named, open_, org, percent
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic
from reports.sheets import Link, Sheet, chain, groups, sheets

COMPLETE = Text(zh="档案均已齐全。", en="Every file is complete.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """A child with what its file lacks: of the three things to know, of the four who must be reached."""

    sheet: Sheet
    groups: tuple[Link, ...]
    chain: tuple[Link, ...]

    @property
    def missing(self) -> tuple[Text, ...]:
        """Everything that is missing."""
        return tuple(each.title for each in (*self.groups, *self.chain) if not each.there)

    @property
    def known(self) -> bool:
        """Whether the three things are known."""
        return all(each.there for each in self.groups)

    @property
    def reached(self) -> bool:
        """Whether the four can be reached."""
        return all(each.there for each in self.chain)


@dataclass(slots=True, kw_only=True)
class OfClass:
    """How many files of a class are complete."""

    org: str
    children: int = 0
    known: int = 0
    reached: int = 0


CLASSES: Table[OfClass] = Table(
    name="classes",
    title=Text(zh="各班", en="Class by class"),
    columns=(
        org(),
        open_("children", "在册儿童", "Children in care", lambda x: x.children),
        open_("known", "三知齐全", "All three known", lambda x: x.known),
        percent("known_percent", "三知率", "All three known", lambda x: (x.known, x.children)),
        open_("reached", "四方联系齐全", "All four reached", lambda x: x.reached),
        percent("reached_percent", "四方联系率", "All four reached", lambda x: (x.reached, x.children)),
    ),
)
CHILDREN: Table[Gaps] = Table(
    title=Text(zh="尚缺内容的档案", en="Files that lack something"),
    columns=(
        case_no(lambda x: x.sheet.child_id),
        named(lambda x: x.sheet.said("name")),
        open_("missing", "缺", "Missing", lambda x: x.missing, lines=True),
        open_("known", "三知齐全", "All three known", lambda x: x.known),
        open_("reached", "四方联系齐全", "All four reached", lambda x: x.reached),
        org(lambda x: x.sheet.org),
    ),
    child=lambda row: row.sheet.child_id,
)


def read(asked: Asked) -> Found:
    """Look through the files of the children in care of an organisation."""
    at = clocks(now=asked.system.now())
    found = [_gaps(each, told=told) for each, told in _told(asked, sheets(asked, at))]
    return Found(
        tables=(
            CLASSES.filled(_classes(found)),
            CHILDREN.filled([each for each in found if each.missing], empty=COMPLETE),
        ),
        population=IN_CARE,
        clocks=at,
        notes=None if not found else (),
    )


def _told(asked: Asked, found: Iterable[Sheet]) -> Iterable[tuple[Sheet, bool]]:
    """Say of each whether somebody above its school is told of alarms."""
    listed = asked.system.organisations.recipients.listed(unread=asked.reports.unread_org)
    offices = {where for where, _ in listed if where.count("/") < 2}
    return [(each, any(within(each.org, office) for office in offices)) for each in found]


def _gaps(sheet: Sheet, *, told: bool) -> Gaps:
    return Gaps(sheet=sheet, groups=tuple(groups(sheet)), chain=tuple(chain(sheet, told=told)))


def _classes(found: Iterable[Gaps]) -> list[OfClass]:
    sums: dict[str, OfClass] = {}
    for each in found:
        row = sums.setdefault(each.sheet.org, OfClass(org=each.sheet.org))
        row.children += 1
        row.known += each.known
        row.reached += each.reached
    return list(sums.values())


REPORT = Report(
    name="completeness",
    title=Text(zh="档案齐全情况", en="What files lack"),
    text=Text(
        zh="三知（儿童、照料人、父母）与四方联系（儿童、学校、家庭、政府）是否齐全，缺什么",
        en="Whether each file knows the child, who cares and the parents, and who reaches whom.",
    ),
    filters=(filters.ORG,),
    tables=(CLASSES, CHILDREN),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=121,
)
