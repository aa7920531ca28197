"""What was sent is sent again through another key: an answer that was lost, a key replaced, the office."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import Role
from tests.api.support import SCHOOL, ApiWorld, Caller, enrolment, visit
from tests.api.test_activities import lecture

SAID = {"recorded_by": "卢老师"}


def _keys(world: ApiWorld) -> tuple[Caller, list[Caller]]:
    """Return the key that sends first, and those that send again."""
    first = world.as_(Role.CLIENT, org=SCHOOL, name="phone")
    return first, [
        world.as_(Role.CLIENT, org=SCHOOL, name="the new phone"),
        world.as_(Role.CLIENT, org="county", name="the office"),
    ]


@pytest.mark.parametrize("more", [{}, SAID])
def test_a_resend_through_a_key_of_another_name_is_known(world: ApiWorld, more: dict[str, Any]) -> None:
    first, others = _keys(world)
    carer, child, event, fix, activity = world.carer(), uuid4(), uuid4(), uuid4(), uuid4()
    correction = {
        "type": "event_corrected",
        "occurred_on": "2026-06-30",
        "details": {
            "target": str(event),
            "fields": {"details": {"minutes": 20}},
            "reason": "另一记录",
            "approved_by": "王校长",
        },
    }
    sent: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        (f"/v1/children/{child}", enrolment(child), {}),
        (f"/v1/children/{child}/events/{event}", visit(carer) | more, {}),
        (f"/v1/children/{child}/events/{fix}", correction | more, {"If_Match": '"2"'}),
        (f"/v1/activities/{activity}", lecture(str(child)) | more, {}),
    ]

    assert [first.put(path, body, **named).status_code for path, body, named in sent] == [201] * 4
    for other in others:
        again = [other.put(path, body, **named) for path, body, named in sent]
        assert [a.json["state"] for a in again] == ["already_recorded"] * 4
    item = {"event_id": str(event), "child_id": str(child)} | visit(carer) | more
    batch = others[0].put(f"/v1/event-batches/{uuid4()}", {"items": [item]}).json["items"]
    assert [each["state"] for each in batch] == ["already_recorded"]
    entries = first.get(f"/v1/children/{child}/history", type="home_visit_made").json["items"]
    assert [e["recorded_by"] for e in entries] == [more.get("recorded_by", "phone")]


def test_another_recorder_is_other_content(world: ApiWorld) -> None:
    first, (other, _) = _keys(world)
    child, carer, event, activity = world.enrol(), world.carer(), uuid4(), uuid4()
    first.put(f"/v1/children/{child}/events/{event}", visit(carer))
    first.put(f"/v1/activities/{activity}", lecture(child))

    again = [
        other.put(f"/v1/children/{child}/events/{event}", visit(carer) | SAID),
        other.put(f"/v1/activities/{activity}", lecture(child) | SAID),
    ]

    assert [a.json["code"] for a in again] == ["event_id_reused"] * 2


def test_what_waits_waits_no_longer_whichever_key_sends_it_again(world: ApiWorld) -> None:
    first, others = _keys(world)
    child, carer = uuid4(), world.carer()
    item = {"event_id": str(uuid4()), "child_id": str(child)} | visit(carer)

    def send(caller: Caller) -> dict[str, Any]:
        answered = caller.put(f"/v1/event-batches/{uuid4()}", {"items": [item]})
        (told,) = answered.json["items"]
        return dict(told)

    kept = send(first)["item_id"]
    of_office = send(others[1])["item_id"]
    world.enrol(child=child)
    assert send(others[0])["state"] == "recorded"
    assert [i["item_id"] for i in first.get("/v1/quarantine", state="accepted").json["items"]] == [kept]
    # What lies above is out of the school's sight.
    assert [i["item_id"] for i in others[1].get("/v1/quarantine").json["items"]] == [of_office]
    assert send(others[1])["state"] == "already_recorded"
    assert others[1].get("/v1/quarantine").json["items"] == []


def test_what_the_office_retried_is_known_to_the_new_key_of_the_school(world: ApiWorld) -> None:
    first, (other, office) = _keys(world)
    child, carer, event = uuid4(), world.carer(), uuid4()
    item = {"event_id": str(event), "child_id": str(child)} | visit(carer)
    (told,) = first.put(f"/v1/event-batches/{uuid4()}", {"items": [item]}).json["items"]
    world.enrol(child=child)
    assert office.post(f"/v1/quarantine/{told['item_id']}/retry").status_code == 201

    again = other.put(f"/v1/children/{child}/events/{event}", visit(carer))

    assert (again.status_code, again.json["state"]) == (200, "already_recorded")


def test_what_a_school_recorded_it_may_send_again_after_the_child_has_left(world: ApiWorld) -> None:
    first, (other, office) = _keys(world)
    child, carer, event, activity = uuid4(), world.carer(), uuid4(), uuid4()
    number = "T2026X1"
    world.enrol(child=child, student_no=number)
    world.enrol(org=f"{SCHOOL} elsewhere/grade 1")
    there = world.as_(Role.CLIENT, org=f"{SCHOOL} elsewhere", name="there")
    by_number = {"event_id": str(uuid4()), "student_no": number} | visit(carer)
    held = lecture(participants=[{"student_no": number}], absent=[])
    path = f"/v1/children/{child}/events"
    assert first.put(f"{path}/{event}", visit(carer)).status_code == 201
    assert first.put(f"/v1/activities/{activity}", held).status_code == 201
    first.put(f"/v1/event-batches/{uuid4()}", {"items": [by_number]})
    _transferred(first, there, path, to=f"{SCHOOL} elsewhere", child=child)
    late = visit(carer, minutes=30)
    items = [{"event_id": str(event), "child_id": str(child)} | visit(carer), by_number]
    changed = [items[0] | visit(carer, minutes=99), by_number | visit(carer, minutes=99)]

    again = [
        [caller.put(f"{path}/{event}", visit(carer)), caller.put(f"/v1/activities/{activity}", held)]
        for caller in (first, other)
    ]
    batch = other.put(f"/v1/event-batches/{uuid4()}", {"items": [*items, *changed]}).json["items"]

    assert [[a.json.get("state") for a in each] for each in again] == [["already_recorded"] * 2] * 2
    assert [each["state"] for each in batch] == [*["already_recorded"] * 2, *["quarantined"] * 2]
    # Nothing else of the child is to be known there.
    assert first.get(f"/v1/children/{child}").status_code == 404
    aside = first.put(f"{path}/{event}", visit(carer, minutes=99))
    assert (aside.status_code, aside.json["problem"]["code"]) == (202, "unknown_child")
    assert there.put(f"{path}/{event}", visit(carer, minutes=99)).json["code"] == "event_id_reused"
    # What was written before and sent only now is placed by whoever stands above both.
    unsent = {"event_id": str(uuid4()), "child_id": str(child)} | late
    (waits,) = first.put(f"/v1/event-batches/{uuid4()}", {"items": [unsent]}).json["items"]
    assert (waits["state"], waits["problem"]["code"]) == ("quarantined", "unknown_child")
    assert office.post(f"/v1/quarantine/{waits['item_id']}/retry").status_code == 201


def _transferred(giver: Caller, taker: Caller, path: str, *, to: str, child: UUID) -> None:
    transfer = uuid4()
    version = int(giver.get(f"/v1/children/{child}").json["version"])
    proposal = {"type": "transfer_proposed", "occurred_on": "2026-06-25", "details": {"to": to}}
    acceptance = {
        "type": "transfer_accepted",
        "occurred_on": "2026-06-26",
        "org": f"{to}/grade 1",
        "details": {"transfer": str(transfer), "accepted_by": "赵主任"},
    }
    told = [
        giver.put(f"{path}/{transfer}", proposal, If_Match=f'"{version}"'),
        taker.put(f"{path}/{uuid4()}", acceptance, If_Match=f'"{version + 1}"'),
    ]
    assert [each.status_code for each in told] == [201, 201], [each.json for each in told]
