"""Plans and regulations: milestones done once, drills, versions of a text and who has signed for them."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.support import SCHOOL, ApiWorld, codes
from tests.api.test_money_and_homes import Answer, at_once, opened, said, state

THREE_YEARS = {
    "kind": "three_years",
    "title": "关爱三年规划",
    "first": "2015-01-01",
    "last": "2017-12-31",
    "milestones": [
        {"name": "建成之家", "due": "2016-06-30"},
        {"name": "成立议事会", "due": "2017-06-30"},
    ],
}
TEXT = {"title": "谈心制度", "version": "1", "valid_from": "2025-09-01", "sha256": "55" * 32}


def done(world: ApiWorld, path: str, name: str, day: str) -> Answer:
    body = {"type": "plan_milestone_done", "occurred_on": day, "details": {"milestone": name}}
    return world.caller.put(f"{path}/events/{uuid4()}", body)


def decided(world: ApiWorld, path: str, type_: str, *, event: str = "", **details: Any) -> Answer:
    version = world.caller.get(path).json["version"]
    return said(world, path, type_, event=event, version=version, **details)


def test_a_plan_of_three_years_says_what_is_done_and_what_is_late(world: ApiWorld) -> None:
    path = opened(world, "plans", **THREE_YEARS)

    assert at_once(4, lambda _: done(world, path, "建成之家", "2016-09-01")) == [201, 409, 409, 409]
    stands = state(world, path)["milestones"]
    assert [(each["done_on"], each["late"]) for each in stands] == [("2016-09-01", True), (None, False)]
    unknown = done(world, path, "购车", "2016-09-01")
    assert (unknown.status_code, codes(unknown)) == (422, [("/details/milestone", "no_such_milestone")])

    # A revision says what is to be done now; what is done stays done.
    later = [
        {"name": "建成之家", "due": "2016-12-31"},
        {"name": "成立议事会", "due": "2018-06-30"},
        {"name": "购车", "due": "2018-06-30"},
    ]
    words = {"reason": "场地推迟", "last": "2018-12-31", "milestones": later}
    assert said(world, path, "plan_revised", **words).status_code == 201
    now = state(world, path)
    assert (now["last_day"], len(now["milestones"])) == ("2018-12-31", 3)
    assert (now["milestones"][0]["done_on"], now["milestones"][0]["late"]) == ("2016-09-01", False)
    outside = said(world, path, "plan_revised", **words | {"last": "2018-01-31"})
    assert codes(outside) == [
        ("/details/milestones/1/due", "milestone_outside_plan"),
        ("/details/milestones/2/due", "milestone_outside_plan"),
    ]

    assert decided(world, path, "plan_closed", outcome="in_part").status_code == 201
    late = done(world, path, "购车", "2018-06-01")
    assert (late.status_code, late.json["code"]) == (409, "plan_is_closed")


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"last": "2014-12-31", "milestones": []}, ("/details/last", "ends_before_it_begins")),
        (
            {"milestones": [{"name": "甲", "due": "2018-01-01"}]},
            ("/details/milestones/0/due", "milestone_outside_plan"),
        ),
        (
            {"milestones": [{"name": "甲", "due": "2016-01-01"}, {"name": "甲", "due": "2017-01-01"}]},
            ("/details/milestones/1/name", "milestone_twice"),
        ),
        ({"sha256": "fingerprint"}, ("/details/sha256", "bad_fingerprint")),
    ],
)
def test_what_a_plan_is_adopted_with_is_checked(
    small_world: ApiWorld, other: dict[str, Any], fault: tuple[str, str]
) -> None:
    body = {"org": SCHOOL, "occurred_on": "2015-01-01", "details": THREE_YEARS | other}

    answered = small_world.caller.put(f"/v1/plans/{uuid4()}", body)

    assert (answered.status_code, codes(answered)) == (422, [fault])


def test_a_drill_has_a_day_a_head_count_and_a_result(small_world: ApiWorld) -> None:
    path, event = opened(small_world, "plans", **THREE_YEARS | {"kind": "emergency"}), str(uuid4())
    words = {"kind": "fire", "heads": 480, "expected": 502, "result": "weak", "to_mend": "三楼拥堵"}

    assert said(small_world, path, "drill_held", event=event, **words).status_code == 201
    assert state(small_world, path)["drills"] == {event: "weak"}
    more = said(small_world, path, "drill_held", **words | {"heads": 503})
    assert (more.status_code, codes(more)) == (422, [("/details/heads", "more_heads_than_expected")])


def regulated(world: ApiWorld, path: str, type_: str, **details: Any) -> Answer:
    body = {"type": f"regulation_{type_}", "occurred_on": "2026-05-07", "details": details}
    return world.caller.put(f"{path}/events/{uuid4()}", body)


def test_a_regulation_has_one_version_a_day_and_those_who_signed_for_it(world: ApiWorld) -> None:
    path = opened(world, "regulations", **TEXT)
    second = {"version": "2", "valid_from": "2026-03-01", "sha256": "66" * 32}

    # A signature for a version that nobody knows of yet waits for it.
    signed = {"version": "2", "signed_by": "卢老师", "signed_as": "teacher"}
    assert regulated(world, path, "acknowledged", **signed).status_code == 202
    assert at_once(4, lambda _: regulated(world, path, "revised", **second)) == [201, 409, 409, 409]
    again = regulated(world, path, "revised", **second | {"version": "1"})
    assert (again.status_code, codes(again)) == (409, [("/details/version", "version_used")])
    third = {"version": "3", "valid_from": "2026-09-01", "sha256": "AB" * 32}
    wrong = regulated(world, path, "revised", **third)
    assert codes(wrong) == [("/details/sha256", "bad_fingerprint")]
    same = regulated(world, path, "revised", **second | {"version": "3"})
    assert (same.status_code, codes(same)) == (409, [("/details/valid_from", "two_versions_one_day")])
    versions = [(v["version"], v["valid_from"], v["until"]) for v in state(world, path)["versions"]]
    assert versions == [("1", "2025-09-01", "2026-03-01"), ("2", "2026-03-01", None)]

    # Whoever signed once has signed, however the name is spelled.
    assert regulated(world, path, "acknowledged", **signed).status_code == 201
    twice = regulated(world, path, "acknowledged", **signed | {"signed_by": "卢 老师"})
    assert (twice.status_code, codes(twice)) == (409, [("/details/signed_by", "signed_already")])
    assert regulated(world, path, "acknowledged", **signed | {"version": "1"}).status_code == 201
    assert state(world, path)["signed"] == {"1": 1, "2": 1}

    assert decided(world, path, "regulation_repealed", reason="并入新制度").status_code == 201
    assert state(world, path)["versions"][1]["until"] == "2026-05-07"
    late = regulated(world, path, "acknowledged", **signed | {"signed_by": "赵老师"})
    assert (late.status_code, late.json["code"]) == (409, "regulation_is_repealed")
