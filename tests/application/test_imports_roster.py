"""The census form: rows become files of children, once; what can't be read or differs is told by line."""

import io
import re
import zipfile
from datetime import date, datetime
from uuid import UUID

import pytest

from application.access import Actor, Role
from application.imports.roster import import_roster
from application.imports.roster_form import COLUMNS
from application.system import SYSTEM, System
from domain.care_actions.pairing_started import CarerKind
from domain.care_actions.parent_work_recorded import Parent
from domain.carer import CarerRegistered
from domain.child import Child, fold
from domain.refusal import Invalid, Refused, Unknown
from tests.application.papers import ROSTER, SCHOOL, form, take_roster, why


def child_of(system: System, student_no: str) -> Child:
    (child_id,) = system.record.find(kind="student_no", word=student_no, scope="")
    return fold(child_id, system.log.stream(child_id))


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


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
    assert child.parents[Parent.FATHER].away is True
    assert child.parents[Parent.FATHER].place == "浙江省义乌市"
    assert child.parents[Parent.MOTHER].away is False
    assert child.guardian is not None
    assert child.guardian.relation == "祖母"
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
            {"学籍号": "T3", "出生日期": "2015.04.25"},
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

    assert child_of(system, "20260001").parents[Parent.FATHER].phone == "19034236671"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"姓名": " "}, "missing"),
        ({"学籍号": ""}, "missing"),
        ({"出生日期": "2015-02-30"}, "bad_date"),
        ({"建档日期": "昨天"}, "bad_date"),
        ({"性别": "男女"}, "unknown_word"),
        ({"是否寄宿": "有时"}, "unknown_word"),
        ({"父亲是否外出务工": "也许"}, "unknown_word"),
        ({"结对类型": "神仙"}, "unknown_word"),
        ({"结对日期": ""}, "missing"),
        ({"监护人姓名": ""}, "missing"),
        ({"班级": "4/5班"}, "slash"),
        ({"年级": ""}, "missing"),
        ({"身份证号": "110101201504251234"}, "bad_id_number"),
        ({"建档日期": "2036-02-12"}, "in_the_future"),
        ({"出生日期": "2026-02-13"}, "before_birth"),
        ({"结对日期": "2026-02-11"}, "outside_enrolment"),
        ({"姓名": "戴" * 51}, "too_long"),
    ],
)
def test_a_row_that_cannot_be_placed_is_refused_and_writes_nothing(
    system: System, cells: dict[str, str], code: str
) -> None:
    done = take_roster(system, form(cells, {"学籍号": "T2", "结对帮扶人": "另一人"}))

    assert (done.enrolled, why(done)) == (1, [(3, code)])
    assert system.record.find(kind="student_no", word="T1", scope="") == ()


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


def test_columns_that_are_left_out_do_not_differ(system: System) -> None:
    take_roster(system, form({}))

    done = take_roster(system, form({}, columns=(*COLUMNS[:5], "建档日期")))

    assert (done.already_recorded, done.differs) == (1, ())


def test_a_child_of_another_school_is_not_taken_over(system: System) -> None:
    take_roster(system, form({}))

    done = take_roster(system, form({}), org="示例县/东岭镇/别的小学")

    assert why(done) == [(3, "number_taken")]


def test_the_third_child_of_a_care_counsellor_is_refused_whole(system: System) -> None:
    done = take_roster(system, form(*({"学籍号": f"T{n}"} for n in (1, 2, 3))))

    assert (done.enrolled, why(done)) == (2, [(5, "capacity_exceeded")])
    assert system.record.find(kind="student_no", word="T3", scope="") == ()


def test_carers_alike_are_refused_until_told_apart(system: System) -> None:
    for number in ("1", "2"):
        system.carers.register(
            actor=SYSTEM,
            carer_id=UUID(int=int(number)),
            org=SCHOOL,
            details=CarerRegistered(name="卢小佑", staff_no=number),
        )

    assert why(take_roster(system, form({}))) == [(3, "carer_not_told_apart")]


def test_an_interrupted_import_is_finished_by_running_it_again(system: System) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 20:
            raise Interrupted

    with pytest.raises(Interrupted):
        take_roster(system, progress=interrupt)

    done = take_roster(system)

    assert (done.enrolled, done.already_recorded) == (34, 21)
    runs = system.database.all("SELECT import_id, finished_at FROM import_run")
    assert [(run["import_id"], run["finished_at"] is None) for run in runs] == [(done.import_id, False)]


def test_progress_is_told_row_by_row(system: System) -> None:
    told: list[tuple[int, int]] = []

    take_roster(system, progress=lambda done, total: told.append((done, total)))

    assert told == [(n, 57) for n in range(1, 58)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no workbook", "not_xlsx"),
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
        import_roster(ROSTER, org=SCHOOL, system=system, actor=elsewhere)

    assert system.log.head()[0] == 0


def test_a_form_whose_size_is_told_wrong_is_read_to_its_end(system: System) -> None:
    paper, told = io.BytesIO(), form({})
    with zipfile.ZipFile(io.BytesIO(told)) as old, zipfile.ZipFile(paper, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', old.read(name)))
    assert paper.getvalue() != told

    assert take_roster(system, paper.getvalue()).enrolled == 1
