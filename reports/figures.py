"""The figures that a form may be filled in with, each by a name; they are those of reports."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from domain.catalogue import event_types, submitted_types
from domain.refusal import Reason, Text, invalid, refuses
from reports.answering import Answer, answer_of
from reports.catalogue import reports
from reports.declared.rates import Rate
from reports.report import Asked

NO_SUCH_FIGURE = Reason(
    code="no_such_figure",
    zh="没有这个指标；careledger fill-form --figures 列出全部",
    en="There is no such figure: `careledger fill-form --figures` lists them.",
)
# Reports whose table `whole` has one row, that of the organisation asked about.
_WHOLE = ("class-statistics", "pairing-coverage", "lateness")
_RATES = ("numerator", "denominator", "percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure by its name: which row of which table of which report tells it, in which column.

    `row` is what the first column of that row says; None is the only row that there is.
    """

    name: str
    title: Text
    report: str
    table: str
    column: str
    row: str | None = None


@cache
def figures() -> Mapping[str, Figure]:
    """Return every figure by its name."""
    return {each.name: each for each in (*_of_wholes(), *_of_rates(), *_of_entries())}


def _of_wholes() -> Iterator[Figure]:
    for report in _WHOLE:
        table = next(each for each in reports()[report].tables if each.name == "whole")
        for column in table.columns:
            if column.name != "org":
                name = f"{report}.{column.name}"
                yield Figure(name=name, title=column.title, report=report, table="whole", column=column.name)


def _of_rates() -> Iterator[Figure]:
    table = next(each for each in reports()["rates"].tables if each.name == "rates")
    titles = {column.name: column.title for column in table.columns}
    for rate in Rate:
        for column in _RATES:
            said = titles[column]
            yield Figure(
                name=f"rates.{rate.value}.{column}",
                title=Text(zh=f"{rate.zh}：{said.zh}", en=f"{rate.en}: {said.en}"),
                report="rates",
                table="rates",
                column=column,
                row=rate.zh,
            )


def _of_entries() -> Iterator[Figure]:
    counted = {"times": Text(zh="次数", en="times"), "people": Text(zh="儿童人数", en="children")}
    for type_ in sorted(submitted_types()):
        label = event_types()[type_].label
        for column, said in counted.items():
            yield Figure(
                name=f"{type_}.{column}",
                title=Text(zh=f"{label.zh}{said.zh}", en=f"{label.en}, {said.en}"),
                report="term-summary",
                table="items",
                column=column,
                row=label.zh,
            )


@dataclass(slots=True)
class Figures:
    """Reads figures for one who asks; each report once for each organisation."""

    asked: Asked
    _read: dict[tuple[str, str], Answer] = field(default_factory=dict)

    @refuses(NO_SUCH_FIGURE)
    def value(self, name: str, *, org: str) -> float | int | None:
        """Return a figure of an organisation, by its name or its title. Raises `Invalid` for none."""
        titled = (each for each in figures().values() if name in (each.title.zh, each.title.en))
        figure = figures().get(name) or next(titled, None)
        if figure is None:
            raise invalid(NO_SUCH_FIGURE)
        for row in self._rows(figure, org):
            if figure.row is None or figure.row == getattr(next(iter(row.values())), "zh", None):
                found = row[figure.column]
                return found if isinstance(found, int | float) else None
        return 0 if figure.row is not None else None

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What the reports that were read say beside their figures, each once."""
        said = (each for answer in self._read.values() for each in answer.notes)
        return tuple({each.code: each for each in said}.values())

    def _rows(self, figure: Figure, org: str) -> Iterator[Mapping[str, Any]]:
        key = figure.report, org
        if key not in self._read:
            report = reports()[figure.report]
            taken = {each.name for each in report.filters}
            values = {name: value for name, value in self.asked.values.items() if name in taken}
            self._read[key] = answer_of(report, replace(self.asked, org=org, values=values))
        for table in self._read[key].whole:
            if table.name == figure.table:
                yield from ({column.name: column.of(row) for column in table.columns} for row in table.rows)
