"""What bad input gets: a problem that names the field and repeats no value; nothing is written."""

import copy
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.api.support import CANARY, SCHOOL, ApiWorld, codes, enrolment, visit

Change = Callable[[dict[str, Any]], None]

# What is wrong with a visit, where the problem says so, and why.
BAD_VISITS: dict[str, tuple[Change, str, str]] = {
    "unknown field": (lambda b: b.update(remark=CANARY), "/remark", "unknown_field"),
    "unknown field of the details": (
        lambda b: b["details"].update(weather=CANARY),
        "/details/weather",
        "unknown_field",
    ),
    "unknown type": (lambda b: b.update(type=CANARY), "/type", "unknown_type"),
    "no type": (lambda b: b.pop("type"), "/type", "missing"),
    "no details": (lambda b: b.pop("details"), "/details", "missing"),
    "details that are no object": (lambda b: b.update(details=[CANARY]), "/details", "wrong_value"),
    "unknown carer": (
        lambda b: b["details"].update(carers=[str(uuid4())]),
        "/details/carers/0",
        "unknown_carer",
    ),
    "a carer that is no id": (
        lambda b: b["details"].update(carers=[CANARY]),
        "/details/carers/0",
        "wrong_value",
    ),
    "no carer": (lambda b: b["details"].update(carers=[]), "/details/carers", "too_few"),
    "a date that is none": (lambda b: b.update(occurred_on="2026-02-30"), "/occurred_on", "wrong_value"),
    "a date of another form": (lambda b: b.update(occurred_on="20260620"), "/occurred_on", "wrong_value"),
    "a week date": (lambda b: b.update(occurred_on="2026-W10-1"), "/occurred_on", "wrong_value"),
    "a date that is a number": (lambda b: b.update(occurred_on=20260620), "/occurred_on", "wrong_value"),
    "after today": (lambda b: b.update(occurred_on="2026-07-01"), "/occurred_on", "in_the_future"),
    "before birth": (lambda b: b.update(occurred_on="2016-05-19"), "/occurred_on", "before_birth"),
    "a year out of reach": (lambda b: b.update(occurred_on="0001-01-01"), "/occurred_on", "implausible_year"),
    "two times": (lambda b: b.update(occurred_at="2026-06-20T10:00:00+08:00"), "/occurred_on", "when"),
    "no time": (lambda b: b.pop("occurred_on"), "/occurred_on", "when"),
    "written before it happened": (
        lambda b: b.update(written_on="2026-06-19"),
        "/written_on",
        "written_before_it_happened",
    ),
    "written after today": (lambda b: b.update(written_on="2026-07-01"), "/written_on", "in_the_future"),
    "negative minutes": (lambda b: b["details"].update(minutes=-4), "/details/minutes", "too_small"),
    "minutes beyond a day": (lambda b: b["details"].update(minutes=1441), "/details/minutes", "too_large"),
    "minutes beyond all bounds": (
        lambda b: b["details"].update(minutes=10**30),
        "/details/minutes",
        "too_large",
    ),
    "minutes as text": (lambda b: b["details"].update(minutes=CANARY), "/details/minutes", "wrong_value"),
    "minutes as truth": (lambda b: b["details"].update(minutes=True), "/details/minutes", "wrong_value"),
    "half minutes": (lambda b: b["details"].update(minutes=1.5), "/details/minutes", "wrong_value"),
    "a word that is none": (lambda b: b["details"].update(outcome=CANARY), "/details/outcome", "wrong_value"),
    "a control character": (
        lambda b: b["details"].update(record=f"{CANARY}\u0000"),
        "/details/record",
        "control_character",
    ),
    "an escape character": (
        lambda b: b.update(recorded_by=f"{CANARY}\u001b[2J"),
        "/recorded_by",
        "control_character",
    ),
    "text too long": (
        lambda b: b["details"].update(record=CANARY * 1000),
        "/details/record",
        "too_long",
    ),
    "an organisation for a visit": (lambda b: b.update(org=CANARY), "/org", "unknown_field"),
    "evidence that is none": (
        lambda b: b.update(evidence=[{"sha256": CANARY, "kind": "photo", "size_bytes": 1}]),
        "/evidence/0/sha256",
        "wrong_value",
    ),
    "evidence of negative size": (
        lambda b: b.update(evidence=[{"sha256": "0" * 64, "kind": "photo", "size_bytes": -1}]),
        "/evidence/0/size_bytes",
        "too_small",
    ),
}
for _name, _text in {
    "without offset": "2026-06-20T10:00:00",
    "of the basic form": "20260620T100000+0800",
    "with an offset beyond all": "2026-06-20T10:00:00+23:59",
    "of no time of day": "2026-06-20T25:00:00+08:00",
}.items():
    BAD_VISITS[f"a moment {_name}"] = (
        lambda b, text=_text: (b.pop("occurred_on"), b.update(occurred_at=text)),  # type: ignore[misc]
        "/occurred_at",
        "wrong_value",
    )


@pytest.mark.parametrize("name", BAD_VISITS)
def test_a_bad_visit_is_refused_and_nothing_is_written(small_world: ApiWorld, name: str) -> None:
    change, pointer, code = BAD_VISITS[name]
    child, carer = small_world.enrol(), small_world.carer()
    body, before = visit(carer), small_world.events
    change(body)

    answered = small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body)

    assert answered.status_code == 422, answered.json
    assert answered.headers["Content-Type"] == "application/problem+json"
    assert (pointer, code) in codes(answered)
    assert CANARY not in answered.text
    assert small_world.events == before


def test_of_a_batch_only_the_bad_items_are_refused(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    items = []
    for change, _, _ in BAD_VISITS.values():
        bad = visit(carer) | {"event_id": str(uuid4()), "child_id": child}
        change(bad)
        items += [bad, visit(carer) | {"event_id": str(uuid4()), "child_id": child}]
    before = world.events

    answered = world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": items})

    assert answered.status_code == 207
    assert CANARY not in answered.text
    results = answered.json["items"]
    for index, (name, (_, pointer, code)) in enumerate(BAD_VISITS.items()):
        bad, good = results[2 * index], results[2 * index + 1]
        assert good["status"] == 201, (name, good)
        # A carer that is not known yet may come with a later batch: kept, not refused.
        assert bad["status"] == (202 if code == "unknown_carer" else 422), (name, bad)
        assert (f"/items/{2 * index}{pointer}", code) in [
            (e["pointer"], e["code"]) for e in bad["problem"]["errors"]
        ], (name, bad)
    assert world.events == before + len(BAD_VISITS)


BAD_ENROLMENTS: dict[str, tuple[Change, str, str]] = {
    "no organisation": (lambda b: b.pop("org"), "/org", "missing"),
    "an organisation with an empty part": (lambda b: b.update(org="县//校"), "/org", "bad_org_path"),
    "an organisation too deep": (lambda b: b.update(org="1/2/3/4/5/6"), "/org", "bad_org_path"),
    "an organisation with a line break": (
        lambda b: b.update(org=f"{CANARY}\r/x"),
        "/org",
        "control_character",
    ),
    "no name": (lambda b: b["details"].pop("name"), "/details/name", "missing"),
    "a blank name": (lambda b: b["details"].update(name=" \u3000"), "/details/name", "blank"),
    "a null name": (lambda b: b["details"].update(name=None), "/details/name", "wrong_value"),
    "a birth after the enrolment": (
        lambda b: b["details"].update(birth_date="2026-03-02"),
        "/occurred_on",
        "before_birth",
    ),
    "a decision's version": (lambda b: b.update(based_on=1), "/based_on", "unknown_field"),
    "an output field": (lambda b: b.update(version=7), "/version", "unknown_field"),
}


@pytest.mark.parametrize("name", BAD_ENROLMENTS)
def test_a_bad_enrolment_is_refused_and_nothing_is_written(small_world: ApiWorld, name: str) -> None:
    change, pointer, code = BAD_ENROLMENTS[name]
    child = uuid4()
    body = enrolment(child)
    change(body)

    answered = small_world.caller.put(f"/v1/children/{child}", body)

    assert answered.status_code == 422, answered.json
    assert (pointer, code) in codes(answered)
    assert CANARY not in answered.text
    assert small_world.events == 0


def test_an_unknown_child_is_not_found(small_world: ApiWorld) -> None:
    path = f"/v1/children/{uuid4()}"

    for answered in (
        small_world.caller.get(path),
        small_world.caller.get(f"{path}/history"),
        small_world.caller.get(f"{path}/compliance"),
    ):
        assert (answered.status_code, codes(answered)) == (404, [("", "not_found")])


def test_an_address_that_is_none_is_not_found(small_world: ApiWorld) -> None:
    for path in ("/v1/children/x", "/v1/nothing", "/nothing", f"/v1/children/{CANARY}"):
        answered = small_world.caller.get(path)

        assert answered.status_code == 404
        assert answered.json["code"] == "not_found"
        assert CANARY not in answered.text


def test_a_method_that_is_none_is_refused(small_world: ApiWorld) -> None:
    answered = small_world.caller.send("DELETE", f"/v1/children/{uuid4()}")

    assert (answered.status_code, answered.json["code"]) == (405, "method_not_allowed")
    assert "PUT" in answered.headers["Allow"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"as_of": "yesterday"}, "/as_of"),
        ({"as_of": ""}, "/as_of"),
        ({"as_of": "2026-02-30"}, "/as_of"),
        ({"as_known_at": "2026-03-01T00:00:00"}, "/as_known_at"),
        ({"as_knwon_at": "2026-03-01"}, "/as_knwon_at"),
        ({"as_of": "9999-12-31"}, "/as_of"),
    ],
)
def test_a_bad_parameter_is_refused(small_world: ApiWorld, query: dict[str, str], pointer: str) -> None:
    child = small_world.enrol()

    answered = small_world.caller.get(f"/v1/children/{child}", **query)

    assert answered.status_code == 422
    assert answered.json["errors"][0]["pointer"] == pointer


BAD_CORRECTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "/details/fields"),
    "an unknown field": ({"recorded_by": CANARY}, "/details/fields/recorded_by"),
    "an unknown detail": ({"details": {"weather": CANARY}}, "/details/fields/details/weather"),
    "a wrong detail": ({"details": {"minutes": CANARY}}, "/details/fields/details/minutes"),
    "a detail out of bounds": ({"details": {"minutes": -1}}, "/details/fields/details/minutes"),
    "details that are none": ({"details": CANARY}, "/details/fields/details"),
    "a day that is none": ({"occurred_on": CANARY}, "/details/fields/occurred_on"),
    "the first moment": ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/details/fields/occurred_at"),
    "the last moment": ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "/details/fields/occurred_at"),
    "a day to come": ({"occurred_on": "2026-07-01"}, "/details/fields/occurred_on"),
    "a day before birth": ({"occurred_on": "0001-01-01"}, "/details/fields/occurred_on"),
}


@pytest.mark.parametrize("path", ["/v1/children", "/v1/meetings"])
def test_a_correction_that_no_type_could_have_does_not_wait(small_world: ApiWorld, path: str) -> None:
    # Given no such file, so that nobody knows yet what is corrected.
    def corrected(**details: Any) -> int:
        body = {
            "type": "event_corrected",
            "occurred_on": "2026-06-30",
            "details": {
                "target": str(uuid4()),
                "fields": {"details": details},
                "reason": "笔误",
                "approved_by": "王校长",
            },
        }
        return small_world.caller.put(f"{path}/{uuid4()}/events/{uuid4()}", body, If_Match='"1"').status_code

    # Then what some type could have waits, and nothing else.
    assert corrected(minutes=30) == corrected(record=None) == 202
    assert corrected(weather="rain") == corrected(minutes=-1) == corrected(minutes=30, weather="rain") == 422


@pytest.mark.parametrize("name", sorted(BAD_CORRECTIONS.keys() - {"a day to come", "a day before birth"}))
def test_a_correction_that_no_entry_could_take_does_not_wait(small_world: ApiWorld, name: str) -> None:
    fields, pointer = BAD_CORRECTIONS[name]
    why = {"reason": "笔误", "approved_by": "王校长"}
    details = {"target": str(uuid4()), "fields": fields, **why}
    body = {"type": "event_corrected", "occurred_on": "2026-06-30", "details": details}

    answered = small_world.caller.put(f"/v1/children/{uuid4()}/events/{uuid4()}", body, If_Match='"1"')

    assert answered.status_code == 422, answered.json
    assert pointer.startswith(answered.json["errors"][0]["pointer"])
    assert small_world.caller.get("/v1/quarantine").json["items"] == []


@pytest.mark.parametrize("name", BAD_CORRECTIONS)
def test_a_bad_correction_is_refused(small_world: ApiWorld, name: str) -> None:
    fields, pointer = BAD_CORRECTIONS[name]
    child, carer, event = small_world.enrol(), small_world.carer(), uuid4()
    small_world.caller.put(f"/v1/children/{child}/events/{event}", visit(carer))
    before = small_world.events
    body = {
        "type": "event_corrected",
        "occurred_on": "2026-06-30",
        "details": {"target": str(event), "fields": fields, "reason": "笔误", "approved_by": "王校长"},
    }

    answered = small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body, If_Match='"2"')

    assert answered.status_code == 422, answered.json
    assert answered.json["errors"][0]["pointer"] == pointer
    assert CANARY not in answered.text
    assert small_world.events == before


def test_a_batch_that_is_none_is_refused_whole(small_world: ApiWorld) -> None:
    path = f"/v1/event-batches/{uuid4()}"
    too_many = [{}] * 501

    assert codes(small_world.caller.put(path, {"items": too_many})) == [("/items", "too_many")]
    assert codes(small_world.caller.put(path, {"items": []})) == [("/items", "too_few")]
    assert codes(small_world.caller.put(path, {"things": [], "items": [{}]})) == [
        ("/things", "unknown_field")
    ]


def test_an_item_that_is_no_object_is_refused_alone(small_world: ApiWorld) -> None:
    child, carer = small_world.enrol(), small_world.carer()
    good = visit(carer) | {"event_id": str(uuid4()), "child_id": child}

    answered = small_world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": [None, good, [CANARY]]})

    assert [item["status"] for item in answered.json["items"]] == [422, 201, 422]
    assert answered.json["items"][2]["problem"]["errors"][0]["pointer"] == "/items/2"
    assert CANARY not in answered.text


def test_the_samples_above_stand_when_nothing_is_wrong(small_world: ApiWorld) -> None:
    child, carer = small_world.enrol(), small_world.carer()

    answered = small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", copy.deepcopy(visit(carer)))

    assert answered.status_code == 201


@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_a_period_that_is_blank_is_not_the_present_one(small_world: ApiWorld, blank: str) -> None:
    child = small_world.enrol()

    refused = [
        small_world.caller.get(path, period=blank, **more)
        for path, more in ((f"/v1/children/{child}/compliance", {}), ("/v1/compliance", {"org": SCHOOL}))
    ]

    assert [(each.status_code, codes(each)) for each in refused] == [(422, [("/period", "wrong_value")])] * 2
