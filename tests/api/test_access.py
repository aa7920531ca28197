"""Who may do what over HTTP: keys, scopes that end at their separator, roles, granted types."""

import re
from uuid import UUID, uuid4

import pytest

from api import document as described
from api.routes import ROUTES
from application.access import SYSTEM, Role
from domain.catalogue import served_kinds
from tests.api.support import CLASS, SCHOOL, ApiWorld, Caller, codes, enrolment, visit


def test_without_a_key_nothing_is_told(small_world: ApiWorld) -> None:
    child = small_world.enrol()

    answered = Caller(http=small_world.http, key=None).get(f"/v1/children/{child}")

    assert (answered.status_code, answered.json["code"]) == (401, "no_key")
    assert answered.headers["WWW-Authenticate"] == 'Bearer realm="careledger"'


@pytest.mark.parametrize(
    "key", ["", "crk_x", "crk_aaaaaaaaaaaaa_bbbb", "Basic", "crk_\x00_b", "crk_aaaa_" + "b" * 500, "密钥"]
)
def test_a_key_that_is_none_is_refused(small_world: ApiWorld, key: str) -> None:
    answered = Caller(http=small_world.http, key=key).get("/v1/alerts")

    assert (answered.status_code, answered.json["code"]) == (401, "bad_key")
    assert 'error="invalid_token"' in answered.headers["WWW-Authenticate"]


def test_a_key_ends_with_its_time_and_when_it_is_revoked(small_world: ApiWorld) -> None:
    keys = small_world.system.api_keys
    revoked, text = keys.create(actor=SYSTEM, name="a", role=Role.CLIENT)
    _, short = keys.create(actor=SYSTEM, name="b", role=Role.CLIENT, days=1)
    keys.revoke(revoked.key_id, actor=SYSTEM)
    one, other = (Caller(http=small_world.http, key=k) for k in (text, short))

    assert one.get("/v1/alerts").status_code == 401
    assert other.get("/v1/alerts").status_code == 200
    small_world.clock.forward(days=1)
    assert other.get("/v1/alerts").status_code == 401


def test_a_key_that_was_changed_in_the_database_is_dead_and_counted(world: ApiWorld) -> None:
    client = world.as_(Role.CLIENT, org=SCHOOL)
    before = client.get("/v1/recipients").status_code
    with world.system.keys_database.transaction() as tx:
        tx.run("UPDATE api_key SET role = 'manager', org = '' WHERE role = 'client'")

    after = client.get("/v1/recipients")

    assert (before, after.status_code, after.json["code"]) == (403, 401, "bad_key")
    counted = world.caller.get("/metrics").text
    assert "careledger_api_keys_changed_total 1.0" in counted
    assert world.caller.get("/v1/recipients").status_code == 200


def test_a_child_of_the_neighbouring_school_is_not_there(world: ApiWorld) -> None:
    mine, theirs, carer = world.enrol(), world.enrol(org=f"{SCHOOL}2/grade 1"), world.carer()
    caller = world.as_(Role.CLIENT, org=SCHOOL)
    unknown = str(uuid4())

    assert caller.get(f"/v1/children/{mine}").status_code == 200
    for suffix in ("", "/history", "/compliance"):
        there, nowhere = (caller.get(f"/v1/children/{child}{suffix}") for child in (theirs, unknown))
        assert there.status_code == nowhere.status_code == 404
        assert {**there.json, "instance": None} == {**nowhere.json, "instance": None}
    sent = [caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer)) for child in (theirs, unknown)]
    # Both wait, and nobody learns for what.
    said = [
        (a.status_code, a.json["problem"]["code"], a.json["problem"]["errors"][0]["pointer"]) for a in sent
    ]
    assert said == [(202, "unknown_child", "")] * 2


def test_a_child_that_moved_away_is_out_of_sight_whatever_day_is_asked_about(world: ApiWorld) -> None:
    child, caller = world.enrol(), world.as_(Role.CLIENT, org=SCHOOL)
    path = f"/v1/children/{child}"
    before = world.clock.now.isoformat()
    world.clock.forward(hours=1)
    world.system.organisations.ensure(f"{SCHOOL}2", actor=SYSTEM)
    transfer = world.desk.propose(UUID(child), f"{SCHOOL}2", "2026-05-01").event_id
    world.desk.accept(UUID(child), transfer, "2026-06-01")

    assert caller.get(path, as_known_at=before).status_code == 404
    assert caller.get(path, as_of="2026-04-01").status_code == 404
    assert caller.get(f"{path}/compliance", as_known_at=before).status_code == 404


def test_nobody_enrols_out_of_scope(world: ApiWorld) -> None:
    child, caller = uuid4(), world.as_(Role.CLIENT, org=SCHOOL)

    outside = caller.put(f"/v1/children/{child}", enrolment(child, org=f"{SCHOOL}2/grade 1"))
    above = caller.put(f"/v1/children/{child}", enrolment(child, org="county/township"))
    within = caller.put(f"/v1/children/{child}", enrolment(child))

    assert (outside.status_code, codes(outside)) == (404, [("/org", "not_found")])
    assert above.status_code == 404
    assert within.status_code == 201


def test_an_id_in_use_elsewhere_is_not_enrolled_again(world: ApiWorld) -> None:
    child = world.enrol(org=f"{SCHOOL}2/grade 1")

    answered = world.as_(Role.CLIENT, org=SCHOOL).put(f"/v1/children/{child}", enrolment(UUID(child)))

    assert (answered.status_code, codes(answered)) == (404, [("", "not_found")])


def test_a_key_submits_only_the_types_it_was_granted(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    caller = world.as_(Role.CLIENT, types=["call_made"])
    call = {
        "type": "call_made",
        "occurred_on": "2026-06-20",
        "details": {"caller": "carer", "called": "mother", "outcome": "connected", "minutes": 3},
    }
    items = [body | {"event_id": str(uuid4()), "child_id": str(uuid4())} for body in (visit(carer), call)]

    visited = caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer))
    called = caller.put(f"/v1/children/{child}/events/{uuid4()}", call)
    batch = caller.put(f"/v1/event-batches/{uuid4()}", {"items": items}).json["items"]

    assert (visited.status_code, codes(visited)) == (403, [("/type", "not_allowed")])
    assert called.status_code == 201
    # The second child is not known yet; a type that is not granted is not even kept.
    assert [item["status"] for item in batch] == [403, 202]


READERS = [Role.AUDITOR, Role.WATCHER]


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_writes_nothing(world: ApiWorld, role: Role) -> None:
    child, carer = world.enrol(), world.carer()
    caller, before = world.as_(role), world.events

    refused = [
        caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer)),
        caller.put(f"/v1/children/{uuid4()}", enrolment(uuid4())),
        caller.put(f"/v1/event-batches/{uuid4()}", {"items": [visit(carer)]}),
        caller.put(f"/v1/carers/{uuid4()}", {"org": SCHOOL, "name": "卢老师"}),
        caller.get("/v1/quarantine"),
        caller.get("/v1/recipients"),
        caller.put(f"/v1/recipients/{uuid4()}", {}),
        caller.post("/v1/rule-bindings", {}),
        caller.put("/v1/watch", {}),
    ]

    assert {a.status_code for a in refused} == {403}
    assert caller.get(f"/v1/children/{child}").status_code == 200
    assert world.events == before


def test_search_and_lists_end_at_the_scope(world: ApiWorld) -> None:
    mine = world.enrol(name="林小禾")
    world.enrol(name="林小禾", org=f"{SCHOOL}2/grade 1")
    caller = world.as_(Role.AUDITOR, org=SCHOOL)

    found = caller.post("/v1/children/search", {"name": "林小禾"}).json["items"]

    assert [child["child_id"] for child in found] == [mine]
    assert caller.get("/v1/compliance", org=f"{SCHOOL}2", rule="C39", period="2026-05").status_code == 404
    assert caller.get("/v1/compliance", org="county", rule="C39", period="2026-05").status_code == 404
    assert caller.get("/v1/compliance", org=CLASS, rule="C39", period="2026-05").status_code == 200
    assert caller.get("/v1/alerts", org=f"{SCHOOL}2").status_code == 404
    assert caller.get("/v1/rule-bindings", org=f"{SCHOOL}2").status_code == 404
    assert caller.get("/v1/watch", org=f"{SCHOOL}2").status_code == 404


def test_a_carer_of_another_school_is_not_there(world: ApiWorld) -> None:
    carer, caller = world.carer(), world.as_(Role.CLIENT, org=f"{SCHOOL}2")

    assert caller.get(f"/v1/carers/{carer}").status_code == 404
    assert caller.get(f"/v1/carers/{uuid4()}").status_code == 404
    assert caller.put(f"/v1/carers/{carer}", {"org": f"{SCHOOL}2", "name": "x"}).status_code == 404


def test_what_is_public_needs_no_key_and_the_rest_does(small_world: ApiWorld) -> None:
    stranger = Caller(http=small_world.http, key=None)
    document = stranger.get("/openapi.json").json

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            concrete = re.sub(
                r"\{\w+_id\}", str(uuid4()), path.replace("{name}", "index.html").replace("{number}", "1")
            )
            status = stranger.send(method.upper(), concrete).status_code
            assert (status == 401) == ("security" not in operation), (method, path, status)


def test_a_key_bound_to_types_does_nothing_else(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    caller = world.as_(Role.MANAGER, types=["home_visit_made"], name="phone")
    batch, others = f"/v1/event-batches/{uuid4()}", f"/v1/event-batches/{uuid4()}"
    items = {"items": [visit(carer) | {"event_id": str(uuid4()), "child_id": child}]}
    world.as_(Role.MANAGER).put(others, items)

    assert caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer)).status_code == 201
    assert caller.put(batch, items).status_code == 207
    assert caller.get(batch).status_code == 200
    assert (caller.get(others).status_code, caller.get(f"{others[:-1]}0").status_code) == (404, 404)

    own = {("put", "/v1/children/{child_id:uuid}/events/{event_id:uuid}")}
    own |= {(verb, "/v1/event-batches/{batch_id:uuid}") for verb in ("put", "get")}
    own |= {("put", "/v1/children/{child_id:uuid}"), ("get", "/v1/me")}
    # What a body says is read before it is known of which type it is.
    streams = [f"/v1/{kind.plural}/{{stream_id:uuid}}" for kind in served_kinds().values()]
    own |= {("put", path) for stream in streams for path in (stream, f"{stream}/events/{{event_id:uuid}}")}
    enrolling = caller.put(f"/v1/children/{uuid4()}", enrolment(uuid4()))
    assert (enrolling.status_code, codes(enrolling)) == (403, [("/type", "not_allowed")])
    told = {
        (method.lower(), route.template): caller.send(method, _somewhere(route.template)).status_code
        for route in ROUTES
        if not route.public
        for method in described.operations()[route.template]
    }
    assert {key for key, status in told.items() if status != 403} == own, told


def _somewhere(template: str) -> str:
    return re.sub(r"{\w+:uuid}", str(uuid4()), template).replace("{number:int}", "0")
