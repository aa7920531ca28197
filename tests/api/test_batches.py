"""Batches: each item stands or falls alone; sent again, nothing is recorded twice."""

from uuid import UUID, uuid4

from application.access import Role
from tests.api.support import CANARY, CLASS, SCHOOL, ApiWorld, Caller, enrolment, visit


def _send(caller: Caller, *items: dict[str, object], **headers: str) -> list[dict[str, object]]:
    answered = caller.put(f"/v1/event-batches/{uuid4()}", {"items": list(items)}, **headers)
    assert answered.status_code == 207, answered.json
    results: list[dict[str, object]] = answered.json["items"]
    assert [result["index"] for result in results] == list(range(len(items)))
    return results


def test_a_phone_enrols_and_visits_in_one_batch(world: ApiWorld) -> None:
    child, carer = uuid4(), world.carer()
    enrol = enrolment(child) | {
        "type": "child_enrolled",
        "event_id": str(uuid4()),
        "child_id": str(child),
    }
    visits = [
        visit(carer, day) | {"event_id": str(uuid4()), "child_id": str(child)}
        for day in ("2026-06-01", "2026-06-15")
    ]

    first = _send(world.caller, enrol, *visits, X_CareLedger_Channel="offline")
    again = _send(world.caller, enrol, *visits, X_CareLedger_Channel="offline")

    assert [r["status"] for r in first] == [201, 201, 201]
    assert [r["status"] for r in again] == [200, 200, 200]
    assert [r["position"] for r in again] == [r["position"] for r in first]
    assert CLASS in world.system.organisations.paths()
    assert {e.metadata.channel for e in world.system.log.stream(child)} == {"offline"}


def test_the_child_may_be_named_by_student_number(world: ApiWorld) -> None:
    child, carer = world.enrol(student_no="T77"), world.carer()

    (result,) = _send(world.caller, visit(carer) | {"event_id": str(uuid4()), "student_no": "T77"})

    assert (result["status"], result["child_id"]) == (201, child)


def test_a_batch_keeps_aside_what_it_cannot_place_yet(world: ApiWorld) -> None:
    child, carer, unknown = world.enrol(), world.carer(), str(uuid4())

    results = _send(
        world.caller,
        visit(carer) | {"event_id": str(uuid4()), "child_id": unknown},
        visit(carer) | {"event_id": str(uuid4()), "student_no": "T404"},
        visit(unknown) | {"event_id": str(uuid4()), "child_id": child},
        visit(carer, "2026-02-01") | {"event_id": str(uuid4()), "child_id": child},
        visit(carer) | {"event_id": str(uuid4()), "child_id": child},
    )

    assert [r["status"] for r in results] == [202, 202, 202, 202, 201]
    assert [r["problem"]["code"] for r in results[:4]] == [  # type: ignore[index]
        "unknown_child",
        "unknown_child",
        "unknown_carer",
        "outside_enrolment",
    ]
    waiting = world.caller.get("/v1/quarantine").json["items"]
    assert {item["item_id"] for item in waiting} == {r["item_id"] for r in results[:4]}


def test_one_child_out_of_sight_looks_like_one_that_is_not_known(world: ApiWorld) -> None:
    there, carer = world.enrol(org="county/township/other/grade 1", student_no="T88"), world.carer()
    clerk = world.as_(Role.CLIENT, org=SCHOOL)

    for named in ({"child_id": there}, {"student_no": "T88"}):
        other = {"child_id": str(uuid4())} if "child_id" in named else {"student_no": "T89"}
        seen, unseen = _send(
            clerk,
            visit(carer) | {"event_id": str(uuid4())} | named,
            visit(carer) | {"event_id": str(uuid4())} | other,
        )

        alike = [
            {**r, "item_id": None, "event_id": None, "index": None, "problem": _code(r)}
            for r in (seen, unseen)
        ]
        assert alike[0] == alike[1]


def test_decisions_in_a_batch_name_their_version(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer(), str(uuid4())
    voiding = {
        "type": "event_voided",
        "occurred_on": "2026-06-30",
        "child_id": child,
        "details": {"target": event, "reason": "误录", "approved_by": "王校长"},
    }

    results = _send(
        world.caller,
        visit(carer) | {"event_id": event, "child_id": child},
        voiding | {"event_id": str(uuid4())},
        voiding | {"event_id": str(uuid4()), "based_on": 1},
        voiding | {"event_id": str(uuid4()), "based_on": 2},
    )

    assert [r["status"] for r in results] == [201, 428, 412, 201]


def test_one_id_in_a_batch_stands_for_one_content(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer(), str(uuid4())
    said = visit(carer) | {"event_id": event, "child_id": child}

    results = _send(world.caller, said, said, said | {"occurred_on": "2026-06-21"})

    assert [r["status"] for r in results] == [201, 200, 409]


def test_an_enrolment_in_a_batch_needs_an_organisation_in_scope(world: ApiWorld) -> None:
    child = uuid4()
    enrol = enrolment(child, org=f"{SCHOOL}2/grade 1") | {
        "type": "child_enrolled",
        "event_id": str(uuid4()),
        "child_id": str(child),
    }

    (outside,) = _send(world.as_(Role.CLIENT, org=SCHOOL), enrol)
    (nowhere,) = _send(world.caller, {k: v for k, v in enrol.items() if k != "org"})

    assert (outside["status"], _pointer(outside)) == (404, "/items/0/org")
    assert (nowhere["status"], _pointer(nowhere)) == (422, "/items/0/org")
    assert world.events == 0


def test_an_erased_child_does_not_hold_up_the_others(world: ApiWorld) -> None:
    gone, child, carer = world.enrol(), world.enrol(), world.carer()
    world.system.keyring.destroy(UUID(gone))

    results = _send(
        world.caller,
        visit(carer) | {"event_id": str(uuid4()), "child_id": gone},
        visit(carer) | {"event_id": str(uuid4()), "child_id": child},
    )

    assert [r["status"] for r in results] == [409, 201]


def test_five_hundred_items_are_one_batch(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    items = [visit(carer, record=CANARY) | {"event_id": str(uuid4()), "child_id": child} for _ in range(500)]

    assert {r["status"] for r in _send(world.caller, *items)} == {201}


def _code(result: dict[str, object]) -> object:
    problem = result["problem"]
    assert isinstance(problem, dict)
    return problem["code"], problem["errors"][0]["pointer"].split("/")[3:]


def _pointer(result: dict[str, object]) -> object:
    problem = result["problem"]
    assert isinstance(problem, dict)
    return problem["errors"][0]["pointer"]


def test_an_item_that_cannot_be_read_is_answered_by_its_id(small_world: ApiWorld) -> None:
    event = str(uuid4())
    items = [{"event_id": event, "type": "nonsense"}, {"event_id": "nonsense"}, "nonsense"]

    answered = small_world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": items}).json["items"]

    assert [item.get("event_id") for item in answered] == [event, None, None]
    assert [item["status"] for item in answered] == [422, 422, 422]
