"""Who counts as left behind: in the state of a child, in lists and reports, under each definition."""

from typing import Any
from uuid import uuid4

import pytest

from application.access import Role
from tests.api.support import CLASS, SCHOOL, ApiWorld
from tests.api.test_lists import all_of
from tests.api.test_money_and_homes import opened, said
from tests.api.test_pages import of, rows

OTHER = "county/township/other school"


def told(world: ApiWorld, child: str, type_: str, day: str = "2026-03-01", **details: Any) -> str:
    event = str(uuid4())
    body = {"type": type_, "occurred_on": day, "details": details}
    answered = world.caller.put(f"/v1/children/{child}/events/{event}", body)
    assert answered.status_code == 201, answered.json
    return event


def away(world: ApiWorld, *parents: str, org: str = CLASS, **more: Any) -> str:
    child: str = world.enrol(org=org)
    for parent in ("father", "mother"):
        told(world, child, "parent_work_recorded", parent=parent, away=parent in parents, **more)
    return child


def test_the_state_counts_a_child_under_every_definition_and_says_why(world: ApiWorld) -> None:
    child = world.enrol(hukou_type="rural")
    gone = told(world, child, "parent_work_recorded", parent="father", away=True, away_from="2026-02-01")
    home = told(world, child, "parent_work_recorded", parent="mother", away=False)

    before = _under(world, child)
    state = told(world, child, "parent_status_recorded", "2026-06-01", parent="mother", status="incapable")
    after = _under(world, child)

    assert (before["register@1"]["class"], before["register@1"]["code"]) == ("one", "1")
    assert before["state_2016@1"]["class"] == "unknown"
    assert before["state_2016@1"]["left_behind"] is None
    missing = [(each["fact"], each["parent"]) for each in before["state_2016@1"]["missing"]]
    assert ("state", "mother") in missing
    decided = [
        (each["fact"], each["parent"], each["event_id"]) for each in after["state_2016@1"]["decided_by"]
    ]
    assert ("away", "father", gone) in decided
    assert ("state", "mother", state) in decided
    assert home not in str(decided)


def _under(world: ApiWorld, child: str, **clocks: str) -> dict[str, Any]:
    read = world.caller.get(f"/v1/children/{child}", **clocks).json["left_behind"]
    return {each["definition"]: each for each in read["definitions"]}


def test_who_is_home_on_a_visit_is_told_and_is_away_all_the_same(world: ApiWorld) -> None:
    child = world.enrol()
    told(world, child, "parent_work_recorded", parent="father", away=True, away_from="2026-01-01")
    for planned, day in ((True, "2026-06-01"), (False, "2026-06-20")):
        said = {"parent": "father", "planned": planned, "until": "2026-06-25"}
        told(world, child, "parent_home_recorded", day, **said)

    def shown(day: str) -> tuple[list[str], str]:
        read = world.caller.get(f"/v1/children/{child}", as_of=day).json["left_behind"]
        under = {each["definition"]: each["class"] for each in read["definitions"]}
        return read["home_on_visit"], under["register@1"]

    days = ("2026-06-10", "2026-06-20", "2026-06-25", "2026-06-26")
    assert [shown(day) for day in days] == [
        ([], "one"),
        (["father"], "one"),
        (["father"], "one"),
        ([], "one"),
    ]


def test_the_state_of_a_parent_stands_beside_its_work(world: ApiWorld) -> None:
    child = world.enrol()
    told(world, child, "parent_work_recorded", parent="father", away=True)
    told(world, child, "parent_status_recorded", parent="father", status="divorced")
    told(world, child, "parent_status_recorded", parent="mother", status="dead", day="2026-04-01")

    now = world.caller.get(f"/v1/children/{child}").json["parents"]
    then = world.caller.get(f"/v1/children/{child}", as_of="2026-03-31").json["parents"]

    assert [(each["who"], each["away"], each["state"]) for each in now] == [
        ("father", True, "divorced"),
        ("mother", None, "dead"),
    ]
    assert [(each["who"], each["state"]) for each in then] == [("father", "divorced")]


def test_children_are_listed_by_as_what_they_count(world: ApiWorld) -> None:
    long, short = (
        away(world, "father", "mother", away_from="2026-01-01"),
        away(world, "mother", away_from="2026-06-01"),
    )
    unknown, home = world.enrol(), away(world)

    def ids(**asked: str) -> list[str]:
        return sorted(each["child_id"] for each in all_of(world.caller, "/v1/children", **asked))

    assert ids(left_behind="both") == [long]
    assert ids(left_behind="one") == [short]
    assert ids(left_behind="one", definition="register@1") == []
    assert ids(left_behind="not", definition="register@1") == sorted([home, short])
    assert ids(left_behind="unknown", definition="state_2016@1") == sorted([unknown, long, short])
    listed = {
        each["child_id"]: each for each in all_of(world.caller, "/v1/children", definition="register@1")
    }
    assert [listed[child]["left_behind"] for child in (long, short)] == ["both", "not"]
    refused = world.caller.get("/v1/children", definition="state@9")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/definition")


def test_the_figures_of_a_township_are_the_sums_of_its_schools(small_world: ApiWorld) -> None:
    world = small_world
    for org, parents in (
        (CLASS, ("father",)),
        (CLASS, ("father", "mother")),
        (OTHER, ("mother",)),
        (OTHER, ()),
    ):
        away(world, *parents, org=org, away_from="2026-01-01")
    world.enrol(org=OTHER)
    visitor = of(world, Role.MANAGER)

    def figures(definition: str) -> dict[str, list[int]]:
        read = visitor.get("/reports/left-behind.json", definition=definition).json["items"]
        return {
            each["org"]: [each[name] for name in ("children", "left_behind", "both", "one", "not", "unknown")]
            for each in read
        }

    for definition, school in (("register@1", [2, 2, 1, 1, 0, 0]), ("state_2016@1", [2, 0, 0, 0, 0, 2])):
        found = figures(definition)
        assert found[SCHOOL] == school
        assert found["county/township"] == [
            sum(both) for both in zip(found[SCHOOL], found[OTHER], strict=True)
        ]


def test_the_report_of_children_shows_the_class_under_the_definition(small_world: ApiWorld) -> None:
    away(small_world, "father", away_from="2026-01-01")
    visitor = of(small_world, Role.MANAGER)

    shown = rows(visitor.get("/reports/children", definition="register@1", left_behind="one").text)
    none = rows(visitor.get("/reports/children", definition="register@1", left_behind="both").text)

    assert "单留守" in str(shown)
    assert "单留守" not in str(none)


@pytest.mark.parametrize("left", [False, True])
def test_a_child_names_the_household_that_lists_it(small_world: ApiWorld, left: bool) -> None:
    world, child, path = small_world, small_world.enrol(), "/v1/children/{}".format
    assert world.caller.get(path(child)).json["household"] is None
    early = world.clock.now.isoformat()
    world.clock.forward(hours=1)
    home = opened(world, "households", children=[child])
    there = {"id": home.rpartition("/")[2]}

    assert world.caller.get(path(child)).json["household"] == there
    assert world.caller.get(path(child), as_known_at=early).json["household"] is None
    if left:
        assert said(world, home, "household_left", child=child).status_code == 201
        assert world.caller.get(path(child)).json["household"] is None
        other = opened(world, "households", children=[])
        assert said(world, other, "household_joined", child=child).status_code == 201
        assert world.caller.get(path(child)).json["household"] == {"id": other.rpartition("/")[2]}
    else:
        version = world.caller.get(home).json["version"]
        assert said(world, home, "household_dissolved", version=version).status_code == 201
        assert world.caller.get(path(child)).json["household"] is None


def test_a_household_of_another_county_has_no_say_about_a_child(small_world: ApiWorld) -> None:
    world, child = small_world, small_world.enrol()
    body = {
        "org": "another county/township/village",
        "occurred_on": "2026-05-06",
        "details": {"children": [child]},
    }
    assert world.caller.put(f"/v1/households/{uuid4()}", body).status_code == 201

    assert world.caller.get(f"/v1/children/{child}").json["household"] is None
