"""What is due over HTTP: in order, page by page, for one carer, and shown to whoever may see it."""

from datetime import date
from uuid import uuid4

from application.access import SYSTEM, Role
from domain.rules.rule_files import presets
from tests.api.support import SCHOOL, ApiWorld
from tests.api.test_lists import all_of

BOUND_FROM = date(2026, 6, 1)


def _bound(world: ApiWorld, rule_id: str = "C39") -> None:
    world.system.organisations.ensure(SCHOOL, actor=SYSTEM)
    world.system.organisations.governance.bind_rule(
        SCHOOL, rule=presets()[rule_id, 1], effective_from=BOUND_FROM, actor=SYSTEM
    )


def _looked_after(world: ApiWorld, carer: str) -> str:
    child = world.enrol()
    pairing = {"type": "pairing_started", "occurred_on": "2026-03-01"}
    details = {"carer": carer, "kind": "care_counsellor"}
    paired = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", pairing | {"details": details})
    assert paired.status_code == 201, paired.text
    return child


def test_what_is_due_is_listed_page_by_page_and_by_carer(world: ApiWorld) -> None:
    _bound(world)
    mine, other = world.carer(), world.carer(name="赵老师")
    first, second = _looked_after(world, mine), _looked_after(world, other)

    listed = all_of(world.caller, "/v1/duties", org=SCHOOL, limit=1)

    assert {(each["child_id"], *each["carer_ids"]) for each in listed} == {(first, mine), (second, other)}
    assert {(x["rule_id"], x["until"], x["missing"]) for x in listed} == {("C39", "2026-06-30", 2)}
    assert listed[0]["what"]["en"].startswith("Two recorded home visits")
    of_mine = all_of(world.caller, "/v1/duties", org=SCHOOL, carer_id=mine)
    assert [each["child_id"] for each in of_mine] == [first]
    assert all_of(world.caller, "/v1/duties", org=SCHOOL, until="2026-06-29") == []


def test_two_requirements_of_a_rule_are_two_duties_on_whichever_page(world: ApiWorld) -> None:
    _bound(world, "C21")
    child = _looked_after(world, world.carer())

    one_by_one = all_of(world.caller, "/v1/duties", org=SCHOOL, limit=1)

    assert [(each["child_id"], each["rule_id"]) for each in one_by_one] == [(child, "C21")] * 2
    assert one_by_one == all_of(world.caller, "/v1/duties", org=SCHOOL)


def test_the_name_is_for_whoever_may_read_it_and_the_list_for_its_own_unit(world: ApiWorld) -> None:
    _bound(world)
    _looked_after(world, world.carer())

    reader = world.as_(Role.AUDITOR, org=SCHOOL)
    assert [each["child_name"] for each in all_of(reader, "/v1/duties", org=SCHOOL)] == ["林小禾"]
