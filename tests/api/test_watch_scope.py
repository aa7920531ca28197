"""Whom an organisation watches: said by whoever manages it, read by whoever may see it."""

from datetime import date
from uuid import uuid4

from application.access import Role
from application.system import reports_of
from domain.watched import Ground
from tests.api.support import ApiWorld, codes
from tests.support.actions import SCHOOL


def _at_home(world: ApiWorld, child: str) -> None:
    for parent in ("father", "mother"):
        body = {
            "type": "parent_work_recorded",
            "occurred_on": "2026-06-01",
            "details": {"parent": parent, "away": False},
        }
        assert world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body).status_code == 201


def test_an_organisation_has_all_its_children_watched_and_takes_it_back(world: ApiWorld) -> None:
    child = world.enrol()
    _at_home(world, child)
    read = [world.caller.get(f"/v1/children/{child}").json["watched"]["ground"]]

    for everybody in (True, True, False):
        body = {"org": SCHOOL, "everybody": everybody, "reason": "寄宿"}
        said = world.caller.put("/v1/watch", body)
        assert (said.status_code, said.json["everybody"]) == (200, everybody)
        read.append(world.caller.get(f"/v1/children/{child}").json["watched"]["ground"])

    assert read == [None, "extended", "extended", None]
    (item,) = world.caller.get("/v1/watch", org=f"{SCHOOL}/grade 3").json["items"]
    assert (item["org"], item["everybody"]) == (SCHOOL, False)


def test_unknown_is_not_none_away(world: ApiWorld) -> None:
    read = world.caller.get(f"/v1/children/{world.enrol()}").json

    assert read["left_behind"]["parents_away"] == "unknown"
    assert read["left_behind"]["left_behind"] is None
    assert read["left_behind"]["whereabouts_unknown"] == ["father", "mother"]
    assert read["watched"] == {
        "population": "watched@1",
        "watched": True,
        "ground": "whereabouts_unknown",
    }


def test_who_is_not_in_care_is_not_watched(world: ApiWorld) -> None:
    child = world.enrol(tags=["poor"])
    leaving = {
        "type": "child_exited",
        "occurred_on": "2026-06-10",
        "details": {"reason": "moved"},
    }
    assert (
        world.caller.put(f"/v1/children/{child}/events/{uuid4()}", leaving, If_Match='"1"').status_code == 201
    )

    days = ("2010-01-01", "2026-02-28", "2026-03-01", "2026-06-10", "2026-06-11")
    read = [world.caller.get(f"/v1/children/{child}", as_of=day).json for day in days]

    assert [r["in_care"] for r in read] == [False, False, True, True, False]
    assert [r["watched"]["ground"] for r in read] == [None, None, "tag", "tag", None]
    assert [r["watched"]["watched"] for r in read] == [r["in_care"] for r in read]
    listed = [reports_of(world.system).children(on=date(2026, 6, day)) for day in (10, 11)]
    assert [[line.ground for line in lines] for lines in listed] == [[Ground.TAG], [None]]


def test_who_manages_one_school_says_nothing_of_another(world: ApiWorld) -> None:
    world.enrol()
    world.enrol(org=f"{SCHOOL}2/grade 1")
    manager = world.as_(Role.MANAGER, org=SCHOOL)

    elsewhere = manager.put("/v1/watch", {"org": f"{SCHOOL}2", "everybody": True})
    nowhere = manager.put("/v1/watch", {"org": f"{SCHOOL}3", "everybody": True})

    assert (elsewhere.status_code, codes(elsewhere)) == (nowhere.status_code, codes(nowhere))
    assert elsewhere.status_code == 404
    assert world.caller.get("/v1/watch", org=f"{SCHOOL}2").json["everybody"] is False
