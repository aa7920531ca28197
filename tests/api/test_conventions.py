"""What holds of every operation: its names and texts, HEAD, headers, open answers, and helpful faults."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from api import answer as answers
from api.document import whole_document
from api.histories import Entry
from api.resources.carers import Carer
from application.access import Actor, Role
from application.visibility import Purpose, Relation, Sensitivity
from reports.catalogue import reports
from reports.history import FIELDS
from tests.api.serving import ROOT
from tests.api.support import SCHOOL, ApiWorld, enrolment

DOCUMENT = whole_document()
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        yield from ((path, method, each) for method, each in methods.items() if method != "parameters")


def test_every_operation_and_every_field_is_described() -> None:
    bare = [
        each["operationId"] for _, _, each in operations() if not each["summary"] or not each["description"]
    ]
    untold = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, said in schema.get("properties", {}).items()
        if not said.get("title") or not said.get("description")
    ]

    assert (bare, untold) == ([], [])
    assert len(SCHEMAS) > 100


def test_an_operation_is_described_in_english_and_then_in_chinese() -> None:
    english = re.compile(r"[\x00-\x7f“”–…]+")
    for _, _, each in operations():
        *first, last = each["description"].split("\n\n")
        assert first, each["operationId"]
        assert all(map(english.fullmatch, first)), each["operationId"]
        assert re.match(r"[^\x00-\x7f]", last), each["operationId"]
        assert last.endswith("。"), each["operationId"]


def test_names_for_generated_code_are_english() -> None:
    named = [*SCHEMAS, *(each["operationId"] for _, _, each in operations())]
    titles = [said["title"] for s in SCHEMAS.values() for said in s.get("properties", {}).values()]

    assert [name for name in (*named, *titles) if not name.isascii()] == []


def test_lists_of_words_are_schemas_of_their_own() -> None:
    inline = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, said in schema.get("properties", {}).items()
        if "enum" in said or "enum" in said.get("items", {})
    ]

    assert inline == []
    assert SCHEMAS["CarerKind"]["enum"][0] == "proxy_parent"


def answered(schema: dict[str, Any], seen: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in schema.items():
        if key == "$ref" and value not in seen:
            seen.add(value)
            name = value.rpartition("/")[2]
            yield name, SCHEMAS[name]
            yield from answered(SCHEMAS[name], seen)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from answered(inner, seen)


def test_answers_are_open() -> None:
    seen: set[str] = set()
    found = dict(
        each
        for _, _, operation in operations()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        for each in answered(content["schema"], seen)
    )

    assert [name for name, schema in found.items() if schema.get("additionalProperties") is False] == []
    step = found["Alert"]["properties"]["step"]
    assert step["anyOf"] == [{"$ref": "#/components/schemas/Step"}, {"type": "string"}]
    assert [name for name, schema in found.items() if "enum" not in schema and closed_words(schema)] == []
    assert closed_words({"items": {"$ref": "#/components/schemas/Step"}})


def closed_words(shape: Any) -> bool:
    """Say whether a part of a schema allows listed words alone."""
    if isinstance(shape, list):
        return any(closed_words(each) for each in shape)
    if not isinstance(shape, dict):
        return False
    if {"type": "string"} in shape.get("anyOf", ()):
        return False
    listed = SCHEMAS[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    return "enum" in listed or any(closed_words(each) for each in shape.values())


def test_head_asks_as_get_does(small_world: ApiWorld) -> None:
    carer = f"/v1/carers/{small_world.carer()}"
    got, head = (small_world.caller.send(method, carer) for method in ("GET", "HEAD"))

    assert (head.status_code, head.text) == (200, "")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert small_world.http.simulate_head(carer).status_code == 401
    key = {"Authorization": f"Bearer {small_world.caller.key}"}
    asked = small_world.http.simulate_head("/v1/alerts", params={"opne": "true"}, headers=key)
    assert asked.status_code == 422


def test_head_is_answered_wherever_get_is(small_world: ApiWorld) -> None:
    # Whatever is asked about is not there, or something is missing: HEAD says so as GET does.
    nobody = str(UUID(int=1))
    paths = [re.sub(r"\{\w+\}", nobody, path) for path, method, _ in operations() if method == "get"]

    got = {path: small_world.caller.send("GET", path).status_code for path in paths}
    head = {path: small_world.caller.send("HEAD", path).status_code for path in paths}

    assert len(paths) > 40
    assert head == got
    assert 405 not in head.values()


def test_the_headers_that_are_told_are_there(small_world: ApiWorld) -> None:
    carer = "/v1/carers/00000000-0000-4000-8000-000000000001"
    made = small_world.caller.put(carer, {"org": SCHOOL, "name": "卢老师"})

    told = DOCUMENT["paths"]["/v1/carers/{carer_id}"]["put"]["responses"]["201"]["headers"]
    assert set(told) == {"X-Request-Id", "RateLimit", "RateLimit-Policy", "ETag", "Location"}
    assert [name for name in told if not made.headers.get(name)] == []
    assert made.headers["Location"] == carer
    changes = DOCUMENT["paths"]["/v1/changes"]["get"]["responses"]["200"]["headers"]
    assert "Link" in changes
    assert "Link" in small_world.caller.get("/v1/changes").headers


def test_a_wrong_word_names_those_that_are_allowed(small_world: ApiWorld) -> None:
    (asked,) = small_world.caller.get("/v1/alerts", step="grave").json["errors"]
    recipient = {"org": SCHOOL, "name": "德育处", "channel": "inbox", "from_step": "grave"}
    path = "/v1/recipients/00000000-0000-4000-8000-000000000001"
    (sent,) = small_world.caller.put(path, recipient).json["errors"]

    steps = ["info", "warning", "high", "critical"]
    assert [asked["allowed"], sent["allowed"]] == [steps, steps]
    assert "grave" not in str(sent)


@pytest.mark.parametrize(
    ("body", "pointer", "nearest"),
    [
        ({"org": SCHOOL, "nmae": "卢老师", "name": "卢老师"}, "/nmae", "name"),
        ({"org": SCHOOL, "name": "卢老师", "zzz": 1}, "/zzz", None),
    ],
)
def test_an_unknown_field_names_the_one_that_was_perhaps_meant(
    small_world: ApiWorld, body: dict[str, Any], pointer: str, nearest: str | None
) -> None:
    path = "/v1/carers/00000000-0000-4000-8000-000000000001"
    (fault,) = small_world.caller.put(path, body).json["errors"]

    assert (fault["pointer"], fault.get("nearest")) == (pointer, nearest)


def test_a_parameter_that_is_misspelt_names_the_one_that_was_perhaps_meant(small_world: ApiWorld) -> None:
    (fault,) = small_world.caller.get("/v1/alerts", stp="high").json["errors"]

    assert (fault["code"], fault["nearest"]) == ("unknown_field", "step")


def test_what_is_said_of_a_request_names_what_a_client_can_send(small_world: ApiWorld) -> None:
    child, other = small_world.enrol(), SCHEMAS["EnrolmentIn"]["properties"]
    changed = enrolment(UUID(child), name="陈小满")

    # Each pointer is to a field that there is.
    (fault,) = small_world.caller.put(f"/v1/children/{child}", changed).json["errors"]
    assert (fault["code"], fault["pointer"].removeprefix("/") in other) == ("event_id_reused", True)
    # What to do is done by HTTP, where there is a request for it.
    assert "GET /v1/rules" in small_world.caller.get("/errors/unknown_rule").text


def test_what_is_withheld_is_null_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held by a table that shows auditors nothing of persons."""

    def open_alone(
        fields: dict[str, Sensitivity], principal: Actor | None, _relation: Relation, _purpose: Purpose
    ) -> frozenset[str]:
        hides = principal is not None and principal.role is Role.AUDITOR
        return frozenset(name for name, how in fields.items() if not (hides and how is Sensitivity.PERSONAL))

    monkeypatch.setattr(answers, "visible", open_alone)
    said = {
        "org": SCHOOL,
        "name": "卢老师",
        "staff_no": "7",
        "phone": None,
        "capacity": 5,
        "fewest": 1,
        "home_place": None,
        "children_today": {},
    }
    carer = Carer(carer_id=None, version=1, **said)  # type: ignore[arg-type]

    seen, masked = (
        answers.encoded([carer], principal=Actor(name="somebody", role=role)).decode()
        for role in (Role.MANAGER, Role.AUDITOR)
    )
    assert "卢老师" in seen
    assert "withheld" not in seen
    assert "卢老师" not in masked
    assert '"name":null' in masked
    assert '"withheld":["home_place","name","phone","staff_no"]' in masked
    assert '"capacity":5' in masked


def test_a_document_that_is_known_is_not_sent_again(small_world: ApiWorld) -> None:
    first = small_world.http.simulate_get("/openapi.json")
    again, other = (
        small_world.http.simulate_get("/openapi.json", headers={"If-None-Match": tag})
        for tag in (f'"x", W/{first.headers["ETag"]}', '"another"')
    )

    assert (again.status_code, again.text, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    assert (other.status_code, len(other.text)) == (200, len(first.text))


def test_what_depends_on_the_day_is_sent_again_whatever_is_known(small_world: ApiWorld) -> None:
    for path in (f"/v1/carers/{small_world.carer()}", f"/v1/children/{small_world.enrol()}"):
        known = small_world.caller.get(path)
        again = small_world.caller.get(path, headers={"If-None-Match": known.headers["ETag"]})

        assert (again.status_code, again.json.keys()) == (200, known.json.keys())


def test_what_is_of_a_person_in_an_answer_is_so_in_a_report() -> None:
    personal = {
        *("name", "student_no", "staff_no", "phone", "address", "actor", "proposed_by"),
        *("settled_by", "settled_reason", "recorded_by", "late_reason", "text"),
    }
    of_nobody = {"organisations.name", "responsibilities.name"}

    open_ = [
        place
        for report in reports().values()
        for table in report.tables
        for column in table.columns
        if column.name in personal
        and column.sensitivity is Sensitivity.OPEN
        and (place := f"{report.name}.{column.name}") not in of_nobody
    ]

    assert open_ == []
    assert answers.sensitivities(Entry) == FIELDS


def test_a_table_is_cut_to_what_somebody_is_shown_in_one_place() -> None:
    rooms = ("application", "reports", "api", "cli", "workers")
    made = [
        str(file.relative_to(ROOT))
        for room in rooms
        for file in (ROOT / room).rglob("*.py")
        if re.search(r"(?<!class )\bVisible\(", file.read_text(encoding="utf-8"))
    ]

    assert made == ["reports/showing.py"]
