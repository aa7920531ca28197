"""Three whole schools in three layouts, made by rule, so that what is in them is known."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.papers.writers import WRITERS

_SURNAMES, _GIVEN = "林方石唐叶沈汪何罗邓", "禾田溪舟苗谷桥岭安宁远明"
_GRADES = "一二三四五六七八九"


class SchoolPapers(NamedTuple):
    """The papers of one school, and the figures that they were made with."""

    org: str
    roster: bytes
    log: bytes
    children: int
    carers: int
    pairings: int
    entries: Mapping[str, int]
    asked: int
    refused: Mapping[str, int]


def _name(number: int) -> str:
    return f"{_SURNAMES[number % 10]}小{_GIVEN[number // 10 % 12]}"


def primary_school() -> SchoolPapers:
    """A sheet for each class after the Ministry's form of 2016, and a visit book with a sheet a month."""
    roster: list[str] = []
    children = 24
    for grade in range(1, 5):
        roster += [
            f"@ {_GRADES[grade - 1]}年级",
            f"石桥小学{_GRADES[grade - 1]}年级1班农村留守儿童基本情况登记表",
            "填报日期：2026年3月1日",
            "序号|儿童姓名|性别|身份证号码|父亲情况|<|母亲情况|<|受委托监护人情况|<|<|帮扶教师",
            "^|^|^|^|姓名|外出务工|姓名|外出务工|姓名|与儿童关系|联系电话|^",
        ]
        for seat in range(6):
            number = (grade - 1) * 6 + seat
            sex = "男" if number % 2 else "女"
            # One number lost its last digits in each grade, and the telephone of another.
            identity = f"#{2019 - grade}03{10 + seat}{sex}{seat}#"
            phone = "1.38E+10" if seat == 5 else f"138 0000 {1000 + number}"
            roster.append(
                f"{seat + 1}|{_name(number)}|{sex}|{identity}|父{_name(number)}|√|母{_name(number)}|否|"
                f"任{_name(number)}|奶奶|{phone}|{'卢老师、孙老师' if seat == 0 else '卢老师'}"
            )
        roster += ["合计|6人||||||||||", "填表人：卢老师|||单位负责人：何校长|||||||"]
    log: list[str] = []
    for month in (3, 4):
        log += [
            f"@ {month}月",
            f"石桥小学{month}月家访记录（2026年{month}月）",
            "日期|学生姓名|家访教师|被访人|家访内容",
        ]
        log += [f"{day}日|{_name(day)}|卢老师|奶奶|了解学习" for day in range(1, 11)]
        # One met nobody, and one is of a child whom the school hasn't got.
        log += ["20日|林小禾|卢老师|奶奶|锁门，没见到", "21日|查无此人|卢老师|奶奶|了解学习"]
    return SchoolPapers(
        org="某县/石桥镇/石桥小学",
        roster=WRITERS["xlsx"]("\n".join(roster)),
        log=WRITERS["openpyxl"]("\n".join(log)),
        children=children,
        carers=2,
        pairings=children + 4,
        # A guardian whose telephone lost its digits is asked for again.
        entries={"parent_work_recorded": 48, "guardian_designated": 20, "home_visit_made": 20},
        asked=4,
        refused={"outcome_unclear": 2, "unknown_child": 2},
    )


def village() -> SchoolPapers:
    """A village's own list with its carers, and a register of every month on a sheet of its own."""
    roster = [
        "沙河村留守儿童花名册",
        "登记日期：2026.1.10",
        "编号|孩子姓名|性别|出生日期|组别|监护人|称谓|电话|父母务工情况|爱心妈妈|村干部",
    ]
    for number in range(15):
        sex = "女" if number % 3 else "男"
        official = "周会计" if number % 5 == 0 else ""
        away = ("双方外出", "父亲外出", "母亲外出")[number % 3]
        roster.append(
            f"{number + 1}|{_name(number)}|{sex}|1{number % 5 + 2}.{number % 9 + 1}.5|{number % 4 + 1}组|"
            f"石{_name(number)}|奶奶|0575-8601{2000 + number}|{away}|汪阿姨|{official}"
        )
    # Of one the day of birth is one of the lunar calendar.
    roster += ["16|谢小兰|女|农历腊月初八|2组|谢大娘|奶奶||双方外出|汪阿姨|", "总人数|16||||||||||"]
    log: list[str] = []
    for month in (1, 2, 3):
        log += [f"@ 2026年{month}月", "日期|姓名|活动类型|走访人|联系对象|结果|情况记录"]
        log += [f"{20 + n}日|{_name(n)}|入户走访|汪阿姨|奶奶|在家|送书" for n in range(3)]
        log += [f"{20 + n}日|{_name(n)}|微信视频|汪阿姨|妈妈|{'接通' if n else '没人接'}|" for n in range(2)]
        log += [f"25日|{_name(4)}|谈心|汪阿姨|本人|已谈|想家", f"26日|{_name(5)}|谈心|外人|本人|已谈|想家"]
    return SchoolPapers(
        org="某县/沙河镇/沙河村",
        roster=WRITERS["csv-gb"]("\n".join(roster)),
        log=WRITERS["ods"]("\n".join(log)),
        children=15,
        carers=2,
        pairings=15 + 3,
        # A word about both parents is one entry for each who is away.
        entries={
            "parent_work_recorded": 20,
            "guardian_designated": 15,
            "home_visit_made": 9,
            "call_made": 6,
            "talk_held": 3,
        },
        asked=0,
        refused={"lunar_day": 1, "unknown_carer": 3},
    )


def middle_school() -> SchoolPapers:
    """The export of the national register, and a log that a class teacher keeps in a text document."""
    roster = [
        (
            "学籍主号|姓名|性别|出生日期|身份证件号|户口性质|年级|班级|是否留守儿童|监护人姓名|监护人关系|"
            "就读方式|结对教师|建档时间"
        )
    ]
    for number in range(20):
        sex, born = "男" if number % 2 else "女", f"20120{number % 9 + 1}1{number // 9}"
        identity = f"#{born}{sex}{number % 9}#"
        boards = "住校" if number % 4 else "走读"
        roster.append(
            f"G{identity}|{_name(number)}|{sex}|{born}|{identity}|农村|初二|{number % 2 + 1}班|双亲留守|"
            f"唐{_name(number)}|祖父|{boards}|何平|20260301"
        )
    log = [
        "八年级谈话、通话记录",
        "日期|姓名|班级|方式|谈话人|对象|结果|时长|谈话内容",
        *(f"26.3.{n + 2}|{_name(n)}|八({n % 2 + 1})班|面谈|何平老师|本人|完成|半小时|学习" for n in range(8)),
        *(
            f"26.4.{n + 2}|{_name(n)}|初二{n % 2 + 1}班|打电话|何平|爸爸|接通|约10分钟|问平安"
            for n in range(6)
        ),
        # Of one nobody knows which child is meant, of one how it went.
        f"26.4.20|{_name(3)}|八(1)班|面谈|何平|本人|完成||",
        f"26.4.21|{_name(4)}||打电话|何平|爸爸|还行||",
    ]
    return SchoolPapers(
        org="某县/东岭镇/东岭中学",
        roster=WRITERS["csv-utf16"]("\n".join(roster)),
        log=WRITERS["docx"]("\n".join(log)),
        children=20,
        carers=1,
        pairings=20,
        entries={"guardian_designated": 20, "talk_held": 8, "call_made": 6},
        asked=0,
        refused={"unknown_child": 1, "paper_word": 1},
    )


def schools() -> Iterator[SchoolPapers]:
    """Go through the three."""
    yield primary_school()
    yield village()
    yield middle_school()
