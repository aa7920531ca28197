"""What reports there are: every file in `reports/declared/` is one."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from reports import declared
from reports.report import Report, Topic


class BadReport(Exception):
    """A report is not declared as it must be; says which file to look at."""


@cache
def reports() -> Mapping[str, Report]:
    """Find every report by its name, in the order of the index: by topic. Raises `BadReport`."""
    names = sorted(info.name for info in pkgutil.iter_modules(declared.__path__))
    found = [_declared(name) for name in names]
    return MappingProxyType({each.name: each for each in sorted(found, key=_place)})


def _place(report: Report) -> tuple[int, int, str]:
    return [*Topic].index(report.topic), report.order, report.name


def _declared(name: str) -> Report:
    file = f"{declared.__name__.replace('.', '/')}/{name}.py"
    report = getattr(importlib.import_module(f"{declared.__name__}.{name}"), "REPORT", None)
    if not isinstance(report, Report):
        raise BadReport(f"{file} has no REPORT.")
    if report.name != name.replace("_", "-"):
        raise BadReport(f"{file}: the report is named {report.name!r}, not after its file.")
    for what, every in (
        ("table", [table.name for table in report.tables]),
        ("filter", [each.name for each in report.filters]),
        *(("column", [column.name for column in table.columns]) for table in report.tables),
    ):
        if len(set(every)) < len(every):
            raise BadReport(f"{file}: two of a {what} have one name.")
    if not report.tables:
        raise BadReport(f"{file}: there is no table.")
    return report
