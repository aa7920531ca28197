"""Lines of a care log of what is no visit, call or talk: a type by its words, its cells and what it asks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from application.intake.imports.care_log import CareLogResult
from application.intake.papers.words import words
from application.system import System
from domain.catalogue import care_actions_by_paper_word, care_actions_by_type
from tests.application.papers import form, log, take_log, take_roster, why
from tests.support.systems import StandingClock, fresh_system

BLANK = {"对象": "", "结果": "", "时长(分钟)": "", "内容": "", "时间": ""}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 3, 8, 4, tzinfo=UTC))) as system:
        take_roster(system, form({}))
        yield system


def take(system: System, **cells: str) -> CareLogResult:
    return take_log(system, log({**BLANK, **cells}))


def last(system: System) -> Any:
    (child,) = system.record.find(kind="student_no", word="T1", scope="")
    return system.log.stream(child)[-1].details


LINES: list[tuple[dict[str, str], str, dict[str, Any]]] = [
    (
        {"类型": "写信", "对象": "父亲", "内容": "说了期中考试"},
        "letter_sent",
        {"writer": "child", "reader": "father", "kind": "personal", "topic": "说了期中考试"},
    ),
    ({"类型": "回信", "对象": "妈妈"}, "letter_sent", {"writer": "mother", "reader": "child"}),
    ({"类型": "告家长书", "对象": "监护人"}, "letter_sent", {"writer": "school", "kind": "open_letter"}),
    (
        {"类型": "学习辅导", "内容": "数学：分数加减", "时长(分钟)": "40"},
        "tutoring_held",
        {"subject": "数学", "minutes": 40, "record": "数学：分数加减"},
    ),
    ({"类型": "作业辅导", "结果": "完成"}, "tutoring_held", {"subject": "作业"}),
    (
        {"类型": "送医", "内容": "发烧，镇卫生院输液", "时长(分钟)": "120"},
        "illness_escorted",
        {"record": "发烧，镇卫生院输液\n用时：120 分钟"},
    ),
    ({"类型": "心愿", "内容": "想要一个书包"}, "wish_collected", {"wish": "想要一个书包"}),
    ({"类型": "生日会", "内容": "在教室切蛋糕"}, "birthday_celebrated", {"note": "在教室切蛋糕"}),
    ({"类型": "获奖", "内容": "三好学生"}, "award_given", {"to": "child", "title": "三好学生"}),
    (
        {"类型": "短信", "对象": "奶奶", "结果": "已回复", "内容": "提醒防溺水"},
        "message_sent",
        {"reader": "guardian", "channel": "sms", "arrived": True, "answered": True},
    ),
    (
        {"类型": "汇款", "对象": "父亲", "内容": "800元"},
        "support_sent",
        {"parent": "father", "note": "800元"},
    ),
    ({"类型": "经济困难", "内容": "交不起伙食费"}, "need_raised", {"need": "money", "what": "交不起伙食费"}),
    (
        {"类型": "假期巡查", "对象": "监护人", "结果": "情况正常", "内容": "在家写作业"},
        "holiday_check_made",
        {"result": "well", "record": "在家写作业\n对象：监护人"},
    ),
    ({"类型": "迟到", "结果": "没请假"}, "absence_observed", {"kind": "late", "excused": False}),
    ({"类型": "性格特点", "内容": "内向"}, "character_noted", {"character": "内向"}),
    (
        {"类型": "联系卡", "对象": "父母", "结果": "已签收"},
        "contact_card_issued",
        {"holders": ("father", "mother"), "signed": True},
    ),
    (
        {"类型": "学业情况", "结果": "退步", "内容": "期中"},
        "academic_progress_recorded",
        {"direction": "down"},
    ),
    ({"类型": "成长日记", "内容": "学习、家庭"}, "growth_diary_written", {"about": ("study", "family")}),
    ({"类型": "体检", "内容": "视力下降"}, "health_check_recorded", {"findings": ("视力下降",)}),
    ({"类型": "社团", "内容": "合唱"}, "interest_group_joined", {"group": "合唱"}),
    (
        {"类型": "父母返乡", "对象": "母亲", "结果": "见到", "内容": "清明"},
        "parent_home_recorded",
        {"parent": "mother", "seen": True, "occasion": "清明"},
    ),
    ({"类型": "同伴观察", "内容": "和同桌一起玩"}, "peer_note_added", {"record": "和同桌一起玩"}),
    (
        {"类型": "电话核实", "对象": "父亲", "结果": "有变化"},
        "profile_reverified",
        {"way": "phone", "changed": True, "note": "对象：父亲"},
    ),
    ({"类型": "风险评估", "结果": "黄色"}, "risk_assessed", {"level": "yellow"}),
    (
        {"类型": "安全责任书", "对象": "爷爷"},
        "responsibility_letter_signed",
        {"layer": "guardian", "signed_by": "爷爷"},
    ),
    ({"类型": "辍学风险", "内容": "想去打工"}, "dropout_risk_raised", {"reasons": ("想去打工",)}),
    (
        {"类型": "问卷调查", "对象": "监护人", "内容": "安全问卷"},
        "survey_answered",
        {"answered_by": "guardian"},
    ),
    ({"类型": "沉迷手机"}, "trigger_observed", {"kind": "gaming"}),
    ({"类型": "必访情形", "结果": "逃学"}, "trigger_observed", {"kind": "truancy"}),
]


@pytest.mark.parametrize(("cells", "type_name", "says"), LINES, ids=str)
def test_a_line_becomes_what_its_words_say_and_is_known_again(
    system: System, cells: dict[str, str], type_name: str, says: dict[str, Any]
) -> None:
    done, again = take(system, **cells), take(system, **cells)

    assert (why(done), done.recorded, again.recorded, again.already_recorded) == ([], 1, 0, 1)
    said = last(system)
    assert type_name == type(said).TYPE
    assert {name: getattr(said, name) for name in says} == says


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"类型": "家书"}, "paper_word", "对象"),
        ({"类型": "家书", "对象": "父母"}, "paper_word", "对象"),
        ({"类型": "家书", "对象": "父亲", "时长(分钟)": "5"}, "paper_word", "时长(分钟)"),
        ({"类型": "课业辅导", "内容": "辅导作业"}, "paper_word", "内容"),
        ({"类型": "课业辅导", "内容": "数学", "结果": "无人在家"}, "paper_word", "结果"),
        ({"类型": "课业辅导", "内容": "数学", "时长(分钟)": "0"}, "paper_word", "时长(分钟)"),
        ({"类型": "陪同就医", "对象": "奶奶"}, "paper_word", "对象"),
        ({"类型": "征集心愿"}, "paper_word", "内容"),
        ({"类型": "征集心愿", "内容": "书包", "结果": "完成"}, "paper_word", "结果"),
        ({"类型": "成长日记", "内容": "今天他哭了"}, "paper_word", "内容"),
        ({"类型": "联系卡", "对象": "父亲", "内容": "第三版"}, "paper_word", "内容"),
        ({"类型": "联系卡", "对象": "爷爷"}, "paper_word", "对象"),
        ({"类型": "责任书", "对象": "爷爷", "内容": "防溺水"}, "paper_word", "内容"),
        ({"类型": "假期巡查"}, "paper_word", "结果"),
        ({"类型": "必访情形"}, "paper_word", "结果"),
        ({"类型": "情绪不好", "结果": "逃学"}, "cells_contradict", "结果"),
        ({"类型": "捐款", "内容": "500元"}, "line_says_too_little", "类型"),
        ({"类型": "心理輔導"}, "line_says_too_little", "类型"),
        ({"类型": "家长会"}, "line_says_too_little", "类型"),
    ],
)
def test_a_line_that_says_too_little_is_asked(
    system: System, cells: dict[str, str], code: str, column: str
) -> None:
    (refused,) = take(system, **cells).refused

    assert refused.reason.code == code
    assert refused.reason.zh.startswith(f"{column}：")


def test_what_a_gift_needs_is_named(system: System) -> None:
    (refused,) = take(system, 类型="捐款", 内容="500元").refused

    assert "捐赠方、类型、明细" in refused.reason.zh


def test_every_word_of_a_log_is_one_of_a_type_and_of_one_alone() -> None:
    known = words().sheets["care_log"].known("类型")
    own = [
        word for action in care_actions_by_type().values() for word in (*action.paper, *action.beyond_paper)
    ]

    assert len(own) == len(set(own))
    assert set(known) <= set(care_actions_by_paper_word())
    assert set(own).isdisjoint(
        set(words().sheets["care_log"].values["类型"]) - set(care_actions_by_paper_word())
    )
