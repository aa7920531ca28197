"""Cells are read as clerks write them; what can't be understood is asked about, never guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.intake.papers import values
from application.intake.papers.units import same_unit, unit_of
from application.intake.papers.values import Around, NotUnderstood
from application.intake.sheets.cell import Cell, Kind

DAYS = st.dates(date(1990, 1, 1), date(2035, 12, 31))
STYLES = (
    "{0:04}-{1:02}-{2:02}",
    "{0}/{1}/{2}",
    "{0}.{1}.{2}",
    "{0}年{1}月{2}日",
    "{0}年{1:02}月{2:02}号",
    "{0:04}{1:02}{2:02}",
    "{0}、{1}、{2}",
    "{0}-{1}-{2} 0:00",
    "{0}/{1:02}/{2:02} 00:00:00",
    "{0}年{1}月{2}日 星期三",
    "{0}年{1}月{2}日(周三)",
)


@given(day=DAYS, style=st.sampled_from(STYLES), wide=st.booleans())
def test_a_day_is_read_in_every_style(day: date, style: str, *, wide: bool) -> None:
    text = style.format(day.year, day.month, day.day)
    if wide:
        text = text.translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})

    assert values.day(Cell(text)) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "民国104年3月5日",
        "民國104.3.5",
        "中華民國一百零四年三月五日",
        "15.3.5",
        "15-3-5",
        "15年3月5日",
        "2015。3。5",
        "2015—3—5",
        "2015. 3. 5",
        "二〇一五年三月五日",
    ],
)
def test_a_year_is_read_as_it_is_counted(text: str) -> None:
    assert values.day(Cell(text)) == "2015-03-05"


@given(day=DAYS)
def test_a_day_may_be_the_number_that_a_spreadsheet_has_for_it(day: date) -> None:
    serial = str((day - date(1899, 12, 30)) // timedelta(days=1))

    assert values.day(Cell(serial, Kind.NUMBER)) == day.isoformat()


@given(day=DAYS)
def test_what_the_sheet_says_completes_a_day(day: date) -> None:
    around = Around(year=day.year, month=day.month)

    assert values.day(Cell(f"{day.month}月{day.day}日"), around) == day.isoformat()
    assert values.day(Cell(f"{day.month}.{day.day}"), around) == day.isoformat()
    assert values.day(Cell(f"{day.day}日"), around) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-13-01", "bad_date"),
        ("2026-02-30", "bad_date"),
        ("5-3-26", "bad_date"),
        ("3/5/26", "bad_date"),
        ("99.3.5", "bad_date"),
        ("12.13", "no_year"),
        ("农历八月十五", "lunar_day"),
        ("2015年三月初八", "lunar_day"),
        ("2015.3.5（阴历）", "lunar_day"),
        ("腊月廿三", "lunar_day"),
        ("2026年春季", "inexact_day"),
        ("暑假期间", "inexact_day"),
        ("开学初", "inexact_day"),
        ("国庆节", "inexact_day"),
        ("3/5/2026", "bad_date"),
        ("昨天", "bad_date"),
        ("2026年3月", "inexact_day"),
        ("2026-03", "inexact_day"),
        ("202603", "inexact_day"),
        ("9月中上旬", "inexact_day"),
        ("10月尾", "inexact_day"),
        ("近日", "inexact_day"),
        ("3月5日", "no_year"),
        ("5日", "no_year"),
    ],
)
def test_a_day_that_is_not_said_is_asked_for(text: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as asked:
        values.day(Cell(text))

    assert asked.value.reason.code == code


AROUND = Around(year=2026)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (Cell("4.2"), "2026-04-02"),
        (Cell("4.20"), "2026-04-20"),
        (Cell("4.2", Kind.NUMBER, 2), "2026-04-20"),
        (Cell("4.25", Kind.NUMBER, 2), "2026-04-25"),
        (Cell("4.4", Kind.NUMBER), "2026-04-04"),
        (Cell("2.3", Kind.NUMBER), "2026-02-03"),
        (Cell("4.25", Kind.NUMBER), "2026-04-25"),
    ],
)
def test_a_day_that_is_a_number_is_the_one_that_its_format_shows(cell: Cell, day: str) -> None:
    assert values.day(cell, AROUND) == day


@pytest.mark.parametrize("text", ["4.1", "4.2", "12.3", "2.2"])
@pytest.mark.parametrize("places", [0, 1])
def test_a_number_that_may_have_lost_the_zero_of_its_day_is_asked_for(text: str, places: int) -> None:
    with pytest.raises(NotUnderstood) as asked:
        values.day(Cell(text, Kind.NUMBER, places), AROUND)

    assert asked.value.reason.code == "day_or_tenth_day"


def test_an_hour_that_is_a_number_is_the_one_that_its_format_shows() -> None:
    assert values.times(Cell("16.3", Kind.NUMBER, 2)) == ("16:30", None)
    with pytest.raises(NotUnderstood):
        values.times(Cell("16.3", Kind.NUMBER))


@pytest.mark.parametrize(
    ("text", "time", "minutes"),
    [
        ("16:15", "16:15", None),
        ("16：15", "16:15", None),
        ("１６:１５", "16:15", None),
        ("16:15:30", "16:15:30", None),
        ("16点15分", "16:15", None),
        ("16时", "16:00", None),
        ("8点半", "08:30", None),
        ("下午4点", "16:00", None),
        ("晚上7:30", "19:30", None),
        ("中午12点", "12:00", None),
        ("上午 9:05", "09:05", None),
        ("4:15 PM", "16:15", None),
        ("16.15", "16:15", None),
        ("1615", "16:15", None),
        ("0.677083333", "16:15", None),
        ("16:15-17:00", "16:15", 45),
        ("16:15—17:00", "16:15", 45),
        ("16点至16点40分", "16:00", 40),
    ],
)
def test_a_time_is_read_in_every_style(text: str, time: str, minutes: int | None) -> None:
    assert values.times(Cell(text)) == (time, minutes)


@pytest.mark.parametrize("text", ["25:00", "16:60", "傍晚", "16:15-15:00", "1-2-3", "", "2026-03-05"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        values.times(Cell(text))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("40", "40"),
        ("４０", "40"),
        ("40分钟", "40"),
        ("40.0", "40"),
        ("40 min", "40"),
        ("半小时", "30"),
        ("1小时", "60"),
        ("1.5小时", "90"),
        ("1小时20分", "80"),
        ("0:40", "40"),
        ("1:05:00", "65"),
        ("约30", "30"),
        ("30分钟左右", "30"),
        ("0", "0"),
    ],
)
def test_a_length_of_time_is_read_in_every_style(text: str, minutes: str) -> None:
    assert values.minutes(Cell(text)) == minutes


@pytest.mark.parametrize("text", ["好一会儿", "40.5", "一节课", "半天"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        values.minutes(Cell(text))


@pytest.mark.parametrize("text", ["约30", "30左右", "近30分钟", "30多分钟"])
def test_a_length_that_is_said_about_is_not_exact(text: str) -> None:
    assert not values.is_exact(text)
    assert values.is_exact("30分钟")


@pytest.mark.parametrize(
    ("text", "day", "hour", "minutes"),
    [
        ("2026-03-05 16:15", "2026-03-05", "16:15", None),
        ("2026年3月5日下午4点", "2026-03-05", "16:00", None),
        ("2026.3.5 16:15-17:00", "2026-03-05", "16:15", 45),
        ("2026年3月5日 星期四 16:15", "2026-03-05", "16:15", None),
        ("2026-03-05", "2026-03-05", "", None),
        ("2026.3.5", "2026.3.5", "", None),
        ("2026年3月5日", "2026年3月5日", "", None),
    ],
)
def test_a_day_and_its_hour_may_share_a_cell(text: str, day: str, hour: str, minutes: int | None) -> None:
    assert values.hour_behind(Cell(text)) == (hour, minutes)
    assert values.day(Cell(values.before_hour(Cell(text)))) == values.day(Cell(day))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Cell("#N/A", Kind.ERROR), "cell_error"),
        (Cell("", Kind.FORMULA), "cell_without_result"),
        (Cell("330199201501100000", Kind.RUINED), "digits_lost"),
        (Cell("2026-03-02", Kind.DAY), "became_a_day"),
        (Cell("2.02633E+18"), "digits_lost"),
    ],
)
def test_a_number_that_is_none_is_refused_with_what_to_do(cell: Cell, code: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        values.number(cell)

    assert refused.value.reason.code == code


def test_a_name_that_lost_a_character_is_refused() -> None:
    with pytest.raises(NotUnderstood):
        values.name(Cell("?小川"))
    assert values.name(Cell("欧阳小川")) == "欧阳小川"
    assert values.number(Cell("'T1")) == "T1"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("三年级1班", (3, 1)),
        ("三(1)班", (3, 1)),
        ("三（1）班", (3, 1)),
        ("301班", (3, 1)),
        ("三1班", (3, 1)),
        ("十二班", (None, 12)),
        ("3-1", (3, 1)),
        ("六.5", (6, 5)),
        ("六年五班", (6, 5)),
        ("三年级十二班", (3, 12)),
        ("初一(3)班", (7, 3)),
        ("七年级3班", (7, 3)),
        ("高二", (11, None)),
        ("1班", (None, 1)),
        ("三年级", (3, None)),
        ("", None),
        ("2026届", None),
    ],
)
def test_a_class_is_read_in_every_style(text: str, unit: tuple[int | None, int | None] | None) -> None:
    assert unit_of(text) == unit


def test_a_class_is_the_unit_that_it_may_be() -> None:
    assert same_unit("三(1)班", "三年级/1班")
    assert same_unit("1班", "三年级/1班")
    assert not same_unit("三(2)班", "三年级/1班")
    assert same_unit("向日葵班", "大班/向日葵班") is False
    assert same_unit("大班向日葵班", "大班/向日葵班")
