"""A number is one child's within a county; across counties only who stands above both sees that it meets."""

from uuid import UUID, uuid4

import pytest

from application.access import Actor, Forbidden, Role
from application.children.claims import MOST_AN_HOUR, TooManyClaims
from application.children.clashes import OPEN, SETTLED, Verdict
from application.system import System
from domain.refusal import Conflict, Refused, Unknown
from tests.support.actions import SCHOOL, Desk
from tests.support.systems import StandingClock

THERE = "other county/township/school"
TOP = Actor(name="office", role=Role.MANAGER)


def client(system: System, org: str, *, role: Role = Role.CLIENT) -> Desk:
    return Desk(system, actor=Actor(name=f"client of {org}", role=role, org=org))


def test_two_counties_enrol_one_number_and_neither_hears_of_the_other(desk: Desk) -> None:
    first = client(desk.system, SCHOOL).enrol(org=SCHOOL, student_no="G0001")
    second = client(desk.system, THERE).enrol(org=THERE, student_no="ｇ0001")

    find = desk.system.record.find
    assert find(kind="student_no", word="G0001", scope=SCHOOL) == (first,)
    assert find(kind="student_no", word="G0001", scope="other county") == (second,)
    assert desk.system.record.meant(("Ｇ0001",), scope="") == {"Ｇ0001": tuple(sorted((first, second)))}
    for county in ("county", "other county"):
        below = client(desk.system, county, role=Role.MANAGER).actor
        assert desk.system.clashes.listed(actor=below) == []


def test_who_stands_above_both_settles_what_it_is(desk: Desk) -> None:
    first, second = (desk.enrol(org=org, student_no="G0001") for org in (SCHOOL, THERE))
    clashes = desk.system.clashes
    (clash,) = clashes.listed(actor=TOP)

    assert dict(clash.children) == {first: SCHOOL, second: THERE}
    for below in (
        client(desk.system, "county", role=Role.MANAGER),
        client(desk.system, "", role=Role.CLIENT),
    ):
        with pytest.raises((Unknown, Forbidden)):
            clashes.settle(clash.clash_id, verdict=Verdict.ONE_CHILD, actor=below.actor)
    clashes.settle(clash.clash_id, verdict=Verdict.TWO_CHILDREN, actor=TOP)

    assert clashes.listed(actor=TOP, state=OPEN) == []
    (settled,) = clashes.listed(actor=TOP, state=SETTLED)
    assert settled.settled is not None
    assert (settled.settled.verdict, settled.settled.by) == (Verdict.TWO_CHILDREN, "office")
    desk.enrol(org="third county/township/school", student_no="G0001")
    assert len(clashes.listed(actor=TOP, state=OPEN)) == 1


def test_a_transfer_takes_the_number_along(desk: Desk) -> None:
    child = desk.enrol(org=SCHOOL, student_no="G0001")
    desk.system.organisations.ensure(THERE, actor=desk.actor)
    _moved(desk, child)

    with pytest.raises(Conflict):
        desk.enrol(org=THERE, student_no="G0001")
    desk.enrol(org=SCHOOL, student_no="G0001")
    assert desk.system.record.find(kind="student_no", word="G0001", scope=THERE) == (child,)


def test_a_transfer_to_where_another_file_has_the_number_is_refused(desk: Desk) -> None:
    child = desk.enrol(org=SCHOOL, student_no="G0001")
    desk.enrol(org=THERE, student_no="G0001")

    with pytest.raises(Conflict) as refused:
        _moved(desk, child)

    assert refused.value.reason.code == "number_taken"
    assert desk.child(child).org == SCHOOL


def test_taken_numbers_are_no_way_to_ask_who_is_here(desk: Desk, clock: StandingClock) -> None:
    desk.enrol(org=SCHOOL, student_no="G0001")
    asking, other = (client(desk.system, org) for org in (SCHOOL, "county/township"))
    known = asking.enrol(org=SCHOOL, student_no="G0002")

    said = {codes_of(asking, "G0001") for _ in range(MOST_AN_HOUR)}
    taken, free = codes_of(asking, "G0001"), codes_of(asking, "G0003")

    assert said == {(("number_taken", "/details/student_no"),)}
    assert taken == free == (("too_many_claims", ""),)
    assert codes_of(other, "G0003") == ()
    with pytest.raises(TooManyClaims) as refused:
        asking.enrol(org=SCHOOL, student_no="G0005")
    assert 0 < refused.value.retry_after <= 3600
    carer = desk.carer()
    asking.visit(known, carer, "2026-03-05")
    clock.forward(hours=1)
    assert codes_of(asking, "G0004") == ()


def test_who_runs_the_ledger_may_ask_as_often_as_papers_do(desk: Desk) -> None:
    desk.enrol(org=SCHOOL, student_no="G0001")

    for _ in range(MOST_AN_HOUR + 1):
        with pytest.raises(Conflict):
            desk.enrol(org=SCHOOL, student_no="G0001")


def codes_of(by: Desk, number: str) -> tuple[tuple[str, str], ...]:
    try:
        by.enrol(child=uuid4(), org=SCHOOL, student_no=number)
    except Refused as refused:
        return tuple((f.reason.code, f.pointer) for f in refused.faults)
    return ()


def _moved(desk: Desk, child: UUID) -> None:
    desk.accept(child, desk.propose(child, THERE, "2026-03-06").event_id, "2026-03-07")
