"""Merging two files of one child over HTTP: what is answered before, after, and once it is undone."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from falcon import testing

from application.access import Role
from domain.case_no import case_no_of
from tests.api.support import SCHOOL, ApiWorld, visit
from tests.api.test_pages import of

SAID = {"reason": "同一名儿童建了两份档案", "approved_by": "王校长"}


def two_files(world: ApiWorld) -> tuple[str, str]:
    return world.enrol(student_no="G1"), world.enrol(student_no="G2")


def merge(world: ApiWorld, child: str, into: str) -> testing.Result:
    return world.caller.post(f"/v1/children/{child}/merge", {"into": into, **SAID})


def entries(world: ApiWorld, child: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.caller.get(f"/v1/children/{child}/history").json["items"]
    return found


def test_a_merge_is_answered_the_same_twice_and_leads_from_one_file_to_the_other(world: ApiWorld) -> None:
    kept, other = two_files(world)
    carer, event_id = world.carer(), str(uuid4())
    world.caller.put(f"/v1/children/{other}/events/{event_id}", visit(carer))
    (double,) = world.caller.get("/v1/doubles").json["items"]
    assert {each["child_id"] for each in double["children"]} == {kept, other}

    merged, again = merge(world, other, kept), merge(world, other, kept)

    assert merged.status_code == 200
    assert again.json == merged.json
    assert (merged.json["into"], merged.json["entries"], merged.json["undone"]) == (kept, 2, False)
    closed = world.caller.get(f"/v1/children/{other}")
    assert (closed.status_code, closed.json["merged_into"], closed.json["in_care"]) == (200, kept, False)
    assert world.caller.get(f"/v1/children/{kept}").json["merged_into"] is None
    (came,) = [each for each in entries(world, kept) if each["type"] == "home_visit_made"]
    assert came["merged_from"] == {"child_id": other, "event_id": event_id}
    assert [each["type"] for each in entries(world, other)] == [
        "child_enrolled",
        "child_merged",
        "home_visit_made",
    ]
    listed = world.caller.get("/v1/children").json["items"]
    assert [each["child_id"] for each in listed] == [kept]
    for asked in ({"student_no": "G2"}, {"case_no": case_no_of(UUID(other))}):
        found = world.caller.post("/v1/children/search", asked).json["items"]
        assert [each["child_id"] for each in found] == [kept]
    assert world.caller.get("/v1/doubles").json["items"] == []
    verdicts = world.caller.get(f"/v1/children/{other}/compliance")
    assert (verdicts.status_code, verdicts.json["items"]) == (200, [])


def test_what_is_sent_for_a_merged_file_later_waits_and_is_recorded_once_that_is_undone(
    world: ApiWorld,
) -> None:
    kept, other = two_files(world)
    carer, early, late = world.carer(), uuid4(), uuid4()
    early_path, late_path = (f"/v1/children/{other}/events/{each}" for each in (early, late))
    world.caller.put(early_path, visit(carer))
    merge(world, other, kept)

    waiting, known = world.caller.put(late_path, visit(carer)), world.caller.put(early_path, visit(carer))

    assert (waiting.status_code, known.status_code) == (202, 200)
    (item,) = world.caller.get("/v1/quarantine").json["items"]
    assert item["code"] == waiting.json["problem"]["code"] == "merged_into"
    assert kept in waiting.json["problem"]["detail"]
    undone = world.caller.post(f"/v1/children/{other}/undo-merge", SAID)
    assert (undone.status_code, undone.json["undone"], undone.json["entries"]) == (200, True, 0)
    assert world.caller.post(f"/v1/quarantine/{item['item_id']}/retry").status_code == 201
    assert world.caller.get(f"/v1/children/{other}").json["merged_into"] is None
    assert all(each["voided_by"] for each in entries(world, kept) if each["merged_from"])


def test_an_undo_names_the_entries_that_were_corrected_or_voided_while_they_were_merged(
    world: ApiWorld,
) -> None:
    kept, other = two_files(world)
    carer, corrected, voided, untouched = world.carer(), uuid4(), uuid4(), uuid4()
    for n, event_id in enumerate((corrected, voided, untouched), start=1):
        said = visit(carer) | {"occurred_on": f"2026-03-0{n}"}
        assert world.caller.put(f"/v1/children/{other}/events/{event_id}", said).status_code == 201
    assert merge(world, other, kept).json["decided_since"] == []
    came = {e["merged_from"]["event_id"]: e for e in entries(world, kept) if e["merged_from"]}
    for source, type_, details in (
        (corrected, "event_corrected", {"fields": {"occurred_on": "2026-03-05"}}),
        (voided, "event_voided", {}),
    ):
        tag = world.caller.get(f"/v1/children/{kept}").headers["etag"]
        decision = {
            "type": type_,
            "occurred_on": "2026-03-06",
            "details": {"target": came[str(source)]["event_id"], **details, **SAID},
        }
        decided = world.caller.put(f"/v1/children/{kept}/events/{uuid4()}", decision, if_match=tag)
        assert decided.status_code == 201, decided.json

    undone = world.caller.post(f"/v1/children/{other}/undo-merge", SAID).json

    assert undone["decided_since"] == [str(corrected), str(voided)]
    assert world.caller.post(f"/v1/children/{other}/undo-merge", SAID).json == undone


@pytest.mark.parametrize("path", ["merge", "undo-merge"])
def test_who_does_not_manage_both_files_merges_nothing(world: ApiWorld, path: str) -> None:
    kept, other = two_files(world)
    body = {"into": kept, **SAID} if path == "merge" else SAID
    before = world.events

    client = world.as_(Role.CLIENT, org=SCHOOL, name="phone").post(f"/v1/children/{other}/{path}", body)
    elsewhere = world.as_(Role.MANAGER, org="other", name="other").post(f"/v1/children/{other}/{path}", body)

    assert (client.status_code, elsewhere.status_code) == (403, 404)
    assert world.events == before


def test_a_merge_says_why_and_who_approved(world: ApiWorld) -> None:
    kept, other = two_files(world)

    refused = world.caller.post(f"/v1/children/{other}/merge", {"into": kept, "reason": " "})

    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json["errors"]} == {"/reason", "/approved_by"}
    assert merge(world, kept, kept).json["code"] == "same_file"


def test_the_page_of_a_merged_file_leads_to_the_kept_one(small_world: ApiWorld) -> None:
    kept, other = two_files(small_world)
    visitor = of(small_world)
    assert f'href="/children/{kept}"' not in visitor.get(f"/children/{other}").text
    merge(small_world, other, kept)

    page = visitor.get(f"/children/{other}")

    assert (page.status_code, f'href="/children/{kept}"' in page.text) == (200, True)
    assert visitor.post("/find", "word=G2").headers["Location"] == f"/children/{kept}"


def test_the_name_of_a_merged_file_finds_the_kept_child(small_world: ApiWorld) -> None:
    kept = small_world.enrol(student_no="G1")
    other = small_world.enrol(student_no="G2", name="林晓和")
    merge(small_world, other, kept)

    found = small_world.caller.post("/v1/children/search", {"name_part": "晓和"}).json["items"]

    assert [each["child_id"] for each in found] == [kept]
