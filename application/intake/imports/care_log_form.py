"""The care log as a CSV file: its encoding, its lines, its cells. Nothing here knows what is recorded."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from application.intake.imports.paper import (
    RefusedLine,
    columns_of,
    header_word,
    in_column,
    knowing,
    read_count,
    read_day,
    read_time,
    stray,
    unreadable,
)
from application.intake.imports.reasons import NO_COLUMN, NO_HEADER
from domain.care_action import CareAction
from domain.catalogue import care_actions_by_paper_word
from domain.days import SHANGHAI
from domain.event import Occurred
from domain.reasons import MISSING, UNKNOWN_TYPE
from domain.refusal import Reason, invalid

DAY, TIME, NUMBER, NAME, TYPE = "日期", "时间", "学籍号", "儿童姓名", "类型"
CARER, COUNTERPART, OUTCOME, MINUTES, CONTENT = "记录人", "对象", "结果", "时长(分钟)", "内容"
WRITTEN_ON = "登记日期"
COLUMNS = (DAY, TIME, NUMBER, NAME, TYPE, CARER, COUNTERPART, OUTCOME, MINUTES, CONTENT, WRITTEN_ON)
REQUIRED = (DAY, NUMBER, TYPE, CARER)

BAD_ENCODING = Reason(
    code="bad_encoding",
    zh="文件既不是 UTF-8 也不是 GB18030 编码",
    en="The file is neither UTF-8 nor GB18030.",
)
BAD_LINE = Reason(
    code="bad_line",
    zh="该行的引号或列数不正确",
    en="The quotes or the number of columns of this line are wrong.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCells:
    """One line, its cells trimmed, in the order of `COLUMNS`; `line` is the physical line it begins on."""

    line: int
    cells: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        return self.cells[COLUMNS.index(column)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLogForm:
    """A file as it was read. `lines` counts those that say anything, refused ones too."""

    file_sha256: str
    lines: int
    readable: tuple[PaperCells, ...]
    refused: tuple[RefusedLine, ...]


def read_care_log(data: bytes) -> CareLogForm:
    """Read a care log. Raises `Invalid` where the file as a whole cannot be read."""
    records = _records(decoded(data))
    header = next(records, None)
    if header is None or header[1] is None or DAY not in map(header_word, header[1]):
        raise invalid(NO_HEADER)
    titles = [header_word(cell) for cell in header[1]]
    places = columns_of(titles, known=COLUMNS, required=REQUIRED)
    readable: list[PaperCells] = []
    refused: list[RefusedLine] = []
    for line, row in records:
        if row is None or any(cell.strip() for cell in row[len(titles) :]):
            refused.append(RefusedLine(line=line, reason=BAD_LINE))
        elif nameless := stray(row, places.values()):
            reason = in_column(NO_COLUMN, f"第 {nameless[0] + 1} 列")
            refused.append(RefusedLine(line=line, reason=reason))
        elif cells := _cells(row, places):
            readable.append(PaperCells(line=line, cells=cells))
    return CareLogForm(
        file_sha256=sha256(data).hexdigest(),
        lines=len(readable) + len(refused),
        readable=tuple(readable),
        refused=tuple(refused),
    )


def decoded(data: bytes) -> str:
    """Return the text of UTF-8, with or without its mark, or of GB18030. Raises `Invalid`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise invalid(BAD_ENCODING)


def _records(text: str) -> Iterator[tuple[int, list[str] | None]]:
    """Go through the records with the physical line that each begins on; None where it is no CSV.

    After a faulty record reading goes on with the next physical line: a stray quote costs one line.
    """
    physical = io.StringIO(text, newline="").readlines()
    start = 0
    while start < len(physical):
        reader = csv.reader(map(physical.__getitem__, range(start, len(physical))), strict=True)
        begins = start
        try:
            for row in reader:
                yield begins + 1, row
                begins = start + reader.line_num
        except csv.Error:
            yield begins + 1, None
            start = begins + 1
        else:
            return


def _cells(row: list[str], places: dict[str, int]) -> tuple[str, ...]:
    """Return the trimmed cells in the order of the form; nothing for a line that says nothing."""
    cells = tuple(_cell(row, places.get(column)) for column in COLUMNS)
    return cells if any(cells) else ()


def _cell(row: list[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def action_of(line: PaperCells) -> CareAction:
    """Return which care action a line speaks of. Raises Unreadable."""
    action = care_actions_by_paper_word().get(filled(line, TYPE))
    if action is None or action.from_paper is None:
        raise unreadable(knowing(UNKNOWN_TYPE, care_actions_by_paper_word()), TYPE)
    return action


def occurred_of(line: PaperCells) -> Occurred:
    """Return when it happened. Raises Unreadable."""
    day = read_day(filled(line, DAY), column=DAY)
    if not line[TIME]:
        return Occurred.on(day)
    return Occurred.moment(datetime.combine(day, read_time(line[TIME], column=TIME), SHANGHAI))


def written_on_of(line: PaperCells) -> date | None:
    """Return the day on which it was put on paper. Raises Unreadable."""
    return read_day(line[WRITTEN_ON], column=WRITTEN_ON) if line[WRITTEN_ON] else None


def minutes_of(line: PaperCells) -> int | None:
    """Return how long it took. Raises Unreadable."""
    return read_count(line[MINUTES], column=MINUTES)


def filled(line: PaperCells, column: str) -> str:
    """Return a cell that must not be empty. Raises Unreadable."""
    if not line[column]:
        raise unreadable(MISSING, column)
    return line[column]
