"""Visit sheets as a workbook to print, to fill in by hand and to type in."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from application.intake.imports.care_log_reader import KIND
from application.intake.imports.visit_lines import VisitLine, VisitSheet, VisitWeek
from application.intake.papers.dropdowns import WORDS, Dropdowns
from application.intake.papers.own_sheets import OF_VISITS
from application.intake.papers.templates import EXAMPLE, EXPLANATION
from application.intake.papers.words import words

# Each column with its width; the first four are printed.
COLUMNS: Mapping[str, float] = {
    "行码": 10,
    "班级": 9,
    "儿童姓名": 9,
    "记录人": 9,
    "日期": 11,
    "时间": 7,
    "类型": 8,
    "对象": 9,
    "结果": 9,
    "时长(分钟)": 7,
    "内容": 30,
    "备注": 14,
    "家长签名": 10,
}
_HOW_TO = (
    *OF_VISITS,
    "一行写一次走访、通话或谈心；同一名儿童有第二次的，在空行中照抄行码。没有做的留空，导入时不计。",
    "日期写在本周内；类型、对象、结果从下拉列表中选，或照列表中的词写。",
    "行码指明儿童（按帮扶人打印的，也指明记录人），末位是校验码。录入时可以只抄行码，不必填学籍号和姓名。",
    "下一周请重新打印：行码只用于本周本校的登记表。",
    "纸上有儿童姓名：用毕按学校的规定保存或销毁，不要张贴。",
)
_EXAMPLE = {
    "行码": "7K2M-Q9X",
    "班级": "三年级1班",
    "儿童姓名": "林小禾",
    "记录人": "卢老师",
    "时间": "16:15",
    "类型": "家访",
    "对象": "监护人",
    "结果": "见到",
    "时长(分钟)": "40",
    "内容": "了解学习情况",
}
# Lines for second visits below those of the children.
_SPARE = 5
_A4, _LINE_HEIGHT, _LONGEST_NAME = 9, 28, 31
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


def visit_book(week: VisitWeek) -> bytes:
    """Return the sheets of a week as a workbook, with a sheet that explains them and an example."""
    # Not at the top: whoever prints nothing need not load it.
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(out, options) as book:
        line = {"border": 1, "text_wrap": True, "valign": "vcenter", "num_format": "@"}
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({**line, "bold": True, "align": "center", "bg_color": "#EDEDED"}),
            "printed": book.add_format({**line, "bg_color": "#F7F7F7"}),
            "line": book.add_format(line),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        names, lists = {WORDS}, Dropdowns()
        for each in week.sheets:
            _write_sheet(book.add_worksheet(_name(each.title, names)), each, week, formats, lists)
        _write_explanation(book.add_worksheet(EXPLANATION), formats)
        _write_example(book.add_worksheet(EXAMPLE), week, formats)
        lists.write(book)
    return out.getvalue()


def _name(title: str, taken: set[str]) -> str:
    """Return a name that a sheet may have, and no other one has."""
    plain = _NOT_IN_A_NAME.sub(" ", title).strip() or "登记表"
    found = plain[:_LONGEST_NAME]
    number = 1
    while found.casefold() in taken:
        number += 1
        end = f" {number}"
        found = plain[: _LONGEST_NAME - len(end)] + end
    taken.add(found.casefold())
    return found


def _write_sheet(
    sheet: Any, of: VisitSheet, week: VisitWeek, formats: Mapping[str, Any], lists: Dropdowns
) -> None:
    first, last = week.days[0], week.days[-1]
    school = week.school.rpartition("/")[2]
    days = f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"
    sheet.write_string(0, 0, f"{school} {of.title} 关爱登记表 {days}", formats["title"])
    for column, heading in enumerate(COLUMNS):
        sheet.set_column(column, column, COLUMNS[heading])
        sheet.write_string(1, column, heading, formats["head"])
    for row, line in enumerate([*of.lines, *[None] * _SPARE], start=2):
        _write_line(sheet, row, line, formats)
    _offer(sheet, week, lists, rows=len(of.lines) + _SPARE)
    sheet.freeze_panes(2, 3)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(0, 1)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L含儿童姓名，请妥善保管&R第 &P 页，共 &N 页")


def _write_line(sheet: Any, row: int, line: VisitLine | None, formats: Mapping[str, Any]) -> None:
    sheet.set_row(row, _LINE_HEIGHT)
    printed = () if line is None else (line.code, line.unit, line.name, line.carer)
    for column in range(len(COLUMNS)):
        text = printed[column] if column < len(printed) else ""
        sheet.write_string(row, column, text, formats["printed" if text else "line"])


def _offer(sheet: Any, week: VisitWeek, lists: Dropdowns, *, rows: int) -> None:
    """Offer the words of the columns and the days of the week to whoever types a sheet in."""
    known = words().sheets[KIND]
    for column, heading in enumerate(COLUMNS):
        choices: Sequence[str] = known.known(heading)
        if heading == "日期":
            choices = [day.isoformat() for day in week.days]
        if choices:
            offered = {"validate": "list", "source": lists.source(choices), "error_type": "warning"}
            sheet.data_validation(2, column, rows + 1, column, offered)


def _write_explanation(sheet: Any, formats: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 100)
    for row, text in enumerate(_HOW_TO):
        sheet.write_string(row, 0, text, formats["text"])


def _write_example(sheet: Any, week: VisitWeek, formats: Mapping[str, Any]) -> None:
    example = {**_EXAMPLE, "日期": week.days[0].isoformat()}
    for column, heading in enumerate(COLUMNS):
        sheet.set_column(column, column, COLUMNS[heading])
        sheet.write_string(0, column, heading, formats["head"])
        sheet.write_string(1, column, example.get(heading, ""), formats["line"])
