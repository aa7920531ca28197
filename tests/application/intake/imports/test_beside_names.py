"""What stands beside a name, or in its place, is asked about or taken off and told, never kept silently."""

import pytest

from application.system import System
from domain.child import fold
from tests.application.papers import LINE, form, log, take_log, take_roster, why

UNPAIRED = {"结对帮扶人": "", "结对类型": "", "结对日期": ""}


def taken(system: System, **said: str) -> tuple[list[str], str, str]:
    """Import a row, and return what is told of it, the name on file and the remark."""
    done = take_roster(system, form(UNPAIRED | said))
    told = [each.reason.code for each in (*done.refused, *done.incomplete)]
    found = system.record.find(kind="student_no", word="T1", scope="")
    profile = fold(found[0], system.log.stream(found[0])).profile if found else None
    return told, profile.name if profile else "", (profile.remark or "") if profile else ""


@pytest.mark.parametrize(
    "name",
    ["邓三*", "*邓三", "邓三（新）", "邓三 插班", "邓三插班生", "邓三【双胞胎】", "邓三(休学)", "邓三-休学"],
)
def test_a_remark_that_is_known_is_taken_off_and_told(system: System, name: str) -> None:
    told, kept, remark = taken(system, 姓名=name)

    assert (told, kept) == (["remark_taken_off"], "邓三")
    assert f"姓名：{name}" in remark


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("邓三（转走）", "left_by_remark"),
        ("王五(已转出)", "left_by_remark"),
        ("王五 退学", "left_by_remark"),
        ("王五转走", "left_by_remark"),
        ("邓三（狗蛋）", "name_with_remark"),
        ("邓三（狗蛋", "name_with_remark"),
        ("在家", "no_name"),
        ("见备注", "no_name"),
        ("同上", "no_name"),
    ],
)
def test_of_a_child_that_may_have_left_or_be_called_otherwise_is_asked(
    system: System, name: str, code: str
) -> None:
    assert taken(system, 姓名=name)[:2] == ([code], "")


@pytest.mark.parametrize("name", ["戴新", "郭转", "阿依古丽·买买提", "戴小男", "欧阳小春"])
def test_a_name_alone_is_a_name(system: System, name: str) -> None:
    assert taken(system, 姓名=name)[:2] == ([], name)


def test_as_above_is_nobodys_name(system: System) -> None:
    done = take_roster(system, form(UNPAIRED, UNPAIRED | {"学籍号": "T2", "姓名": "同上"}))

    assert why(done) == [(4, "no_name")]


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("父亲姓名", "在家", "no_name_kept"),
        ("父亲姓名", "已故", "no_name_kept"),
        ("监护人姓名", "任大娘（奶奶）", "remark_taken_off"),
        ("父亲务工地", "在家", "no_place_kept"),
        ("现居住地址", "同上", "no_place_kept"),
    ],
)
def test_what_is_no_name_or_place_of_others_is_kept_as_a_remark_and_told(
    system: System, column: str, text: str, code: str
) -> None:
    told, kept, remark = taken(system, **{column: text})

    assert (code in told, kept) == (True, "戴小春")
    assert f"{column}：{text}" in remark


def test_a_line_of_a_log_knows_its_child_by_the_name_alone(system: System) -> None:
    take_roster(system, form({}))

    done = take_log(system, log({"学籍号": "", "儿童姓名": "戴小春（转走）"}, columns=tuple(LINE)))

    assert (done.recorded, done.refused) == (1, ())
    (child,) = system.record.find(kind="student_no", word="T1", scope="")
    assert "儿童姓名：戴小春（转走）" in (
        fold(child, system.log.stream(child)).entries[-1].details.record or ""
    )
