"""If-Match: whatever names a version stands only on that version, on every PUT that has an ETag."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from falcon import testing

from application.access import Role
from tests.api.support import CLASS, SCHOOL, ApiWorld, enrolment, visit


def test_a_carer_is_not_replaced_by_who_read_an_older_one(world: ApiWorld) -> None:
    path, words = f"/v1/carers/{uuid4()}", {"org": SCHOOL, "name": "卢老师"}
    made = world.caller.put(path, words | {"phone": "100"})
    changed = world.caller.put(path, words | {"phone": "101"}, If_Match=made.headers["ETag"])

    stale = world.caller.put(path, words, If_Match=made.headers["ETag"])
    again = world.caller.put(path, words | {"phone": "101"}, If_Match=made.headers["ETag"])
    unread = world.caller.put(path, words | {"phone": "102"})
    unchanged = world.caller.put(path, words | {"phone": "101"})

    statuses = [a.status_code for a in (made, changed, stale, again, unread, unchanged)]
    assert statuses == [201, 200, 412, 200, 428, 200]
    assert (stale.json["code"], unread.json["code"]) == ("stale", "version_required")
    read = world.caller.get(path)
    assert (read.json["phone"], read.headers["ETag"]) == ("101", '"2"')


def test_a_pairing_makes_a_version_of_its_carer(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    etag = world.caller.get(f"/v1/carers/{carer}").headers["ETag"]
    pairing = {
        "type": "pairing_started",
        "occurred_on": "2026-06-01",
        "details": {"carer": carer, "kind": "proxy_parent"},
    }
    assert world.caller.put(f"/v1/children/{child}/events/{uuid4()}", pairing).status_code == 201

    stale = world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": "卢"}, If_Match=etag)

    assert stale.status_code == 412


@pytest.mark.parametrize("header", ['"1"', "*"])
def test_what_is_not_there_has_no_version(world: ApiWorld, header: str) -> None:
    before = world.events

    sent = [world.caller.put(path, body, If_Match=header) for path, body in _new_things()]

    assert [(a.status_code, a.json["code"]) for a in sent] == [(412, "stale")] * 3
    assert world.events == before


def test_a_star_is_content_with_whatever_is_there(world: ApiWorld) -> None:
    carer = world.carer()

    renamed = world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": "卢主任"}, If_Match="*")

    assert renamed.status_code == 200


def test_a_fact_that_names_a_version_stands_on_it_alone(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    path = f"/v1/children/{child}/events"
    first, second = f"{path}/{uuid4()}", f"{path}/{uuid4()}"
    world.caller.put(first, visit(carer))

    stale = world.caller.put(second, visit(carer), If_Match='"1"')
    done = world.caller.put(second, visit(carer), If_Match='"2"')
    again = world.caller.put(second, visit(carer), If_Match='"2"')

    assert [a.status_code for a in (stale, done, again)] == [412, 201, 200]


def test_a_fact_of_a_batch_stands_on_none(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    items = [
        visit(carer) | {"event_id": str(uuid4()), "child_id": child, "based_on": version}
        for version in (2, 1, 1)
    ]

    answered = world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": items})

    assert [item["status"] for item in answered.json["items"]] == [201, 201, 201]


def test_a_version_tells_nobody_what_lies_out_of_sight(world: ApiWorld) -> None:
    theirs, carer = world.enrol(org=f"{SCHOOL}2/grade 1"), world.carer()
    caller = world.as_(Role.CLIENT, org=SCHOOL)

    decided = {"type": "child_exited", "occurred_on": "2026-06-20", "details": {"reason": "other"}}

    for body in (visit(carer), decided):
        for header in ({"If_Match": '"1"'}, {"If_Match": '"7"'}, {"If_Match": "*"}, {}):
            seen, nobody = (
                caller.put(f"/v1/children/{child}/events/{uuid4()}", body, **header)
                for child in (theirs, uuid4())
            )
            assert _said(seen) == _said(nobody)
            assert seen.status_code in (202, 428)


def test_an_activity_stands_on_the_version_that_is_named(world: ApiWorld) -> None:
    child, path = world.enrol(), f"/v1/activities/{uuid4()}"
    made = world.caller.put(path, _activity(child))
    more = {"participants": [{"child_id": world.enrol()}]}
    amended = world.caller.put(f"{path}/amendments/{uuid4()}", more, If_Match=made.headers["ETag"])
    late = {"participants": [{"child_id": world.enrol()}]}

    stale = world.caller.put(f"{path}/amendments/{uuid4()}", late, If_Match=made.headers["ETag"])
    free = world.caller.put(f"{path}/amendments/{uuid4()}", late)

    assert [a.status_code for a in (made, amended, stale, free)] == [201, 201, 412, 201]


def _said(answered: testing.Result) -> Any:
    """Return all that is answered beside the ids of this one request."""
    return answered.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", answered.text)


def test_a_recipient_is_replaced_and_removed_on_the_version_that_is_named(world: ApiWorld) -> None:
    world.enrol()
    path, words = f"/v1/recipients/{uuid4()}", {"org": SCHOOL, "name": "德育处", "channel": "inbox"}
    made = world.caller.put(path, words)
    # What becomes of the organisation otherwise is no version of its recipient.
    world.caller.put(f"/v1/recipients/{uuid4()}", words)
    renamed = world.caller.put(path, words | {"name": "政教处"}, If_Match=made.headers["ETag"])

    stale = world.caller.put(path, words, If_Match=made.headers["ETag"])
    kept = world.caller.delete(path, If_Match=made.headers["ETag"])
    read = world.caller.get(path)
    removed = world.caller.delete(path, If_Match=read.headers["ETag"])
    again = world.caller.delete(path, If_Match=read.headers["ETag"])
    anew = world.caller.put(path, words, If_Match=read.headers["ETag"])

    statuses = [a.status_code for a in (made, renamed, stale, kept, removed, again, anew)]
    assert statuses == [201, 200, 412, 412, 204, 204, 412]
    assert read.headers["ETag"] == renamed.headers["ETag"]


def test_whom_an_organisation_watches_is_said_on_the_version_that_is_named(world: ApiWorld) -> None:
    world.enrol()
    body = {"org": SCHOOL, "everybody": True}
    never = world.caller.get("/v1/watch", org=SCHOOL)
    said = world.caller.put("/v1/watch", body, If_Match=never.headers["ETag"])

    again = world.caller.put("/v1/watch", body, If_Match=never.headers["ETag"])
    stale = world.caller.put("/v1/watch", body | {"everybody": False}, If_Match=never.headers["ETag"])
    read = world.caller.get("/v1/watch", org=SCHOOL)
    back = world.caller.put("/v1/watch", body | {"everybody": False}, If_Match=read.headers["ETag"])

    assert [a.status_code for a in (said, again, stale, back)] == [200, 200, 412, 200]
    assert (never.headers["ETag"], read.headers["ETag"]) == ('"0"', said.headers["ETag"])


def test_what_has_no_version_can_not_be_written_on_one(world: ApiWorld) -> None:
    world.enrol()
    body = {"org": SCHOOL, "rule_id": "C39", "effective_from": "2026-03-01"}

    sent = [world.caller.post("/v1/rule-bindings", body, If_Match=header) for header in ('"1"', "*", "1")]

    assert [(a.status_code, a.json["code"]) for a in sent] == [
        (412, "no_version"),
        (412, "no_version"),
        (400, "bad_if_match"),
    ]
    assert world.caller.get("/v1/rule-bindings").json["items"] == []


def _activity(child: str | None = None) -> dict[str, Any]:
    held = {"org": SCHOOL, "kind": "lecture", "occurred_on": "2026-06-20", "topic": "防溺水"}
    return held | {"participants": [{"child_id": child or str(uuid4())}]}


def _new_things() -> list[tuple[str, dict[str, Any]]]:
    child = uuid4()
    return [
        (f"/v1/carers/{uuid4()}", {"org": SCHOOL, "name": "卢老师"}),
        (f"/v1/children/{child}", enrolment(UUID(str(child)), org=CLASS)),
        (f"/v1/activities/{uuid4()}", _activity()),
    ]
