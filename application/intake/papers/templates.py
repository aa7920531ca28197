"""Workbooks to fill in: the columns of a paper with what may stand in them, an explanation and an example."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from application.intake.imports import care_log_cells, care_log_reader, roster_cells
from application.intake.papers.dropdowns import Dropdowns
from application.intake.papers.own_sheets import OF_TEMPLATE
from application.intake.papers.words import SheetWords, words

# The sheet that is filled in has the name of its kind; the others are never imported, by their names.
EXPLANATION, EXAMPLE = "填表说明", "示例"
_ROWS = 2_000
_WIDTH = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a workbook to fill in holds. `days` are the columns of days; `example` is a line that says how."""

    title: str
    kind: str
    columns: Sequence[str]
    required: Sequence[str]
    days: Sequence[str]
    example: Mapping[str, str]


_WHO = ("学籍号", "姓名", "性别", "出生日期", "身份证号", "民族", "户口性质", "年级", "班级")
_ROSTER_DAYS = ("出生日期", "建档日期", "结对日期")
TEMPLATES: Mapping[str, Template] = {
    "roster": Template(
        title="花名册",
        kind=roster_cells.KIND,
        columns=(*_WHO, *(c for c in roster_cells.COLUMNS if c not in (*_WHO, "备注")), "备注"),
        required=roster_cells.ENROLMENT.required,
        days=_ROSTER_DAYS,
        example={
            "学籍号": "T202600901",
            "姓名": "林小禾",
            "性别": "女",
            "出生日期": "2016-05-20",
            "年级": "三年级",
            "班级": "1班",
            "是否寄宿": "否",
            "现居住地址": "柳树村三组",
            "建档日期": "2026-03-01",
            "父亲是否外出务工": "是",
            "父亲姓名": "林大山",
            "父亲务工地": "浙江省义乌市",
            "监护人姓名": "任大娘",
            "与儿童关系": "祖母",
            "结对帮扶人": "卢老师",
            "结对类型": "爱心辅导员",
            "结对日期": "2026-03-02",
        },
    ),
    "care-log": Template(
        title="关爱记录",
        kind=care_log_reader.KIND,
        columns=(*care_log_cells.COLUMNS, "年级", "班级", "备注"),
        required=(*care_log_cells.REQUIRED, "儿童姓名"),
        days=("日期", "登记日期"),
        example={
            "日期": "2026-03-05",
            "时间": "16:15",
            "学籍号": "T202600901",
            "儿童姓名": "林小禾",
            "类型": "家访",
            "记录人": "卢老师",
            "对象": "监护人",
            "结果": "见到",
            "时长(分钟)": "40",
            "内容": "了解学习和生活情况",
            "登记日期": "2026-03-06",
        },
    ),
}


def template_book(name: str) -> bytes:
    """Return a workbook to fill in, by its name in `TEMPLATES`."""
    import xlsxwriter

    template, known = TEMPLATES[name], words().sheets[TEMPLATES[name].kind]
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(out, options) as book:
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "must": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#FFF2CC"}
            ),
            "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        lists = Dropdowns()
        _write_blank(book.add_worksheet(template.title), template, known, formats, lists)
        _write_explanation(book.add_worksheet(EXPLANATION), template, known, formats)
        _write_example(book.add_worksheet(EXAMPLE), template, formats)
        lists.write(book)
    return out.getvalue()


def _write_blank(
    sheet: Any, template: Template, known: SheetWords, formats: Mapping[str, Any], lists: Dropdowns
) -> None:
    sheet.write_string(0, 0, template.title, formats["title"])
    _write_header(sheet, template, formats, row=1)
    sheet.freeze_panes(2, 2)
    for column, name in enumerate(template.columns):
        sheet.set_column(column, column, _WIDTH, formats["day" if name in template.days else "text"])
        choices = known.known(name)
        if choices:
            sheet.data_validation(
                2,
                column,
                _ROWS,
                column,
                {
                    "validate": "list",
                    "source": lists.source(choices),
                    "error_type": "warning",
                    "input_title": name,
                },
            )


def _write_header(sheet: Any, template: Template, formats: Mapping[str, Any], *, row: int) -> None:
    for column, name in enumerate(template.columns):
        sheet.write_string(row, column, name, formats["must" if name in template.required else "head"])


def _write_explanation(sheet: Any, template: Template, known: SheetWords, formats: Mapping[str, Any]) -> None:
    lines = [OF_TEMPLATE]
    for name in template.columns:
        what = "日期，如 2026-03-05" if name in template.days else "、".join(known.known(name))
        lines.append((name, "必填" if name in template.required else "", what))
    sheet.set_column(0, 1, _WIDTH)
    sheet.set_column(2, 2, 80)
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            sheet.write_string(row, column, text, formats["wrap" if row else "head"])


def _write_example(sheet: Any, template: Template, formats: Mapping[str, Any]) -> None:
    _write_header(sheet, template, formats, row=0)
    sheet.set_column(0, len(template.columns) - 1, _WIDTH)
    for column, name in enumerate(template.columns):
        sheet.write_string(1, column, template.example.get(name, ""), formats["text"])
