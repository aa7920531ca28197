"""Carer files and programmes: a training counts once, a leave does not overlap, a class names so many."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.support import SCHOOL, ApiWorld, codes
from tests.api.test_money_and_homes import at_once, opened, said, state
from tests.api.test_organisation import on
from tests.api.test_plans import decided

TRAINED = {"topic": "儿童心理辅导", "minutes": 360, "trained_as": "counsellor"}
PROGRAMME = {"title": "教师结对", "fewest_named": 1, "most_named": 2}


def test_a_training_is_in_the_file_of_a_person_once(world: ApiWorld) -> None:
    path = opened(world, "carer-files", carer=world.carer())

    assert at_once(4, lambda _: said(world, path, "carer_trained", **TRAINED)) == [201, 409, 409, 409]
    again = said(world, path, "carer_trained", **TRAINED | {"minutes": 90})
    assert (again.status_code, codes(again)) == (409, [("/details/topic", "trained_already")])
    assert on(world, path, "2026-05-09", "carer_trained", **TRAINED).status_code == 201
    assert [each["day"] for each in state(world, path)["trainings"]] == ["2026-05-07", "2026-05-09"]


def test_a_carer_has_one_file(world: ApiWorld) -> None:
    carer = world.carer()
    body = {"org": SCHOOL, "occurred_on": "2026-05-06", "details": {"carer": carer}}

    answers = at_once(4, lambda _: world.caller.put(f"/v1/carer-files/{uuid4()}", body))
    assert answers == [201, 409, 409, 409]
    again = world.caller.put(f"/v1/carer-files/{uuid4()}", body)
    assert codes(again) == [("/details/carer", "has_a_file")]
    # One that was opened for the wrong carer gives way.
    (there,) = world.caller.get("/v1/carer-files").json["items"]
    path = f"/v1/carer-files/{there['stream_id']}"
    target = world.caller.get(f"{path}/history").json["items"][0]["event_id"]
    why = {"reason": "登记错人", "approved_by": "王校长"}
    assert said(world, path, "event_voided", version=1, target=target, **why).status_code == 201
    assert world.caller.put(f"/v1/carer-files/{uuid4()}", body).status_code == 201


def test_a_file_is_about_a_carer_who_is_known(small_world: ApiWorld) -> None:
    body = {"org": SCHOOL, "occurred_on": "2026-05-06", "details": {"carer": str(uuid4())}}

    answered = small_world.caller.put(f"/v1/carer-files/{uuid4()}", body)

    assert (answered.status_code, codes(answered)) == (422, [("/details/carer", "unknown_carer")])


def test_a_vetting_has_a_result_and_no_content(small_world: ApiWorld) -> None:
    path = opened(small_world, "carer-files", carer=small_world.carer())
    words = {"result": "clear", "asked_by": "县公安局"}

    early = said(small_world, path, "carer_vetted", **words | {"valid_to": "2026-01-01"})
    assert (early.status_code, codes(early)) == (422, [("/details/valid_to", "ends_before_it_begins")])
    more = said(small_world, path, "carer_vetted", **words | {"finding": "无"})
    assert (more.status_code, codes(more)) == (422, [("/details/finding", "unknown_field")])
    assert said(small_world, path, "carer_vetted", **words).status_code == 201


def test_a_leave_has_a_deputy_and_ends_when_the_carer_is_back(world: ApiWorld) -> None:
    carer = world.carer()
    path = opened(world, "carer-files", carer=carer)

    assert on(world, path, "2026-05-07", "carer_back").status_code == 202
    own = said(world, path, "carer_on_leave", reason="maternity", deputy=carer)
    assert (own.status_code, codes(own)) == (422, [("/details/deputy", "own_deputy")])
    leaves = at_once(4, lambda _: said(world, path, "carer_on_leave", reason="maternity"))
    assert leaves == [201, 409, 409, 409]
    early = on(world, path, "2026-05-01", "carer_back")
    assert (early.status_code, codes(early)) == (422, [("/occurred_on", "ends_before_it_begins")])
    assert on(world, path, "2026-05-20", "carer_back").status_code == 201
    assert [(each["since"], each["until"]) for each in state(world, path)["leaves"]] == [
        ("2026-05-07", "2026-05-20")
    ]


def test_a_class_names_two_and_the_last_place_is_taken_once(world: ApiWorld) -> None:
    path = opened(world, "programmes", **PROGRAMME)
    children = [str(uuid4()) for _ in range(4)]

    def named(number: int) -> Any:
        return said(world, path, "child_named", unit="3年级/1班", child=children[number])

    assert at_once(4, named) == [201, 201, 409, 409]
    there = {each["child"] for each in state(world, path)["named"]}
    assert said(world, path, "child_named", unit="3年级/2班", child=str(uuid4())).status_code == 201
    third = said(world, path, "child_named", unit="3年级/1班", child=str(uuid4()))
    assert (third.status_code, codes(third)) == (409, [("/details/unit", "class_named_enough")])
    one = there.pop()
    twice = said(world, path, "child_named", unit="3年级/2班", child=one)
    assert codes(twice) == [("/details/child", "nominated_already")]
    assert said(world, path, "child_named_no_more", child=one).status_code == 201
    assert said(world, path, "child_named_no_more", child=one).status_code == 202
    assert said(world, path, "child_named", unit="3年级/1班", child=one).status_code == 201
    assert decided(world, path, "programme_ended").status_code == 201
    late = said(world, path, "child_named", unit="4年级/1班", child=str(uuid4()))
    assert (late.status_code, late.json["code"]) == (409, "programme_has_ended")


@pytest.mark.parametrize("name", ["each", "named"])
def test_the_most_of_a_programme_is_not_below_its_fewest(small_world: ApiWorld, name: str) -> None:
    details = {"title": "教师结对", f"fewest_{name}": 3, f"most_{name}": 2}
    body = {"org": SCHOOL, "occurred_on": "2026-05-06", "details": details}

    answered = small_world.caller.put(f"/v1/programmes/{uuid4()}", body)

    assert codes(answered) == [(f"/details/most_{name}", "most_below_fewest")]


def test_a_carer_says_where_it_lives_and_how_few_children_it_takes(small_world: ApiWorld) -> None:
    body = {"org": SCHOOL, "name": "近老师", "fewest": 2, "capacity": 3, "home_place": "东岭村"}
    path = f"/v1/carers/{uuid4()}"

    assert small_world.caller.put(path, body).status_code == 201
    told = small_world.caller.get(path).json
    assert (told["fewest"], told["capacity"], told["home_place"]) == (2, 3, "东岭村")
