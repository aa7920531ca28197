"""Problems speak two languages and one code; logs and counts hold neither values nor names."""

import typing
from uuid import UUID, uuid4

import pytest
import structlog

from api.errors import STATUS, status_of
from domain.refusal import Fault, Reason, Refused
from tests.api.support import CANARY, SCHOOL, ApiWorld, enrolment, visit


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("fr, en;q=0.1", "en"),
        ("fr", "zh"),
        ("en;q=0", "zh"),
        ("*", "zh"),
        ("en;q=x", "zh"),
    ],
)
def test_a_problem_speaks_the_language_that_is_read(
    small_world: ApiWorld, header: str | None, language: str
) -> None:
    headers = {} if header is None else {"Accept-Language": header}

    answered = small_world.caller.get(f"/v1/children/{uuid4()}", headers=headers)

    assert answered.headers["Content-Language"] == language
    assert "Accept-Language" in answered.headers["Vary"].split(", ")
    assert answered.json["title"] == {"zh": "未找到", "en": "Not found"}[language]
    assert answered.json["code"] == "not_found"


def test_a_problem_has_the_form_of_the_standard(small_world: ApiWorld) -> None:
    child = uuid4()

    answered = small_world.caller.put(
        f"/v1/children/{child}", enrolment(child, sex=CANARY), Accept_Language="en"
    )

    request_id = answered.headers["X-Request-Id"]
    assert answered.headers["Content-Type"] == "application/problem+json"
    assert answered.headers["Cache-Control"] == "no-store"
    assert answered.json == {
        "type": "/errors/wrong_value",
        "title": "Invalid content",
        "status": 422,
        "detail": "Wrong type or out of range, no valid date, or a word that is not allowed here.",
        "instance": f"urn:uuid:{request_id}",
        "code": "wrong_value",
        "errors": [
            {
                "pointer": "/details/sex",
                "code": "wrong_value",
                "detail": "Wrong type or out of range, no valid date, or a word that is not allowed here.",
                "allowed": ["male", "female"],
            }
        ],
    }


def test_every_kind_of_refusal_has_a_status() -> None:
    def kinds(kind: type[Refused]) -> typing.Iterator[type[Refused]]:
        for inner in kind.__subclasses__():
            yield inner
            yield from kinds(inner)

    reason = Reason(code="x", zh="x", en="x")

    assert {k for k in kinds(Refused) if k.__module__.split(".")[0] == "api"} <= set(STATUS)
    for kind in kinds(Refused):
        if kind.__init__ is Refused.__init__:
            assert 400 <= status_of(kind(Fault(reason=reason))) <= 503


def test_a_request_id_that_is_none_is_replaced(small_world: ApiWorld) -> None:
    answered = small_world.caller.get("/healthz", headers={"X-Request-Id": CANARY.encode().hex()})

    assert UUID(answered.headers["X-Request-Id"])
    assert answered.headers["X-Request-Id"] != CANARY.encode().hex()


def test_a_fault_of_ours_is_told_without_a_value(small_world: ApiWorld) -> None:
    with small_world.system.database.transaction() as tx:
        tx.run("DROP TABLE found_word")

    with structlog.testing.capture_logs() as lines:
        answered = small_world.caller.post("/v1/children/search", {"name": CANARY})

    assert (answered.status_code, answered.json["code"]) == (500, "internal")
    assert "found_word" not in answered.text
    assert CANARY not in answered.text + str(lines)
    (line,) = (line for line in lines if line["event"] == "unhandled")
    assert line["request_id"] == answered.headers["X-Request-Id"]
    assert line["kind"] == "application.eventstore.database.DatabaseError"


def test_a_database_out_of_reach_is_said_to_be_so(world: ApiWorld) -> None:
    world.system.database.close()

    answered = world.caller.get(f"/v1/children/{uuid4()}")

    assert (answered.status_code, answered.json["code"]) == (503, "unavailable")
    assert answered.headers["Retry-After"] == "5"


def test_a_closed_database_makes_the_service_not_ready(world: ApiWorld) -> None:
    ready = world.caller.get("/readyz")
    world.system.keys_database.close()
    not_ready = world.caller.get("/readyz")
    alive = world.caller.get("/healthz")

    assert (ready.status_code, ready.json["status"]) == (200, "ready")
    assert (not_ready.status_code, alive.status_code) == (503, 200)
    assert {c["name"] for c in not_ready.json["checks"] if not c["ok"]} == {
        "keys_database",
        "keys_migrated",
        "keys_writable",
    }


def test_logs_and_counts_know_routes_and_no_people(small_world: ApiWorld) -> None:
    with structlog.testing.capture_logs() as lines:
        child = small_world.enrol(name=CANARY)
        path = f"/v1/children/{child}"
        small_world.caller.put(f"{path}/events/{uuid4()}", visit(small_world.carer(), record=CANARY))
        small_world.caller.post("/v1/children/search", {"name": CANARY})
        small_world.caller.get(path, name=CANARY)
        small_world.caller.get(f"/v1/{CANARY}")
        small_world.caller.send("PATCH", path)
    counts = small_world.caller.get("/metrics").text

    assert CANARY not in str(lines) + counts
    assert child not in str(lines) + counts
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("PUT", "/v1/children/{child_id:uuid}", 201),
        ("PUT", "/v1/children/{child_id:uuid}/events/{event_id:uuid}", 201),
        ("POST", "/v1/children/search", 200),
        ("GET", "/v1/children/{child_id:uuid}", 422),
        ("GET", "none", 404),
        ("PATCH", "/v1/children/{child_id:uuid}", 405),
    ]
    assert 'careledger_events_recorded_total{type="home_visit_made"} 1.0' in counts
    assert (
        'careledger_http_requests_total{method="POST",route="/v1/children/search",status="200"} 1.0' in counts
    )


def test_the_pages_of_the_reference_ask_no_other_host(small_world: ApiWorld) -> None:
    for path in ("/docs", "/docs/start.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"):
        answered = small_world.caller.get(path)

        assert answered.status_code == 200
        assert answered.headers["Content-Security-Policy"].startswith("default-src 'self';")
    page = small_world.caller.get("/docs").text
    assert "//" not in page.replace("<!doctype html>", "")
    assert small_world.caller.get("/docs/..%2Fapp.py").status_code == 404
    assert small_world.caller.get("/docs/__init__.py").status_code == 404


@pytest.mark.parametrize("channel", ["", "import", "API"])
def test_a_channel_that_is_none_is_refused(small_world: ApiWorld, channel: str) -> None:
    answered = small_world.caller.get("/v1/alerts", headers={"X-CareLedger-Channel": channel})

    assert (answered.status_code, answered.json["code"]) == (400, "bad_channel")


def test_a_type_that_is_not_known_is_answered_with_those_that_are(small_world: ApiWorld) -> None:
    child = small_world.enrol()
    body = {"type": "home_visit", "occurred_on": "2026-06-01", "details": {}}

    answered = small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body)

    (fault,) = answered.json["errors"]
    assert (fault["code"], fault["pointer"]) == ("unknown_type", "/type")
    assert {"call_made", "talk_held", "home_visit_made"} <= set(fault["allowed"])


def test_a_rule_that_is_not_known_is_answered_with_those_that_are(small_world: ApiWorld) -> None:
    body = {"org": SCHOOL, "rule_id": "C399", "effective_from": "2026-03-01"}

    answered = small_world.caller.post("/v1/rule-bindings", body)

    (fault,) = answered.json["errors"]
    assert (fault["code"], fault["nearest"]) == ("unknown_rule", "C39")
    assert "C39" in fault["allowed"]
