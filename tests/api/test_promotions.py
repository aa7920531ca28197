"""September: all classes of a school promoted on one day, each child once, and taken back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from falcon import testing

from application.access import SYSTEM, Role
from application.system import reports_of
from tests.api.support import ApiWorld, codes
from tests.api.test_two_lines import decided

SCHOOL, NEXT = "county/township/小学", "county/township/中学"
FOUR, FIVE, SIX = (f"{SCHOOL}/{grade}年级/1班" for grade in ("四", "五", "六"))
DAY = "2026-06-30"


@pytest.fixture
def school(world: ApiWorld) -> ApiWorld:
    """A primary school, and a secondary school beside it."""
    for org in (FOUR, FIVE, SIX, NEXT):
        world.system.organisations.ensure(org, actor=SYSTEM)
    return world


def promoted(world: ApiWorld, promotion: str, **more: Any) -> testing.Result:
    body = {"promotion_id": promotion, "org": SCHOOL, "occurred_on": DAY}
    return world.caller.post("/v1/promotions", body | {"leaving": [{"before": SIX, "to": NEXT}]} | more)


def org_of(world: ApiWorld, child: str) -> str:
    found: str = world.caller.get(f"/v1/children/{child}").json["org"]
    return found


def figures(answered: testing.Result) -> list[tuple[str, str, int, int]]:
    assert answered.status_code == 200, answered.json
    return [(c["before"], c["to"], c["children"], c["done"]) for c in answered.json["classes"]]


def test_each_child_is_promoted_once_and_leavers_are_offered(school: ApiWorld) -> None:
    children = {org: [school.enrol(org=org) for _ in range(2)] for org in (FOUR, FIVE, SIX)}
    carer = school.carer()
    pairing = decided(school, children[FOUR][0], "pairing_started", carer=carer, kind="proxy_parent")
    assert pairing.status_code == 201, pairing.json
    promotion = str(uuid4())

    foreseen = figures(promoted(school, promotion, only_say=True))
    assert org_of(school, children[FOUR][0]) == FOUR
    done = figures(promoted(school, promotion))

    assert [(*each[:3], 0) for each in done] == foreseen
    assert done == [(FIVE, SIX, 2, 2), (SIX, NEXT, 2, 2), (FOUR, FIVE, 2, 2)]
    assert [org_of(school, child) for child in children[FOUR]] == [FIVE, FIVE]
    assert [org_of(school, child) for child in children[FIVE]] == [SIX, SIX]
    # Who leaves stays until the other side accepts, and is listed until then.
    assert [org_of(school, child) for child in children[SIX]] == [SIX, SIX]
    open_ = school.caller.get("/v1/transfers").json["items"]
    assert sorted(each["child_id"] for each in open_) == sorted(children[SIX])
    read = school.caller.get(f"/v1/children/{children[FOUR][0]}").json
    assert [each["active"] for each in read["pairings"]] == [True]

    # And the same again changes nothing, nor does another on the next day.
    assert figures(promoted(school, promotion)) == []
    again = promoted(school, str(uuid4()))
    assert {each["code"] for each in again.json["refused"]} == {"promoted_already", "transfer_open"}
    assert org_of(school, children[FOUR][0]) == FIVE


def test_what_was_cut_goes_on_where_it_is_sent_again(school: ApiWorld) -> None:
    first, promotion = school.enrol(org=FOUR), str(uuid4())
    promoted(school, promotion)
    late = school.enrol(org=FOUR)

    answered = promoted(school, promotion)

    assert figures(answered) == [(FOUR, FIVE, 1, 1)]
    assert (org_of(school, first), org_of(school, late)) == (FIVE, FIVE)


def test_two_at_once_promote_each_child_once(school: ApiWorld) -> None:
    children, promotion = [school.enrol(org=FOUR) for _ in range(6)], str(uuid4())

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: promoted(school, promotion), range(4)))

    assert [each.status_code for each in answers] == [200] * 4
    assert [org_of(school, child) for child in children] == [FIVE] * 6
    for child in children:
        entries = school.caller.get(f"/v1/children/{child}/history").json["items"]
        assert [each["type"] for each in entries].count("child_promoted") == 1


def test_a_promotion_is_taken_back_by_voiding(school: ApiWorld) -> None:
    child, leaver, promotion = school.enrol(org=FOUR), school.enrol(org=SIX), str(uuid4())
    promoted(school, promotion)
    body = {"org": SCHOOL, "reason": "早了一天", "approved_by": "王校长"}

    undone = [school.caller.post(f"/v1/promotions/{promotion}/undo", body).status_code for _ in range(2)]

    assert undone == [200, 200]
    assert org_of(school, child) == FOUR
    assert school.caller.get("/v1/transfers").json["items"] == []
    assert leaver
    assert figures(promoted(school, str(uuid4()))) == [(SIX, NEXT, 1, 1), (FOUR, FIVE, 1, 1)]


def test_a_class_of_which_nobody_can_say_is_refused_before_anything_is_written(school: ApiWorld) -> None:
    child, _ = school.enrol(org=FOUR), school.enrol(org=SIX)

    assert codes(promoted(school, str(uuid4()), leaving=[])) == [("/classes", "class_without_next")]
    strange = promoted(
        school,
        str(uuid4()),
        classes=[{"before": FOUR, "to": "county/township/中学/七年级"}],
        leaving=[{"before": SIX, "to": "county/nowhere/学校"}],
    )
    assert codes(strange) == [("/classes/0/to", "no_class_of_school"), ("/leaving/0/to", "unknown_org")]
    later = promoted(school, str(uuid4()), occurred_on="2026-09-01")
    assert codes(later) == [("/occurred_on", "in_the_future")]
    assert org_of(school, child) == FOUR
    client = school.as_(Role.CLIENT, org=SCHOOL)
    body = {"promotion_id": str(uuid4()), "org": SCHOOL, "occurred_on": DAY}
    assert client.post("/v1/promotions", body).status_code == 403


def test_an_exit_names_a_second_person_and_is_looked_after(school: ApiWorld) -> None:
    child, other = school.enrol(org=FOUR), school.enrol(org=FOUR)
    own = school.caller.get("/v1/me").json["name"]
    alone = decided(school, child, "child_exited", "2026-03-20", reason="parent_returned", approved_by=own)
    assert codes(alone) == [("/details/approved_by", "same_approver")]
    left = decided(
        school, child, "child_exited", "2026-03-20", reason="parent_returned", approved_by="王校长"
    )
    assert left.status_code == 201, left.json
    assert decided(school, other, "child_exited", "2026-05-20", reason="moved").status_code == 201

    def lines() -> list[tuple[str, str | None, str, str]]:
        found = reports_of(school.system).exits("county")
        return [(str(x.child_id), x.approved_by, x.due_on.isoformat(), x.state.value) for x in found]

    assert lines() == [
        (child, "王校长", "2026-06-20", "due"),
        (other, None, "2026-08-20", "waiting"),
    ]
    looked = decided(school, child, "exit_reviewed", "2026-06-25", exit=left.json["event_id"], found="well")
    assert looked.status_code == 201, looked.json
    assert [line[3] for line in lines()] == ["waiting", "done"]
    early = decided(school, other, "exit_reviewed", "2026-05-01", exit=left.json["event_id"], found="well")
    assert early.status_code in (202, 422)
