"""Without a column for the result, a line that may have reached nobody is asked and is no contact."""

import pytest

from application.intake.imports.care_log_cells import OUTCOME
from application.intake.imports.care_log_form import read_care_log
from application.intake.imports.care_log_reader import OUTCOME_UNCLEAR
from tests.application.papers import log

COLUMNS = ("日期", "学籍号", "类型", "记录人", "对象", "内容", "备注", "效果")
BLANK = {"备注": "", "效果": ""}
NO_CALL = (
    "没接 没打通 不接电话 电话没通 未打通 没有人接 不接 换号了 没联系上 打了三次都没接 "
    "打不通 无人应答 电话無人接 一直没有接通 号码已注销 联络不上 沒打通"
)
NO_VISIT = (
    "不在 大门紧闭 走亲戚去了 都下地干活去了，未碰面 没在家 家中空无一人 只见到邻居 "
    "学生不愿开门 爷爷说孩子上街了 家里没人 敲门没人应 门上锁 未能见面 没遇到人 沒見到人"
)
REACHED = (
    "了解学习情况 一切正常 帮助辅导作业 父母不在身边，由奶奶照顾 学习不错，在家听话 "
    "成绩不错，见到时在写作业 不少作业已完成 性格内向，不安全感少 未成年人保护法宣传 "
    "没有问题 嘱咐不接触陌生人 身体无异常 不断进步 父亲在外务工"
)


def asked(kind: str, line: dict[str, str]) -> bool:
    (read,) = read_care_log(log({"类型": kind, **BLANK, **line}, columns=COLUMNS)).readable
    return read.faults.get(OUTCOME) == OUTCOME_UNCLEAR


@pytest.mark.parametrize(
    ("kind", "words"),
    [("电话", NO_CALL), ("家访", NO_VISIT), ("谈心", NO_VISIT)],
    ids=["call", "visit", "talk"],
)
@pytest.mark.parametrize("column", ["内容", "备注", "效果"])
def test_a_line_that_may_have_reached_nobody_is_asked(kind: str, words: str, column: str) -> None:
    missed = [said for said in words.split(" ") if not asked(kind, {"内容": "", column: said})]

    assert missed == []


def test_who_was_sought_may_say_that_nobody_was_there() -> None:
    assert asked("家访", {"对象": "无人", "内容": "了解情况"})


def test_what_is_written_of_a_visit_that_took_place_is_not_asked() -> None:
    wrongly = [said for said in REACHED.split(" ") if asked("家访", {"内容": said})]

    assert wrongly == []
