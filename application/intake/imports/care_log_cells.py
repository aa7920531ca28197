"""The cells of one line of a care log, in the words of the log, and what they say when they are read."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType

from msgspec import Struct

from application.intake.imports.paper import knowing, read_count, unreadable
from application.intake.papers.words import normal
from domain.care_action import CareAction
from domain.catalogue import care_actions_beyond_paper, care_actions_by_paper_word, care_actions_by_type
from domain.days import SHANGHAI
from domain.event import Occurred
from domain.fields import fields_of
from domain.reasons import MISSING, UNKNOWN_TYPE
from domain.refusal import Reason

DAY, TIME, NUMBER, NAME, TYPE = "日期", "时间", "学籍号", "儿童姓名", "类型"
CARER, COUNTERPART, OUTCOME, MINUTES, CONTENT = "记录人", "对象", "结果", "时长(分钟)", "内容"
WRITTEN_ON, LINE_CODE, CASE = "登记日期", "行码", "个案编号"
COLUMNS = (DAY, TIME, NUMBER, NAME, TYPE, CARER, COUNTERPART, OUTCOME, MINUTES, CONTENT, WRITTEN_ON)
REQUIRED = (DAY, TYPE, CARER)
SAYS_TOO_LITTLE = Reason(
    code="line_says_too_little",
    zh="在一行关爱记录中写不全，请单独登记并删去本行；还须写明",
    en="A line says too little of it. Record it by itself, leave the line out here, and say further.",
)
_PLACE = {column: place for place, column in enumerate(COLUMNS)}


class PaperCells(Struct, frozen=True, kw_only=True, gc=False):
    """One line: its cells in the order of `COLUMNS`, in the words of the log, and as they were `written`.

    `line` is its number in the file. `faults` are the columns whose cells can't be understood,
    `remarks` what stands under headings that no field is for, with these headings. `grade` and `group` say
    which child of a name, `code` is that of a line of a visit sheet, `case_no` is of the child.
    `hidden` lines are not shown in the file.
    """

    line: int
    cells: tuple[str, ...]
    written: tuple[str, ...]
    faults: Mapping[str, Reason] = MappingProxyType({})
    remarks: tuple[tuple[str, str], ...] = ()
    grade: str = ""
    group: str = ""
    code: str = ""
    case_no: str = ""
    hidden: bool = False

    def __getitem__(self, column: str) -> str:
        """Return a cell. Raises `Unreadable` where it can't be understood."""
        if self.faults and (reason := self.faults.get(column)) is not None:
            raise unreadable(reason, column)
        return self.cells[_PLACE[column]]

    def as_written(self, column: str) -> str:
        """Return a cell as it is written."""
        return self.written[_PLACE[column]]

    @property
    def record(self) -> str:
        """What is recorded in words: the contents, with the remarks behind them."""
        content = self[CONTENT]
        if not self.remarks:
            return content
        said = [f"{heading}：{text}" for heading, text in self.remarks]
        return "\n".join(filter(None, (content, *said)))


class LinePlace(Struct, frozen=True, kw_only=True, gc=False):
    """Where a line stands: on which sheet, by name and number, and in which row of it."""

    sheet: str
    sheet_number: int
    row: int


class Places:
    """Where the lines of a file stand, by their numbers in it, as if its tables lay one below the other."""

    def __init__(self) -> None:
        self._above: list[int] = []
        self._sheets: list[tuple[str, int]] = []

    def add(self, sheet: str, sheet_number: int, *, above: int) -> None:
        """Take in a table, whose lines have higher numbers than those `above` it."""
        self._above.append(above)
        self._sheets.append((sheet, sheet_number))

    @property
    def many(self) -> bool:
        """Whether they stand on more sheets than one."""
        return len({number for _, number in self._sheets}) > 1

    def __getitem__(self, number: int) -> LinePlace:
        """Return where a line stands."""
        table = bisect_left(self._above, number) - 1
        sheet, sheet_number = self._sheets[table]
        return LinePlace(sheet=sheet, sheet_number=sheet_number, row=number - self._above[table])


def action_of(line: PaperCells) -> CareAction:
    """Return which care action a line speaks of. Raises Unreadable."""
    word = filled(line, TYPE)
    action = care_actions_by_paper_word().get(word)
    if (beyond := care_actions_beyond_paper().get(normal(word))) is not None:
        raise unreadable(_too_little(beyond), TYPE)
    if action is None or action.from_paper is None:
        raise unreadable(knowing(UNKNOWN_TYPE, _near(word)), TYPE)
    return action


def _near(word: str) -> Sequence[str]:
    """Return the words of types that stand within one, or it in them; else the first word of each type."""
    known = care_actions_by_paper_word()
    near = [each for each in known if each in word or word in each]
    return near or [action.paper[0] for action in care_actions_by_type().values() if action.paper]


def _too_little(action: CareAction) -> Reason:
    """Return why a line can't be an entry of this type: what of it stands in no column of the log."""
    needed = [each.spec.label for each in fields_of(action.details) if each.required]
    zh, en = "、".join(each.zh for each in needed), ", ".join(each.en for each in needed)
    return Reason(
        code=SAYS_TOO_LITTLE.code,
        zh=f"{action.label.zh}{SAYS_TOO_LITTLE.zh}：{zh}",
        en=f"{action.label.en}: {SAYS_TOO_LITTLE.en.rstrip('.')}: {en}.",
    )


def occurred_of(line: PaperCells) -> Occurred:
    """Return when it happened. Raises Unreadable."""
    day = date.fromisoformat(filled(line, DAY))
    if not (clock := line[TIME]):
        return Occurred.on(day)
    return Occurred.moment(datetime.combine(day, time.fromisoformat(clock), SHANGHAI))


def written_on_of(line: PaperCells) -> date | None:
    """Return the day on which it was put on paper. Raises Unreadable."""
    written_on = line[WRITTEN_ON]
    return date.fromisoformat(written_on) if written_on else None


def minutes_of(line: PaperCells) -> int | None:
    """Return how long it took. Raises Unreadable."""
    return read_count(line[MINUTES], column=MINUTES)


def filled(line: PaperCells, column: str) -> str:
    """Return a cell that must not be empty. Raises Unreadable."""
    said = line[column]
    if not said:
        raise unreadable(MISSING, column)
    return said
