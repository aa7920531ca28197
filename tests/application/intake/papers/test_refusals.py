"""The workbook of refused lines can be imported again by itself."""

import csv
import io

from application.intake.imports.care_log_form import read_care_log
from application.intake.imports.care_log_reader import KIND
from application.intake.imports.paper import RefusedLine
from application.intake.imports.reasons import BAD_DATE
from application.intake.papers.refusals import refused_book
from application.intake.papers.words import words
from application.intake.sheets.reading import read_sheets


def sheet(*rows: list[str]) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue().encode()


def test_refused_lines_keep_the_year_that_the_title_said() -> None:
    data = sheet(
        ["2026年3月走访记录"],
        ["日期", "姓名", "教师", "登记日期"],
        ["3月5日", "林小禾", "卢老师", "2026.4.1"],
        ["6日", "林小禾", "卢老师", "昨天"],
    )
    refused = [RefusedLine(line=line, reason=BAD_DATE) for line in (3, 4)]

    lines = read_care_log(refused_book(data, refused, kind=KIND, words=words())).readable

    assert [line.as_written("日期") for line in lines] == ["2026-03-05", "2026-03-06"]
    assert [line.as_written("登记日期") for line in lines] == ["2026.4.1", "昨天"]
    assert [line["类型"] for line in lines] == ["家访", "家访"]


def test_refused_rows_keep_the_day_of_the_list() -> None:
    data = sheet(
        ["留守儿童花名册"],
        ["登记日期：2026.1.10"],
        ["姓名", "性别", "出生日期", "年级", "班级"],
        ["林小禾", "?", "2015-04-25", "三年级", "1班"],
    )
    refused = [RefusedLine(line=4, reason=BAD_DATE)]

    (read,) = read_sheets(refused_book(data, refused, kind="roster", words=words()))

    assert (
        dict(zip(*([cell.text for cell in row] for row in read.rows), strict=True))["建档日期"]
        == "2026-01-10"
    )
