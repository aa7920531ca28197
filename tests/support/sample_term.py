"""What the sample school's term must come to, and a second, deliberately plain reading of its papers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl

SAMPLE = Path(__file__).parents[2] / "examples" / "cuncaoxin"
SCHOOL = "示例县/东岭镇/寸草心小学"
FIRST_DAY, LAST_DAY = date(2026, 2, 11), date(2026, 6, 30)
LADDER = [(60, "critical"), (45, "high"), (30, "warning"), (14, "info")]

# Student numbers are written without the T202600 that all begin with.
SHORT = {
    "2026-03": "003 008 022 033 044 048 049 054",
    "2026-04": "002 010 022 026 037 046",
    "2026-05": "010 026 037 043 046",
    "2026-06": "010 015 032 037 046 050 054",
}
SHORT_AS_KNOWN_AT_MONTH_END = {
    "2026-03": "003 008 022 033 044 048 049 051 054",
    "2026-04": "002 010 018 022 026 037 043 046 048",
    "2026-05": "010 026 034 037 043 046 053",
    "2026-06": "010 015 032 037 046 050 054",
}
OPEN_AT_END = {"info": "007 033 045 048 050 051", "critical": "010 037 046"}
RECORDED, LATE = 931, 20
PER_TYPE = {"home_visit_made": 470, "call_made": 253, "talk_held": 208}


def numbers(words: str) -> set[str]:
    """Return student numbers in full."""
    return {f"T202600{word}" for word in words.split()}


@dataclass
class PlainSilence:
    """A child's silence as one would keep it by hand: the last contact heard of, and the alert that is up."""

    last: tuple[date, str]
    alert: tuple[str, tuple[date, str]] | None = None


@dataclass
class PlainWatch:
    """The ladder by hand: children as they are enrolled, contacts as they are heard of."""

    children: dict[str, PlainSilence] = field(default_factory=dict)

    def hear(self, student_no: str, contact: tuple[date, str]) -> None:
        """Hear of a contact (day, time), whenever it was."""
        child = self.children[student_no]
        child.last = max(child.last, contact)

    def look(self, day: date) -> Iterator[tuple[str, str, str]]:
        """Look at every child once 08:00 of `day` has struck; give (student number, what happens, step)."""
        for student_no, child in sorted(self.children.items()):
            silent = (day - child.last[0]).days
            step = next((word for days, word in LADDER if silent >= days), None)
            was, child.alert = child.alert, (step, child.last) if step else None
            if was is not None and (child.alert is None or was[1] != child.last):
                yield student_no, "alert_resolved", was[0]
                was = None
            if child.alert is not None and was is None:
                yield student_no, "alert_raised", child.alert[0]
            elif child.alert is not None and child.alert != was:
                yield student_no, "alert_escalated", child.alert[0]


def log_by_day() -> dict[date, list[dict[str, str]]]:
    """Return the lines of the care log by the day on which they were written down."""
    text = (SAMPLE / "care_log.csv").read_text(encoding="utf-8-sig")
    days: dict[date, list[dict[str, str]]] = {}
    for line in csv.DictReader(io.StringIO(text)):
        days.setdefault(date.fromisoformat(line["登记日期"]), []).append(line)
    return days


def as_csv(lines: list[dict[str, str]]) -> bytes:
    """Write lines as a file of their own."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


def contact_of(line: dict[str, str]) -> tuple[date, str] | None:
    """Return when a line reached the child; None where it did not, or can't be true."""
    try:
        day = date.fromisoformat(line["日期"])
    except ValueError:
        return None
    minutes = int(line["时长(分钟)"] or 0)
    reached = {
        "家访": line["结果"] == "见到",
        "电话": line["结果"] == "接通" and minutes >= 1,
        "谈心": bool(line["内容"].strip()),
    }.get(line["类型"], False)
    return (day, line["时间"]) if reached and minutes >= 0 and day <= LAST_DAY else None


def roster_by_day() -> dict[date, list[tuple[Any, ...]]]:
    """Return the rows of the census form by the day on which the file was opened."""
    sheet = openpyxl.load_workbook(SAMPLE / "roster.xlsx").active
    assert sheet is not None
    days: dict[date, list[tuple[Any, ...]]] = {}
    for row in sheet.iter_rows(min_row=3, values_only=True):
        days.setdefault(date.fromisoformat(str(row[23])[:10]), []).append(row)
    return days


def as_xlsx(rows: list[tuple[Any, ...]]) -> bytes:
    """Write rows as a form of their own, under the title and the header of the sample's."""
    source = openpyxl.load_workbook(SAMPLE / "roster.xlsx").active
    book = openpyxl.Workbook()
    assert source is not None
    assert book.active is not None
    for row in (*source.iter_rows(max_row=2, values_only=True), *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def term_days() -> Iterator[date]:
    """Go through the days of the term and of the weeks before it in which children were enrolled."""
    day = FIRST_DAY
    while day <= LAST_DAY:
        yield day
        day += timedelta(days=1)


def is_month_end(day: date) -> bool:
    """Return whether a month ends with this day."""
    return (day + timedelta(days=1)).day == 1 and day.month >= 3
