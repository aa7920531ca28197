"""The Ministry's summary table: 32 columns whose identities hold, as they are checked for each row."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from domain.fields import Choice
from domain.org import school_of
from domain.refusal import Reason, Text
from domain.rules.clocks import clocks
from domain.streams.census_rounds.table import MinistryTable, broken
from reports import filters
from reports.columns import SIGNED, open_, org
from reports.forms import AwayBox, Cared, Guarded, Schooling, away_box, cared, guarded, schooling
from reports.report import IN_CARE, Asked, Column, Found, Report, Table, Topic
from reports.sheets import Sheet, sheets

# The first and last age of each band; who is older is counted in the last.
BANDS = (
    (0, 5, "0至5周岁", "0 to 5"),
    (6, 13, "6至13周岁", "6 to 13"),
    (14, 17, "14周岁及以上", "14 and over"),
)
SEXES = (("male", "男", "boys"), ("female", "女", "girls"))
_AT_SCHOOL = (Schooling.PRIMARY, Schooling.JUNIOR)


class Lives(Choice):
    """Where children live while they go to school; those who don't are apart."""

    EARLY = "early", "学前", "before school"
    LATER = "later", "高中阶段", "senior schools"
    OUT = "out", "不在校", "out of school"
    BOARDS = "boards", "义务教育寄宿", "boards, at compulsory school"
    DAY = "day", "义务教育走读", "day pupil, at compulsory school"


@dataclass(slots=True, kw_only=True)
class Line:
    """A row of the table: how many children are in each of its columns, by their numbers."""

    org: str
    c: Counter[int] = field(default_factory=Counter)

    def add(self, sheet: Sheet) -> None:
        """Count a child in each of its boxes."""
        band = next((n for n, (_, last, *_) in enumerate(BANDS) if (sheet.age or 0) <= last), len(BANDS) - 1)
        total = 2 + 3 * band
        boxes = [
            1,
            total,
            total + 1 + (getattr(sheet.said("sex"), "value", "") == "female"),
            11 + list(Schooling).index(schooling(sheet)),
            19 + list(AwayBox).index(away_box(sheet)),
            21 + list(Lives).index(lives(sheet)),
            26 + list(Cared).index(cared(sheet)),
            30 + list(Guarded).index(guarded(sheet)),
        ]
        self.c.update(boxes)

    @property
    def broken(self) -> tuple[str, ...]:
        """The identities of the table that do not hold in this row."""
        table = MinistryTable(**{f"c{number}": count for number, count in self.c.items()})
        return tuple(each.identity for each in broken(table))


def lives(sheet: Sheet) -> Lives:
    """Return where a child lives while it goes to school."""
    box = schooling(sheet)
    if box in _AT_SCHOOL:
        return Lives.BOARDS if sheet.said("boarding") else Lives.DAY
    if box in (Schooling.KINDERGARTEN, Schooling.BEFORE):
        return Lives.EARLY
    return Lives.LATER if box in (Schooling.SENIOR, Schooling.VOCATIONAL) else Lives.OUT


def _titles() -> Iterable[tuple[str, str]]:
    yield "合计", "In all"
    for _, _, zh, en in BANDS:
        yield zh, en
        yield from ((f"{zh}{word}", f"{en}, {said}") for _, word, said in SEXES)
    yield from ((each.zh, each.en) for each in chain(Schooling, AwayBox, Lives, Cared, Guarded))


def _column(number: int, zh: str, en: str) -> Column[Line]:
    return open_(f"c{number}", f"{number} {zh}", f"{number} {en}", lambda line: line.c[number])


_COLUMNS = (
    org(),
    *(_column(number, zh, en) for number, (zh, en) in enumerate(_titles(), start=1)),
    open_("sound", "勾稽相符", "Adds up", lambda x: not x.broken),
)
SCHOOLS: Table[Line] = Table(name="schools", title=Text(zh="各校", en="By school"), columns=_COLUMNS)
WHOLE: Table[Line] = Table(title=Text(zh="合计", en="In all"), columns=_COLUMNS, signed=SIGNED)
DOES_NOT_ADD_UP = Reason(
    code="does_not_add_up",
    zh="表间勾稽不符，请勿上报，并反映此问题",
    en="The table does not add up: don't send it in, and report this.",
)


def read(asked: Asked) -> Found:
    """Count the children in care of an organisation, school by school, and all of them together."""
    at = clocks(now=asked.system.now(), as_of=asked.day("on"))
    rows: dict[str, Line] = {}
    whole = Line(org=asked.org)
    for sheet in sheets(asked, at):
        school = school_of(sheet.org)
        rows.setdefault(school, Line(org=school)).add(sheet)
    for line in rows.values():
        whole.c.update(line.c)
    lines = [*rows.values(), whole]
    return Found(
        tables=(SCHOOLS.filled(list(rows.values())), WHOLE.filled([whole] if rows else [])),
        population=IN_CARE,
        clocks=at,
        notes=None if not rows else () if all(not line.broken for line in lines) else (DOES_NOT_ADD_UP,),
    )


REPORT = Report(
    name="basic-table",
    title=Text(zh="基本情况汇总表", en="Summary table"),
    text=Text(
        zh="按学校汇总的基本情况表，三十二栏，自动核对表间勾稽；第19至29栏的口径以本表标题为准",
        en="The basic forms by school, in 32 columns that add up; 19 to 29 count what their titles say.",
    ),
    filters=(filters.ORG, filters.ON),
    tables=(SCHOOLS, WHOLE),
    read=read,
    topic=Topic.CHILDREN,
    order=127,
)
