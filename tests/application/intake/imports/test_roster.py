"""The census form: rows become files of children, once; what can't be read or differs is told by line."""

import io
import re
import zipfile
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest
from openpyxl import Workbook, load_workbook

from application.access import SYSTEM, Actor, Role
from application.intake.imports import roster_cells
from application.intake.imports.roster import import_roster
from application.intake.imports.runs import imports_of
from application.system import System
from domain.care_actions.guardian_designated import guardian
from domain.care_actions.parent_work_recorded import parents
from domain.child import Child, fold
from domain.choices import CarerKind, Parent
from domain.event import NewEvent, Occurred
from domain.ledger.event_voided import EventVoided
from domain.refusal import Invalid, Refused, Unknown
from domain.streams.carers.carer import CarerRegistered
from tests.application.papers import COLUMNS, ROSTER, ROW, SCHOOL, form, take_roster, why


def child_of(system: System, student_no: str) -> Child:
    (child_id,) = system.record.find(kind="student_no", word=student_no, scope="")
    return fold(child_id, system.log.stream(child_id))


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def test_the_fields_of_types_declare_the_columns_that_schools_print() -> None:
    assert sorted(roster_cells.COLUMNS) == sorted((*COLUMNS, "户口性质", "备注"))
    assert roster_cells.ENROLMENT.required == ("姓名", "性别", "出生日期", "建档日期")


def test_the_sample_school_is_enrolled(system: System) -> None:
    done = take_roster(system)

    assert (done.lines, done.enrolled, done.already_recorded, done.differs) == (57, 54, 1, ())
    assert why(done) == [(58, "bad_date"), (59, "missing")]


def test_a_second_import_brings_nothing_new(system: System) -> None:
    take_roster(system)
    head = system.log.head()

    again = take_roster(system)

    assert (again.enrolled, again.already_recorded, again.differs) == (0, 55, ())
    assert system.log.head() == head


def test_a_row_says_everything_about_a_child(system: System) -> None:
    take_roster(system, form({"母亲姓名": "谢大姐", "母亲是否外出务工": "否"}))

    child = child_of(system, "T1")
    assert child.org == f"{SCHOOL}/3年级/4班"
    assert child.enrolment is not None
    assert child.enrolment.day == date(2026, 2, 12)
    assert child.profile is not None
    assert (child.profile.name, child.profile.birth_date) == ("戴小春", date(2015, 4, 25))
    assert parents(child)[Parent.FATHER].away is True
    assert parents(child)[Parent.FATHER].place == "浙江省义乌市"
    assert parents(child)[Parent.MOTHER].away is False
    named = guardian(child)
    assert named is not None
    assert named.relation == "祖母"
    (pairing,) = child.pairings
    assert (pairing.kind, pairing.start) == (CarerKind.CARE_COUNSELLOR, date(2026, 2, 13))
    assert system.carers.names([pairing.carer], counties=child.counties) == {pairing.carer: "卢小佑"}
    assert {fact.event.metadata.line for fact in child.facts} == {3}


def test_days_are_read_in_both_styles_and_from_date_cells(system: System) -> None:
    done = take_roster(
        system,
        form(
            {"学籍号": "T1", "出生日期": "2015/4/25", "结对帮扶人": "甲"},
            {"学籍号": "T2", "出生日期": datetime(2015, 4, 25), "结对帮扶人": "乙"},  # noqa: DTZ001
            {"学籍号": "T3", "出生日期": "2015*04*25"},
        ),
    )

    assert done.enrolled == 2
    assert why(done) == [(5, "bad_date")]


def test_columns_may_stand_in_any_order_and_may_be_left_out(system: System) -> None:
    columns = ("姓名", "建档日期", "学籍号", "出生日期", "性别")

    done = take_roster(system, form({}, columns=columns, title=False))

    assert (done.enrolled, done.refused) == (1, ())
    assert child_of(system, "T1").org == SCHOOL


def test_numbers_typed_as_numbers_are_read_as_text(system: System) -> None:
    take_roster(system, form({"学籍号": 20260001, "父亲电话": 19034236671.0}))

    assert parents(child_of(system, "20260001"))[Parent.FATHER].phone == "19034236671"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"姓名": " "}, "missing"),
        ({"出生日期": "2015-02-30"}, "bad_date"),
        ({"建档日期": "昨天"}, "bad_date"),
        ({"性别": "男女"}, "unknown_word"),
        ({"是否寄宿": "有时"}, "unknown_word"),
        ({"班级": "4/5班"}, "slash"),
        ({"年级": ""}, "missing"),
        ({"身份证号": "110101201504251234"}, "bad_id_number"),
        ({"建档日期": "2036-02-12"}, "in_the_future"),
        ({"出生日期": "2026-02-13"}, "before_birth"),
        ({"姓名": "戴" * 51}, "too_long"),
    ],
)
def test_a_row_that_cannot_be_placed_is_refused_and_writes_nothing(
    system: System, cells: dict[str, str], code: str
) -> None:
    done = take_roster(system, form(cells, {"学籍号": "T2", "结对帮扶人": "另一人"}))

    assert (done.enrolled, why(done)) == (1, [(3, code)])
    assert system.record.find(kind="student_no", word="T1", scope="") == ()


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"父亲是否外出务工": "也许"}, "unknown_word", "父亲是否外出务工"),
        ({"母亲电话": "1" * 40}, "too_long", "电话"),
        ({"监护人姓名": ""}, "missing", "监护人姓名"),
        ({"监护人姓名": "任" * 51}, "too_long", "监护人姓名"),
        ({"结对类型": "神仙"}, "unknown_word", "结对类型"),
        ({"结对日期": ""}, "missing", "结对日期"),
        ({"结对日期": "2026-02-11"}, "outside_enrolment", "结对日期"),
        ({"结对帮扶人": ""}, "missing", "结对帮扶人"),
    ],
)
def test_what_depends_on_an_enrolment_never_refuses_the_child(
    system: System, cells: dict[str, str], code: str, column: str
) -> None:
    whole = form({"母亲姓名": "谢大姐"})
    done = take_roster(system, form({"母亲姓名": "谢大姐"} | cells))

    assert (done.enrolled, done.refused) == (1, ())
    assert [(i.line, i.reason.code) for i in done.incomplete] == [(3, code)]
    assert done.incomplete[0].reason.zh.startswith(f"{column}：")
    assert [kind for kind, said in parts_of(system).items() if not said] == [part_of(column)]

    # Mended, the same form adds what was missing, and nothing twice.
    mended, again = take_roster(system, whole), take_roster(system, whole)

    assert (mended.completed, mended.already_recorded, mended.differs) == (1, 0, ())
    assert (again.completed, again.already_recorded, again.incomplete) == (0, 1, ())
    assert all(parts_of(system).values())


def parts_of(system: System) -> dict[str, bool]:
    """Return which parts of the row the file of the child knows."""
    child = child_of(system, "T1")
    return {
        "father": Parent.FATHER in parents(child),
        "mother": Parent.MOTHER in parents(child),
        "guardian": guardian(child) is not None,
        "pairing": bool(child.pairings),
    }


def part_of(column: str) -> str:
    words = {"父亲": "father", "电话": "mother", "监护": "guardian", "结对": "pairing"}
    return words[column[:2]]


def test_every_cell_ends_in_an_event_or_in_a_refusal(system: System) -> None:
    """No column of the form is read by nobody: what stands in it is on record, or is told by its name."""
    marks = {column: f"标记{number}" for number, column in enumerate(COLUMNS)}
    for number, column in enumerate(COLUMNS):
        cells = {"学籍号": f"M{number}", "结对帮扶人": f"甲{number}", "母亲姓名": "谢大姐"} | {
            column: marks[column]
        }
        done = take_roster(system, form(cells))

        told = [*done.refused, *done.incomplete]
        events = [event for event in system.log.after(0, limit=500) if marks[column] in str(event)]
        # What is no telephone number, or a place that may be near by, is kept and asked about.
        assert bool(told) != bool(events) or column.endswith(("电话", "务工地")), column
        assert all(column in each.reason.zh for each in told), column


def test_a_reason_never_carries_what_stands_in_the_row(system: System) -> None:
    canary = "金丝雀"
    rows = [
        {"学籍号": f"T{n}", **cells}
        for n, cells in enumerate(
            (
                {"姓名": canary, "出生日期": canary},
                {"姓名": canary, "性别": canary},
                {"姓名": canary, "身份证号": canary},
                {"姓名": canary * 50},
            )
        )
    ]

    done = take_roster(system, form(*rows))

    assert len(done.refused) == 4
    assert canary not in str(done)


def test_a_true_identity_number_is_kept(system: System) -> None:
    done = take_roster(system, form({"身份证号": "11010519491231002x"}))

    assert done.enrolled == 1
    assert system.record.find(kind="id_number", word="11010519491231002X", scope="") != ()


def test_a_changed_row_is_listed_and_not_applied(system: System) -> None:
    take_roster(system, form({}))
    head = system.log.head()

    done = take_roster(system, form({"现居住地址": "西河村", "班级": "5班", "结对日期": "2026-02-14"}))

    assert (done.enrolled, done.already_recorded, done.refused) == (0, 0, ())
    assert [(d.line, d.fields) for d in done.differs] == [(3, ("班级", "现居住地址", "结对日期"))]
    assert system.log.head() == head


def test_a_changed_row_is_applied_where_that_is_asked_for_and_who_is_missing_is_told(system: System) -> None:
    take_roster(system, form({}, {"学籍号": "T2", "姓名": "石小川", "结对帮扶人": "另一人"}))

    done = take_roster(system, form({"现居住地址": "西河村", "班级": "5班"}), changed_on=date(2026, 3, 1))

    assert [each.fields for each in done.changed] == [("班级", "现居住地址")]
    assert done.missing == (child_of(system, "T2").child_id,)
    assert child_of(system, "T1").org == f"{SCHOOL}/3年级/5班"


def test_columns_that_are_left_out_do_not_differ(system: System) -> None:
    take_roster(system, form({}))

    done = take_roster(system, form({}, columns=(*COLUMNS[:5], "建档日期")))

    assert (done.already_recorded, done.differs) == (1, ())


def test_a_row_without_a_number_enrols_its_child_once(system: System) -> None:
    rows = ({"学籍号": "", "姓名": "戴小秋"}, {"学籍号": "", "姓名": "戴小冬"})

    first, again = take_roster(system, form(*rows)), take_roster(system, form(*reversed(rows)))

    assert (first.enrolled, again.enrolled, again.already_recorded) == (2, 0, 2)
    (child,) = system.record.find(kind="name", word="戴小秋", scope="")
    assert fold(child, system.log.stream(child)).profile.student_no is None


def test_a_number_that_comes_later_opens_no_second_file(system: System) -> None:
    take_roster(system, form({"学籍号": ""}))

    done = take_roster(system, form({"学籍号": "T1"}))

    assert (done.enrolled, [each.fields for each in done.differs]) == (0, [("学籍号",)])


def test_a_row_without_a_number_is_the_child_that_has_one(system: System) -> None:
    take_roster(system, form({"学籍号": "T1"}))

    done = take_roster(system, form({"学籍号": ""}, {"学籍号": "", "出生日期": "2015-04-26"}))

    assert (done.enrolled, [each.fields for each in done.differs]) == (1, [("学籍号",)])


def test_a_child_of_another_school_is_not_taken_over(system: System) -> None:
    take_roster(system, form({}))

    done = take_roster(system, form({}), org="示例县/东岭镇/别的小学")

    assert why(done) == [(3, "number_taken")]


def test_the_third_child_of_a_care_counsellor_is_enrolled_without_the_pairing(system: System) -> None:
    data = form(*({"学籍号": f"T{n}"} for n in (1, 2, 3)))

    done = take_roster(system, data)

    assert (done.enrolled, done.refused) == (3, ())
    ((line, reason),) = [(each.line, each.reason) for each in done.incomplete]
    assert (line, reason.code) == (5, "capacity_exceeded")
    assert "爱心辅导员每人最多 2 名，policy.toml [capacity] care_counsellor = 2" in reason.zh
    assert "a care counsellor has 2 at most, policy.toml [capacity] care_counsellor = 2" in reason.en
    child = child_of(system, "T3")
    assert (child.pairings, guardian(child) is not None, child.in_care(date(2026, 6, 1))) == ((), True, True)

    again = take_roster(system, data)
    other = take_roster(system, form({"学籍号": "T3", "结对帮扶人": "另一人"}))

    assert (again.already_recorded, [each.line for each in again.incomplete]) == (3, [5])
    assert (other.completed, len(child_of(system, "T3").pairings)) == (1, 1)


def test_a_pairing_that_was_voided_is_not_added_again(system: System) -> None:
    take_roster(system, form({}))
    child = child_of(system, "T1")
    void = NewEvent(
        event_id=uuid4(),
        occurred=Occurred.on(date(2026, 3, 1)),
        details=EventVoided(target=child.pairings[0].event_id, reason="never agreed", approved_by="head"),
        recorded_by="clerk",
        based_on=child.version,
    )
    (outcome,) = system.record.record_many(actor=SYSTEM, stream_id=child.child_id, new_events=[void])
    assert not isinstance(outcome, Refused), outcome

    done = take_roster(system, form({}))

    assert (done.completed, [d.fields for d in done.differs]) == (
        0,
        [("结对帮扶人", "结对类型", "结对日期")],
    )


@pytest.mark.parametrize(
    ("cells", "taken"),
    [
        ({"姓名": "罗小诺"}, True),
        ({"性别": "男"}, False),
        ({"姓名": "罗小诺", "性别": "男"}, True),
        ({"姓名": "罗小诺", "出生日期": "2015-05-25"}, True),
        ({"姓名": "罗小诺", "身份证号": "11010519491231002X"}, True),
        ({"姓名": "戴 小春", "性别": "男"}, False),
    ],
)
def test_another_child_under_a_taken_number_is_refused_and_a_changed_one_differs(
    system: System, cells: dict[str, str], taken: bool
) -> None:
    take_roster(system, form({}))
    head = system.log.head()

    done = take_roster(system, form(cells))

    assert (why(done), len(done.differs)) == (([(3, "number_taken")], 0) if taken else ([], 1))
    assert all("本行儿童未建档，不受关爱预警" in each.reason.zh for each in done.refused)
    assert system.log.head() == head


@pytest.mark.parametrize(("number", "taken"), [("11010519491231002x", False), ("110101199003074530", True)])
def test_an_equal_identity_number_tells_a_child_with_a_new_name(
    system: System, number: str, taken: bool
) -> None:
    take_roster(system, form({"身份证号": "11010519491231002X"}))

    done = take_roster(system, form({"姓名": "罗小诺", "身份证号": number}))

    assert [r.reason.code for r in done.refused] == (["number_taken"] if taken else [])
    assert [d.fields for d in done.differs] == ([] if taken else [("姓名",)])


@pytest.mark.parametrize("between", ["、", "；", "/", "\n", " ", "　"])
def test_two_carers_in_one_cell_are_two(system: System, between: str) -> None:
    done = take_roster(system, form({"结对帮扶人": f"赵小一{between}钱小二"}))
    again = take_roster(system, form({"结对帮扶人": f"赵小一{between}钱小二"}, title=False))

    assert (done.enrolled, done.incomplete) == (1, ())
    assert len({pairing.carer for pairing in child_of(system, "T1").pairings}) == 2
    assert (again.already_recorded, again.differs) == (1, ())


@pytest.mark.parametrize("names", ["赵小一和钱小二", "欧阳 小佑", "阿依古丽 买买提"])
def test_what_may_be_one_carer_or_two_is_asked_about(system: System, names: str) -> None:
    done = take_roster(system, form({"结对帮扶人": names}))

    assert (done.enrolled, [i.reason.code for i in done.incomplete]) == (1, ["one_carer"])
    assert all(column in done.incomplete[0].reason.zh for column in ("结对帮扶人", "结对类型", "结对日期"))
    assert child_of(system, "T1").pairings == ()
    assert system.carers.named(org=SCHOOL, name=names) == ()


@pytest.mark.parametrize(
    "name", ["和小平", "陈和平", "欧阳和平", "阿依古丽·买买提", "孙 老师", "孙小青 老师", "孙 小青"]
)
def test_a_name_is_not_taken_for_two(system: System, name: str) -> None:
    assert take_roster(system, form({"结对帮扶人": name})).incomplete == ()


def test_every_column_that_is_left_out_with_an_unreadable_one_is_named(system: System) -> None:
    rows = (
        {"父亲是否外出务工": "有时"},
        {"学籍号": "T2", "监护人姓名": ""},
        {"学籍号": "T3", "结对日期": "?"},
    )

    done = take_roster(system, form(*rows))

    left = [
        ("父亲姓名", "父亲是否外出务工", "父亲务工地", "父亲电话"),
        ("与儿童关系", "监护人电话", "监护人住址"),
        ("结对帮扶人", "结对类型", "结对日期"),
    ]
    for told, columns in zip(done.incomplete, left, strict=True):
        assert f"未登记的栏目：{'、'.join(columns)}" in told.reason.zh
        assert f"Not recorded: {'、'.join(columns)}." in told.reason.en


@pytest.mark.parametrize("word", ["不详", "未知"])
def test_whereabouts_that_nobody_knows_are_unknown(system: System, word: str) -> None:
    done = take_roster(system, form({"父亲是否外出务工": word}))

    father = parents(child_of(system, "T1"))[Parent.FATHER]
    assert (done.incomplete, father.away, father.name) == ((), None, "戴大山")


def test_a_word_that_is_not_known_is_answered_with_those_that_are(system: System) -> None:
    rows = [{"性别": "?"}, {"学籍号": "T2", "父亲是否外出务工": "?"}, {"学籍号": "T3", "结对类型": "?"}]
    done = take_roster(system, form(*rows))

    told = [each.reason.zh for each in (*done.refused, *done.incomplete)]
    assert ["男、女" in told[0], "是、否、不详" in told[1], "爱心辅导员" in told[2]] == [True] * 3


def test_all_columns_that_are_not_known_are_named_at_once(system: System) -> None:
    with pytest.raises(Invalid) as refused:
        take_roster(system, form({}, columns=(*COLUMNS, "星座", "血型")))

    assert refused.value.reason.zh.endswith("：星座、血型")
    assert [fault.pointer for fault in refused.value.faults] == [
        f"/columns/{len(COLUMNS) + place}" for place in (1, 2)
    ]


@pytest.mark.parametrize("typed", [(), ("结对类型",)])
def test_the_heading_above_a_carer_says_the_kind(system: System, typed: tuple[str, ...]) -> None:
    of = {
        "T1": ({"帮扶教师": "丁老师"}, ["帮扶教师"]),
        "T2": ({"爱心妈妈": "丁老师"}, ["爱心妈妈"]),
        "T3": ({"爱心妈妈": "丁老师", "帮扶教师": "孟小浩"}, ["帮扶教师", "爱心妈妈"]),
        "T4": ({"党员": "丁老师", "志愿者": "孟小浩"}, ["党员", "志愿者"]),
    }
    heads = ("爱心妈妈", "党员", "志愿者", "帮扶教师", *typed)
    rows = ({"学籍号": number, **dict.fromkeys(heads, ""), **cells} for number, (cells, _) in of.items())
    columns = ("学籍号", "姓名", "性别", "出生日期", "建档日期", *heads, "结对日期")

    done = take_roster(system, form(*rows, columns=columns))

    assert done.incomplete == ()
    told = {number: [p.kind.zh for p in child_of(system, number).pairings] for number in of}
    assert told == {number: kinds for number, (_, kinds) in of.items()}


@pytest.mark.parametrize(
    ("number", "said"), [("1101051949123100", "18 位"), ("110101201504251234", "校验位")]
)
def test_an_identity_number_says_what_is_wrong_with_it(system: System, number: str, said: str) -> None:
    (refused,) = take_roster(system, form({"身份证号": number})).refused

    assert (refused.reason.code, said in refused.reason.zh) == ("bad_id_number", True)


def test_what_stands_under_an_empty_header_is_told(system: System) -> None:
    book = load_workbook(io.BytesIO(form({}, {"学籍号": "T2"}, title=False)))
    sheet, place = book.worksheets[0], len(COLUMNS) + 2
    sheet.cell(row=2, column=place, value="孩子奶奶病重")
    sheet.cell(row=4, column=place, value="另见附页")
    held = io.BytesIO()
    book.save(held)

    done = take_roster(system, held.getvalue())
    again = take_roster(system, held.getvalue())

    letter = sheet.cell(row=1, column=place).column_letter
    assert (done.enrolled, why(done), why(again)) == (2, [(4, "no_column")], [(4, "no_column")])
    for each in (done, again):
        assert [(i.line, i.reason.code) for i in each.incomplete] == [(2, "no_column")]
        assert each.incomplete[0].reason.zh.startswith(f"{letter}：")
    assert "奶奶" not in str(done)


def test_every_sheet_that_is_shown_is_read_and_the_others_are_named(system: System) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.create_sheet("填表说明").append(["请用黑色笔填写"])
    for name, rows in {"示例": "E", "作废": "V", "一班": "AB", "二班": "C"}.items():
        sheet = book.create_sheet(name)
        sheet.append(list(COLUMNS))
        for number in rows:
            sheet.append([(ROW | {"学籍号": number, "结对帮扶人": number}).get(column) for column in COLUMNS])
    book["作废"].sheet_state = "hidden"
    book["二班"].append([(ROW | {"学籍号": "D", "性别": "?"}).get(column) for column in COLUMNS])
    held = io.BytesIO()
    book.save(held)

    done = take_roster(system, held.getvalue())

    assert (done.lines, done.enrolled) == (4, 3)
    assert [(r.sheet, r.line, r.reason.code) for r in done.refused] == [("二班", 3, "unknown_word")]
    assert [(s.sheet, s.reason.code) for s in done.sheets_not_read] == [
        ("填表说明", "no_header"),
        ("示例", "example_sheet"),
        ("作废", "sheet_hidden"),
    ]
    found = {number: system.record.find(kind="student_no", word=number, scope="") for number in "ABCDEV"}
    assert [number for number, ids in found.items() if ids] == ["A", "B", "C"]


def test_carers_alike_are_refused_until_told_apart(system: System) -> None:
    for number in ("1", "2"):
        system.carers.register(
            actor=SYSTEM,
            carer_id=UUID(int=int(number)),
            org=SCHOOL,
            details=CarerRegistered(name="卢小佑", staff_no=number),
        )

    done = take_roster(system, form({}))

    assert (done.enrolled, [(i.line, i.reason.code) for i in done.incomplete]) == (
        1,
        [(3, "carer_not_told_apart")],
    )


def test_an_interrupted_import_is_finished_by_running_it_again(system: System) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 20:
            raise Interrupted

    with pytest.raises(Interrupted):
        take_roster(system, progress=interrupt)

    done = take_roster(system)

    assert (done.enrolled, done.already_recorded) == (54, 1)
    runs = imports_of(system.database)
    assert [(run.import_id, run.finished_at is None) for run in runs] == [(done.import_id, False)]


def test_progress_is_told_row_by_row(system: System) -> None:
    told: list[tuple[int, int]] = []

    take_roster(system, progress=lambda done, total: told.append((done, total)))

    assert told == [(n, 57) for n in range(58)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no workbook", "no_header"),
        (b"%PDF-1.7", "not_a_table"),
        (form({}, columns=("学籍号", "别的")), "no_header"),
        (form({}, columns=("学籍号", "姓名", "性别", "出生日期")), "missing_column"),
        (form({}, columns=(*COLUMNS, "星座")), "unknown_column"),
        (form({}, columns=(*COLUMNS, "姓名")), "column_twice"),
    ],
)
def test_a_file_that_is_no_form_is_refused_as_a_whole(system: System, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        take_roster(system, data)

    assert refused.value.reason.code == code
    assert system.organisations.paths() == []


@pytest.mark.parametrize("org", ["县/镇", "县/镇/校/级", "", "县//校"])
def test_only_a_school_takes_a_form(system: System, org: str) -> None:
    with pytest.raises(Refused):
        take_roster(system, org=org)


def test_nobody_imports_into_a_school_outside_their_own_subtree(system: System) -> None:
    elsewhere = Actor(name="clerk", role=Role.CLIENT, org="别的县")

    with pytest.raises(Unknown):
        import_roster(ROSTER, org=SCHOOL, registers=system.registers, actor=elsewhere)

    assert system.log.head()[0] == 0


def test_a_form_whose_size_is_told_wrong_is_read_to_its_end(system: System) -> None:
    paper, told = io.BytesIO(), form({})
    with zipfile.ZipFile(io.BytesIO(told)) as old, zipfile.ZipFile(paper, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', old.read(name)))
    assert paper.getvalue() != told

    assert take_roster(system, paper.getvalue()).enrolled == 1


def test_a_refused_row_is_told_everything_that_is_to_be_mended(system: System) -> None:
    bad = {"姓名": "", "性别": "?", "出生日期": "2015年", "身份证号": "123", "建档日期": "", "班级": "3/4"}

    (refused,) = take_roster(system, form(bad)).refused

    assert [each.zh.partition("：")[0] for each in refused.reasons] == [
        "姓名",
        "性别",
        "出生日期",
        "身份证号",
        "建档日期",
        "班级",
    ]


@pytest.mark.parametrize(
    ("said", "away", "place", "kept"),
    [
        ("浙江打工", True, "浙江", False),
        ("在广东务工", True, "广东", False),
        ("外出（广东东莞）", True, "广东东莞", False),
        ("是，在江苏苏州", True, "江苏苏州", False),
        ("常年在外打工", True, None, False),
        ("广西南宁", True, "广西南宁", False),
        ("就近务工", False, None, False),
        ("离异改嫁", None, None, True),
        ("已病故", None, None, True),
        ("服刑", None, None, True),
    ],
)
def test_what_is_said_of_a_parent_is_kept(
    system: System, said: str, away: bool | None, place: str | None, kept: bool
) -> None:
    done = take_roster(system, form({"父亲是否外出务工": said, "父亲务工地": ""}))

    child = child_of(system, "T1")
    father = parents(child)[Parent.FATHER]
    assert child.enrolment is not None
    assert (done.incomplete, father.away, father.place, father.name) == ((), away, place, "戴大山")
    assert (f"父亲是否外出务工：{said}" in (child.enrolment.details.remark or "")) is kept


@pytest.mark.parametrize(
    ("said", "away", "asked"),
    [
        ("纯留守", [True, True], []),
        ("非留守儿童", [False, False], []),
        ("单亲留守儿童", [], ["which_parent"]),
        ("爸爸打工妈妈在家", [], ["whereabouts_unclear"]),
        ("母亲去世父亲外出", [], ["whereabouts_unclear"]),
        ("不详", [], []),
    ],
)
def test_one_word_about_both_parents_is_taken_or_asked_about(
    system: System, said: str, away: list[bool], asked: list[str]
) -> None:
    columns = ("学籍号", "姓名", "性别", "出生日期", "建档日期", "留守类型")
    done = take_roster(system, form({"留守类型": said}, columns=columns))

    assert [each.away for each in parents(child_of(system, "T1")).values()] == away
    assert [each.reason.code for each in done.incomplete] == asked


def test_a_household_of_no_kind_refuses_no_child(system: System) -> None:
    done = take_roster(system, form({"户口性质": "居民家庭户"}, columns=(*COLUMNS, "户口性质")))

    enrolment = child_of(system, "T1").enrolment
    assert enrolment is not None
    assert (done.enrolled, enrolment.details.hukou_type) == (1, None)
    assert enrolment.details.remark == "户口性质：居民家庭户"


@pytest.mark.parametrize("asked", [True, False])
def test_a_place_of_work_says_that_a_parent_is_away_or_is_asked_about(system: System, asked: bool) -> None:
    columns = tuple(column for column in COLUMNS[:-3] if asked or column != "父亲是否外出务工")
    places = {"浙江义乌": True, "东莞": True, "本县": None, "镇上": None, "不详": None, "": None}
    rows = (
        {"学籍号": f"P{n}", "父亲是否外出务工": "", "父亲务工地": place} for n, place in enumerate(places)
    )

    done = take_roster(system, form(*rows, columns=columns))

    children = [child_of(system, f"P{n}") for n in range(len(places))]
    assert [parents(child)[Parent.FATHER].away for child in children] == [*places.values()]
    assert [(each.line, each.reason.code) for each in done.incomplete] == [
        (5, "away_unsaid"),
        (6, "away_unsaid"),
    ]
    assert parents(children[2])[Parent.FATHER].place == "本县"
