"""If-Match: whatever names a version stands only on that version, and a blank names nothing."""

import contextlib
import http.client
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from falcon import testing

from api.document import whole_document
from application.access import Role
from tests.api.serving import Service, serving
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


@pytest.mark.parametrize(
    ("header", "blank"),
    [
        *(("If-Match", blank) for blank in ("", " ", "\t", "\xa0", "\x85")),
        *((header, blank) for header in ("If-None-Match", "Idempotency-Key") for blank in ("", "\xa0")),
    ],
)
def test_a_header_that_names_something_and_is_blank_is_malformed_wherever_something_is_written(
    small_world: ApiWorld, header: str, blank: str
) -> None:
    before, ids = small_world.events, re.compile(r"\{\w+\}")

    sent = {
        operation["operationId"]: small_world.caller.send(
            method.upper(),
            ids.sub(str(uuid4()), path.replace("{number}", "1")),
            body=b"{}",
            headers={header: blank},
        )
        for path, methods in whole_document()["paths"].items()
        for method, operation in methods.items()
        if method in ("put", "post", "delete")
    }

    assert len(sent) > 20
    code = f"bad_{header.lower().replace('-', '_')}"
    assert {name: a.json["code"] for name, a in sent.items()} == dict.fromkeys(sent, code)
    assert small_world.events == before


def test_what_the_document_says_of_headers_is_how_they_are_read(small_world: ApiWorld) -> None:
    blank = ("", " ", "\xa0")
    named = {
        p["name"]: p["schema"]["pattern"]
        for methods in whole_document()["paths"].values()
        for method, operation in methods.items()
        if method != "parameters"
        for p in operation.get("parameters", ())
        if p["in"] == "header" and "pattern" in p["schema"]
    }

    assert named.keys() == {"If-Match", "If-None-Match", "Idempotency-Key"}
    assert [(n, b) for n, pattern in named.items() for b in blank if re.search(pattern, b)] == []


@pytest.mark.parametrize("blank", ["", " ", "\xa0"])
def test_no_other_header_that_names_something_may_be_blank(small_world: ApiWorld, blank: str) -> None:
    world, path, words = small_world, f"/v1/carers/{uuid4()}", {"org": SCHOOL, "name": "卢老师"}
    child = world.enrol()
    before = world.events

    star = world.caller.put(path, words, If_None_Match=blank)
    channel = world.caller.put(
        f"/v1/children/{child}/events/{uuid4()}", visit(str(uuid4())), X_CareLedger_Channel=blank
    )
    key = world.caller.post(f"/v1/alerts/{uuid4()}/acknowledge", {}, Idempotency_Key=blank)

    assert [(a.status_code, a.json["code"]) for a in (star, channel, key)] == [
        (400, "bad_if_none_match"),
        (400, "bad_channel"),
        (400, "bad_idempotency_key"),
    ]
    assert world.events == before


@pytest.mark.parametrize("header", ["Accept", "Accept-Language", "Accept-Encoding", "If-None-Match"])
def test_a_header_that_asks_for_a_form_asks_for_none_where_it_is_blank(
    small_world: ApiWorld, header: str
) -> None:
    small_world.enrol()

    asked = small_world.caller.get("/v1/children", headers={header: ""})

    assert asked.content == small_world.caller.get("/v1/children").content


def test_blank_means_the_same_over_a_wire(tmp_path: Path) -> None:
    def put(service: Service, path: str, body: dict[str, Any], version: str) -> tuple[int, str | None]:
        headers = {"If-Match": version, "Authorization": f"Bearer {service.key}"}
        connection = http.client.HTTPConnection(urlsplit(service.server.url).netloc, timeout=20)
        connection.request("PUT", path, json.dumps(body), headers | {"Content-Type": "application/json"})
        with contextlib.closing(connection):
            answered = connection.getresponse()
            return answered.status, json.loads(answered.read()).get("code")

    child = uuid4()
    path = f"/v1/children/{child}"

    with serving(f"sqlite:///{tmp_path}/care.db", tmp_path) as service:
        said = [put(service, path, enrolment(child), version) for version in ("", "  \t", "\xa0", '\t "0"  ')]

    assert said == [(400, "bad_if_match")] * 3 + [(201, None)]


def test_a_star_that_must_not_match_writes_only_what_is_not_there(world: ApiWorld) -> None:
    world.enrol()
    told = {"org": SCHOOL, "name": "德育处", "channel": "inbox"}
    things = [*_new_things(), (f"/v1/recipients/{uuid4()}", told)]
    first = [world.caller.put(path, body, If_None_Match="*") for path, body in things]
    again = [world.caller.put(path, body, If_None_Match="*") for path, body in things]
    carer, recipient = things[0], things[-1]

    renamed = [(path, body | {"name": "另一"}) for path, body in (carer, recipient)]
    renamed += [
        (things[1][0], things[1][1] | {"occurred_on": "2026-03-02"}),
        (things[2][0], things[2][1] | {"topic": "防火"}),
    ]
    other = [world.caller.put(path, body, If_None_Match="*") for path, body in renamed]
    weak = world.caller.put(carer[0], carer[1], If_None_Match='"1"')
    both = world.caller.put(f"/v1/carers/{uuid4()}", carer[1], If_None_Match="*", If_Match='"1"')

    assert [a.status_code for a in (*first, *again)] == [201] * 4 + [200] * 4
    assert [(a.status_code, a.json["code"]) for a in (*other, both)] == [(412, "stale")] * 5
    assert (weak.status_code, weak.json["code"]) == (400, "bad_if_none_match")
    assert world.caller.get(carer[0]).json["name"] == "卢老师"


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
