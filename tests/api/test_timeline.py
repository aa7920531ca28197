"""The timeline of a school: who recorded what, the last recorded first, by ids alone."""

from typing import Any
from uuid import uuid4

import pytest

from api import query
from application.access import Role
from domain.refusal import Invalid
from projections.runner import Runner
from tests.api.support import CANARY, CLASS, SCHOOL, ApiWorld, codes, visit

PATH = "/v1/timeline"


def catch_up(world: ApiWorld) -> None:
    """Do the work of the worker."""
    Runner(database=world.system.database, log=world.system.log, now=world.clock).catch_up()


def days(read: dict[str, Any]) -> list[str]:
    return [item["occurred_on"] for item in read["items"]]


@pytest.fixture
def told(world: ApiWorld) -> ApiWorld:
    """A child and three visits, one of them late, each a minute after the one before."""
    child, carer = world.enrol(name=CANARY), world.carer()
    for day in ("2026-06-20", "2026-06-01", "2026-06-29"):
        world.clock.forward(minutes=1)
        body = visit(carer, day, record=CANARY) | {"written_on": "2026-06-29"}
        assert world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body).status_code == 201
    catch_up(world)
    return world


def test_a_line_says_who_recorded_what_and_when_and_of_the_child_its_name_alone(told: ApiWorld) -> None:
    answered = told.as_(Role.AUDITOR).get(PATH)
    newest, *_, first = answered.json["items"]
    (office,) = (key for key in told.system.api_keys.listed() if key.name == "office")

    assert days(answered.json) == ["2026-06-29", "2026-06-01", "2026-06-20", "2026-03-01"]
    assert first["type"] == "child_enrolled"
    assert newest == {
        "event_id": newest["event_id"],
        "child_id": first["child_id"],
        "case_no": first["case_no"],
        "child_name": CANARY,
        "version": 4,
        "position": newest["position"],
        "type": "home_visit_made",
        "occurred_on": "2026-06-29",
        "precision": "day",
        "written_on": "2026-06-29",
        "recorded_at": told.clock.now.isoformat(),
        "org": CLASS,
        "actor": "office",
        "principal": str(office.principal_id),
        "key": office.key_id,
        "channel": "api",
        "late_days": None,
        "target": None,
    }
    assert [item["late_days"] for item in answered.json["items"]] == [None, 28, 9, first["late_days"]]
    assert answered.text.count(CANARY) == len(answered.json["items"])
    assert answered.headers["Cache-Control"] == "private, no-store"


def test_a_decision_names_its_target(told: ApiWorld) -> None:
    target = told.caller.get(PATH).json["items"][0]
    details = {"target": target["event_id"], "reason": "误录", "approved_by": "王校长"}
    body = {"type": "event_voided", "occurred_on": "2026-06-30", "details": details}
    told.caller.put(f"/v1/children/{target['child_id']}/events/{uuid4()}", body, If_Match='"4"')
    catch_up(told)

    (voiding,) = told.caller.get(PATH, type="event_voided").json["items"]

    assert voiding["target"] == target["event_id"]


def test_a_timeline_is_filtered(told: ApiWorld) -> None:
    def found(**asked: str) -> list[str]:
        return days(told.caller.get(PATH, **asked).json)

    assert found(type="child_enrolled") == ["2026-03-01"]
    assert found(**{"from": "2026-06-01", "to": "2026-06-20"}) == ["2026-06-01", "2026-06-20"]
    assert found(late="true", type="home_visit_made") == ["2026-06-01", "2026-06-20"]
    assert found(late="false", type="home_visit_made") == ["2026-06-29"]
    assert found(org=CLASS, to="2026-02-28") == []
    for name, value in {"type": "tea", "late": "very", "from": "May", "limit": "0"}.items():
        answered = told.caller.get(PATH, **{name: value})
        assert (answered.status_code, codes(answered)) == (422, [(f"/{name}", "wrong_value")])


def test_a_timeline_ends_at_the_scope(told: ApiWorld) -> None:
    told.enrol(org=f"{SCHOOL}2/grade 1", day="2026-05-05")
    catch_up(told)
    mine, theirs = (told.as_(Role.AUDITOR, org=org) for org in (SCHOOL, f"{SCHOOL}2"))

    assert len(mine.get(PATH).json["items"]) == len(mine.get(PATH, org=CLASS).json["items"]) == 4
    assert days(theirs.get(PATH).json) == ["2026-05-05"]
    assert len(told.caller.get(PATH).json["items"]) == 5
    for org in (SCHOOL, "county", "nowhere"):
        answered = theirs.get(PATH, org=org)
        assert (answered.status_code, codes(answered)) == (404, [("", "not_found")])
    assert codes(theirs.get(PATH, org="a//b")) == [("/org", "bad_org_path")]


def test_the_pages_of_a_timeline_are_the_timeline_whatever_comes_in_meanwhile(told: ApiWorld) -> None:
    whole = told.caller.get(PATH).json["items"]

    first = told.caller.get(PATH, limit=3).json
    told.enrol()
    catch_up(told)
    second = told.caller.get(PATH, limit=3, cursor=first["next"]).json

    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 1, None)
    assert first["items"] + second["items"] == whole
    for asked in ({"cursor": first["next"], "late": "true"}, {"cursor": "x"}, {"cursor": "MQ=="}):
        answered = told.caller.get(PATH, **asked)
        assert (answered.status_code, codes(answered)) == (422, [("/cursor", "bad_cursor")])


@pytest.mark.parametrize("after", [[], ["7"], [True], [0], [-1], [1.5], [2**63], [None], [7, 7]])
def test_a_place_that_is_no_position_is_refused(after: list[Any]) -> None:
    with pytest.raises(Invalid, match="bad_cursor"):
        query.position(after)


def test_a_timeline_says_how_far_it_is_behind(told: ApiWorld) -> None:
    assert told.caller.get(PATH).json["lag"] == 0

    before = told.events
    told.enrol()

    read = told.caller.get(PATH).json
    assert (read["lag"], len(read["items"])) == (told.events - before, 4)
    catch_up(told)
    read = told.caller.get(PATH).json
    assert (read["lag"], len(read["items"])) == (0, 5)
