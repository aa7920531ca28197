"""What a preview knows beforehand, and how imports are told apart that did not end."""

from hashlib import sha256

from application.access import SYSTEM
from application.intake.imports.roster import plan_roster
from application.intake.imports.runs import imports_of
from application.system import System
from tests.application.papers import SCHOOL, form, take_roster, why
from tests.support.actions import Desk

ID_NUMBER = "11010519491231002X"
OTHER = "示例县/东岭镇/别的小学"


def test_a_preview_sees_a_number_that_is_kept_for_another_child(system: System) -> None:
    take_roster(system, form({"身份证号": ID_NUMBER}), org=OTHER)
    data = form(
        {"学籍号": "T2", "姓名": "石小川", "身份证号": ID_NUMBER.lower()}, {"学籍号": "T3", "姓名": "石小山"}
    )

    foreseen = plan_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)
    done = take_roster(system, data)

    assert why(done) == [(3, "number_taken")]
    assert (foreseen.enrolled, foreseen.refused, foreseen.incomplete) == (1, done.refused, done.incomplete)


def test_a_preview_sees_a_number_that_a_row_above_would_take(system: System) -> None:
    twin = {"学籍号": "T2", "姓名": "石小川", "身份证号": ID_NUMBER}
    data = form({"身份证号": ID_NUMBER}, twin)

    foreseen = plan_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)

    assert why(foreseen) == [(4, "number_taken")]


def test_a_preview_knows_a_new_carer_by_its_title_as_well(system: System) -> None:
    rows = [{"学籍号": f"T{n}", "姓名": f"石小{name}"} for n, name in enumerate("川山石")]
    data = form(*rows[:2], rows[2] | {"结对帮扶人": "卢小佑老师"})

    foreseen = plan_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)
    done = take_roster(system, data)

    assert [each.reason.code for each in done.incomplete] == ["capacity_exceeded"]
    assert foreseen.incomplete == done.incomplete


def test_a_child_that_has_left_is_no_taken_number(system: System) -> None:
    take_roster(system, form({"学籍号": ""}))
    take_roster(system, form({"学籍号": "T9", "姓名": "石小川"}), org=OTHER)
    (child,) = system.record.named(["戴小春"], scope=SCHOOL)["戴小春"]
    desk = Desk(system)
    proposed = desk.propose(child, OTHER, "2026-03-01")
    desk.accept(child, proposed.event_id, "2026-03-02")

    done = take_roster(system, form({"学籍号": ""}))

    assert why(done) == [(3, "moved_away")]


def test_an_import_that_was_broken_off_is_told_from_one_at_work(system: System) -> None:
    done = take_roster(system, form({}, {"学籍号": "T2", "性别": "?"}))
    running = system.batches.begin_paper(
        source="roster", org=SCHOOL, file_sha256=sha256(b"1").hexdigest(), actor=SYSTEM
    )
    cut = system.batches.begin_paper(
        source="roster", org=SCHOOL, file_sha256=sha256(b"2").hexdigest(), actor=SYSTEM
    )
    system.batches.end(cut, state="cut")

    runs = {run.import_id: run for run in imports_of(system.database, now=system.now())}

    assert done.import_id is not None
    whole = runs[done.import_id]
    assert (whole.state, whole.lines) == ("complete", 2)
    assert whole.counts == {"recorded": 1, "already_recorded": 0, "quarantined": 0, "refused": 1}
    assert [runs[each.batch_id].state for each in (running, cut)] == ["receiving", "cut"]
