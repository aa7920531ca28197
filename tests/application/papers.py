"""Papers for the import tests: forms and logs made in a few words, and the sample school's own."""

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from application.access import SYSTEM
from application.intake.imports.care_log import CareLogResult, import_care_log
from application.intake.imports.care_log_cells import COLUMNS as LOG_COLUMNS
from application.intake.imports.roster import import_roster
from application.intake.imports.roster_result import RosterResult
from application.system import System

SAMPLE = Path(__file__).parents[2] / "examples" / "cuncaoxin"
ROSTER, CARE_LOG = (SAMPLE / "roster.xlsx").read_bytes(), (SAMPLE / "care_log.csv").read_bytes()
SCHOOL = "示例县/东岭镇/寸草心小学"

# The census form as schools print it.
COLUMNS = (
    *(
        "学籍号",
        "姓名",
        "性别",
        "民族",
        "出生日期",
        "身份证号",
        "年级",
        "班级",
        "是否寄宿",
        "现居住地址",
        "健康状况",
    ),
    *("父亲姓名", "父亲是否外出务工", "父亲务工地", "父亲电话"),
    *("母亲姓名", "母亲是否外出务工", "母亲务工地", "母亲电话"),
    *("监护人姓名", "与儿童关系", "监护人电话", "监护人住址"),
    *("建档日期", "结对帮扶人", "结对类型", "结对日期"),
)
ROW: dict[str, Any] = {
    "学籍号": "T1",
    "姓名": "戴小春",
    "性别": "女",
    "民族": "汉族",
    "出生日期": "2015-04-25",
    "身份证号": "",
    "年级": "3年级",
    "班级": "4班",
    "是否寄宿": "否",
    "现居住地址": "东岭村3组79号",
    "健康状况": "健康",
    "父亲姓名": "戴大山",
    "父亲是否外出务工": "是",
    "父亲务工地": "浙江省义乌市",
    "父亲电话": "19034236671",
    "母亲姓名": "",
    "母亲是否外出务工": "",
    "母亲务工地": "",
    "母亲电话": "",
    "监护人姓名": "任大娘",
    "与儿童关系": "祖母",
    "监护人电话": "13471049746",
    "监护人住址": "东岭村",
    "建档日期": "2026-02-12",
    "结对帮扶人": "卢小佑",
    "结对类型": "爱心辅导员",
    "结对日期": "2026-02-13",
}
LINE = {
    "日期": "2026-03-05",
    "时间": "16:15",
    "学籍号": "T1",
    "儿童姓名": "戴小春",
    "类型": "家访",
    "记录人": "卢小佑",
    "对象": "儿童",
    "结果": "见到",
    "时长(分钟)": "30",
    "内容": "了解学习和生活情况",
    "登记日期": "2026-03-06",
}


def form(*rows: dict[str, Any], columns: tuple[str, ...] = COLUMNS, title: bool = True) -> bytes:
    """A census form of rows that say how they differ from `ROW`."""
    book = Workbook()
    sheet = book.worksheets[0]
    if title:
        sheet.append(["农村留守儿童摸底排查登记表"])
    sheet.append(list(columns))
    for row in rows:
        sheet.append([(ROW | row).get(column) for column in columns])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def log(*lines: dict[str, str], columns: tuple[str, ...] = LOG_COLUMNS) -> bytes:
    """A care log of lines that say how they differ from `LINE`."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(columns)
    writer.writerows([(LINE | line)[column] for column in columns] for line in lines)
    return held.getvalue().encode()


def take_roster(system: System, data: bytes = ROSTER, *, org: str = SCHOOL, **more: Any) -> RosterResult:
    """Import a form."""
    return import_roster(data, org=org, registers=system.registers, actor=SYSTEM, **more)


def take_log(system: System, data: bytes = CARE_LOG, *, org: str = SCHOOL, **more: Any) -> CareLogResult:
    """Import a log."""
    return import_care_log(data, org=org, registers=system.registers, actor=SYSTEM, **more)


def why(result: RosterResult | CareLogResult) -> list[tuple[int, str]]:
    """The refused lines with their codes."""
    return [(refused.line, refused.reason.code) for refused in result.refused]
