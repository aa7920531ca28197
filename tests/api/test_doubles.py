"""Files that may be of one child over HTTP: a hint at enrolment, a list, and who told them apart."""

from uuid import uuid4

from application.access import Role
from tests.api.support import SCHOOL, ApiWorld, enrolment


def test_an_enrolment_names_files_that_may_be_of_the_same_child(world: ApiWorld) -> None:
    one, other, third = world.enrol(), uuid4(), uuid4()
    case_no = world.caller.get(f"/v1/children/{one}").json["case_no"]

    first = world.caller.put(f"/v1/children/{other}", enrolment(other))
    again = world.caller.put(f"/v1/children/{other}", enrolment(other))
    unlike = world.caller.put(f"/v1/children/{third}", enrolment(third, name="王强"))

    assert first.status_code == 201
    assert first.json["may_be"] == [
        {
            "child_id": one,
            "case_no": case_no,
            "score": 9,
            "agrees": ["name", "sound", "birth_date", "sex"],
            "differs": ["student_no"],
        }
    ]
    assert (again.status_code, again.json["may_be"]) == (200, first.json["may_be"])
    assert (unlike.status_code, "may_be" in unlike.json) == (201, False)


def test_the_table_says_what_agrees_and_what_differs(world: ApiWorld) -> None:
    world.enrol()
    world.enrol()

    table = world.caller.get("/v1/doubles", headers={"Accept": "text/csv", "Accept-Language": "zh"})

    titles = table.content.decode("utf-8-sig").splitlines()[0].split(",")
    assert (titles[2:4], len(set(titles))) == (["一致", "不一致"], len(titles))


def test_the_items_of_a_batch_name_them_too_and_one_another(world: ApiWorld) -> None:
    known, *new, unlike = world.enrol(), uuid4(), uuid4(), uuid4()
    words = [*(enrolment(child) for child in new), enrolment(unlike, name="王强")]
    items = [
        each | {"type": "child_enrolled", "event_id": str(uuid4()), "child_id": str(child)}
        for each, child in zip(words, (*new, unlike), strict=True)
    ]

    batch, again = (
        world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": items}).json["items"] for _ in range(2)
    )

    named = [{each["child_id"] for each in item.get("may_be", ())} for item in batch]
    assert named == [{known, str(new[1])}, {known, str(new[0])}, set()]
    assert [item.get("may_be") for item in again] == [item.get("may_be") for item in batch]


def test_a_key_that_may_not_read_is_told_of_nobody(world: ApiWorld) -> None:
    world.enrol(org=f"{SCHOOL}/grade 1")
    keys = (
        world.as_(Role.CLIENT, org=f"{SCHOOL}/grade 2", name="another class"),
        world.as_(Role.CLIENT, org=SCHOOL, types=["child_enrolled"], name="typed"),
    )
    for key in keys:
        child = uuid4()
        answered = key.put(f"/v1/children/{child}", enrolment(child, org=f"{SCHOOL}/grade 2"))
        assert (answered.status_code, "may_be" in answered.json) == (201, False)


def test_who_was_told_apart_is_listed_as_such_and_named_no_more(world: ApiWorld) -> None:
    one, other = world.enrol(), world.enrol()
    (double,) = world.caller.get(f"/v1/doubles?org={SCHOOL}").json["items"]
    path = f"/v1/doubles/{double['double_id']}"
    reader = world.as_(Role.AUDITOR, org=SCHOOL, name="reader")

    refused = reader.post(f"{path}/tell-apart")
    told = world.caller.post(f"{path}/tell-apart")

    assert {each["child_id"] for each in double["children"]} == {one, other}
    assert (refused.status_code, told.status_code) == (403, 200)
    assert (told.json["state"], told.json["settled_by"]) == ("apart", "office")
    assert reader.get("/v1/doubles").json["items"] == []
    assert reader.get("/v1/doubles?state=apart").json["items"] == [told.json]
    assert world.caller.post(f"{path}/reopen").json == double
    assert world.caller.get("/v1/doubles").json["items"] == [double]


def test_a_pair_that_is_none_any_more_is_not_found(world: ApiWorld) -> None:
    world.enrol()
    world.enrol()
    (double,) = world.caller.get("/v1/doubles").json["items"]
    child = double["children"][0]["child_id"]
    renamed = {"type": "profile_changed", "occurred_on": "2026-06-01", "details": {"name": "王强"}}

    body = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", renamed, If_Match='"1"')

    assert body.status_code == 201
    assert world.caller.post(f"/v1/doubles/{double['double_id']}/tell-apart").status_code == 404
