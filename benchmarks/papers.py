"""Made papers of any size: the census form of a school, and a term of its care log. Everybody is made up."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from random import Random

import xlsxwriter

SCHOOL = "示例县/东岭镇/示例小学"
# As many as a care counsellor may have.
CHILDREN_OF_A_CARER = 2
CHILDREN_OF_A_CLASS = 40
FORM = (
    *("学籍号", "姓名", "性别", "民族", "出生日期", "年级", "班级", "是否寄宿", "现居住地址", "健康状况"),
    *("父亲姓名", "父亲是否外出务工", "父亲务工地", "父亲电话"),
    *("母亲姓名", "母亲是否外出务工", "母亲务工地", "母亲电话"),
    *("监护人姓名", "与儿童关系", "监护人电话", "监护人住址"),
    *("建档日期", "结对帮扶人", "结对类型", "结对日期"),
)
LOG = (
    "日期",
    "时间",
    "学籍号",
    "儿童姓名",
    "类型",
    "记录人",
    "对象",
    "结果",
    "时长(分钟)",
    "内容",
    "登记日期",
)
_FAMILY = "戴罗林崔方李谢任马朱邓卢孟贾宋唐许韩冯曹彭曾萧田董袁潘蒋蔡余"
_GIVEN = "春诺凤晓宇萱国梦子秀琪文燕华佑浩慧颖志远静怡嘉睿思涵雨欣博"
_PLACES = ("浙江省义乌市", "江苏省苏州市", "山东省青岛市", "广东省东莞市")
_FIRST_DAY = date(2026, 3, 2)
_WORKS = (
    ("家访", "监护人", "见到", "40", "了解学习和生活情况"),
    ("电话", "母亲", "接通", "12", "通报近期表现"),
    ("谈心", "儿童", "", "15", "心情愉快"),
)


def roster(children: int) -> bytes:
    """Return the form of a school of so many children as a workbook: all columns are filled."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, ["农村留守儿童摸底排查登记表"])
        sheet.write_row(1, 0, FORM)
        for number, row in enumerate(_rows(children)):
            sheet.write_row(2 + number, 0, row)
    return held.getvalue()


def care_log(children: int, lines: int) -> bytes:
    """Return a log of so many lines on these children as CSV, in the order of the days."""
    names, chance = _names(children), Random(2)  # noqa: S311  no secret
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(LOG)
    for line in range(lines):
        child = line % children
        day = _FIRST_DAY + timedelta(days=line * 110 // lines)
        kind, met, outcome, minutes, said = _WORKS[(line // children + child) % len(_WORKS)]
        clock = f"{8 + line // children % 12:02}:{chance.randrange(60):02}"
        who = (f"T{2026000000 + child}", names[child], kind, _carer(child))
        writer.writerow((day, clock, *who, met, outcome, minutes, f"{said}，第{line // children + 1}次", day))
    return held.getvalue().encode()


def _rows(children: int) -> Iterator[list[str]]:
    names, chance = _names(children), Random(1)  # noqa: S311  no secret
    for child, name in enumerate(names):
        class_number = child // CHILDREN_OF_A_CLASS
        village = f"{'东西南北'[child % 4]}岭村{child % 9 + 1}组"
        born = date(2014, 1, 1) + timedelta(days=chance.randrange(2000))
        row = [f"T{2026000000 + child}", name, "女男"[child % 2], "汉族", born.isoformat()]
        row += [
            f"{class_number % 6 + 1}年级",
            f"{class_number // 6 + 1}班",
            "是否"[child % 2],
            village,
            "健康",
        ]
        for _ in range(2):
            row += [_name(chance), "是", chance.choice(_PLACES), f"13{chance.randrange(10**9):09}"]
        row += [_name(chance), "祖母", f"13{chance.randrange(10**9):09}", village]
        yield [*row, "2026-02-12", _carer(child), "爱心辅导员", "2026-02-13"]


def _names(children: int) -> list[str]:
    every = ["".join(parts) for parts in product(_FAMILY, _GIVEN, _GIVEN)]
    Random(0).shuffle(every)  # noqa: S311  no secret
    return [every[child % len(every)] for child in range(children)]


def _name(chance: Random) -> str:
    return f"{chance.choice(_FAMILY)}{chance.choice(_GIVEN)}{chance.choice(_GIVEN)}"


def _carer(child: int) -> str:
    rest, family = divmod(child // CHILDREN_OF_A_CARER, len(_FAMILY))
    second, first = divmod(rest, len(_GIVEN))
    return f"{_FAMILY[family]}{_GIVEN[first]}{_GIVEN[second]}"
