"""What was answered of a file is asked once: it holds for its bytes, its kind and its school."""

from collections.abc import Sequence
from typing import Any

import pytest

from application.access import SYSTEM
from application.intake.imports.answers import Answer, Asked
from application.intake.imports.care_log import CareLogResult, plan_care_log
from application.intake.imports.comparing import compare_roster
from application.intake.imports.roster import plan_roster
from application.system import System
from domain.case_no import case_no_of
from domain.child import Child, fold
from domain.refusal import Invalid
from tests.application.papers import LINE, SCHOOL, form, log, take_log, take_roster, why

UNPAIRED = {"结对帮扶人": "", "结对类型": "", "结对日期": ""}
TWINS = (UNPAIRED | {"班级": "1班"}, UNPAIRED | {"学籍号": "T2", "班级": "2班", "出生日期": "2014-01-02"})
LOG = log(
    {"学籍号": "", "记录人": "卢小佑"},
    {"学籍号": "T1", "日期": "2026-03-07", "登记日期": "", "记录人": "卢小佑"},
)


def child_of(system: System, student_no: str) -> Child:
    (child_id,) = system.record.find(kind="student_no", word=student_no, scope="")
    return fold(child_id, system.log.stream(child_id))


def preview(system: System, data: bytes, answers: Sequence[Answer] = ()) -> CareLogResult:
    more: dict[str, Any] = {"registers": system.registers, "actor": SYSTEM, "answers": answers}
    return plan_care_log(data, org=SCHOOL, **more)


@pytest.fixture
def school(system: System) -> System:
    paired = {"结对帮扶人": "卢小佑", "结对类型": "帮扶教师", "结对日期": "2026-02-13"}
    take_roster(system, form(TWINS[0] | paired, TWINS[1]))
    return system


def test_whom_a_line_means_is_answered_once(school: System) -> None:
    second = child_of(school, "T2")
    before = preview(school, LOG)

    answered = preview(school, LOG, [Answer(line=2, child_id=second.child_id)])
    looked = preview(school, LOG)
    done, again = take_log(school, LOG), take_log(school, LOG)

    assert why(before) == [(2, "which_child")]
    assert [(r.recorded, why(r)) for r in (answered, looked, done)] == [(2, [])] * 3
    assert (again.already_recorded, why(again)) == (2, [])
    assert [f.event.details.TYPE for f in child_of(school, "T2").entries][-1] == "home_visit_made"
    assert again.answers == (Answer(line=2, child_id=second.child_id),)


def test_an_answer_holds_for_no_other_file_kind_or_school(school: System) -> None:
    preview(school, LOG, [Answer(line=2, child_id=child_of(school, "T2").child_id)])

    other = LOG + log({"学籍号": "T1", "日期": "2026-03-09", "登记日期": ""}).split(b"\n", 1)[1]

    assert why(preview(school, other)) == [(2, "which_child")]
    sha = take_log(school, LOG).import_id
    assert sha is not None
    digest = school.batches.find(sha).file_sha256 or ""
    assert school.registers.answers.known(Asked(kind="roster", org=SCHOOL, file_sha256=digest)).told == ()


def test_an_answer_is_given_otherwise_and_taken_back(school: System) -> None:
    first, second = (child_of(school, number).child_id for number in ("T1", "T2"))
    preview(school, LOG, [Answer(line=2, child_id=second)])

    other = preview(school, LOG, [Answer(line=2, child_id=first)])
    none = preview(school, LOG, [Answer(line=2)])

    assert [other.answers, none.answers] == [(Answer(line=2, child_id=first),), ()]
    assert why(none) == [(2, "which_child")]


def test_what_a_word_is_is_answered_once_and_the_word_is_kept(school: System) -> None:
    data = log({"类型": "夜间巡查", "结果": "灯亮着", "日期": "3.4"})
    asked = {each.code for each in preview(school, data).refused[0].reasons}

    answers = [
        Answer(line=2, column="类型", word="走访"),
        Answer(line=2, column="结果", word="见到"),
        Answer(line=2, column="日期", word="2026年3月4日"),
    ]
    preview(school, data, answers)
    done, again = take_log(school, data), take_log(school, data)

    assert asked == {"unknown_type", "no_year"}
    assert (done.recorded, again.already_recorded, again.refused) == (1, 1, ())
    visit = child_of(school, "T1").entries[-1].event
    assert (visit.details.TYPE, visit.occurred.day.isoformat()) == ("home_visit_made", "2026-03-04")
    assert "类型：夜间巡查" in (visit.details.record or "")
    assert "结果：灯亮着" in (visit.details.record or "")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(line=2, column="类型", word="夜间巡查"), "unknown_word"),
        (Answer(line=2, column="日期", word="3.4"), "no_year"),
        (Answer(line=2, column="儿童姓名", word="戴小春"), "not_asked"),
        (Answer(line=2, column="内容", word="好"), "not_asked"),
        (Answer(line=9, column="类型", word="家访"), "no_such_line"),
    ],
)
def test_an_answer_is_a_word_of_the_log_to_a_line_that_is_there(
    school: System, answer: Answer, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        preview(school, LOG, [answer])

    assert refused.value.reason.code == code
    assert preview(school, LOG).answers == ()


def test_an_answer_leads_to_the_file_in_which_its_child_goes_on(school: System) -> None:
    first, second = (child_of(school, number) for number in ("T1", "T2"))
    preview(school, LOG, [Answer(line=2, child_id=second.child_id)])
    school.merges.merge(
        second.child_id, into=first.child_id, actor=SYSTEM, reason="同一名儿童", approved_by="王校长"
    )

    done = take_log(school, LOG)

    assert (done.recorded, done.refused) == (2, ())


def test_an_answer_leads_from_a_child_that_is_erased_to_no_other(school: System) -> None:
    second = child_of(school, "T2").child_id
    preview(school, LOG, [Answer(line=2, child_id=second)])
    school.keyring.destroy(second)
    school.record.forget_erased()

    done = take_log(school, LOG)

    assert (done.recorded, why(done)) == (1, [(2, "erased")])


def test_a_row_that_may_be_of_two_children_is_answered_once(system: System) -> None:
    take_roster(system, form(UNPAIRED | {"班级": "1班"}, UNPAIRED | {"学籍号": "T2", "班级": "2班"}))
    data = form(UNPAIRED | {"学籍号": "", "班级": "2班", "现居住地址": "西岭村"})
    more: dict[str, Any] = {"org": SCHOOL, "registers": system.registers, "actor": SYSTEM}
    second = child_of(system, "T2").child_id
    before = plan_roster(data, **more)

    plan_roster(data, answers=[Answer(line=3, child_id=second)], **more)
    compared, done = compare_roster(data, **more), take_roster(system, data)

    (refused,) = before.refused
    assert refused.reason.code == "number_taken"
    assert f"{case_no_of(second)}（3年级/2班）" in refused.reason.zh
    assert (compared.questions, [row.fields[-1] for row in done.differs]) == ((), ["现居住地址"])


def test_a_word_of_a_row_is_answered_once(system: System) -> None:
    data = form(UNPAIRED | {"性别": "丫头", "父亲是否外出务工": ""})
    more: dict[str, Any] = {"org": SCHOOL, "registers": system.registers, "actor": SYSTEM}
    assert [each.reason.code for each in plan_roster(data, **more).refused] == ["unknown_word"]

    plan_roster(data, answers=[Answer(line=3, column="性别", word="女孩")], **more)

    assert take_roster(system, data).enrolled == 1


COLUMNS = (*LINE, "档案号")


def test_a_line_is_known_by_our_own_number(school: System) -> None:
    number = case_no_of(child_of(school, "T2").child_id)
    said = [
        {"学籍号": "", "档案号": number},
        {"学籍号": "", "档案号": number.lower().replace("-", ""), "日期": "2026-03-08", "登记日期": ""},
        {
            "学籍号": "",
            "档案号": number[:-1] + ("0" if number[-1] != "0" else "1"),
            "日期": "2026-03-09",
            "登记日期": "",
        },
        {"学籍号": "T1", "档案号": number, "日期": "2026-03-10", "登记日期": ""},
    ]

    done = take_log(school, log(*said, columns=COLUMNS))

    assert (done.recorded, why(done)) == (2, [(4, "case_no_mistyped"), (5, "case_no_says_otherwise")])
    assert [f.event.occurred.day.day for f in child_of(school, "T2").entries][-2:] == [5, 8]


def test_a_question_whom_a_line_means_says_who_they_are_and_how_to_answer(school: System) -> None:
    reason = preview(school, LOG).refused[0].reason

    for number, unit in (("T1", "3年级/1班"), ("T2", "3年级/2班")):
        assert f"{case_no_of(child_of(school, number).child_id)}（{unit}）" in reason.zh
    assert "--answer" in reason.zh
    assert "--answer" in reason.en


def test_a_name_that_is_borne_in_another_class_is_said_to_be(school: System) -> None:
    data = log({"学籍号": "", "班级": "三(5)班"}, columns=(*LINE, "班级"))

    (refused,) = preview(school, data).refused

    assert refused.reason.code == "unknown_child"
    assert f"{case_no_of(child_of(school, 'T1').child_id)}（3年级/1班）" in refused.reason.zh
