"""Next year's roster: what differs becomes dated events by one command, and what can't is told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from application.access import SYSTEM
from application.intake.imports.roster import import_roster, plan_roster
from application.intake.imports.roster_result import RosterResult
from application.intake.undo import undo_batch
from application.system import System
from domain.care_actions.guardian_designated import guardian
from domain.care_actions.parent_work_recorded import parents
from domain.child import Child, fold
from domain.choices import CarerKind, Parent
from tests.application.papers import COLUMNS, form
from tests.support.actions import Desk
from tests.support.systems import StandingClock, fresh_system

PAPERS = Path(__file__).parents[3] / "papers"
SCHOOL = "某县/某镇/某小学"
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path, clock=StandingClock(datetime(2026, 11, 28, 4, tzinfo=UTC))) as system:
        yield system


def take(system: System, data: bytes, *, plan: bool = False, **more: Any) -> RosterResult:
    how = plan_roster if plan else import_roster
    return how(data, org=SCHOOL, registers=system.registers, actor=SYSTEM, **more)


def child_of(system: System, student_no: str) -> Child:
    (child_id,) = system.record.find(kind="student_no", word=student_no, scope="")
    return fold(child_id, system.log.stream(child_id))


def codes(done: RosterResult) -> list[tuple[int, str]]:
    return [(each.line, each.reason.code) for each in done.kept]


def test_next_years_roster_is_applied_by_one_command(system: System) -> None:
    take(system, (PAPERS / "s01_roster.xlsx").read_bytes())
    next_year = (PAPERS / "y01_next_year_roster.xlsx").read_bytes()
    before = child_of(system, "P00000002")

    planned = take(system, next_year, plan=True, changed_on=SEPTEMBER)
    untouched = child_of(system, "P00000002")
    done = take(system, next_year, changed_on=SEPTEMBER)

    assert untouched.version == before.version
    assert [(each.line, each.fields) for each in done.changed] == [
        (4, ("年级",)),
        (5, ("年级", "监护人电话")),
        (6, ("年级",)),
    ]
    assert (planned.changed, planned.kept, planned.missing) == (done.changed, done.kept, done.missing)
    # The day of the list is no other day of enrolment.
    assert codes(done) == [(6, "opened_once")]
    missing = {child_of(system, number).child_id for number in ("P00000003", "P00000005")}
    assert {*done.missing} == missing
    child = child_of(system, "P00000002")
    assert (child.org, child.org_on(date(2026, 8, 31))) == (f"{SCHOOL}/四年级/1班", f"{SCHOOL}/三年级/1班")
    named = guardian(child)
    assert named is not None
    assert (named.name, named.phone, named.relation) == ("奶奶钱一鸣", "13922223333", "祖孙")
    assert [p.start for p in child.pairings] == [date(2026, 3, 1)]
    assert child.ended_pairings == {}


def test_a_second_time_nothing_is_recorded_and_all_of_it_can_be_undone(system: System) -> None:
    take(system, (PAPERS / "s01_roster.xlsx").read_bytes())
    next_year = (PAPERS / "y01_next_year_roster.xlsx").read_bytes()
    done = take(system, next_year, changed_on=SEPTEMBER)
    head = system.log.head()

    again = take(system, next_year, changed_on=date(2026, 10, 1))
    assert (again.changed, again.already_recorded, len(again.differs)) == ((), 2, 1)
    assert system.log.head() == head

    undo_batch(done.import_id, approved_by="王校长", registers=system.registers, actor=SYSTEM)
    assert child_of(system, "P00000002").org == f"{SCHOOL}/三年级/1班"
    anew = take(system, next_year, changed_on=SEPTEMBER)
    assert len(anew.changed) == 3
    assert child_of(system, "P00000002").org == f"{SCHOOL}/四年级/1班"


def test_every_column_that_an_event_can_say_is_applied(system: System) -> None:
    take(system, form({"学籍号": ""}))
    new = {
        "学籍号": "T1",
        "民族": "回族",
        "是否寄宿": "是",
        "现居住地址": "西河村",
        "健康状况": "近视",
        "年级": "4年级",
        "班级": "2班",
        "父亲是否外出务工": "否",
        "父亲务工地": "本县",
        "母亲姓名": "谢大姐",
        "母亲是否外出务工": "是",
        "监护人姓名": "戴爷爷",
        "与儿童关系": "祖父",
        "监护人电话": "13900000000",
        "结对帮扶人": "孟小浩",
        "结对日期": "2026-09-05",
    }

    done = take(system, form(new), changed_on=SEPTEMBER)

    assert (done.differs, done.kept, done.incomplete) == ((), (), ())
    assert {*done.changed[0].fields} == {*new} - {"母亲姓名", "母亲是否外出务工"}
    child = child_of(system, "T1")
    profile: Any = child.profile
    assert (profile.ethnicity, profile.boarding, profile.address, profile.health) == (
        "回族",
        True,
        "西河村",
        "近视",
    )
    assert parents(child)[Parent.FATHER].away is False
    assert parents(child)[Parent.MOTHER].away is True
    named = guardian(child)
    assert named is not None
    assert (named.name, named.address) == ("戴爷爷", "东岭村")
    former, now = child.pairings
    assert (former.end, now.start, now.kind) == (
        date(2026, 9, 5),
        date(2026, 9, 5),
        CarerKind.CARE_COUNSELLOR,
    )
    assert take(system, form(new), changed_on=SEPTEMBER).already_recorded == 1


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"性别": "男"}, "to_be_corrected"),
        ({"身份证号": "11010519491231002X"}, "to_be_corrected"),
        ({"建档日期": "2026-09-01"}, "opened_once"),
        ({"健康状况": ""}, "says_nothing"),
        ({"监护人姓名": "", "与儿童关系": "", "监护人电话": "", "监护人住址": ""}, "says_nothing"),
        ({"结对日期": "2026-09-01"}, "pairing_goes_on"),
    ],
)
def test_what_no_event_can_say_is_told_with_its_reason(
    system: System, cells: dict[str, str], code: str
) -> None:
    take(system, form({}))
    head = system.log.head()

    done = take(system, form(cells), changed_on=SEPTEMBER)

    assert {each.reason.code for each in done.kept} == {code}
    assert all(any(column in each.reason.zh for each in done.kept) for column in cells)
    assert (done.changed, [*done.differs[0].fields]) == ((), [c for c in COLUMNS if c in cells])
    assert system.log.head() == head


def test_a_later_entry_holds_against_an_earlier_change(system: System) -> None:
    take(system, form({}))
    child = child_of(system, "T1")
    desk = Desk(system)
    desk.submit("profile_changed", "2026-10-01", child=child.child_id, address="南坡村")
    desk.submit("guardian_designated", "2026-10-01", child=child.child_id, name="任大娘", phone="1")
    head = system.log.head()

    done = take(system, form({"现居住地址": "西河村", "监护人电话": "2"}), changed_on=SEPTEMBER)

    assert codes(done) == [(3, "known_since"), (3, "known_since")]
    assert system.log.head() == head
    assert len(take(system, form({"现居住地址": "西河村"}), changed_on=date(2026, 10, 2)).changed) == 1


def test_who_cannot_be_paired_replaces_nobody(system: System) -> None:
    rows = [{"学籍号": "T1", "结对帮扶人": "甲老师"}, *({"学籍号": f"T{n}"} for n in (2, 3))]
    take(system, form(*rows))

    # 卢小佑 has two children already, and a care counsellor may have no more.
    done = take(system, form({"学籍号": "T1"}), changed_on=SEPTEMBER)

    assert [(each.line, each.reason.code) for each in done.incomplete] == [(3, "capacity_exceeded")]
    assert (len(child_of(system, "T1").pairings), child_of(system, "T1").ended_pairings) == (1, {})


def test_another_kind_of_pairing_with_the_same_carer_begins_where_the_former_ends(system: System) -> None:
    take(system, form({}))

    done = take(system, form({"结对类型": "帮扶教师"}), changed_on=SEPTEMBER)

    assert (done.incomplete, len(done.changed)) == ((), 1)
    former, now = child_of(system, "T1").pairings
    assert (former.kind, former.start, former.end) == (
        CarerKind.CARE_COUNSELLOR,
        date(2026, 2, 13),
        SEPTEMBER,
    )
    assert (now.kind, now.start) == (CarerKind.HELPER_TEACHER, SEPTEMBER)


def test_of_several_carers_none_is_ended_by_a_guess(system: System) -> None:
    take(system, form({"结对类型": "志愿者"}))
    child = child_of(system, "T1")
    take(system, form({"学籍号": "T2", "结对帮扶人": "孟小浩", "结对类型": "志愿者"}))
    (other,) = system.carers.named(org=SCHOOL, name="孟小浩")
    Desk(system).submit(
        "pairing_started", "2026-04-01", child=child.child_id, carer=str(other), kind="volunteer"
    )
    head = system.log.head()

    one_of_them = take(system, form({"结对类型": "志愿者"}), changed_on=SEPTEMBER)
    a_third = take(system, form({"结对类型": "志愿者", "结对帮扶人": "卢小佑二"}), changed_on=SEPTEMBER)

    assert (one_of_them.already_recorded, codes(a_third)) == (1, [(3, "several_carers")])
    assert system.log.head() == head


def test_of_two_carers_in_a_cell_the_one_who_is_new_takes_the_place_of_who_is_gone(system: System) -> None:
    take(system, form({"结对帮扶人": "赵小一、钱小二", "结对类型": "志愿者"}))
    stays, goes = child_of(system, "T1").pairings

    done = take(system, form({"结对帮扶人": "赵小一、孙小三", "结对类型": "志愿者"}), changed_on=SEPTEMBER)

    assert (len(done.changed), done.kept) == (1, ())
    child = child_of(system, "T1")
    assert child.ended_pairings == {goes.event_id: SEPTEMBER}
    assert (len(child.pairings), stays.event_id in child.ended_pairings) == (3, False)


@pytest.mark.parametrize(
    ("recorded", "said"), [("祖母", "奶奶"), ("爷爷", "祖父"), ("外婆", "姥姥"), ("外公", "外祖父")]
)
def test_another_word_for_the_same_relation_is_no_difference(
    system: System, recorded: str, said: str
) -> None:
    take(system, form({"与儿童关系": recorded}))

    done = take(system, form({"与儿童关系": said}), changed_on=SEPTEMBER)
    other = take(system, form({"与儿童关系": "姑姑"}))

    assert (done.already_recorded, done.changed) == (1, ())
    assert [each.fields for each in other.differs] == [("与儿童关系",)]


def test_a_class_spelled_otherwise_is_no_other_class(system: System) -> None:
    take(system, form({}))

    done = take(system, form({"年级": "三年级", "班级": "四班"}), changed_on=SEPTEMBER)

    assert (done.already_recorded, done.changed) == (1, ())


def test_another_child_under_a_number_is_refused_as_ever(system: System) -> None:
    take(system, form({}))

    done = take(system, form({"姓名": "罗小诺"}), changed_on=SEPTEMBER)

    assert [each.reason.code for each in done.refused] == ["number_taken"]
    # The row is refused, and yet it speaks of that number.
    assert (done.changed, done.missing) == ((), ())


def test_a_day_in_the_future_changes_nothing(system: System) -> None:
    take(system, form({}))

    done = take(system, form({"现居住地址": "西河村", "班级": "5班"}), changed_on=date(2027, 1, 1))

    assert done.changed == ()
    assert {each.reason.code for each in done.incomplete} == {"in_the_future"}


def test_rows_of_one_child_that_contradict_each_other_are_asked_about(system: System) -> None:
    take(system, form({}))
    rows = form(
        {"监护人姓名": "戴爷爷", "监护人电话": "", "班级": "5班"},
        {"监护人姓名": "戴奶奶", "监护人电话": "13900000000", "班级": "6班", "现居住地址": "西河村"},
        {"监护人姓名": "戴爷爷", "监护人电话": "", "班级": "5班", "现居住地址": "东岭村3组79号"},
    )

    told = take(system, rows)
    done = take(system, rows, changed_on=SEPTEMBER)
    head = system.log.head()
    again = take(system, rows, changed_on=SEPTEMBER)

    asked = [(4, "rows_disagree")] * 3
    assert [[(i.line, i.reason.code) for i in each.incomplete] for each in (told, done, again)] == [asked] * 3
    assert "监护人姓名、与儿童关系、监护人电话" in done.incomplete[1].reason.zh
    named = guardian(child_of(system, "T1"))
    assert named is not None
    assert (named.name, child_of(system, "T1").org) == ("戴爷爷", f"{SCHOOL}/3年级/5班")
    assert ([each.line for each in done.changed], again.changed) == ([3], ())
    assert system.log.head() == head
