"""What is nearly a header: one without a word for its day, and the row that is most like one."""

import re
from collections.abc import Sequence
from dataclasses import replace

from application.intake.papers.table_rows import Place, cell_at
from application.intake.papers.words import SheetWords, normal
from application.intake.sheets.cell import Kind, Row, Sheet
from domain.refusal import Reason

_DAY, _TIME = "日期", "时间"
_CLOCK = re.compile(r"\s*\d{1,2}\s*[:：时点]")
_LOOKED_AT = 20


def dated(places: Sequence[Place], below: Sequence[Row], known: SheetWords) -> tuple[Place, ...]:
    """Return the places of a header; 时间 is the day where no other column is, and its cells aren't hours."""
    day = known.headings.get(_DAY)
    times = [place for place in places if normal(place.said) == _TIME and place.heading is not None]
    there = {place.heading.column for place in places if place.heading is not None}
    if day is None or len(times) != 1 or _DAY in there:
        return tuple(places)
    said = [cell_at(row, times[0].column) for row in below[:_LOOKED_AT]]
    hours = any(cell.kind is Kind.TIME or _CLOCK.match(cell.text) for cell in said)
    if hours or not any(cell.text for cell in said):
        return tuple(places)
    return tuple(replace(place, heading=day) if place is times[0] else place for place in places)


def naming_nearest(reason: Reason, sheets: Sequence[Sheet], known: SheetWords, *, within: int) -> Reason:
    """Add to why there is no header the row that is most like one, with its headings that are not known."""
    best: tuple[int, str, int, list[str]] = (1, "", 0, [])
    for sheet in sheets:
        for number, row in enumerate(sheet.rows[:within]):
            said = list(dict.fromkeys(cell.text for cell in row if cell.text))
            unknown = [text for text in said if known.heading(text) is None]
            if len(said) - len(unknown) > best[0]:
                best = (len(said) - len(unknown), sheet.name, sheet.line(number), unknown)
    _, name, line, unknown = best
    if not line:
        return reason
    asked = (
        f"其中不认得：{'、'.join(unknown)}（用 --map 说明，接口为 map）"
        if unknown
        else "缺少必需的列，请补上"
    )
    told = (
        f"not known there: {', '.join(unknown)} (say by --map, over HTTP map)"
        if unknown
        else "it lacks a column"
    )
    return Reason(
        code=reason.code,
        zh=f"{reason.zh}；最像表头的是“{name}”第 {line} 行，{asked}",
        en=f"{reason.en.rstrip('.')}; most like one is line {line} of {name}: {told}.",
    )
