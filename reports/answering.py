"""Reading a report, and the one answer that every format is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from application.access import Actor
from application.reports.notes import of_day
from application.system import System
from application.upkeep.places import place_of
from application.visibility import Purpose
from domain.days import SHANGHAI
from domain.refusal import Reason, Text
from domain.rules.clocks import Clocks
from reports.cells import in_language
from reports.report import POPULATIONS, Asked, Found, Report, Table, Visible
from reports.showing import hidden_of, shown_to, withheld

CLIPPED = Reason(
    code="clipped",
    zh="所问的知情时间尚未到来，按目前已知回答",
    en="That moment of knowledge is still to come, so the answer is as of now.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a report says of itself. `children` is how many the whole ledger has, `ledger` where it lies,
    `now` when it was asked for."""

    ledger: str
    children: int
    population: str
    clocks: Clocks
    now: datetime

    @property
    def shown(self) -> dict[str, Any]:
        """The head as JSON."""
        return {
            "ledger": self.ledger,
            "children": self.children,
            "population": self.population,
            "as_of": self.clocks.as_of,
            "as_known_at": self.clocks.as_known_at,
        }

    @property
    def text(self) -> Text:
        """The head as one line."""
        what = self.counted
        return Text(
            zh=f"台账 {self.ledger}（{self.children} 名儿童）｜{what.zh}",
            en=f"Ledger {self.ledger} ({self.children} children) | {what.en}",
        )

    @property
    def counted(self) -> Text:
        """Whom the report counts, and under which clocks: for somebody who need not know of the ledger."""
        return counted(self.population, self.clocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a report found, for the actor who asked, with the notes that stand beside it."""

    report: Report
    found: Found
    notes: tuple[Reason, ...]
    actor: Actor

    @property
    def tables(self) -> tuple[Visible, ...]:
        """The tables as the actor is shown them, for the terminal and for pages."""
        return tuple(shown_to(each, self.actor, Purpose.ANSWER) for each in self.found.tables)

    @property
    def body(self) -> Mapping[str, object]:
        """The answer as JSON: what the report says of it, else the rows of its tables."""
        if self.found.answer is None:
            return rows_of(self.tables)
        hidden = frozenset[str]().union(
            *(hidden_of(each, self.actor, Purpose.ANSWER) for each in self.report.tables)
        )
        return {name: withheld(value, hidden) for name, value in self.found.answer.items()}

    @property
    def whole(self) -> tuple[Visible, ...]:
        """Every table that the report may fill, with all of its rows: for files, in which a table is one."""
        return tuple(self._whole(table) for table in self.report.tables)

    def _whole(self, table: Table[Any]) -> Visible:
        parts = [each.rows for each in self.found.tables if each.table.name == table.name]
        rows = [row for part in parts for row in part]
        filled = table.filled(rows, title=table.title or self.report.title)
        return shown_to(filled, self.actor, Purpose.EXPORT)


def answer_of(report: Report, asked: Asked) -> Answer:
    """Read a report. Raises what its question is refused for."""
    found = report.read(asked)
    notes = found.notes
    if notes is None:
        notes = () if any(each.rows for each in found.tables) else nobody(asked, found.clocks)
    return Answer(
        report=report,
        found=found,
        notes=(*notes, *of_clocks(found.clocks, now=asked.system.now())),
        actor=asked.actor,
    )


def nobody(asked: Asked, clocks: Clocks) -> tuple[Reason, ...]:
    """Return why a report is empty where nobody could have been in it."""
    why = asked.reports.why_nobody(org=asked.org, on=clocks.as_of)
    return () if why is None else (why,)


def head_of(system: System, *, population: str, clocks: Clocks) -> Head:
    """Make the head of a report of this system."""
    row = system.database.one("SELECT count(*) AS children FROM child_status WHERE enrolled_on IS NOT NULL")
    return Head(
        ledger=place_of(system.settings.database_url),
        children=int(row["children"]) if row else 0,
        population=population,
        clocks=clocks,
        now=system.now(),
    )


def counted(population: str, clocks: Clocks) -> Text:
    """Return whom a report counts, and under which clocks."""
    who, known = POPULATIONS[population], f"{clocks.as_known_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return Text(
        zh=f"统计对象：{who.zh}｜截至 {clocks.as_of}，按 {known} 所知",
        en=f"of {who.en} | as of {clocks.as_of}, as known at {known}",
    )


def of_clocks(clocks: Clocks, *, now: datetime) -> tuple[Reason, ...]:
    """Say that a moment of knowledge was clipped, or that the day is still to come."""
    return ((CLIPPED,) if clocks.clipped else ()) + of_day(clocks.as_of, now=now)


def rows_of(tables: Sequence[Visible]) -> dict[str, object]:
    """Return the rows of tables as JSON, by the names of the tables and of their columns."""
    return {
        each.name: [
            {column.name: column.of(row) for column in each.columns if not column.beside} for row in each.rows
        ]
        for each in tables
    }


def shown_values(report: Report, asked: Asked, language: str) -> list[tuple[Text, str]]:
    """Return what was asked for, as the title of each filter and its value."""
    values = {"org": asked.org, **asked.values}
    return [
        (each.title, in_language(each.words.get(str(value), value), language))
        for each in report.filters
        if (value := values.get(each.name)) not in (None, "", False)
    ]


def about(
    answer: Answer, said: Text, values: Sequence[tuple[Text, str]], language: str
) -> list[tuple[str, object]]:
    """Return what a workbook says of itself: the report, whom it counts and its clocks, what was asked for
    and what the figures don't say."""

    def shown(text: Text | Reason) -> str:
        return str(getattr(text, language))

    titles = {
        "report": Text(zh="报表", en="Report"),
        "of": Text(zh="说明", en="Says"),
        "note": Text(zh="注意", en="Note"),
    }
    return [
        (shown(titles["report"]), f"{shown(answer.report.title)}：{shown(answer.report.text)}"),
        (shown(titles["of"]), shown(said)),
        *((shown(title), value) for title, value in values),
        *((shown(titles["note"]), f"{note.code}：{shown(note)}") for note in answer.notes),
    ]
