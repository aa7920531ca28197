"""C36 at both its levels: each carer every week, each child every term, before and after a late record."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM
from domain.rules.rule_files import presets
from tests.api.support import ApiWorld, api_world
from tests.support.actions import SCHOOL

# The autumn term of 2025 begins on a Monday and ends on 31 January.
FIRST, LAST = date(2025, 9, 1), date(2026, 1, 31)
AT_ITS_END = datetime(2026, 1, 31, 14, tzinfo=UTC)
AFTER_IT = datetime(2026, 1, 31, 16, 10, tzinfo=UTC)
MET = {"outcome": "met", "record": "了解学习和生活情况"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ApiWorld]:
    """A school on the evening of the last day of term."""
    urls = {"database_url": f"sqlite:///{tmp_path}/care.db", "keys_url": f"sqlite:///{tmp_path}/keys.db"}
    with api_world(tmp_path, **urls, now=AT_ITS_END) as made:
        yield made


def a_term(world: ApiWorld, *, carers: int, weeks: int) -> UUID:
    """Each carer sees a new child every week; the last one has a child more. Returns who was not seen."""
    desk, left_out = world.desk, None
    world.system.organisations.ensure(SCHOOL, actor=SYSTEM)
    world.system.organisations.governance.bind_rule(
        SCHOOL,
        rule=presets()["C36", 2],
        effective_from=FIRST,
        effective_to=FIRST + timedelta(weeks=weeks),
        actor=SYSTEM,
    )
    for number in range(carers):
        carer = desk.carer(f"卢{chr(0x4E00 + number)}老师")
        for week in range(weeks + (number == carers - 1)):
            child = desk.enrol("2025-08-20", student_no=f"T{number:03d}{week:03d}")
            desk.pair(child, carer, "2025-08-21", kind="love_mother")
            if week == weeks:
                left_out = child
                continue
            day = (FIRST + timedelta(weeks=week, days=2)).isoformat()
            desk.submit("talk_held", day, child=child, carers=[str(carer)], record="谈了学习")
            desk.submit("home_visit_made", day, child=child, carers=[str(carer)], **MET)
    assert left_out is not None
    return left_out


def c36(world: ApiWorld, **clocks: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is answered of the children, and of the carers."""
    asked = {"org": SCHOOL, "rule": "C36", "period": "2025-autumn", "as_of": "2026-01-31"} | clocks
    answered = world.caller.get("/v1/compliance", **asked)
    assert answered.status_code == 200, answered.json
    (carers,) = answered.json["levels"]
    return answered.json, carers


@pytest.mark.parametrize(
    ("carers", "weeks"),
    [(3, 4), pytest.param(28, 20, marks=pytest.mark.slow)],
    ids=["small", "of the report"],
)
@pytest.mark.timeout(600)
def test_every_week_of_every_carer_is_met_and_one_child_is_left_out(
    world: ApiWorld, carers: int, weeks: int
) -> None:
    all_of_them = carers * weeks
    left_out = a_term(world, carers=carers, weeks=weeks)
    world.clock.now = AFTER_IT

    # 28 carers × 20 weeks: 560 of 560; but of 561 children 560.
    children, level = c36(world)
    assert (level["subject"], level["subjects"], level["bound"]) == ("carer", carers, all_of_them)
    assert (level["due"], level["met"], level["short"]) == (all_of_them, all_of_them, [])
    assert (children["due"], children["met"]) == (all_of_them + 1, all_of_them)
    assert [each["child_id"] for each in children["short"]] == [str(left_out)]

    # The visit took place in the last week, and was written down five days after the term.
    world.clock.now = datetime(2026, 2, 5, 4, tzinfo=UTC)
    carer = next(iter(world.desk.child(left_out).pairings)).carer
    day = "2026-01-28"
    world.desk.submit(
        "talk_held", day, child=left_out, carers=[str(carer)], record="谈了家里", late_reason="补记"
    )
    world.desk.submit("home_visit_made", day, child=left_out, carers=[str(carer)], late_reason="补记", **MET)

    assert c36(world)[0]["met"] == all_of_them + 1
    then, _ = c36(world, as_known_at="2026-01-31")
    assert (then["met"], [each["child_id"] for each in then["short"]]) == (all_of_them, [str(left_out)])


def test_a_carer_who_made_no_visit_in_a_week_is_named_with_the_week(world: ApiWorld) -> None:
    carer = world.desk.carer("卢老师")
    child = world.desk.enrol("2025-08-20", student_no="T1")
    world.desk.pair(child, carer, "2025-08-21", kind="love_mother")
    world.desk.submit("talk_held", "2025-09-03", child=child, carers=[str(carer)], record="谈了学习")
    world.system.organisations.governance.bind_rule(
        SCHOOL, rule=presets()["C36", 2], effective_from=FIRST, effective_to=date(2025, 9, 15), actor=SYSTEM
    )

    _, level = c36(world)

    assert (level["due"], level["met"]) == (2, 0)
    named = [
        (each["name"], each["period"]["name"], each["achieved"], each["required"]) for each in level["short"]
    ]
    assert named == [("卢老师", "2025-W36", 1, 2), ("卢老师", "2025-W37", 0, 2)]


def test_a_rule_about_schools_counts_no_children_and_names_whom_a_lecture_did_not_reach(
    world: ApiWorld,
) -> None:
    away = {"parent": "mother", "away": True}
    there, not_there = (world.desk.enrol("2025-08-20", student_no=f"T{n}") for n in (1, 2))
    for child in (there, not_there):
        world.desk.submit("parent_work_recorded", "2025-08-21", child=child, **away)
    body = {
        "occurred_on": "2025-10-10",
        "org": SCHOOL,
        "kind": "lecture",
        "topic": "防溺水安全教育",
        "participants": [{"child_id": str(there)}],
    }
    made = world.caller.put("/v1/activities/7c0b5f5e-2d0d-4b6e-9a4e-0f6f8b7a1c11", body)
    assert made.status_code == 201, made.json

    world.clock.now = AFTER_IT
    answered = world.caller.get(
        "/v1/compliance", org=SCHOOL, rule="C07", period="2025-autumn", as_of="2026-01-31"
    ).json

    (school,) = answered["levels"]
    assert (answered["due"], school["subject"], school["bound"], school["due"]) == (0, "school", 0, 1)
    (short,) = school["short"]
    assert (short["org"], short["achieved"], short["required"]) == (SCHOOL, 1, 2)
    assert short["unreached"] == [str(not_there)]
