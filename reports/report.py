"""What a report is. Each is declared once, in a file of `reports/declared/` with a `REPORT`; its command, its
JSON, its CSV file, its workbook, its page and its line in the index follow from that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from application.access import Action, Actor
from application.reports.reporting import Reports
from application.system import System
from application.visibility import Sensitivity
from domain.fields import Choice
from domain.refusal import Reason, Text
from domain.rules.clocks import Clocks
from domain.watched import POPULATION

T = TypeVar("T")
# More rows than any report has: that of whoever wants all of them.
ALL = 1_000_000
NOTHING = Text(zh="没有。", en="None.")
# Whom a report counts, by the word that stands in its head.
ENROLLED = "enrolled"
IN_CARE = "in_care"
WATCHED = POPULATION
ONE_CHILD = "one_child"
POPULATIONS: Mapping[str, Text] = MappingProxyType(
    {
        ENROLLED: Text(zh="建过档的儿童", en="every child that was enrolled"),
        IN_CARE: Text(zh="在册儿童", en="children in care"),
        WATCHED: Text(zh=f"关注的儿童（{POPULATION}）", en=f"children who are watched ({POPULATION})"),
        ONE_CHILD: Text(zh="一名儿童", en="one child"),
    }
)


class Topic(Choice):
    """What a report is about: the heading under which the index and the help of the command list it."""

    CHILDREN = "children", "儿童", "Children"
    WATCH = "watch", "预警与规则", "Alerts and rules"
    CARERS = "carers", "帮扶人与结对", "Carers and pairings"
    WORK = "work", "活动、会议与资助", "Activities, meetings and support"
    ENTRIES = "entries", "登记与核对", "Entries and files"


class Kind(StrEnum):
    """What a filter takes, and so how it is read and which field a form has for it."""

    ORG = "org"
    DAY = "day"
    DAY_OR_MOMENT = "day_or_moment"
    WHOLE = "whole"
    WORD = "word"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Something that a report may be asked for: an option of its command, a parameter of its page.

    `title` stands before its field in a form, `text` in the help of the command. `words` are all that may be
    chosen, by what is sent; empty where anything may. `offered` are some that a form proposes. Of a WHOLE the
    `least` may be said. What must never stand in an address is `private`: the command alone takes it.
    """

    name: str
    kind: Kind
    title: Text
    text: Text
    required: bool = False
    metavar: str | None = None
    least: int = 0
    private: bool = False
    words: Mapping[str, Text] = field(default_factory=dict)
    offered: Callable[[System], Mapping[str, Text]] = lambda _system: {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[T]):
    """A column: its name in JSON and in addresses, its title, and what it shows of a row.

    What it shows is a text, a number, a day, a moment, a yes or no, an `Evidence`, or a tuple of these; of a
    `Text`, a choice or a reason the language that is asked for. A tuple stands in lines below each other
    where `lines` says so. With `beside` it is in files and on pages alone: what the command answered in
    version 0.1 stays as it was. `sensitivity` says how far it may go.
    """

    name: str
    title: Text
    of: Callable[[T], object]
    lines: bool = False
    beside: bool = False
    sensitivity: Sensitivity = Sensitivity.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An entry in the file of a child that a report rests on: its day, and why it was not counted."""

    child_id: UUID
    event_id: UUID
    day: date | None = None
    reason: Choice | Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[T]):
    """The rows of one sort in a report. `child` gives whose file a row leads to.

    With `cards` each row is a card of its own on the page, and a sheet of its own on paper; in files it is a
    row as any other. `signed` are the places for signatures below the table, on paper and in a workbook.
    """

    columns: tuple[Column[T], ...]
    name: str = "items"
    title: Text | None = None
    child: Callable[[T], UUID | None] = lambda _row: None
    cards: bool = False
    signed: tuple[Text, ...] = ()

    def filled(self, rows: Sequence[T], *, title: Text | None = None, empty: Text = NOTHING) -> "Filled":
        """Return the table with its rows, under another `title` where these have one of their own; what is
        said where there is none is `empty`."""
        return Filled(table=self, rows=rows, title=title or self.title, empty=empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A table with its rows, as it was read: no format takes it before `reports.showing.shown_to`."""

    table: Table[Any]
    rows: Sequence[Any]
    title: Text | None
    empty: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """A table as somebody is shown it, with those columns alone; `reports.showing.shown_to` makes it."""

    name: str
    columns: tuple[Column[Any], ...]
    rows: Sequence[Any]
    title: Text | None
    empty: Text
    child: Callable[[Any], UUID | None]
    cards: bool = False
    signed: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is read with: everything that can be asked, who asks, and what for.

    `org` is where it is asked about, "" for everywhere; the actor may know of it. `most` is how many rows
    are wanted at most, from the first on, of which the `unseen` may be left out: a report that can reads no
    others.
    """

    system: System
    reports: Reports
    actor: Actor
    org: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    most: int = ALL
    unseen: int = 0

    def day(self, name: str) -> date | None:
        """Return the day that was asked for."""
        found = self.values.get(name)
        assert found is None or isinstance(found, date)
        return found

    def moment(self, name: str) -> datetime | date | None:
        """Return the moment that was asked for, or the day, which means its end."""
        return self.day(name)

    def whole(self, name: str) -> int | None:
        """Return the whole number that was asked for."""
        found = self.values.get(name)
        assert found is None or isinstance(found, int)
        return found

    def word(self, name: str) -> str | None:
        """Return the word that was asked for."""
        found = self.values.get(name)
        assert found is None or isinstance(found, str)
        return found

    def flag(self, name: str) -> bool:
        """Return whether it was asked for."""
        return bool(self.values.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a report found: its tables, whom they count, under which clocks.

    `title` is what it found out it is about, say the days of a period. `notes` is what the figures don't say;
    None leaves it to be found out why there is no row at all. `answer` is the JSON where it is more than the
    rows of each table. Where only what is wanted was read, `total` is how many rows there are, and `left_out`
    how many of them were passed over in front.
    """

    tables: tuple[Filled, ...]
    population: str
    clocks: Clocks
    title: Text | None = None
    notes: tuple[Reason, ...] | None = None
    answer: Mapping[str, object] | None = None
    total: int | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report. `name` is its command and its address; `text` says what it shows, in one sentence.

    The `tables` are all that it may fill; the last is the one that a CSV file is of unless another is named.
    `action` is what somebody must be allowed to do to read it. It is listed under its `topic`, in the place
    that `order` says.
    """

    name: str
    title: Text
    text: Text
    filters: tuple[Filter, ...]
    tables: tuple[Table[Any], ...]
    read: Callable[[Asked], Found]
    action: Action = Action.REPORT
    topic: Topic = Topic.WORK
    order: int = 100

    @property
    def addressed(self) -> tuple[Filter, ...]:
        """The filters that may stand in an address."""
        return tuple(each for each in self.filters if not each.private)
