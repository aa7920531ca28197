"""What was put aside is listed, tried again, or dismissed with a reason; it never vanishes."""

from uuid import uuid4

from application.access import Role
from tests.api.support import CANARY, SCHOOL, ApiWorld, Caller, codes, visit


def _aside(caller: Caller, child: str, event: object, body: dict[str, object], **headers: str) -> str:
    answered = caller.put(f"/v1/children/{child}/events/{event}", body, **headers)
    assert answered.status_code == 202, answered.json
    assert answered.json["state"] == "quarantined"
    item: str = answered.json["item_id"]
    return item


def test_a_correction_before_its_target_waits_for_it(world: ApiWorld) -> None:
    child, carer, event, fix = world.enrol(), world.carer(), uuid4(), uuid4()
    correction = {
        "type": "event_corrected",
        "occurred_on": "2026-06-30",
        "details": {
            "target": str(event),
            "fields": {"details": {"minutes": 20}},
            "reason": CANARY,
            "approved_by": "王校长",
        },
    }
    item = _aside(world.caller, child, fix, correction, If_Match='"1"')

    early = world.caller.post(f"/v1/quarantine/{item}/retry")
    world.caller.put(f"/v1/children/{child}/events/{event}", visit(carer))
    retried = world.caller.post(f"/v1/quarantine/{item}/retry")
    again = world.caller.post(f"/v1/quarantine/{item}/retry")
    sent_again = world.caller.put(f"/v1/children/{child}/events/{fix}", correction, If_Match='"1"')

    assert (early.status_code, codes(early)) == (409, [("/details/target", "no_such_event")])
    assert (retried.status_code, retried.json["event_id"]) == (201, str(fix))
    assert (again.status_code, again.json["state"]) == (200, "already_recorded")
    assert again.json == retried.json | {"state": "already_recorded"}
    assert (sent_again.status_code, sent_again.json["state"]) == (200, "already_recorded")
    entries = world.caller.get(f"/v1/children/{child}/history", type="home_visit_made").json["items"]
    assert entries[0]["details"]["minutes"] == 20


def test_an_entry_of_a_child_not_enrolled_yet_waits_alone_as_in_a_batch(world: ApiWorld) -> None:
    # Given a phone that sends what it kept out of order, and another child out of its sight.
    child, event, body = uuid4(), uuid4(), visit(world.carer())
    there = world.enrol(org=f"{SCHOOL}2/grade 1")
    phone, path = world.as_(Role.CLIENT, org=SCHOOL), f"/v1/children/{child}/events/{event}"

    # When it sends a visit before the enrolment, alone and in a batch.
    alone = phone.put(path, body)
    again = phone.put(path, body)
    item = body | {"event_id": str(event), "child_id": str(child)}
    (batched,) = phone.put(f"/v1/event-batches/{uuid4()}", {"items": [item]}).json["items"]
    hidden = phone.put(f"/v1/children/{there}/events/{uuid4()}", body)

    # Then it waits, once, and nobody learns which child there is.
    assert [a.status_code for a in (alone, again, hidden)] == [202] * 3
    assert alone.json["problem"]["code"] == hidden.json["problem"]["code"] == "unknown_child"
    assert {alone.json["item_id"], again.json["item_id"], batched["item_id"]} == {alone.json["item_id"]}
    assert batched["problem"]["code"] == "unknown_child"

    # And sent again when the child is there, it is recorded and waits no longer.
    world.enrol(child=child)
    assert phone.put(path, body).status_code == 201
    waiting = [each["event_id"] for each in phone.get("/v1/quarantine").json["items"]]
    assert str(event) not in waiting
    assert len(waiting) == 1
    assert phone.put(path, body).json["state"] == "already_recorded"


def test_a_carer_not_known_yet_is_waited_for(world: ApiWorld) -> None:
    child, carer = world.enrol(), uuid4()
    item = {"event_id": str(uuid4()), "child_id": child} | visit(str(carer))
    answered = world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": [item]})
    item_id = answered.json["items"][0]["item_id"]

    assert world.caller.post(f"/v1/quarantine/{item_id}/retry").status_code == 409
    world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": "卢老师"})
    assert world.caller.post(f"/v1/quarantine/{item_id}/retry").status_code == 201
    assert world.caller.get("/v1/quarantine").json["items"] == []
    assert [i["item_id"] for i in world.caller.get("/v1/quarantine", state="accepted").json["items"]] == [
        item_id
    ]


def test_the_same_put_aside_twice_is_one_item(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer(), uuid4()
    outside = visit(carer, "2026-02-01")

    first = _aside(world.caller, child, event, outside)
    again = _aside(world.caller, child, event, outside)

    assert first == again
    assert len(world.caller.get("/v1/quarantine").json["items"]) == 1


def test_an_item_is_dismissed_with_a_reason(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    item = _aside(world.caller, child, uuid4(), visit(carer, "2026-02-01"))

    path, why = f"/v1/quarantine/{item}", {"reason": "不是本校"}
    etag = world.caller.get(path).headers["ETag"]

    silent = world.caller.post(f"{path}/dismiss", {})
    unread = world.caller.post(f"{path}/dismiss", why)
    done = world.caller.post(f"{path}/dismiss", why, If_Match=etag)
    twice = world.caller.post(f"{path}/dismiss", why, If_Match=etag)
    other = world.caller.post(f"{path}/dismiss", {"reason": "重复"}, If_Match=done.headers["ETag"])
    stale = world.caller.post(f"{path}/retry", If_Match=etag)
    retried = world.caller.post(f"{path}/retry")

    assert codes(silent) == [("/reason", "missing")]
    assert (unread.status_code, unread.json["code"]) == (428, "version_required")
    assert (done.status_code, done.json) == (200, {"item_id": item, "state": "dismissed"})
    assert (twice.status_code, twice.json) == (200, done.json)
    assert done.headers["ETag"] == world.caller.get(path).headers["ETag"] != etag
    assert stale.status_code == 412
    assert [(a.status_code, a.json["code"]) for a in (other, retried)] == [(409, "item_settled")] * 2
    (kept,) = world.caller.get("/v1/quarantine", state="dismissed").json["items"]
    assert kept["settled_reason"] == "不是本校"


def test_items_are_listed_page_by_page(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    items = set()
    for _ in range(5):
        items.add(_aside(world.caller, child, uuid4(), visit(carer, "2026-02-01")))
        world.clock.forward(seconds=1)

    first = world.caller.get("/v1/quarantine", limit=3).json
    second = world.caller.get("/v1/quarantine", limit=3, cursor=first["next"]).json

    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)
    assert {i["item_id"] for i in first["items"] + second["items"]} == items


def test_an_item_shows_nothing_of_the_child(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    _aside(world.caller, child, uuid4(), visit(carer, "2026-02-01", record=CANARY))

    listed = world.caller.get("/v1/quarantine")

    assert CANARY not in listed.text
    assert child not in listed.text


def test_an_item_is_seen_and_settled_only_within_its_scope(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    mine, theirs = world.as_(Role.CLIENT, org=SCHOOL), world.as_(Role.CLIENT, org=f"{SCHOOL}2")
    pattern = world.as_(Role.CLIENT, org="county/township/schoo_")
    item = _aside(mine, child, uuid4(), visit(carer, "2026-02-01"))

    assert [i["item_id"] for i in mine.get("/v1/quarantine").json["items"]] == [item]
    for stranger in (theirs, pattern):
        assert stranger.get("/v1/quarantine").json["items"] == []
        assert stranger.post(f"/v1/quarantine/{item}/retry").status_code == 404
        assert stranger.post(f"/v1/quarantine/{item}/dismiss", {"reason": "x"}).status_code == 404
    assert world.caller.post(f"/v1/quarantine/{uuid4()}/retry").status_code == 404


def test_an_item_of_a_child_out_of_sight_goes_on_waiting(world: ApiWorld) -> None:
    there, carer = world.enrol(org=f"{SCHOOL}2/grade 1", student_no="T88"), world.carer()
    clerk = world.as_(Role.CLIENT, org=SCHOOL)
    items = [
        visit(carer) | {"event_id": str(uuid4())} | named
        for named in (
            {"child_id": there},
            {"student_no": "T88"},
            {"student_no": "T89"},
            {"child_id": str(uuid4())},
        )
    ]
    aside = clerk.put(f"/v1/event-batches/{uuid4()}", {"items": items}).json["items"]

    answers = [clerk.post(f"/v1/quarantine/{item['item_id']}/retry") for item in aside]

    assert {(a.status_code, *codes(a)) for a in answers} == {(409, ("", "unknown_child"))}
    assert world.caller.post(f"/v1/quarantine/{aside[1]['item_id']}/retry").status_code == 201
