"""Who stands on the visit sheets of a school and a week: the children in care, by class or by carer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from application.access import Action, Actor, require
from application.intake.imports.desk import DryRun
from application.intake.imports.line_codes import SheetCodes, monday_of
from application.intake.imports.paper import school_path
from application.intake.imports.registers import Registers
from application.intake.imports.school import School
from application.intake.papers.units import place_of
from application.readable import readable
from application.reasons import TWO_ALIKE, UNKNOWN_CARER
from domain.case_no import case_no_of
from domain.child import Child, fold
from domain.normal import undotted
from domain.org import county_of
from domain.refusal import Reason, Text, invalid, refuses

NO_CARER = Text(zh="无帮扶人", en="No carer")
NOBODY_THERE = Reason(
    code="nobody_on_sheet",
    zh="这一周没有符合的在册儿童，没有可填写的登记表",
    en="No child in care of that week belongs on such a sheet.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """A line to fill in; `carer` is the name of the one whose sheet it is of, or ""."""

    code: str
    name: str
    unit: str
    carer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSheet:
    """The lines of a class or of a carer, in the order of classes and names."""

    title: str
    lines: tuple[VisitLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitWeek:
    """The sheets of a school and a week, which begins on a Monday."""

    school: str
    monday: date
    sheets: tuple[VisitSheet, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the week."""
        return tuple(self.monday + timedelta(days=n) for n in range(7))


@refuses(NOBODY_THERE, UNKNOWN_CARER, TWO_ALIKE)
def visit_week(
    org: str,
    *,
    day: date,
    registers: Registers,
    actor: Actor,
    by_carer: bool = False,
    carer: str | None = None,
) -> VisitWeek:
    """Return the sheets of the week of a day: one for each class, or for each carer, or of one `carer`.

    Raises `Unknown` for a school that nobody knows, and `Invalid` where nobody would stand on them.
    """
    path = registers.organisations.existing(school_path(org))
    require(actor, Action.READ, org=path)
    monday = monday_of(day)
    school = School(path, registers=registers, desk=DryRun(registers), actor=actor)
    sheets = _Sheets(school, registers=registers, monday=monday)
    if carer is not None:
        found = sheets.of_carers([_carer_meant(school, carer)])
    else:
        found = sheets.of_carers(None) if by_carer else sheets.of_classes()
    if not found:
        raise invalid(NOBODY_THERE)
    return VisitWeek(school=path, monday=monday, sheets=found)


def _carer_meant(school: School, name: str) -> UUID:
    alike = school.carers_meant(name)
    if len(alike) != 1:
        raise invalid(TWO_ALIKE if alike else UNKNOWN_CARER, "/carer")
    return alike[0]


class _Sheets:
    def __init__(self, school: School, *, registers: Registers, monday: date) -> None:
        self._school = school.path
        self._registers = registers
        self._monday, self._sunday = monday, monday + timedelta(days=6)
        self._codes = SheetCodes(registers.keyring, school=school.path)
        self._children = sorted(self._read(), key=self._place)

    def _read(self) -> Iterator[Child]:
        """Go through the children in care on a day of the week whose names can be read."""
        days = (self._monday, self._sunday)
        ids = sorted({i for each in days for i in self._registers.record.in_care(self._school, each)})
        if not ids:
            return
        for child_id, events in readable(self._registers.log, ids, unreadable=lambda _id, _fault: None):
            child = fold(child_id, events)
            if child.profile is not None and child.enrolment and not child.enrolment.event.erased:
                yield child

    def _unit(self, child: Child) -> str:
        return child.org.removeprefix(self._school).removeprefix("/")

    def _place(self, child: Child) -> tuple[int, int, str, str]:
        grade, group = place_of(self._unit(child)) or (None, None)
        assert child.profile is not None
        return grade or 99, group or 99, self._unit(child), child.profile.name

    def _lines(self, children: Sequence[Child], carer: UUID | None, name: str = "") -> tuple[VisitLine, ...]:
        """Return the lines of a sheet, on which no two of one class look alike."""
        called = _told_apart(children, self._unit)
        return tuple(
            VisitLine(
                code=self._codes.code(self._monday, child.child_id, carer),
                name=called[child.child_id],
                unit=self._unit(child).replace("/", ""),
                carer=name,
            )
            for child in children
        )

    def of_classes(self) -> tuple[VisitSheet, ...]:
        """Return a sheet for each class."""
        units = dict.fromkeys(map(self._unit, self._children))
        return tuple(
            VisitSheet(
                title=unit.replace("/", "") or self._school.rpartition("/")[2],
                lines=self._lines([each for each in self._children if self._unit(each) == unit], None),
            )
            for unit in units
        )

    def of_carers(self, wanted: Sequence[UUID] | None) -> tuple[VisitSheet, ...]:
        """Return a sheet for each carer, and one for the children without any; or those that are wanted."""
        paired: dict[UUID | None, list[Child]] = {carer: [] for carer in wanted or ()}
        for child in self._children:
            running = (each.carer for each in child.pairings if self._runs(each.start, each.end))
            for carer in dict.fromkeys(running) or (None,):
                if wanted is None or carer in paired:
                    paired.setdefault(carer, []).append(child)
        ids = [carer for carer in paired if carer is not None]
        names = self._registers.carers.names(ids, counties={county_of(self._school)})
        called = {carer: names.get(carer, "") if carer else "" for carer in paired}
        return tuple(
            VisitSheet(
                title=called[carer] or NO_CARER.zh,
                lines=self._lines(paired[carer], carer, called[carer]),
            )
            for carer in sorted(paired, key=lambda carer: (carer is None, called[carer]))
            if paired[carer]
        )

    def _runs(self, start: date, end: date | None) -> bool:
        """Return whether a pairing runs on a day of the week."""
        return start <= self._sunday and (end is None or end > self._monday)


def _told_apart(children: Sequence[Child], unit: Callable[[Child], str]) -> Mapping[UUID, str]:
    """Return what to print as the names of children: of equal ones the year of birth, or else our number."""
    alike: dict[tuple[str, str], list[Child]] = {}
    for child in children:
        assert child.profile is not None
        alike.setdefault((undotted(child.profile.name), unit(child)), []).append(child)
    called: dict[UUID, str] = {}
    for some in alike.values():
        years = {each.child_id: each.profile.birth_date.year for each in some if each.profile}
        by_year = len(set(years.values())) == len(some)
        for child in some:
            assert child.profile is not None
            beside = f"{years[child.child_id]}年生" if by_year else case_no_of(child.child_id)
            name = child.profile.name
            called[child.child_id] = f"{name}（{beside}）" if len(some) > 1 else name
    return called
