"""Changing what is known of a child: what is left out stays, and an empty list says that there is none."""

from uuid import uuid4

from tests.api.support import ApiWorld


def test_the_last_group_of_a_child_can_be_taken_off(world: ApiWorld) -> None:
    child = world.enrol(student_no="G1")

    def change(**said: object) -> int:
        body = {"type": "profile_changed", "occurred_on": "2026-03-05", "details": said}
        return world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body).status_code

    assert change(tags=["poor"], remark="困难") == 201
    assert world.caller.get(f"/v1/children/{child}").json["profile"]["tags"] == ["poor"]
    assert change(tags=[]) == 201

    profile = world.caller.get(f"/v1/children/{child}").json["profile"]
    assert (profile["tags"], profile["remark"]) == ([], "困难")
    last = world.caller.get(f"/v1/children/{child}/history").json["items"][-1]
    assert last["details"] == {"tags": []}
    assert last["text"] == {"zh": "信息变更：类别：无", "en": "Profile change: Groups: none"}
