"""Mandatory reports: told at once, carried to their end, and there for few."""

from typing import Any
from uuid import uuid4

import pytest
from falcon import testing

from application.access import Role
from tests.api.support import CLASS, SCHOOL, ApiWorld, Caller, codes
from tests.api.test_lists import all_of
from tests.api.test_timeline import catch_up

FOUND = "2026-06-29T08:00:00+08:00"


def me(caller: Caller) -> str:
    found: str = caller.get("/v1/me").json["principal_id"]
    return found


def reported(caller: Caller, *children: str, **details: Any) -> str:
    path = f"/v1/incidents/{uuid4()}"
    words = {"situations": ["abandoned"], "children": list(children), "what": "三天无人照料"} | details
    answered = caller.put(path, {"org": SCHOOL, "occurred_at": FOUND, "details": words})
    assert answered.status_code == 201, answered.text
    return path


def said(
    caller: Caller,
    path: str,
    type_: str,
    *,
    at: str = "2026-06-29T08:30:00+08:00",
    event: str = "",
    version: int | None = None,
    **details: Any,
) -> testing.Result:
    headers = {} if version is None else {"If_Match": f'"{version}"'}
    body = {"type": type_, "occurred_at": at, "details": details}
    return caller.put(f"{path}/events/{event or uuid4()}", body, **headers)


@pytest.fixture
def teacher(world: ApiWorld) -> Caller:
    return world.as_(Role.CLIENT, org=SCHOOL, name="班主任")


def test_the_time_of_the_call_counts_and_the_stages_follow(world: ApiWorld, teacher: Caller) -> None:
    child, call = world.enrol(), str(uuid4())
    path = reported(teacher, child)

    def stage() -> str:
        found: str = teacher.get(path).json["state"]["stage"]
        return found

    assert stage() == "found"
    # 110 was called within ten minutes; who did so writes it down a day later.
    world.clock.forward(days=1)
    called = said(
        teacher, path, "incident_office_called", at="2026-06-29T08:10:00+08:00", event=call, office="police"
    )
    assert called.status_code == 201, called.json
    assert said(teacher, path, "incident_office_answered", call=call, answer="taken").status_code == 201
    (found,) = teacher.get(path).json["state"]["calls"]
    assert (found["minutes"], found["office"], found["answer"]) == (10, "police", "taken")
    for type_, details, reached in (
        ("incident_measure_taken", {"measure": "made_safe"}, "emergency"),
        ("incident_assessed", {"findings": "监护缺失"}, "assessment"),
        ("incident_intervened", {"intervention": "admonished"}, "intervention"),
    ):
        assert said(teacher, path, type_, **details).status_code == 201
        assert stage() == reached

    version = teacher.get(path).json["version"]
    own = said(teacher, path, "incident_closed", version=version, outcome="safe", approved_by="班主任")
    assert codes(own) == [("/details/approved_by", "same_approver")]
    closed = said(teacher, path, "incident_closed", version=version, outcome="safe", approved_by="王校长")
    assert closed.status_code == 201
    assert stage() == "closed"
    after = said(teacher, path, "incident_measure_taken", measure="treated")
    assert (after.status_code, codes(after)) == (409, [("", "incident_is_closed")])


def test_what_is_at_odds_is_refused_or_waits(world: ApiWorld, teacher: Caller) -> None:
    child = world.enrol()
    path, call = reported(teacher, child), str(uuid4())

    early = said(teacher, path, "incident_office_answered", call=call, answer="taken")
    assert (early.status_code, early.json["problem"]["code"]) == (202, "no_such_call")
    assert said(teacher, path, "incident_office_called", event=call, office="police").status_code == 201
    for status in (201, 409):
        again = said(teacher, path, "incident_office_answered", call=call, answer="taken")
        assert again.status_code == status, again.json
    assert codes(again) == [("/details/call", "office_answered_already")]
    named = said(teacher, path, "incident_child_named", child=child)
    assert codes(named) == [("/details/child", "named_already")]


@pytest.mark.parametrize("role", [Role.CLIENT, Role.MANAGER, Role.AUDITOR, Role.WATCHER])
def test_to_others_it_is_as_if_it_were_not_there(world: ApiWorld, teacher: Caller, role: Role) -> None:
    child = world.enrol()
    path = reported(teacher, child)
    principal = world.as_(role, org=SCHOOL, name=f"{role} of the school")
    nobodys = f"/v1/incidents/{uuid4()}"

    def alike(path: str, other: str) -> None:
        seen, unseen = principal.get(path), principal.get(other)
        assert seen.status_code == unseen.status_code == 404
        same = [{**each.json, "instance": ""} for each in (seen, unseen)]
        assert same[0] == same[1]

    alike(path, nobodys)
    alike(f"{path}/history", f"{nobodys}/history")
    if role in {Role.CLIENT, Role.MANAGER}:
        for type_, version, words in (
            ("incident_measure_taken", None, {"measure": "treated"}),
            ("incident_closed", 1, {"outcome": "safe", "approved_by": "王校长"}),
        ):
            one, other = (said(principal, each, type_, version=version, **words) for each in (path, nobodys))
            assert one.status_code == other.status_code
            assert _problem(one) == _problem(other)
    assert teacher.get(path).json["version"] == 1
    assert principal.get("/v1/incidents").json["items"] == []
    assert principal.get(f"/v1/children/{child}").json["incidents"] == []
    catch_up(world)
    for listed in ("/v1/timeline", f"/v1/children/{child}/history", "/v1/changes"):
        assert "incident" not in principal.get(listed).text.replace('"incidents"', ""), listed
    assert [each["stream_id"] for each in all_of(teacher, "/v1/incidents")] == [path.rpartition("/")[2]]
    assert teacher.get(f"/v1/children/{child}").json["incidents"] == [path.rpartition("/")[2]]


def test_the_county_sees_it_and_whoever_is_excluded_does_not(world: ApiWorld, teacher: Caller) -> None:
    school, county = (world.as_(Role.MANAGER, org=org, name=org) for org in (SCHOOL, "county"))
    accused = world.as_(Role.MANAGER, org="county", name="副局长")
    path = reported(teacher, readers=[me(school)], excluded=[me(accused)])

    assert [each.get(path).status_code for each in (teacher, school, county, accused)] == [200, 200, 200, 404]
    # The principal himself turns out to be meant.
    withdrawn = said(county, path, "incident_access_withdrawn", principal=me(school), reason="涉及本人")
    assert withdrawn.status_code == 201, withdrawn.json
    assert [each.get(path).status_code for each in (school, county)] == [404, 200]
    assert said(school, path, "incident_measure_taken", measure="treated").status_code != 201
    granted = said(county, path, "incident_access_granted", principal=me(accused), reason="误列")
    assert granted.status_code == 201
    assert accused.get(path).status_code == 200
    assert world.as_(Role.MANAGER, org="other county", name="x").get(path).status_code == 404


def test_a_case_may_get_its_child_later(world: ApiWorld, teacher: Caller) -> None:
    path, child = reported(teacher), world.enrol(org=CLASS)
    assert teacher.get(f"/v1/children/{child}").json["incidents"] == []

    assert said(teacher, path, "incident_child_named", child=child).status_code == 201

    assert teacher.get(path).json["state"]["children"] == [child]
    assert teacher.get(f"/v1/children/{child}").json["incidents"] == [path.rpartition("/")[2]]


def test_pages_of_the_list_hold_what_the_reader_may_see(world: ApiWorld, teacher: Caller) -> None:
    mine = {reported(teacher).rpartition("/")[2] for _ in range(3)}
    other = world.as_(Role.CLIENT, org=SCHOOL, name="另一位")
    for _ in range(5):
        reported(other)

    listed = [each["stream_id"] for each in all_of(teacher, "/v1/incidents", limit=2)]

    assert (set(listed), len(listed)) == (mine, 3)


def _problem(answered: testing.Result) -> dict[str, Any]:
    """What is said of a request, but for its own id."""
    problem: dict[str, Any] = answered.json.get("problem") or answered.json
    return problem | {"instance": ""}
