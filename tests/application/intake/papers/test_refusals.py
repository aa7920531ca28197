"""The workbook of refused lines can be imported again by itself."""

import csv
import io

from application.intake.imports.care_log_form import KIND, read_care_log
from application.intake.imports.paper import RefusedLine
from application.intake.imports.reasons import BAD_DATE
from application.intake.papers.refusals import refused_book
from application.intake.papers.words import words


def test_refused_lines_keep_the_year_that_the_title_said() -> None:
    held = io.StringIO()
    csv.writer(held).writerows(
        [
            ["2026年3月走访记录"],
            ["日期", "姓名", "类型", "教师", "登记日期"],
            ["3月5日", "林小禾", "家访", "卢老师", "2026.4.1"],
            ["6日", "林小禾", "家访", "卢老师", "昨天"],
        ]
    )
    refused = [RefusedLine(line=line, reason=BAD_DATE) for line in (3, 4)]

    book = refused_book(held.getvalue().encode(), refused, kind=KIND, words=words())

    lines = read_care_log(book).readable
    assert [line.as_written("日期") for line in lines] == ["2026-03-05", "2026-03-06"]
    assert [line.as_written("登记日期") for line in lines] == ["2026.4.1", "昨天"]
