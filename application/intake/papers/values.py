"""Cells as clerks write them, put into the one form that the fields of entries are read in."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from application.intake.imports.reasons import BAD_DATE, BAD_NUMBER, BAD_TIME
from application.intake.papers.words import SheetWords, Words, normal
from application.intake.sheets.cell import Cell, Kind
from domain.days import PLAUSIBLE_YEARS
from domain.phone import is_phone, normal_phone
from domain.refusal import Reason

CELL_ERROR = Reason(
    code="cell_error",
    zh="单元格显示的是错误值（如 #N/A），不是内容；请改正后再导入",
    en="The cell shows an error such as #N/A. Correct it and import the file again.",
)
NO_RESULT = Reason(
    code="cell_without_result",
    zh="单元格是公式，文件中没有保存结果；请在 Excel 中打开并保存，或粘贴为数值",
    en="The cell is a formula without a stored result. Save the file in Excel, or paste the values.",
)
RUINED = Reason(
    code="digits_lost",
    zh="号码被当作数字保存，末几位已丢失（变成 0，或如 1.38E+10）；请把该列设为“文本”后重新填写",
    en="The number was stored as one to reckon with and lost its last digits (zeros now, or as in 1.38E+10). "
    "Format the column as text and enter it again.",
)
BECAME_A_DAY = Reason(
    code="became_a_day",
    zh="Excel 已把内容变成日期；请把该列设为“文本”后重新填写",
    en="Excel turned what was typed into a date. Format the column as text and enter it again.",
)
INEXACT_DAY = Reason(
    code="inexact_day",
    zh="只有年月或大概的时间，请写明哪一天",
    en="Only a month or about when. Give the day.",
)
NO_YEAR = Reason(
    code="no_year",
    zh="只有月日，看不出是哪一年；请写全年月日",
    en="There is a month and a day without a year. Give the whole date.",
)
DAY_OR_TENTH = Reason(
    code="day_or_tenth_day",
    zh="Excel 把这一天存成了数字，末尾的 0 已丢失（4.2 可能是 4 月 2 日，也可能是 4 月 20 日）；请写全年月日",
    en="The day was stored as a number, which drops a zero at the end: 4.2 may be 2 April or 20 April. "
    "Give the whole date.",
)
LUNAR_DAY = Reason(
    code="lunar_day",
    zh="是农历（阴历）日期；请换算成公历，写作 2015-04-25",
    en="This is a day of the lunar calendar. Convert it to the solar one and write 2015-04-25.",
)
LOST_CHARACTER = Reason(
    code="character_lost",
    zh="有文字已变成“?”，是保存时丢失的；请重新填写",
    en="A character became a question mark when the file was saved. Enter it again.",
)

_DAY = re.compile(r"(\d{4})\s*[-–—/\\.。年、,]\s*(\d{1,2})\s*[-–—/\\.。月、,]\s*(\d{1,2})\s*[日号.。]?")
_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})")
# Years of the Republic, of which the first was 1912, and years of two figures where no month can be meant.
_REPUBLIC, _FIRST_OF_REPUBLIC = re.compile(r"(?:中[华華])?民[国國]?\s*(\d{1,3}|元)(?=\s*[-/.年])"), 1912
_SHORT_YEAR = re.compile(r"'?([0-4]\d)(?=\s*年|\s*([-/.、])\s*\d{1,2}\s*[-/.、]\s*\d{1,2}(?!\d))")
_LUNAR = re.compile(
    r"[农阴旧夏]历|^农|[农阴][)]?$|[冬腊正]月|闰.?月|初[一二三四五六七八九十\d]|廿|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年"
)
_MONTH_DAY = re.compile(r"(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*[日号]?")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})\s*[日号]")
_MONTH = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?|(\d{4})(\d{2})|(\d{4})年?|.*[上中下]旬|.*月[初中底末尾]"
    r"|近[日期来]|.*(?:[春夏秋冬暑寒](?:[季天假]|学期)?|学期初?|节|假期?|期间|前后|开学初?|年[初中底末])"
)
_WEEKDAY = re.compile(r"[\s(]*(?:星期|周|礼拜)[一二三四五六日天][)\s]*")
_MIDNIGHT = re.compile(r"[T\s]+0{1,2}:00(?::00)?(?:\.0+)?$")
_BEHIND = re.compile(
    r"(.*?\d(?:[日号]|(?=[\sT])))[\sT]*((?:上午|下午|中午|晚上|晚|早上|早|AM|PM)?\s*\d{1,2}\s*[:.点时].*)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(上午|下午|中午|晚上|晚|早上|早|AM|PM)?\s*(\d{1,2})\s*(?:[:.点时]\s*(?:(\d{1,2})|(半)|整)?\s*分?(?::(\d{2}))?)\s*(AM|PM)?",
    re.IGNORECASE,
)
# As spreadsheets store it, and without a colon.
_FRACTION, _DIGITS = re.compile(r"0?\.\d{2,}"), re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_SPAN = re.compile(r"\s*(?:-|—|–|~|～|至|到)+\s*")
_LASTING = re.compile(
    r"(?:(\d+(?:\.\d+)?|半)\s*(?:个)?(?:小时|钟头|H))?\s*(?:(\d+(?:\.0+)?)\s*(?:分钟|分|MIN|MINUTES|')?)?",
    re.IGNORECASE,
)
_CLOCK_LASTING = re.compile(r"(\d{1,2}):([0-5]\d)(?::00)?")
_ABOUT = re.compile("^(?:大?约|近)|(?:左右|[多余](?=分|$))")
# Days as a spreadsheet counts them, in which a day of this century falls.
_SERIALS, _SERIAL_DIGITS = range(20_000, 73_000), 5
_EPOCH = date(1899, 12, 30)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d{2}")
# What of the day a day may be followed by, and numbers that are written out.
_PART = re.compile("(?:上午|下午|中午|晚上|早上|傍晚)$")
_MONTHS, _LEAP_YEAR = 12, 2024
_ONE_FIGURE = re.compile(r"\d{1,2}\.\d")
_FIGURES = "零一二三四五六七八九"
_WRITTEN = re.compile(
    "一百(?:[一二三四五六七八九]十[一二三四五六七八九]?|[零〇]?[一二三四五六七八九])?|[一二三四五六七八九]?十[一二三四五六七八九]?|[〇零一二三四五六七八九]+"
)
_LATE = ("下午", "晚上", "晚", "PM")


class NotUnderstood(Exception):
    """A cell says something that can't be understood; `reason` never says what."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands around a cell and helps to read it: the year and month of the sheet."""

    year: int | None = None
    month: int | None = None


def plain(text: str) -> str:
    """Return a text in its normal form (NFKC), without blanks at its ends."""
    return unicodedata.normalize("NFKC", text).strip()


def arabic(text: str) -> str:
    """Return a text in its normal form, with numbers that are written out, such as 二十五, in figures."""
    return _WRITTEN.sub(lambda found: str(_number(found[0])), plain(text))


def _number(written: str) -> str:
    if written.startswith("一百"):
        return str(100 + int(_number(written[2:].lstrip("零〇") or "零")))
    tens, mark, ones = written.partition("十")
    if not mark:
        return "".join(str(_FIGURES.index(each)) for each in written.replace("〇", "零"))
    return str((_FIGURES.index(tens) if tens else 1) * 10 + (_FIGURES.index(ones) if ones else 0))


def day(cell: Cell, around: Around = Around()) -> str:
    """Return the day that a cell says, in ISO 8601. Raises `NotUnderstood`."""
    return read_day(cell, around).isoformat()


def read_day(cell: Cell, around: Around = Around()) -> date:
    """Read a day in any of the usual ways. Raises `NotUnderstood`."""
    refuse_broken(cell)
    if cell.kind is Kind.TIME:
        raise NotUnderstood(BAD_DATE)
    said = _WEEKDAY.sub("", _MIDNIGHT.sub("", plain(cell.text)))
    if _LUNAR.search(said):
        raise NotUnderstood(LUNAR_DAY)
    text = _PART.sub("", _in_full(arabic(said))).strip()
    if len(text) == _SERIAL_DIGITS and text.isdigit() and int(text) in _SERIALS:
        return _EPOCH + timedelta(days=int(text))
    if cell.kind is Kind.MOMENT:
        text = text.partition(" ")[0]
    if found := _DAY.fullmatch(text) or _RUN.fullmatch(text):
        return _date(*map(int, found.groups()))
    if _MONTH.fullmatch(text):
        raise NotUnderstood(INEXACT_DAY)
    if found := _MONTH_DAY.fullmatch(_as_shown(text, cell)):
        if around.year is None:
            raise NotUnderstood(NO_YEAR)
        return _date(around.year, *map(int, found.groups()))
    if found := _DAY_OF_MONTH.fullmatch(text):
        if around.year is None or around.month is None:
            raise NotUnderstood(NO_YEAR)
        return _date(around.year, around.month, int(found[1]))
    raise NotUnderstood(BAD_DATE)


def _as_shown(text: str, cell: Cell) -> str:
    """Return the month and the day of a cell; as a number, 4.20 is stored as 4.2.

    Raises `NotUnderstood` where nobody can tell which of both was typed.
    """
    if cell.kind is not Kind.NUMBER or _ONE_FIGURE.fullmatch(text) is None:
        return text
    if cell.places > 1:
        return f"{text}0"
    month, _, day = text.partition(".")
    if _is_a_day(int(month), int(day) * 10):
        raise NotUnderstood(DAY_OR_TENTH)
    return text


def _is_a_day(month: int, day: int) -> bool:
    return 0 < month <= _MONTHS and 0 < day <= monthrange(_LEAP_YEAR, month)[1]


def _in_full(text: str) -> str:
    """Return a text with its year in the four figures of the common calendar."""
    if found := _REPUBLIC.match(text):
        passed = 1 if found[1] == "元" else int(found[1])
        return f"{_FIRST_OF_REPUBLIC - 1 + passed}{text[found.end() :]}"
    found = _SHORT_YEAR.match(text)
    # With a dash or a stroke the first may be a month, as far as there is one.
    if found is None or (found[2] in ("-", "/") and int(found[1]) <= _MONTHS):
        return text
    return f"20{found[1]}{text[found.end() :]}"


def is_part_of(day: str, text: str) -> bool:
    """Return whether a text says the month of a day, or the day without its year, and no other."""
    said = _in_full(arabic(text))
    if found := _MONTH.fullmatch(said):
        year, month = found[1] or found[3], found[2] or found[4]
        return bool(month) and day[:7] == f"{year}-{int(month):02}"
    found = _MONTH_DAY.fullmatch(said)
    return found is not None and day[5:] == f"{int(found[1]):02}-{int(found[2]):02}"


def _date(year: int, month: int, day_of_month: int) -> date:
    try:
        found = date(year, month, day_of_month)
    except ValueError:
        raise NotUnderstood(BAD_DATE) from None
    if found.year not in PLAUSIBLE_YEARS:
        raise NotUnderstood(BAD_DATE)
    return found


def clock(text: str) -> tuple[int, int, int]:
    """Read a time of day as hour, minute and second. Raises `NotUnderstood`."""
    found = _CLOCK.fullmatch(arabic(text))
    if found is None:
        raise NotUnderstood(BAD_TIME)
    part, hours, minutes, half, seconds, after = found.groups()
    hour, minute = int(hours), 30 if half else int(minutes or 0)
    late = (after or part or "").upper() in _LATE or (part == "中午" and hour < 3)
    if late and hour < 12:
        hour += 12
    if hour > 23 or minute > 59 or int(seconds or 0) > 59:
        raise NotUnderstood(BAD_TIME)
    return hour, minute, int(seconds or 0)


def times(cell: Cell) -> tuple[str, int | None]:
    """Read a time of day or a span of time, as its beginning and its minutes. Raises `NotUnderstood`."""
    refuse_broken(cell)
    if cell.kind is Kind.DAY:
        raise NotUnderstood(BAD_TIME)
    text = plain(cell.text)
    if cell.kind is Kind.MOMENT:
        text = text.partition(" ")[2]
    if found := _FRACTION.fullmatch(text):
        minutes_of_day = round(float(found[0]) * 1440)
        text = f"{minutes_of_day // 60}:{minutes_of_day % 60:02}"
    elif cell.kind is Kind.NUMBER and _ONE_FIGURE.fullmatch(text):
        if cell.places <= 1:
            # 16.30 and 16.3 are one number.
            raise NotUnderstood(BAD_TIME)
        text = f"{text}0"
    elif found := _DIGITS.fullmatch(text):
        text = f"{found[1]}:{found[2]}"
    begins, *ends = _SPAN.split(text)
    hour, minute, second = clock(begins)
    said = f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")
    if not ends:
        return said, None
    if len(ends) > 1:
        raise NotUnderstood(BAD_TIME)
    until_hour, until_minute, _ = clock(ends[0])
    lasted = (until_hour * 60 + until_minute) - (hour * 60 + minute)
    if lasted < 0:
        raise NotUnderstood(BAD_TIME)
    return said, lasted


def hour_behind(cell: Cell) -> tuple[str, int | None]:
    """Return the time of day behind a day in the same cell, or "", and the minutes of a span.

    Raises `NotUnderstood`.
    """
    if cell.kind is Kind.MOMENT:
        return times(cell)
    found = _BEHIND.fullmatch(arabic(_WEEKDAY.sub(" ", plain(cell.text))))
    if found is None or _MIDNIGHT.search(plain(cell.text)):
        return "", None
    return times(Cell(found[2]))


def before_hour(cell: Cell) -> str:
    """Return what stands before the time of day in a cell that has both."""
    found = _BEHIND.fullmatch(arabic(_WEEKDAY.sub(" ", plain(cell.text))))
    return cell.text if found is None else found[1].strip()


def minutes(cell: Cell) -> str:
    """Return how long something took, in minutes. Raises `NotUnderstood`."""
    refuse_broken(cell)
    text = plain(cell.text)
    if cell.kind is Kind.TIME:
        hour, minute, _ = clock(text)
        return str(hour * 60 + minute)
    if found := _CLOCK_LASTING.fullmatch(text):
        return str(int(found[1]) * 60 + int(found[2]))
    text = _ABOUT.sub("", text)
    if text.startswith("-") and text[1:].isdigit():
        return text
    found = _LASTING.fullmatch(text)
    if not text or found is None or cell.kind in (Kind.DAY, Kind.MOMENT):
        raise NotUnderstood(BAD_NUMBER)
    hours, rest = found.groups()
    lasted = (0.5 if hours == "半" else float(hours or 0)) * 60 + float(rest or 0)
    if lasted != int(lasted):
        raise NotUnderstood(BAD_NUMBER)
    return str(int(lasted))


def is_exact(text: str) -> bool:
    """Return whether a length of time is said as if it were exact."""
    return _ABOUT.search(plain(text)) is None


def count(cell: Cell) -> str:
    """Return a whole number as it is. Raises `NotUnderstood` for what is no number at all."""
    refuse_broken(cell)
    text = plain(cell.text).replace(",", "")
    return text.removesuffix(".0") if re.fullmatch(r"-?\d+(\.0)?", text) else text


def words_of(column: str, *, known: SheetWords, all_words: Words) -> Callable[[Cell], str]:
    """Return what reads a cell of a column that says words."""
    values = known.values.get(column, {})

    def read(cell: Cell) -> str:
        refuse_broken(cell)
        text = plain(cell.text)
        found = values.get(normal(text))
        if found is None and {"是", "否"} >= set(values.values()):
            found = "是" if all_words.says("yes", text) else "否" if all_words.says("no", text) else None
        return text if found is None else found

    return read


def text(cell: Cell) -> str:
    """Return a text as it stands. Raises `NotUnderstood` where it is none."""
    refuse_broken(cell)
    if cell.kind in (Kind.DAY, Kind.MOMENT, Kind.TIME):
        raise NotUnderstood(BECAME_A_DAY)
    return cell.text


def number(cell: Cell) -> str:
    """Return an identifier or a telephone number as it stands.

    Raises `NotUnderstood` where digits were lost.
    """
    refuse_broken(cell)
    if cell.kind in (Kind.DAY, Kind.MOMENT, Kind.TIME):
        raise NotUnderstood(BECAME_A_DAY)
    said = cell.text.strip().lstrip("'’‘`").strip()
    if _SCIENTIFIC.fullmatch(said):
        raise NotUnderstood(RUINED)
    return said


def phone(cell: Cell) -> str:
    """Return a telephone number in its normal form, or as it stands where it is none or says more.

    Raises `NotUnderstood` where digits were lost.
    """
    said = plain(number(cell))
    tidy = normal_phone(said)
    return tidy if is_phone(tidy) else said


def name(cell: Cell) -> str:
    """Return a name. Raises `NotUnderstood` where a character of it was lost."""
    said = text(cell)
    if "?" in said or "\ufffd" in said:
        raise NotUnderstood(LOST_CHARACTER)
    return said


def alone(read: Callable[[Cell], str]) -> Callable[[Cell, Around], str]:
    """Return what reads a cell whatever stands around it."""
    return lambda cell, _around: read(cell)


def refuse_broken(cell: Cell) -> None:
    """Raise `NotUnderstood` for a cell whose contents are not what somebody typed."""
    if (reason := _BROKEN.get(cell.kind)) is not None:
        raise NotUnderstood(reason)


_BROKEN: Mapping[Kind, Reason] = {Kind.ERROR: CELL_ERROR, Kind.FORMULA: NO_RESULT, Kind.RUINED: RUINED}
