"""Groups, responsibilities and campaigns: who belongs, who answers for what, who may come along."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.support import SCHOOL, ApiWorld, codes
from tests.api.test_money_and_homes import Answer, at_once, opened, said, state
from tests.api.test_plans import decided

GROUP = {
    "kind": "leading",
    "name": "领导小组",
    "level": "school",
    "members": [{"name": "王校长", "role": "head"}],
}
MATRIX = {"title": "责任分工"}
CAMPAIGN = {
    "kind": "volunteer",
    "title": "志愿行",
    "first": "2026-05-05",
    "last": "2026-05-18",
    "steps": [{"name": "问卷调查", "first": "2026-05-14", "last": "2026-05-16"}],
    "most_per_unit": 2,
}
CLASS_3_1 = {"side": "class", "scope": "3年级/1班", "holder": "卢老师", "post": "class_teacher"}


def on(world: ApiWorld, path: str, day: str, type_: str, **details: Any) -> Answer:
    body = {"type": type_, "occurred_on": day, "details": details}
    return world.caller.put(f"{path}/events/{uuid4()}", body)


def test_a_group_knows_who_belongs_and_since_when(world: ApiWorld) -> None:
    path = opened(world, "groups", **GROUP)

    # Who leaves before anybody knows of them waits.
    assert on(world, path, "2026-05-08", "group_left", name="卢老师").status_code == 202
    joins = at_once(4, lambda _: on(world, path, "2026-05-07", "group_joined", members=[{"name": "卢老师"}]))
    assert joins == [201, 409, 409, 409]
    twice = on(world, path, "2026-05-07", "group_joined", members=[{"name": "孟老师"}, {"name": "王 校长"}])
    assert (twice.status_code, codes(twice)) == (409, [("/details/members/1/name", "member_already")])
    early = on(world, path, "2026-05-01", "group_left", name="卢老师")
    assert (early.status_code, codes(early)) == (422, [("/occurred_on", "ends_before_it_begins")])
    assert on(world, path, "2026-05-09", "group_left", name="卢 老师").status_code == 201

    assert [(m["name"], m["since"], m["until"]) for m in state(world, path)["members"]] == [
        ("王校长", "2026-05-06", None),
        ("卢老师", "2026-05-07", "2026-05-09"),
    ]
    assert decided(world, path, "group_dissolved").status_code == 201
    late = on(world, path, "2026-05-10", "group_joined", members=[{"name": "孟老师"}])
    assert (late.status_code, late.json["code"]) == (409, "group_is_dissolved")


def test_somebody_answers_for_a_class_once_until_that_ends(world: ApiWorld) -> None:
    path, event = opened(world, "responsibilities", **MATRIX), str(uuid4())

    assert said(world, path, "responsibility_ended", assignment=event).status_code == 202
    assert said(world, path, "responsibility_assigned", event=event, **CLASS_3_1).status_code == 201
    races = at_once(4, lambda n: said(world, path, "responsibility_assigned", **CLASS_3_1 | {"scope": "2班"}))
    assert races == [201, 409, 409, 409]
    again = said(world, path, "responsibility_assigned", **CLASS_3_1 | {"holder": "卢 老师"})
    assert (again.status_code, codes(again)) == (409, [("/details/holder", "answers_already")])
    assert said(world, path, "responsibility_ended", assignment=event).status_code == 201
    twice = said(world, path, "responsibility_ended", assignment=event)
    assert codes(twice) == [("/details/assignment", "assignment_ended_already")]

    assert decided(world, path, "responsibilities_closed").status_code == 201
    late = said(world, path, "responsibility_assigned", **CLASS_3_1)
    assert (late.status_code, late.json["code"]) == (409, "responsibilities_are_closed")


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"side": "grade", "scope": None}, ("/details/scope", "scope_missing")),
        ({"side": "households", "scope": None}, ("/details/scope", "scope_missing")),
        ({"until": "2026-05-01"}, ("/details/until", "ends_before_it_begins")),
    ],
)
def test_what_somebody_answers_for_is_said(
    small_world: ApiWorld, other: dict[str, Any], fault: tuple[str, str]
) -> None:
    path = opened(small_world, "responsibilities", **MATRIX)
    words = {name: value for name, value in (CLASS_3_1 | other).items() if value is not None}

    answered = said(small_world, path, "responsibility_assigned", **words)

    assert (answered.status_code, codes(answered)) == (422, [fault])


def test_a_letter_of_a_layer_has_a_day_until_which_it_holds(small_world: ApiWorld) -> None:
    path = opened(small_world, "responsibilities", **MATRIX)
    words = {"layer": "county_township", "bound": "某镇", "signed_by": "某镇长"}

    wrong = said(
        small_world, path, "layer_letter_signed", **words | {"valid_to": "2026-01-01", "sha256": "x"}
    )

    assert codes(wrong) == [
        ("/details/valid_to", "ends_before_it_begins"),
        ("/details/sha256", "bad_fingerprint"),
    ]
    assert said(small_world, path, "layer_letter_signed", **words).status_code == 201


def test_a_class_sends_two_volunteers_at_most_and_a_place_that_is_left_is_free(world: ApiWorld) -> None:
    path = opened(world, "campaigns", **CAMPAIGN)

    def enlist(number: int) -> Answer:
        return said(world, path, "volunteer_enlisted", name=f"同学{number}", unit="3班")

    assert at_once(4, enlist) == [201, 201, 409, 409]
    third = enlist(9)
    assert (third.status_code, codes(third)) == (409, [("/details/unit", "unit_is_full")])
    first = state(world, path)["volunteers"][0]
    same = said(world, path, "volunteer_enlisted", name=first["name"], unit="3班")
    assert codes(same) == [("/details/name", "enlisted_already")]
    assert said(world, path, "volunteer_withdrew", volunteer=first["volunteer"]).status_code == 201
    assert enlist(9).status_code == 201
    # Whoever withdrew is not vetted any more; an unknown volunteer may come yet.
    vetted = {"result": "clear", "asked_by": "县公安局"}
    assert said(world, path, "volunteer_vetted", volunteer=first["volunteer"], **vetted).status_code == 202


def test_a_campaign_goes_step_by_step_and_ends(world: ApiWorld) -> None:
    path, site = opened(world, "campaigns", **CAMPAIGN), str(uuid4())

    steps = at_once(4, lambda _: said(world, path, "campaign_step_done", step="问卷调查"))
    assert steps == [201, 409, 409, 409]
    assert said(world, path, "campaign_step_done", step="郊游").status_code == 202
    nothing = said(world, path, "publicity_given", channel="online")
    assert (nothing.status_code, codes(nothing)) == (422, [("/details", "nothing_told")])
    words = {"place": "东岭村", "left_behind": 54}
    assert said(world, path, "campaign_site_chosen", site=site).status_code == 202
    assert said(world, path, "campaign_site_proposed", event=site, **words).status_code == 201
    twice = said(world, path, "campaign_site_proposed", **words)
    assert codes(twice) == [("/details/place", "site_named_already")]
    assert at_once(2, lambda _: said(world, path, "campaign_site_chosen", site=site)) == [201, 409]

    assert decided(world, path, "campaign_closed").status_code == 201
    late = said(world, path, "campaign_spent", amount_fen=1, purpose="车费", paid_by="school")
    assert (late.status_code, late.json["code"]) == (409, "campaign_is_closed")


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"last": "2026-05-01", "steps": []}, ("/details/last", "ends_before_it_begins")),
        (
            {"steps": [{"name": "甲", "first": "2026-05-19"}]},
            ("/details/steps/0/first", "step_outside_campaign"),
        ),
        (
            {"steps": [{"name": "甲", "first": "2026-05-06", "last": "2026-05-05"}]},
            ("/details/steps/0/last", "step_outside_campaign"),
        ),
        (
            {"steps": [{"name": "甲", "first": "2026-05-06"}, {"name": "甲", "first": "2026-05-07"}]},
            ("/details/steps/1/name", "step_twice"),
        ),
    ],
)
def test_the_timeline_of_a_campaign_is_checked(
    small_world: ApiWorld, other: dict[str, Any], fault: tuple[str, str]
) -> None:
    body = {"org": SCHOOL, "occurred_on": "2026-05-01", "details": CAMPAIGN | other}

    answered = small_world.caller.put(f"/v1/campaigns/{uuid4()}", body)

    assert (answered.status_code, codes(answered)) == (422, [fault])
