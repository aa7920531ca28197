"""Assessments: weights that come to a hundred, scores, appeals, and a result that names nobody."""

from typing import Any
from uuid import uuid4

import pytest

from application.access import Role
from tests.api.support import ApiWorld, codes
from tests.api.test_money_and_homes import Answer, at_once, opened, said, state

ITEMS = [{"name": "家访", "weight": 60}, {"name": "谈心", "weight": 40}]
WORDS = {
    "title": "年度考核",
    "subject": "organisation",
    "first": "2025-09-01",
    "last": "2026-07-10",
    "items": ITEMS,
}


def scored(world: ApiWorld, path: str, *tenths: int, by: str = "group", event: str = "") -> Answer:
    scores = [{"item": number, "tenths": each} for number, each in enumerate(tenths, start=1)]
    group = {"group": "考核小组"} if by == "group" else {}
    return said(world, path, f"assessment_{by}_scored", event=event, scores=scores, **group)


def closed(world: ApiWorld, path: str, tenths: int) -> Answer:
    version = world.caller.get(path).json["version"]
    words = {"tenths": tenths, "grade": "excellent", "consequence": "reward", "published_at": "notice_board"}
    return said(world, path, "assessment_closed", version=version, **words)


def voided(world: ApiWorld, path: str, target: str) -> Answer:
    version = world.caller.get(path).json["version"]
    why = {"target": target, "reason": "误登", "approved_by": "王校长"}
    return said(world, path, "event_voided", version=version, **why)


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"items": [*ITEMS, {"name": "档案", "weight": 1}]}, ("/details/items", "weights_not_100")),
        ({"items": ITEMS[:1]}, ("/details/items", "weights_not_100")),
        ({"subject": "carer"}, ("/details/subject", "one_subject")),
        ({"pairing": str(uuid4())}, ("/details/subject", "one_subject")),
        ({"last": "2025-08-31"}, ("/details/last", "ends_before_it_begins")),
    ],
)
def test_what_an_assessment_is_opened_with_is_checked(
    small_world: ApiWorld, other: dict[str, Any], fault: tuple[str, str]
) -> None:
    body = {"org": "county/township/school", "occurred_on": "2026-05-06", "details": WORDS | other}

    answered = small_world.caller.put(f"/v1/assessments/{uuid4()}", body)

    assert (answered.status_code, codes(answered)) == (422, [fault])


def test_a_carer_is_assessed_appeals_and_the_result_names_nobody(world: ApiWorld) -> None:
    # Given a carer who is assessed, with what it rests on.
    path = opened(world, "assessments", **(WORDS | {"subject": "carer", "carer": world.carer()}))
    entry = str(uuid4())
    listed = {
        "item": 1,
        "entries": [entry],
        "figures": [{"report": "compliance", "figure": "C39", "value": 9815}],
    }
    assert said(world, path, "assessment_inputs_listed", **listed).status_code == 201
    twice = said(world, path, "assessment_inputs_listed", item=1, entries=[str(uuid4()), entry])
    assert (twice.status_code, codes(twice)) == (409, [("/details/entries/1", "input_listed_already")])
    assert codes(said(world, path, "assessment_inputs_listed", item=3)) == [
        ("/details/entries", "no_input_listed"),
        ("/details/item", "no_such_assessed_item"),
    ]
    assert state(world, path)["inputs"] == {"1": [entry]}

    # An appeal before there are scores waits for them.
    assert said(world, path, "assessment_appealed", why="过低").status_code == 202
    assert scored(world, path, 600, 400, by="self").status_code == 201
    assert closed(world, path, 900).json["code"] == "not_scored_by_the_group"
    assert scored(world, path, 500, 395).status_code == 201

    # While an appeal is open there is no result; after its answer the group scores again.
    appeal = str(uuid4())
    why = {"item": 1, "why": "林小禾家的走访没有计入"}
    assert said(world, path, "assessment_appealed", event=appeal, **why).status_code == 201
    assert (closed(world, path, 895).status_code, closed(world, path, 895).json["code"]) == (
        409,
        "appeal_open",
    )
    answer = {"appeal": appeal, "upheld": True, "answer": "予以采纳"}
    answered = at_once(4, lambda _: said(world, path, "assessment_appeal_answered", **answer))
    assert answered == [201, 409, 409, 409]
    assert said(world, path, "assessment_appeal_answered", **answer | {"appeal": entry}).status_code == 202
    assert scored(world, path, 580, 395).status_code == 201
    wrong = closed(world, path, 895)
    assert (wrong.status_code, codes(wrong)) == (409, [("/details/tenths", "not_the_sum_of_scores")])
    assert closed(world, path, 975).status_code == 201

    # What may hang on the wall says what it came to, and nothing that names a child.
    now = state(world, path)
    assert (now["self_score"], now["group_score"], now["appeals"]) == (1000, 975, {appeal: True})
    published = now["published"]
    assert published["items"] == [
        {"name": "家访", "weight": 60, "tenths": 580},
        {"name": "谈心", "weight": 40, "tenths": 395},
    ]
    assert (published["tenths"], published["grade"]) == (975, "excellent")
    assert "林小禾" not in str(published)
    assert scored(world, path, 1, 1).json["code"] == "assessment_is_closed"


def test_the_points_of_a_pairing_fit_their_items(small_world: ApiWorld) -> None:
    pairing = {"subject": "pairing", "pairing": str(uuid4())}
    path = opened(small_world, "assessments", **(WORDS | pairing))

    over = scored(small_world, path, 601, 400)
    assert (over.status_code, codes(over)) == (422, [("/details/scores/0/tenths", "above_its_weight")])
    assert codes(scored(small_world, path, 600)) == [("/details/scores", "item_not_scored")]
    assert codes(scored(small_world, path, 600, 400, 0)) == [
        ("/details/scores/2/item", "no_such_assessed_item")
    ]
    twice = [{"item": 1, "tenths": 1}, {"item": 1, "tenths": 2}]
    assert codes(said(small_world, path, "assessment_self_scored", scores=twice)) == [
        ("/details/scores/1/item", "item_scored_twice"),
        ("/details/scores", "item_not_scored"),
    ]


def test_items_by_which_was_scored_stay_until_the_scores_are_void(world: ApiWorld) -> None:
    path, event = opened(world, "assessments", **WORDS), str(uuid4())
    opening = world.caller.get(f"{path}/history").json["items"][0]["event_id"]
    assert scored(world, path, 600, 400, event=event).status_code == 201
    items = [{"name": "家访", "weight": 50}, {"name": "谈心", "weight": 50}]
    why = {"target": opening, "reason": "分值有误", "approved_by": "王校长"}

    def corrected(details: dict[str, Any]) -> Answer:
        version = world.caller.get(path).json["version"]
        fields = {"fields": {"details": details}}
        return said(world, path, "event_corrected", version=version, **why, **fields)

    refused = corrected({"items": items})
    assert (refused.status_code, codes(refused)) == (
        409,
        [("/details/fields/details/items", "scored_by_these_items")],
    )
    assert corrected({"title": "2026年度考核"}).status_code == 201
    assert voided(world, path, event).status_code == 201
    assert corrected({"items": items}).status_code == 201
    assert [each["weight"] for each in state(world, path)["items"]] == [50, 50]


def test_a_result_that_the_scores_do_not_bear_any_more_is_not_published(small_world: ApiWorld) -> None:
    path, event = opened(small_world, "assessments", **WORDS), str(uuid4())
    assert scored(small_world, path, 600, 300, event=event).status_code == 201
    assert closed(small_world, path, 900).status_code == 201
    assert state(small_world, path)["published"]["tenths"] == 900

    assert voided(small_world, path, event).status_code == 201

    now = state(small_world, path)
    assert (now["closed"]["tenths"], now["published"]) == (900, None)
    other = small_world.as_(Role.CLIENT, org="county/township/other school", name="other")
    assert other.get(path).status_code == 404
