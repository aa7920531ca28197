"""The filters that several reports take."""

from datetime import date

from domain.choices import Line
from domain.left_behind import LeftBehindClass, definitions
from domain.refusal import Text
from reports.report import Asked, Filter, Kind

_PATH = Text(zh="机构", en="Organisation")
ORG = Filter(
    name="org",
    kind=Kind.ORG,
    title=_PATH,
    text=Text(zh="机构路径，默认全部", en="organisation path; all if left out"),
)
ONE_ORG = Filter(
    name="org",
    kind=Kind.ORG,
    title=_PATH,
    text=Text(zh="机构路径“县/镇/学校”", en="COUNTY/TOWNSHIP/SCHOOL"),
    required=True,
)
ON = Filter(
    name="on",
    kind=Kind.DAY,
    title=Text(zh="截至", en="At the end of"),
    text=Text(zh="截至该日，默认今天", en="day, else today"),
    metavar="DATE",
)
AS_OF = Filter(
    name="as_of",
    kind=Kind.DAY,
    title=Text(zh="事实截至", en="True of"),
    text=Text(zh="该日的事实", en="what is true of that day"),
    metavar="DATE",
)
AS_KNOWN_AT = Filter(
    name="as_known_at",
    kind=Kind.DAY_OR_MOMENT,
    title=Text(zh="当时所知", en="As known on"),
    text=Text(zh="当时已知的情况", en="as it was known then"),
    metavar="DATE|MOMENT",
)
DEFINITION = Filter(
    name="definition",
    kind=Kind.WORD,
    title=Text(zh="留守口径", en="Definition of left behind"),
    text=Text(zh="留守口径，默认 school_broad@1", en="definition of being left behind; else school_broad@1"),
    words={each.id: Text(zh=each.zh, en=each.en) for each in definitions().values()},
)
LINE = Filter(
    name="line",
    kind=Kind.WORD,
    title=Text(zh="条线", en="Line"),
    text=Text(zh="按学校或村居统计，默认学校", en="counted by school or by village; else by school"),
    words={each.value: Text(zh=each.zh, en=each.en) for each in Line},
)
LEFT_BEHIND = Filter(
    name="left_behind",
    kind=Kind.WORD,
    title=Text(zh="留守类别", en="Left behind"),
    text=Text(zh="只列该口径下的此类儿童", en="only children who count as this under the definition"),
    words={each.value: Text(zh=each.zh, en=each.en) for each in LeftBehindClass},
)
PERIOD = Filter(
    name="period",
    kind=Kind.WORD,
    title=Text(zh="周期", en="Period"),
    text=Text(zh="周期，如 2026-05、2026-W10、2026-spring，默认当前", en="period; else the present one"),
)
FROM = Filter(
    name="from",
    kind=Kind.DAY,
    title=Text(zh="发生于（起）", en="Happened from"),
    text=Text(zh="该日或之后发生的", en="what happened on this day or later"),
    metavar="DATE",
)
TO = Filter(
    name="to",
    kind=Kind.DAY,
    title=Text(zh="发生于（止）", en="Happened until"),
    text=Text(zh="该日或之前发生的", en="what happened on this day or earlier"),
    metavar="DATE",
)
DUE = Filter(
    name="due",
    kind=Kind.FLAG,
    title=Text(zh="仅须重新发卡", en="Only those due"),
    text=Text(zh="仅须重新发放的", en="only those that must be given out again"),
)


def between(asked: Asked, day: date) -> bool:
    """Return whether a day lies between FROM and TO, as far as they were asked for."""
    return (asked.day("from") or date.min) <= day <= (asked.day("to") or date.max)
