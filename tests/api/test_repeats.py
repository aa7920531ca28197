"""The same visit under two ids: the answer says so, and records it."""

from uuid import uuid4

import pytest

from application.access import Role
from tests.api.support import SCHOOL, ApiWorld, visit
from tests.api.test_uploads import lines as as_lines
from tests.api.test_uploads import send


def test_an_answer_names_what_may_be_the_same_visit(world: ApiWorld) -> None:
    child, carer, one, two, other = world.enrol(), world.carer(), uuid4(), uuid4(), uuid4()
    path = f"/v1/children/{child}/events"

    first = world.caller.put(f"{path}/{one}", visit(carer))
    again = world.caller.put(f"{path}/{two}", visit(carer, minutes=40))
    third = world.caller.put(f"{path}/{other}", visit(carer, record="孩子发烧，已送卫生院治疗"))

    assert [each.status_code for each in (first, again, third)] == [201] * 3
    assert "repeats" not in first.json
    assert again.json["repeats"] == [str(one)]
    assert "repeats" not in third.json


def test_it_is_named_again_when_it_is_sent_again_and_in_a_batch(world: ApiWorld) -> None:
    child, carer, one, two = world.enrol(), world.carer(), uuid4(), uuid4()
    path = f"/v1/children/{child}/events"
    world.caller.put(f"{path}/{one}", visit(carer))
    world.caller.put(f"{path}/{two}", visit(carer, minutes=40))
    items = [
        visit(carer, minutes=minutes) | {"event_id": str(event), "child_id": child}
        for event, minutes in ((two, 40), (uuid4(), 45))
    ]

    again = world.caller.put(f"{path}/{two}", visit(carer, minutes=40))
    batch = world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": items}).json["items"]
    typed = world.as_(Role.CLIENT, org=SCHOOL, types=["home_visit_made"], name="phone")
    told = typed.put(f"/v1/event-batches/{uuid4()}", {"items": items}).json["items"]

    assert (again.status_code, again.json["repeats"]) == (200, [str(one)])
    assert [(each["status"], set(each["repeats"]) >= {str(one)}) for each in batch] == [
        (200, True),
        (201, True),
    ]
    assert not any("repeats" in each for each in told)


@pytest.mark.parametrize("types", [["home_visit_made"], None])
def test_a_key_that_may_only_submit_is_told_of_no_other_entry(
    world: ApiWorld, types: list[str] | None
) -> None:
    child, carer = world.enrol(), world.carer()
    key = world.as_(Role.CLIENT, org=SCHOOL, types=types, name="phone")
    world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer))

    again = key.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer))

    assert (again.status_code, "repeats" in again.json) == (201, types is None)


def test_a_line_of_an_upload_names_it_too_and_goes_on_naming_it(world: ApiWorld) -> None:
    child, carer, one, batch = world.enrol(), world.carer(), uuid4(), uuid4()
    world.caller.put(f"/v1/children/{child}/events/{one}", visit(carer))
    lines = [
        visit(carer, minutes=40) | {"event_id": str(uuid4()), "child_id": child},
        visit(carer, record="孩子发烧，已送卫生院治疗") | {"event_id": str(uuid4()), "child_id": child},
    ]

    send(world.caller, as_lines(*lines), batch=batch)
    told = world.caller.get(f"/v1/event-batches/{batch}").json["items"]

    assert [each.get("repeats") for each in told] == [[str(one)], None]
