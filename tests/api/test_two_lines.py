"""A child belongs to a school and to a village at once; each of them sees it, and each changes by itself."""

from typing import Any
from uuid import uuid4

import pytest
from falcon import testing

from application.access import SYSTEM, Role
from application.system import reports_of
from domain.choices import Line
from tests.api.support import CLASS, SCHOOL, ApiWorld, Caller, codes
from tests.api.test_lists import all_of

VILLAGE, ELSEWHERE = "county/township/village", "county/township/far village"
OTHER = "county/township/other school"


@pytest.fixture
def two(world: ApiWorld) -> ApiWorld:
    """A county with two villages and two schools."""
    for org in (VILLAGE, ELSEWHERE, OTHER, CLASS):
        world.system.organisations.ensure(org, actor=SYSTEM)
    return world


def decided(
    world: ApiWorld, child: str, type_: str, day: str = "2026-04-01", **details: Any
) -> testing.Result:
    path = f"/v1/children/{child}"
    version = world.caller.get(path).headers["ETag"]
    body = {"type": type_, "occurred_on": day, "details": details}
    return world.caller.put(f"{path}/events/{uuid4()}", body, If_Match=version)


def placed(world: ApiWorld, child: str, line: str, org: str, day: str = "2026-04-01") -> None:
    answered = decided(world, child, "placement_started", day, line=line, org=org)
    assert answered.status_code == 201, answered.json


def transferred(world: ApiWorld, child: str, line: str, to: str) -> Caller:
    """Transfer a child on one line, and return who received it."""
    proposed = decided(world, child, "transfer_proposed", "2026-05-01", to=to, line=line)
    assert proposed.status_code == 201, proposed.json
    receiver, version = (
        world.as_(Role.CLIENT, org=to),
        world.caller.get(f"/v1/children/{child}").headers["ETag"],
    )
    details = {"transfer": proposed.json["event_id"], "accepted_by": "对方"}
    said = {"type": "transfer_accepted", "occurred_on": "2026-05-02", "org": to, "details": details}
    accepted = receiver.put(f"/v1/children/{child}/events/{uuid4()}", said, If_Match=version)
    assert accepted.status_code == 201, accepted.json
    return receiver


def shown(world: ApiWorld, child: str, **clocks: str) -> list[tuple[str, str, str, str | None]]:
    read = world.caller.get(f"/v1/children/{child}", **clocks).json["placements"]
    return [(each["line"], each["org"], each["from"], each["to"]) for each in read]


def test_the_village_sees_the_child_beside_its_school_and_no_other_does(two: ApiWorld) -> None:
    child = two.enrol(student_no="T1")
    village, far = (two.as_(Role.CLIENT, org=org) for org in (VILLAGE, ELSEWHERE))
    path = f"/v1/children/{child}"
    assert village.get(path).status_code == 404
    placed(two, child, "village", VILLAGE)

    assert shown(two, child) == [
        ("school", CLASS, "2026-03-01", None),
        ("village", VILLAGE, "2026-04-01", None),
    ]
    assert shown(two, child, as_of="2026-03-31") == [("school", CLASS, "2026-03-01", None)]
    assert village.get(path).json["org"] == CLASS
    for asked in (path, f"{path}/history", f"{path}/compliance"):
        assert (village.get(asked).status_code, far.get(asked).status_code) == (200, 404), asked
    for reader, found in ((village, [child]), (far, []), (two.as_(Role.CLIENT, org=SCHOOL), [child])):
        assert [each["child_id"] for each in all_of(reader, "/v1/children")] == found
        assert [each["child_id"] for each in reader.get("/v1/children/states").json["items"]] == found
        searched = reader.post("/v1/children/search", {"student_no": "T1"}).json["items"]
        assert [each["child_id"] for each in searched] == found
    said = {
        "type": "parent_work_recorded",
        "occurred_on": "2026-06-01",
        "details": {"parent": "father", "away": True},
    }
    assert village.put(f"{path}/events/{uuid4()}", said).status_code == 201
    # It waits, as for a child whom nobody knows.
    assert far.put(f"{path}/events/{uuid4()}", said).status_code == 202
    assert two.caller.get(path).json["version"] == 3


def test_a_child_without_a_school_or_number_goes_to_school_later(two: ApiWorld) -> None:
    child: str = two.enrol(org=VILLAGE, student_no=None, line="village")
    carer = two.carer()
    pairing = decided(two, child, "pairing_started", "2026-03-02", carer=carer, kind="cadre")
    assert pairing.status_code == 201, pairing.json
    read = two.caller.get(f"/v1/children/{child}").json
    assert (read["org"], shown(two, child)) == (None, [("village", VILLAGE, "2026-03-01", None)])

    placed(two, child, "school", CLASS, "2026-06-01")
    now = two.caller.get(f"/v1/children/{child}").json

    assert (now["org"], now["in_care"]) == (CLASS, True)
    assert [each["active"] for each in now["pairings"]] == [True]
    assert shown(two, child) == [
        ("village", VILLAGE, "2026-03-01", None),
        ("school", CLASS, "2026-06-01", None),
    ]
    # And where it drops out, the village has it still.
    assert decided(two, child, "placement_ended", "2026-06-20", line="school").status_code == 201
    assert two.caller.get(f"/v1/children/{child}").json["org"] is None
    assert shown(two, child)[1] == ("school", CLASS, "2026-06-01", "2026-06-19")
    assert two.as_(Role.CLIENT, org=SCHOOL).get(f"/v1/children/{child}").status_code == 404


@pytest.mark.parametrize(
    ("line", "to", "stays"), [("village", ELSEWHERE, "school"), ("school", OTHER, "village")]
)
def test_a_transfer_on_one_line_leaves_the_other_as_it_was(
    two: ApiWorld, line: str, to: str, stays: str
) -> None:
    child = two.enrol()
    placed(two, child, "village", VILLAGE)
    receiver = transferred(two, child, line, to)

    current = {each[0]: each[1] for each in shown(two, child) if each[3] is None}
    was = {"school": CLASS, "village": VILLAGE}
    assert current == {line: to, stays: was[stays]}
    assert two.as_(Role.CLIENT, org=was[line]).get(f"/v1/children/{child}").status_code == 404
    assert receiver.get(f"/v1/children/{child}").status_code == 200


def test_the_number_of_a_child_is_kept_by_the_county_where_it_stays(two: ApiWorld) -> None:
    far = "other county/township/school"
    two.system.organisations.ensure(far, actor=SYSTEM)
    child = two.enrol(student_no="T1")
    placed(two, child, "village", VILLAGE)

    def kept_by() -> list[str]:
        return [county for (county,) in two.system.database.tuples("SELECT county FROM number_claim")]

    transferred(two, child, "school", far)
    assert kept_by() == ["other county"]
    # It leaves that school, and is a child of its village alone.
    assert decided(two, child, "placement_ended", "2026-06-20", line="school").status_code == 201

    assert kept_by() == ["county"]


@pytest.mark.parametrize("first", ["school", "village"])
def test_of_two_files_of_one_child_both_lines_go_on_in_the_kept_one(two: ApiWorld, first: str) -> None:
    at = {"school": {"org": CLASS}, "village": {"org": VILLAGE, "line": "village"}}
    second = "village" if first == "school" else "school"
    kept = two.enrol(day="2026-02-20", **at[first])
    other = two.enrol(**at[second])
    body = {"into": kept, "reason": "同一名儿童", "approved_by": "王校长"}

    assert two.caller.post(f"/v1/children/{other}/merge", body).status_code == 200

    current = {each[0]: each[1] for each in shown(two, kept) if each[3] is None}
    assert current == {"school": CLASS, "village": VILLAGE}
    for org in (SCHOOL, VILLAGE):
        assert two.as_(Role.CLIENT, org=org, name=org).get(f"/v1/children/{kept}").status_code == 200
    undo = {"reason": "是两名儿童", "approved_by": "王校长"}
    assert two.caller.post(f"/v1/children/{other}/undo-merge", undo).status_code == 200
    assert [each[0] for each in shown(two, kept)] == [first]


def test_what_can_be_no_place_is_refused_and_nothing_is_written(two: ApiWorld) -> None:
    two.system.organisations.ensure("other county/township/village", actor=SYSTEM)
    child = two.enrol()
    path = f"/v1/children/{child}"

    def refused(type_: str, day: str = "2026-04-01", **details: Any) -> list[tuple[str, str]]:
        before = two.caller.get(path).json["version"]
        answered = decided(two, child, type_, day, **details)
        assert answered.status_code in (409, 422), answered.text
        assert two.caller.get(path).json["version"] == before
        return codes(answered)

    started, ended = "placement_started", "placement_ended"
    assert refused(started, line="school", org=OTHER) == [("/details/line", "placed_already")]
    far = "other county/township/village"
    assert refused(started, line="village", org=far) == [("/details/org", "place_in_other_county")]
    assert refused(started, line="village", org="county/township/nowhere") == [
        ("/details/org", "unknown_org")
    ]
    assert refused(ended, line="village") == [("/details/line", "not_placed")]
    assert refused(ended, line="school") == [("/details/line", "only_place")]
    placed(two, child, "village", VILLAGE, "2026-05-01")
    assert refused(ended, "2026-04-30", line="village") == [("/occurred_on", "before_last_move")]


def test_children_are_counted_by_either_line_and_once_in_the_township(two: ApiWorld) -> None:
    both, alone = two.enrol(), two.enrol(org=VILLAGE, line="village")
    placed(two, both, "village", ELSEWHERE)
    reports = reports_of(two.system)

    def counted(line: Any) -> dict[str, int]:
        found = reports.left_behind("county", definition="school_broad@1", line=line)
        return {path: classes.total() for path, classes in found.items()}

    assert alone
    assert counted(Line.SCHOOL)[SCHOOL] == 1
    assert counted(Line.VILLAGE)[ELSEWHERE] == counted(Line.VILLAGE)[VILLAGE] == 1
    assert counted(Line.SCHOOL)["county/township"] == counted(Line.VILLAGE)["county/township"] == 2
