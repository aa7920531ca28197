"""What is due: on Monday people see whom the week and the month still owe something, and by when."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from domain.rules.rule_files import presets
from tests.support.actions import SCHOOL
from tests.support.practice import Office, office

MONDAY = datetime(2026, 5, 11, 0, 30, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, now=MONDAY) as desk:
        yield desk


def bound(desk: Office, rule_id: str, *, version: int = 1) -> None:
    desk.system.organisations.governance.bind_rule(
        SCHOOL, rule=presets()[rule_id, version], effective_from=date(2026, 5, 1), actor=SYSTEM
    )


def looked_after(desk: Office, name: str, carer: UUID) -> UUID:
    child = desk.enrol(name=name)
    desk.submit("parent_work_recorded", "2026-03-02", child=child, parent="mother", away=True)
    desk.pair(child, carer)
    return child


def told(desk: Office, **asked: object) -> list[tuple[object, ...]]:
    return [
        (str(row["until"]), row["name"], row["rule_id"], row["missing"], row["carers"])
        for row in desk.rows("due", **asked)
    ]


def test_what_runs_out_first_stands_first_with_what_counted_and_who_does_it(desk: Office) -> None:
    carer = desk.carer("卢老师")
    first, second = looked_after(desk, "林小禾", carer), looked_after(desk, "陈小满", carer)
    bound(desk, "C39")
    desk.visit(first, carer, "2026-05-06")
    desk.submit("trigger_observed", "2026-05-10", child=second, kind="low_mood")

    assert told(desk) == [
        ("2026-05-13", "陈小满", None, 1, ("卢老师",)),
        ("2026-05-31", "林小禾", "C39", 1, ("卢老师",)),
        ("2026-05-31", "陈小满", "C39", 2, ("卢老师",)),
    ]
    (visit, *_), counted = desk.rows("due"), desk.rows("due")[1]["counted"]
    assert (visit["what"].zh, visit["days_left"]) == ("必访：情绪不好", 2)
    assert [str(each.day) for each in counted] == ["2026-05-06"]


def test_one_visit_closes_what_it_closes_and_nothing_else(desk: Office) -> None:
    carer = desk.carer("卢老师")
    child = looked_after(desk, "林小禾", carer)
    bound(desk, "C39")
    bound(desk, "T01")
    desk.submit("trigger_observed", "2026-05-10", child=child, kind="low_mood")
    before = told(desk)

    desk.visit(child, carer, "2026-05-11")

    assert [(until, rule_id, missing) for until, _, rule_id, missing, _ in before] == [
        ("2026-05-13", "T01", 1),
        ("2026-05-31", "C39", 2),
    ]
    assert [(until, rule_id, missing) for until, _, rule_id, missing, _ in told(desk)] == [
        ("2026-05-31", "C39", 1)
    ]


def test_it_is_asked_for_one_carer_and_until_a_day(desk: Office) -> None:
    mine, other = desk.carer("卢老师"), desk.carer("赵老师")
    looked_after(desk, "林小禾", mine)
    looked_after(desk, "陈小满", other)
    bound(desk, "C39")

    assert [name for _, name, *_ in told(desk, carer="赵老师")] == ["陈小满"]
    assert told(desk, to=date(2026, 5, 17)) == []


def test_a_visit_that_is_overdue_stays_and_a_period_that_is_over_does_not(desk: Office) -> None:
    carer = desk.carer("卢老师")
    child = looked_after(desk, "林小禾", carer)
    trigger = uuid4()
    desk.submit("trigger_observed", "2026-04-20", child=child, kind="unwell", event_id=trigger)
    desk.system.organisations.governance.bind_rule(
        SCHOOL,
        rule=presets()["C39", 1],
        effective_from=date(2026, 4, 1),
        effective_to=date(2026, 5, 1),
        actor=SYSTEM,
    )

    (row,) = desk.rows("due")
    assert (row["days_left"], row["rule_id"], row["what"].en) == (
        -14,
        None,
        "Visit that is called for: unwell",
    )


def test_a_stretch_that_was_missed_is_no_duty_but_its_visit_stays_overdue(desk: Office) -> None:
    child = looked_after(desk, "林小禾", desk.carer("卢老师"))
    bound(desk, "T01")
    desk.submit("trigger_observed", "2026-05-04", child=child, kind="low_mood")

    assert [(until, rule_id) for until, _, rule_id, *_ in told(desk)] == [("2026-05-07", None)]


def test_a_child_that_is_not_watched_owes_nobody_anything(desk: Office) -> None:
    bound(desk, "C39")
    child = desk.enrol(name="林小禾")
    desk.submit("parent_work_recorded", "2026-03-02", child=child, parent="mother", away=False)
    desk.submit("parent_work_recorded", "2026-03-02", child=child, parent="father", away=False)
    desk.pair(child, desk.carer("卢老师"))

    assert told(desk) == []
