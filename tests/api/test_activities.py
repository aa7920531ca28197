"""Activities over HTTP: one request for all, and an answer that says how far it is."""

from typing import Any
from uuid import uuid4

from application.access import Role
from tests.api.support import CANARY, SCHOOL, ApiWorld, codes


def lecture(*children: str, **more: Any) -> dict[str, Any]:
    return {
        "org": SCHOOL,
        "occurred_on": "2026-06-01",
        "kind": "lecture",
        "topic": CANARY,
        "minutes": 45,
        "participants": [{"child_id": child} for child in children],
    } | more


def test_a_class_is_done_with_the_answer(world: ApiWorld) -> None:
    children = [world.enrol() for _ in range(3)]
    activity = f"/v1/activities/{uuid4()}"
    body = lecture(*children, absent=[{"student_no": "T404", "reason": "生病"}])
    body["participants"].append({"student_no": "T405", "role": "speaker"})

    first = world.caller.put(activity, body)
    again = world.caller.put(activity, body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["counts"] == {
        "waiting": 0,
        "recorded": 3,
        "quarantined": 1,
        "voided": 0,
        "dismissed": 0,
    }
    assert again.json == {**first.json, "state": "already_recorded"}
    read = world.caller.get(activity)
    assert read.headers["ETag"] == '"1"'
    assert [p["state"] for p in read.json["participants"]] == ["recorded"] * 3 + ["quarantined"]
    assert read.json["participants"][3]["code"] == "unknown_child"
    assert read.json["absent"] == [{"child_id": None, "student_no": "T404", "reason": "生病"}]
    (entry,) = world.caller.get(f"/v1/children/{children[0]}/history", type="participation_recorded").json[
        "items"
    ]
    assert entry["event_id"] == read.json["participants"][0]["event_id"]
    assert not entry["is_contact"]
    listed = world.caller.get("/v1/activities", org=SCHOOL, **{"from": "2026-06-01", "to": "2026-06-01"})
    assert [item["counts"]["recorded"] for item in listed.json["items"]] == [3]
    assert CANARY not in listed.text


def test_of_many_the_worker_does_the_rest(small_world: ApiWorld) -> None:
    children = [small_world.enrol() for _ in range(60)]
    activity = f"/v1/activities/{uuid4()}"

    counts = small_world.caller.put(activity, lecture(*children)).json["counts"]
    assert (counts["recorded"], counts["waiting"]) == (50, 10)
    while small_world.system.fan_outs.step():
        pass

    pages, cursor = [], {}
    while True:
        page = small_world.caller.get(activity, limit="25", **cursor).json
        pages.append([(p["number"], p["child_id"], p["state"]) for p in page["participants"]])
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [len(page) for page in pages] == [25, 25, 10]
    assert [line for page in pages for line in page] == [
        (n, child, "recorded") for n, child in enumerate(children)
    ]


def test_changes_are_said_once_and_decisions_name_their_version(small_world: ApiWorld) -> None:
    caller, child, late = small_world.caller, small_world.enrol(), small_world.enrol()
    activity = f"/v1/activities/{uuid4()}"
    caller.put(activity, lecture(child))
    amendment, voiding = f"{activity}/amendments/{uuid4()}", f"{activity}/voidings/{uuid4()}"
    why = {"reason": "未举行", "approved_by": "王校长"}

    assert caller.put(amendment, {"participants": [{"child_id": late}]}).status_code == 201
    small_world.clock.forward(days=1)
    assert caller.put(amendment, {"participants": [{"child_id": late}]}).status_code == 200
    assert caller.put(amendment, {"participants": [{"child_id": child}]}).status_code == 409
    correction = caller.put(
        f"{activity}/corrections/{uuid4()}", why | {"held_on": "2026-06-02"}, If_Match='"2"'
    )
    assert (correction.status_code, correction.json["version"]) == (201, 3)

    assert caller.put(voiding, why).status_code == 428
    assert caller.put(voiding, why, If_Match='"2"').status_code == 412
    voided = caller.put(voiding, why, If_Match='"3"')
    assert voided.json["counts"] == {
        "waiting": 0,
        "recorded": 0,
        "quarantined": 0,
        "voided": 2,
        "dismissed": 0,
    }
    assert caller.put(voiding, why).status_code == 200
    assert caller.get(activity).json["void"] is True
    history = caller.get(f"/v1/children/{late}/history").json["items"]
    assert [e["type"] for e in history if e["voided_by"]] == ["participation_recorded"]


def test_what_was_put_aside_is_tried_again(small_world: ApiWorld) -> None:
    activity = f"/v1/activities/{uuid4()}"
    child = uuid4()
    small_world.caller.put(activity, lecture(str(child)))
    small_world.enrol(child=child)

    assert small_world.caller.post(f"{activity}/retry").json["recorded"] == 1


def test_who_was_put_aside_is_dismissed_with_a_reason(world: ApiWorld) -> None:
    activity, known, unknown = f"/v1/activities/{uuid4()}", world.enrol(), uuid4()
    world.caller.put(activity, lecture(known, str(unknown)))
    path = f"{activity}/participants/1/dismiss"
    why, read = {"reason": "写错了儿童"}, {"If_Match": '"1"'}

    assert world.as_(Role.AUDITOR).post(path, why).status_code == 403
    assert world.as_(Role.CLIENT, org="county/township/another school").post(path, why).status_code == 404
    assert codes(world.caller.post(path, {"reason": " "}))[0][0] == "/reason"
    for number in ("2", "-1", "x", str(10**30)):
        assert world.caller.post(f"{activity}/participants/{number}/dismiss", why).status_code == 404
    recorded = world.caller.post(f"{activity}/participants/0/dismiss", why, **read)
    assert (recorded.status_code, recorded.json["code"]) == (409, "not_quarantined")
    assert world.caller.post(path, why).json["code"] == "version_required"

    done = world.as_(Role.CLIENT, org=SCHOOL, name="school").post(path, why, **read)
    assert (done.status_code, done.json["state"], done.headers["ETag"]) == (200, "dismissed", '"1"')
    assert world.caller.post(path, why).json == done.json
    other = world.caller.post(path, {"reason": "不是本校"}, **read)
    assert (other.status_code, other.json["code"]) == (409, "item_settled")

    shown = world.caller.get(activity).json
    assert (shown["counts"]["quarantined"], shown["counts"]["dismissed"]) == (0, 1)
    assert shown["participants"][1] == {
        "number": 1,
        "child_id": str(unknown),
        "student_no": None,
        "role": "participant",
        "state": "dismissed",
        "code": "unknown_child",
        "settled_at": world.clock().isoformat(),
        "settled_by": "school",
        "settled_reason": "写错了儿童",
        "event_id": None,
    }
    assert shown["participants"][0]["settled_at"] is None


def test_who_may_not_and_what_is_wrong(small_world: ApiWorld) -> None:
    child, path = small_world.enrol(), f"/v1/activities/{uuid4()}"
    school = small_world.as_(Role.CLIENT, org=SCHOOL)
    other = small_world.as_(Role.CLIENT, org="county/township/another school")
    narrow = small_world.as_(Role.CLIENT, types=["talk_held"])
    reader = small_world.as_(Role.AUDITOR)

    assert reader.put(path, lecture(child)).status_code == 403
    assert narrow.put(path, lecture(child)).status_code == 403
    assert other.put(path, lecture(child)).status_code == 404
    assert school.put(path, lecture(child)).status_code == 201
    assert other.get(path).status_code == 404
    assert other.put(path, lecture(child, org="county/township/another school")).status_code == 404
    assert other.put(f"{path}/amendments/{uuid4()}", {"participants": []}).status_code == 404
    assert reader.get(path).status_code == 200

    new = f"/v1/activities/{uuid4()}"
    for body, fault in (
        (lecture(child, scope="county"), ("/scope", "unknown_field")),
        (lecture(child, kind="party"), ("/kind", "wrong_value")),
        (lecture(), ("/participants", "too_few")),
        (lecture(child, occurred_at="2026-06-01T10:00:00+08:00"), ("/occurred_on", "when")),
        (
            lecture(child, participants=[{"child_id": child, "found": {}}]),
            ("/participants/0/found/outcome", "missing"),
        ),
        (lecture(child, org="a//b"), ("/org", "bad_org_path")),
    ):
        refused = school.put(new, body)
        assert (refused.status_code, codes(refused)) == (422, [fault])
    batch = {
        "items": [
            {
                "type": "participation_recorded",
                "event_id": str(uuid4()),
                "child_id": child,
                "occurred_on": "2026-06-01",
                "details": {"activity": str(uuid4()), "kind": "lecture", "topic": "x"},
            }
        ]
    }
    (item,) = school.put(f"/v1/event-batches/{uuid4()}", batch).json["items"]
    assert (item["status"], item["problem"]["code"]) == (422, "derived_type")
