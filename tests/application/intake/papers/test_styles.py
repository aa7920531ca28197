"""Laws: what a sheet says is read back the same, whoever wrote it and in whichever of the known styles."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from msgspec.structs import replace

from application.intake.imports.care_log_cells import PaperCells
from application.intake.imports.care_log_entries import CarersNamed, entry_of
from application.intake.imports.care_log_form import read_care_log
from application.intake.imports.paper import Unreadable
from application.intake.imports.roster_form import read_roster, understood
from application.intake.papers import people
from application.intake.papers.words import words as known_words
from domain.event import NewEvent
from domain.phone import normal_phone
from domain.refusal import Refused
from tests.papers.writers import WRITERS

Row = dict[str, str]
WORDS = tomllib.loads((files("application.intake.papers") / "words.toml").read_text(encoding="utf-8"))
WORKBOOKS = ("xlsx", "openpyxl")
TEXTS = ("csv", "csv-bare", "csv-gb", "tab-gb", "semicolon")
EVENT_ID = UUID(int=1)
SURNAMES, GIVEN = "王李张刘陈杨黄吴", "小明芳丽强伟娜敏静磊洋艳勇军杰"
NAMES = st.builds(str.__add__, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2))
PLACES = st.sampled_from(["浙江省义乌市", "江苏省苏州市", "东岭村3组79号"])
PHONES = st.integers(13_000_000_000, 13_999_999_999).map(str)
FORM: dict[str, SearchStrategy[str]] = {
    "学籍号": st.integers(1, 10**9).map("T{}".format),
    "姓名": NAMES,
    "性别": st.sampled_from("男女"),
    "民族": st.sampled_from(["", "汉族", "苗族"]),
    "出生日期": st.dates(date(2012, 1, 1), date(2019, 12, 31)).map(date.isoformat),
    "年级": st.sampled_from(["3年级", "4年级"]),
    "班级": st.sampled_from(["1班", "2班"]),
    "是否寄宿": st.sampled_from(["", "是", "否"]),
    "现居住地址": st.just("") | PLACES,
    "父亲姓名": st.just("") | NAMES,
    "父亲是否外出务工": st.sampled_from(["", "是", "否"]),
    "父亲务工地": st.just("") | PLACES,
    "父亲电话": st.just("") | PHONES,
    "监护人姓名": st.just("") | NAMES,
    "与儿童关系": st.sampled_from(["", "祖母", "外祖父"]),
    "监护人电话": st.just("") | PHONES,
    "建档日期": st.dates(date(2025, 1, 1), date(2026, 6, 30)).map(date.isoformat),
    "结对帮扶人": st.just("") | NAMES,
    "结对类型": st.sampled_from(["", "爱心辅导员", "村干部"]),
    "结对日期": st.just("") | st.dates(date(2025, 1, 1), date(2026, 6, 30)).map(date.isoformat),
}
LOG: dict[str, SearchStrategy[str]] = {
    "日期": st.dates(date(2025, 1, 1), date(2026, 6, 30)).map(date.isoformat),
    "时间": st.just("") | st.times().map("{:%H:%M}".format),
    "学籍号": FORM["学籍号"],
    "儿童姓名": st.just("") | NAMES,
    "类型": st.sampled_from(["家访", "电话", "谈心", "视频"]),
    "记录人": st.lists(NAMES, min_size=1, max_size=2, unique=True).map("、".join),
    "对象": st.sampled_from(["", "儿童", "父亲", "母亲", "监护人"]),
    "结果": st.sampled_from(["", "见到", "接通", "未接通", "无人在家"]),
    "时长(分钟)": st.just("") | st.integers(1, 180).map(str),
    "内容": st.sampled_from(["", "了解学习和生活情况", "作业已完成，情绪稳定；每周通话两次"]),
    "登记日期": st.just("") | st.dates(date(2026, 7, 1), date(2026, 7, 31)).map(date.isoformat),
}
# How clerks write a day, a time, a telephone number; `d:` and `n:` are real dates and numbers of a workbook.
DAYS = (
    "{0:%Y-%m-%d}",
    "{0.year}-{0.month}-{0.day}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%Y%m%d}",
    "d:{0:%Y-%m-%d}",
)
TIMES = ("{0}:{1}", "{0}：{1}", "{0}点{1}分", "{0}时{1}分")
NUMBERS = ("{0}{1}{2}", "{0}-{1}-{2}", "{0} {1} {2}", "n:{0}{1}{2}")
DAY_COLUMNS = {"出生日期", "建档日期", "结对日期", "日期", "登记日期"}


PHONE_COLUMNS = {"父亲电话", "监护人电话"}
# Whose other words say no more than the word of the form.
WORD_COLUMNS = {"性别", "是否寄宿", "父亲是否外出务工", "结对类型", "类型", "结果"}
TITLES: tuple[list[list[str]], ...] = ([], [["儿童情况登记表"]], [["某镇某小学"], [""]])


@given(st.data())
def test_a_list_of_children_in_any_style_says_the_same(data: st.DataObject) -> None:
    rows, table, how = data.draw(styled(FORM, "roster"))

    plain = children(WRITERS["csv-bare"](_table(list(FORM), _plain(rows, FORM))))

    assert children(WRITERS[how](table)) == plain
    assert [name for name, *_ in plain] == [row["姓名"] for row in rows]


@given(st.data())
def test_a_record_of_care_in_any_style_says_the_same(data: st.DataObject) -> None:
    rows, table, how = data.draw(styled(LOG, "care_log"))

    plain = entries(WRITERS["csv-bare"](_table(list(LOG), _plain(rows, LOG))))

    assert entries(WRITERS[how](table)) == plain
    assert len(plain) == len(rows)


@st.composite
def styled(draw: DrawFn, columns: Mapping[str, SearchStrategy[str]], kind: str) -> tuple[list[Row], str, str]:
    """Draw rows, the table that a clerk makes of them, and the kind of file that it is written into."""
    rows = draw(st.lists(st.fixed_dictionaries(dict(columns)), min_size=1, max_size=4))
    how = draw(st.sampled_from((*WORKBOOKS, *TEXTS)))
    order = draw(st.permutations(list(columns)))
    headings = [draw(st.sampled_from(_headings(kind, column))) for column in order]
    styles = {column: draw(_style(column)) for column in order}
    cells = [
        [
            _written(draw, row[column], styles[column], words=_words(kind, column, row[column]))
            for column in order
        ]
        for row in rows
    ]
    if how in WORKBOOKS and draw(st.booleans()):
        _merge_down(cells, rows, order)
    if draw(st.booleans()):
        headings = ["序号", *headings]
        cells = [[str(number), *row] for number, row in enumerate(cells, start=1)]
    above = draw(st.sampled_from(TITLES))
    below = [["合计", f"{len(rows)}人"]] if draw(st.booleans()) else []
    return rows, _table(headings, cells, above=above, below=below), how


def _headings(kind: str, column: str) -> list[str]:
    """Return the headings that say a column and nothing of its cells: 帮扶教师 is a kind of carer too."""
    said = known_words().sheets[kind]
    return [word for word in (column, *WORDS[kind]["columns"][column]) if not said.value("结对类型", word)]


def _style(column: str) -> SearchStrategy[str]:
    if column in DAY_COLUMNS:
        return st.sampled_from(DAYS)
    return st.sampled_from(TIMES if column == "时间" else NUMBERS if column in PHONE_COLUMNS else ("{0}",))


def _words(kind: str, column: str, value: str) -> Sequence[str]:
    """Return the words that mean the same as a value of a column."""
    known = WORDS[kind]["words"].get(column, {}) if column in WORD_COLUMNS else {}
    return (value, *known.get(value, ()))


def _written(draw: DrawFn, value: str, style: str, *, words: Sequence[str]) -> str:
    if not value or style == "{0}":
        return draw(st.sampled_from(words))
    if style in DAYS:
        return style.format(date.fromisoformat(value))
    if style in TIMES:
        return style.format(*value.split(":"))
    return style.format(value[:3], value[3:7], value[7:])


def _merge_down(cells: list[list[str]], rows: Sequence[Row], order: Sequence[str]) -> None:
    """Merge the cells of a grade, and of a class, with those above that say the same."""
    for columns in (("年级",), ("年级", "班级")):
        if not {*columns} <= {*order}:
            continue
        for number in range(1, len(rows)):
            if all(rows[number][column] == rows[number - 1][column] for column in columns):
                cells[number][order.index(columns[-1])] = "^"


def _plain(rows: Sequence[Row], columns: Mapping[str, object]) -> list[list[str]]:
    return [[row[column] for column in columns] for row in rows]


def _table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    above: Sequence[Sequence[str]] = (),
    below: Sequence[Sequence[str]] = (),
) -> str:
    return "\n".join("|".join(row) for row in (*above, headings, *rows, *below))


def children(data: bytes) -> list[tuple[Any, ...]]:
    """Return what the rows of a list say: name, class and entries, or why not."""
    found: list[tuple[Any, ...]] = []
    for row in read_roster(data).rows:
        try:
            child = understood(row)
        except Unreadable as refused:
            found.append((row["姓名"], refused.reason))
            continue
        said = [
            (each.section.action.type, {name: _value(name, of) for name, of in each.values.items()}, each.day)
            for each in child.entries
        ]
        found.append(
            (row["姓名"], child.unit, said, [(part.columns, part.reason) for part in child.not_read])
        )
    return found


def _value(name: str, value: object) -> object:
    return normal_phone(value) if name == "phone" and isinstance(value, str) else value


def entries(data: bytes) -> list[NewEvent | tuple[str, ...]]:
    """Return what the lines of a log say, or why not."""
    return [_entry(line) for line in read_care_log(data).readable]


def _entry(line: PaperCells) -> NewEvent | tuple[str, ...]:
    try:
        entry = entry_of(line, carers=_carers, event_id=EVENT_ID)
    except Unreadable as refused:
        return tuple(reason.code for reason in refused.reasons)
    except Refused as refused:
        return tuple(fault.reason.code for fault in refused.faults)
    return replace(entry, line=None)


def _carers(text: str) -> CarersNamed:
    return CarersNamed(known=tuple(uuid5(NAMESPACE_OID, name) for name in people.people(text)))
