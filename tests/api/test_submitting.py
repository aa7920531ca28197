"""Enrolling a child and recording care, one by one: twice is once, decisions name their version."""

from uuid import UUID, uuid1, uuid4, uuid5

import pytest

from application.access import Role
from domain.catalogue import care_actions_by_type, kinds_of_submissions, own_types
from tests.api.support import CLASS, SCHOOL, ApiWorld, codes, enrolment, visit


def test_an_enrolment_is_recorded_once_and_read_back(world: ApiWorld) -> None:
    child = uuid4()

    first = world.caller.put(f"/v1/children/{child}", enrolment(child))
    again = world.caller.put(f"/v1/children/{child}", enrolment(child))
    read = world.caller.get(f"/v1/children/{child}")

    assert first.status_code == 201
    assert first.headers["ETag"] == '"1"'
    assert first.json["state"] == "recorded"
    assert first.json["version"] == 1
    assert again.status_code == 200
    assert again.json["position"] == first.json["position"]
    assert again.json["event_id"] == first.json["event_id"]
    assert read.json["org"] == CLASS
    assert read.json["profile"]["name"] == "林小禾"
    assert read.json["days_silent"] == 121
    assert read.headers["Cache-Control"] == "private, no-store"


def test_the_organisation_of_an_enrolment_becomes_known(world: ApiWorld) -> None:
    world.enrol()

    assert CLASS in world.system.organisations.paths()


def test_a_refused_enrolment_leaves_no_organisation_behind(world: ApiWorld) -> None:
    child = uuid4()

    answered = world.caller.put(f"/v1/children/{child}", enrolment(child, day="2027-01-01"))

    assert codes(answered) == [("/occurred_on", "in_the_future")]
    assert world.events == 0


def test_a_visit_is_recorded_once_whatever_its_id_is_sent_for(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer(), uuid4()
    path = f"/v1/children/{child}/events/{event}"

    first = world.caller.put(path, visit(carer))
    again = world.caller.put(path, visit(carer))
    other = world.caller.put(path, visit(carer, minutes=5))

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json == first.json | {"state": "already_recorded"}
    assert codes(other) == [("/event_id", "event_id_reused")]


def test_an_id_of_another_childs_event_is_refused(world: ApiWorld) -> None:
    one, other, carer, event = world.enrol(), world.enrol(), world.carer(), uuid4()
    world.caller.put(f"/v1/children/{one}/events/{event}", visit(carer))

    answered = world.caller.put(f"/v1/children/{other}/events/{event}", visit(carer))

    assert answered.status_code == 409
    assert answered.json["code"] == "event_id_reused"


def test_a_late_visit_counts_and_is_asked_why(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()
    late = visit(carer, "2026-06-01")

    asked = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", late)
    told = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", late | {"late_reason": "停电"})
    offline = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", late, X_CareLedger_Channel="offline")

    assert asked.json["late"] == {"days": 29, "asks_for": "late_reason"}
    assert told.json["late"] == {"days": 29}
    assert offline.json["late"] == {"days": 29}


def test_a_decision_names_the_version_it_was_based_on(world: ApiWorld) -> None:
    child, carer, event = world.enrol(), world.carer(), uuid4()
    etag = world.caller.put(f"/v1/children/{child}/events/{event}", visit(carer)).headers["ETag"]
    voiding = {
        "type": "event_voided",
        "occurred_on": "2026-06-30",
        "details": {"target": str(event), "reason": "误录", "approved_by": "王校长"},
    }
    path = f"/v1/children/{child}/events/{uuid4()}"

    missing = world.caller.put(path, voiding)
    star = world.caller.put(path, voiding, If_Match="*")
    empty = world.caller.put(path, voiding, If_Match="")
    stale = world.caller.put(path, voiding, If_Match='"1"')
    unreadable = world.caller.put(path, voiding, If_Match="two")
    done = world.caller.put(path, voiding, If_Match=etag)
    again = world.caller.put(path, voiding, If_Match=etag)

    statuses = [a.status_code for a in (missing, star, empty, stale, unreadable, done, again)]
    assert statuses == [428, 428, 400, 412, 400, 201, 200]
    assert stale.json["code"] == "stale"
    assert missing.json["code"] == "version_required"


def test_an_approver_is_somebody_else(world: ApiWorld) -> None:
    child = world.enrol()
    exit_ = {
        "type": "event_voided",
        "occurred_on": "2026-06-30",
        "recorded_by": "王校长",
        "details": {"target": str(uuid4()), "reason": "误录", "approved_by": " 王校长"},
    }

    event = uuid4()
    world.caller.put(f"/v1/children/{child}/events/{event}", visit(world.carer()))
    exit_["details"] |= {"target": str(event)}  # type: ignore[operator]
    answered = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", exit_, If_Match='"2"')

    assert codes(answered) == [("/details/approved_by", "same_approver")]


def test_an_enrolment_is_not_sent_as_an_event(world: ApiWorld) -> None:
    child = uuid4()
    body = enrolment(child) | {"type": "child_enrolled"}

    answered = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body)

    assert codes(answered) == [("/type", "own_route")]


def test_a_child_exits_and_is_readmitted_where_it_was(world: ApiWorld) -> None:
    child, elsewhere = world.enrol(), "county/township/other school/grade 1"
    leaving = {"type": "child_exited", "occurred_on": "2026-05-01", "details": {"reason": "moved"}}
    back = {
        "type": "child_readmitted",
        "occurred_on": "2026-06-01",
        "org": elsewhere,
        "details": {},
    }
    path = f"/v1/children/{child}/events"

    assert world.caller.put(f"{path}/{uuid4()}", leaving, If_Match='"1"').status_code == 201
    refused = world.caller.put(f"{path}/{uuid4()}", back, If_Match='"2"')
    assert (refused.status_code, codes(refused)) == (409, [("/org", "by_transfer")])
    del back["org"]
    assert world.caller.put(f"{path}/{uuid4()}", back, If_Match='"2"').status_code == 201

    read = world.caller.get(f"/v1/children/{child}").json
    assert [(s["start"], s["last"]) for s in read["spans"]] == [
        ("2026-03-01", "2026-05-01"),
        ("2026-06-01", "2034-05-19"),
    ]
    assert elsewhere not in world.system.organisations.paths()


def test_two_children_cannot_have_one_student_number(world: ApiWorld) -> None:
    world.enrol(student_no="T1")
    child = uuid4()

    answered = world.caller.put(f"/v1/children/{child}", enrolment(child, student_no="T1"))

    assert codes(answered) == [("/details/student_no", "number_taken")]


def test_the_last_place_of_a_counsellor_is_given_once(world: ApiWorld) -> None:
    carer = world.carer()
    pairing = {
        "type": "pairing_started",
        "occurred_on": "2026-03-01",
        "details": {"carer": carer, "kind": "care_counsellor"},
    }

    statuses = [
        world.caller.put(f"/v1/children/{world.enrol()}/events/{uuid4()}", pairing).status_code
        for _ in range(3)
    ]

    assert statuses == [201, 201, 409]


def test_a_record_carries_who_asked_and_the_request_id(world: ApiWorld) -> None:
    child, request_id = uuid4(), "0f0f0f0f-0000-4000-8000-00000000abcd"
    body = enrolment(child) | {"recorded_by": "王老师"}

    answered = world.caller.put(f"/v1/children/{child}", body, X_Request_Id=request_id)

    (event,) = world.system.log.stream(child)
    assert answered.headers["X-Request-Id"] == request_id
    assert str(event.metadata.correlation_id) == request_id
    assert (event.recorded_by, event.metadata.actor, event.metadata.role) == ("王老师", "office", "manager")


def test_text_is_kept_in_one_unicode_form(world: ApiWorld) -> None:
    child = world.enrol(name="Zoe\u0301")

    assert world.caller.get(f"/v1/children/{child}").json["profile"]["name"] == "Zo\u00e9"


def test_every_type_is_listed_with_its_schema(small_world: ApiWorld) -> None:
    listed = small_world.as_(Role.AUDITOR).get("/v1/event-types").json["items"]

    kinds = [kind for name, kind in kinds_of_submissions().items() if name != "child"]
    of_streams = {each.type for kind in kinds for each in kind.types if own_types(kind.name) >= {each.type}}
    assert [item["type"] for item in listed] == sorted({*care_actions_by_type(), *of_streams})


def test_an_id_may_be_a_uuid_of_any_version(world: ApiWorld) -> None:
    carer, child = world.carer(), str(uuid1())

    enrolled = world.caller.put(f"/v1/children/{child}", enrolment(UUID(child)))
    first, second = (
        world.caller.put(f"/v1/children/{child}/events/{event}", visit(carer))
        for event in (uuid1(), uuid5(UUID(child), "visit"))
    )

    assert [a.status_code for a in (enrolled, first, second)] == [201, 201, 201]


def test_an_id_stands_for_one_thing(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()

    enrolled = world.caller.put(f"/v1/children/{carer}", enrolment(UUID(carer)))
    registered = world.caller.put(f"/v1/carers/{child}", {"org": CLASS, "name": "卢老师"})

    assert [(a.status_code, a.json["code"]) for a in (enrolled, registered)] == [(409, "id_in_use")] * 2
    assert world.caller.get(f"/v1/children/{carer}").status_code == 404
    assert world.caller.get(f"/v1/carers/{child}").status_code == 404
    assert world.caller.get(f"/v1/children/{child}").status_code == 200


@pytest.mark.parametrize(
    "spelling", ["王\u200b校长", "王 校 长", "王校长\ufe0f", "\u3164王校长", "王校\u2060长"]
)
def test_an_approver_is_somebody_else_however_it_is_spelled(world: ApiWorld, spelling: str) -> None:
    child, event = world.enrol(), uuid4()
    path = f"/v1/children/{child}/events"
    world.caller.put(f"{path}/{event}", visit(world.carer()))
    why = {"reason": "误录", "approved_by": spelling}
    words = {"type": "event_voided", "occurred_on": "2026-06-30", "recorded_by": "王校长"}

    answered = world.caller.put(
        f"{path}/{uuid4()}", words | {"details": {"target": str(event)} | why}, If_Match='"2"'
    )

    assert codes(answered) == [("/details/approved_by", "same_approver")]


def test_letters_of_another_width_are_the_same_approver(world: ApiWorld) -> None:
    activity = f"/v1/activities/{uuid4()}"
    held = {"org": SCHOOL, "occurred_on": "2026-06-01", "kind": "lecture", "topic": "防溺水"}
    world.caller.put(activity, held | {"participants": [{"child_id": world.enrol()}]})
    why = {"reason": "未举行", "recorded_by": "A1-client", "approved_by": "Ａ１－ＣＬＩＥＮＴ"}

    answered = world.caller.put(f"{activity}/voidings/{uuid4()}", why, If_Match='"1"')

    assert codes(answered) == [("/approved_by", "same_approver")]


@pytest.mark.parametrize("filler", ["\u200b", "\u00ad", "\u3164", "\u2800", "\u115f\u1160"])
@pytest.mark.parametrize("field", ["approved_by", "reason"])
def test_what_cannot_be_seen_is_blank(world: ApiWorld, field: str, filler: str) -> None:
    child, event, path = world.enrol(), uuid4(), "/v1/activities/{}"
    world.caller.put(f"/v1/children/{child}/events/{event}", visit(world.carer()))
    held = {"org": SCHOOL, "occurred_on": "2026-06-01", "kind": "lecture", "topic": "防溺水"}
    activity = path.format(uuid4())
    world.caller.put(activity, held | {"participants": [{"child_id": child}]})
    why = {"reason": "误录", "approved_by": "王校长"} | {field: filler}
    words = {"type": "event_voided", "occurred_on": "2026-06-30"}

    of_child = world.caller.put(
        f"/v1/children/{child}/events/{uuid4()}",
        words | {"details": {"target": str(event)} | why},
        If_Match='"3"',
    )
    of_activity = world.caller.put(f"{activity}/voidings/{uuid4()}", why, If_Match='"1"')

    assert [a.status_code for a in (of_child, of_activity)] == [422, 422]
    assert codes(of_activity) == [(f"/{field}", "blank")]


def test_a_recorder_who_cannot_be_seen_is_the_key(world: ApiWorld) -> None:
    child, event = world.enrol(), uuid4()
    body = visit(world.carer()) | {"recorded_by": "\u3164"}
    assert world.caller.put(f"/v1/children/{child}/events/{event}", body).status_code == 201

    (entry,) = world.caller.get(f"/v1/children/{child}/history", type="home_visit_made").json["items"]

    assert entry["recorded_by"] == "office"


def test_the_key_approves_of_nothing_that_it_sends_for_somebody_else(world: ApiWorld) -> None:
    child, event = world.enrol(), uuid4()
    world.caller.put(f"/v1/children/{child}/events/{event}", visit(world.carer()))
    held = {"org": SCHOOL, "occurred_on": "2026-06-01", "kind": "lecture", "topic": "防溺水"}
    activity = f"/v1/activities/{uuid4()}"
    world.caller.put(activity, held | {"participants": [{"child_id": child}]})
    why = {"reason": "误录", "approved_by": "Ｏffice"}
    words = {"type": "event_voided", "occurred_on": "2026-06-30", "recorded_by": "李老师"}
    fix = words | {"type": "event_corrected"}
    said = {"target": str(event)} | why

    path = f"/v1/children/{child}/events/{{}}"
    answers = [
        world.caller.put(path.format(uuid4()), words | {"details": said}, If_Match='"3"'),
        world.caller.put(
            path.format(uuid4()),
            fix | {"details": said | {"fields": {"occurred_on": "2026-06-19"}}},
            If_Match='"3"',
        ),
    ]
    of_activity = world.caller.put(
        f"{activity}/voidings/{uuid4()}", why | {"recorded_by": "李老师"}, If_Match='"1"'
    )

    assert [codes(a) for a in answers] == [[("/details/approved_by", "same_approver")]] * 2
    assert codes(of_activity) == [("/approved_by", "same_approver")]
