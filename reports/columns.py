"""The columns that many reports have, each said once; and short ways to say others."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from application.visibility import Sensitivity
from domain.case_no import case_no_of
from domain.refusal import Text
from reports.report import Column

# Where whoever answers for a printed sheet signs it.
SIGNED = (
    Text(zh="单位负责人：", en="Head of the unit:"),
    Text(zh="复核人：", en="Checked by:"),
    Text(zh="填表人：", en="Filled in by:"),
    Text(zh="日期（盖章）：", en="Day (stamp):"),
)


def open_(name: str, zh: str, en: str, of: Callable[[Any], object], *, lines: bool = False) -> Column[Any]:
    """Return a column that names nobody."""
    return Column(name=name, title=Text(zh=zh, en=en), of=of, lines=lines)


def personal(name: str, zh: str, en: str, of: Callable[[Any], object], *, lines: bool = False) -> Column[Any]:
    """Return a column that is of a person."""
    title = Text(zh=zh, en=en)
    return Column(name=name, title=title, of=of, lines=lines, sensitivity=Sensitivity.PERSONAL)


def case_no(child: Callable[[Any], Any] = lambda row: row.child_id) -> Column[Any]:
    """Return the column of the case number; `child` gives the id of the child of a row."""
    return open_("case_no", "个案编号", "Case no.", lambda row: case_no_of(child(row)))


def called(of: Callable[[Any], Any] = lambda row: row, *, beside: bool = False) -> tuple[Column[Any], ...]:
    """Return the columns of case number, student number and name; `of` gives of a row what has all three.

    `beside` says that the name stands beside what the row is about.
    """
    return (
        open_("case_no", "个案编号", "Case no.", lambda row: of(row).case_no),
        personal("student_no", "学籍号", "Student no.", lambda row: of(row).student_no),
        replace(named(lambda row: of(row).name), beside=beside),
    )


def named(of: Callable[[Any], object] = lambda row: row.name) -> Column[Any]:
    """Return the column of the name of a child."""
    return personal("name", "姓名", "Name", of)


def org(of: Callable[[Any], object] = lambda row: row.org) -> Column[Any]:
    """Return the column of an organisation."""
    return open_("org", "机构", "Organisation", of)


def money(name: str, zh: str, en: str, fen: Callable[[Any], int | None]) -> Column[Any]:
    """Return a column of money: what is kept in fen (CNY 0.01) is shown in yuan."""

    def of(row: Any) -> float | None:
        found = fen(row)
        return None if found is None else found / 100

    return open_(name, f"{zh}（元）", f"{en} (CNY)", of)


def percent(name: str, zh: str, en: str, of: Callable[[Any], tuple[int, int]]) -> Column[Any]:
    """Return a column of a share in per cent, to two places; `of` gives numerator and denominator."""

    def share(row: Any) -> float | None:
        part, whole = of(row)
        return round(100 * part / whole, 2) if whole else None

    return open_(name, f"{zh}（%）", f"{en} (%)", share)
