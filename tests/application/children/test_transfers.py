"""Transfers: proposed by one side, complete only when the other accepts; then the child belongs there."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor, Forbidden, Role
from domain.choices import CarerKind
from domain.refusal import AtOdds, Conflict, Invalid, Refused, Stale, Unknown, VersionRequired
from tests.support.actions import CLASS, SCHOOL, Desk, codes

OTHER = "county/township/other school"
GIVER = Actor(name="school", role=Role.CLIENT, org=SCHOOL)
TAKER = Actor(name="other school", role=Role.CLIENT, org=OTHER)


@pytest.fixture
def giver(desk: Desk) -> Desk:
    desk.system.organisations.ensure(f"{OTHER}/1", actor=SYSTEM)
    return Desk(desk.system, actor=GIVER)


@pytest.fixture
def taker(desk: Desk) -> Desk:
    return Desk(desk.system, actor=TAKER)


def reads(desk: Desk, child: UUID) -> bool:
    """Whether the file is there for whom the desk stands for."""
    try:
        desk.system.record.stream(child, actor=desk.actor)
    except Unknown:
        return False
    return True


def undecided(desk: Desk, **more: object) -> list[UUID]:
    return [t.transfer_id for t in desk.system.transfers.undecided(actor=desk.actor, **more)]


def test_nothing_changes_until_the_other_side_accepts_and_then_the_whole_file_goes(
    giver: Desk, taker: Desk
) -> None:
    child = giver.enrol()
    carer = giver.carer()
    giver.pair(child, carer)
    visit = giver.visit(child, carer, "2026-04-01")

    transfer = giver.propose(child, OTHER, "2026-05-01", duties=["六月家访"]).event_id
    assert (giver.child(child).org, reads(giver, child), reads(taker, child)) == (CLASS, True, False)
    assert undecided(giver) == undecided(taker) == [transfer]
    with pytest.raises(Unknown):
        taker.visit(child, carer, "2026-05-02")

    taker.accept(child, transfer, "2026-05-04", org=f"{OTHER}/1")
    folded = taker.child(child)
    assert (folded.org, reads(giver, child), reads(taker, child)) == (f"{OTHER}/1", False, True)
    assert folded.fact(visit.event_id) is not None
    assert [folded.org_on(date(2026, 5, day)) for day in (3, 4)] == [CLASS, f"{OTHER}/1"]
    assert undecided(giver) == undecided(taker) == []
    (pairing,) = folded.pairings
    assert pairing.end == date(2026, 5, 4)
    assert giver.system.carers.load(carer).load(date(2026, 5, 4), kind=CarerKind.CARE_COUNSELLOR) == 0
    rows = giver.system.database.all("SELECT org FROM events WHERE event_id = :id", id=visit.event_id)
    assert [row["org"] for row in rows] == [CLASS], "what was recorded before stays where it was recorded"


def test_between_classes_of_one_school_pairings_go_on(giver: Desk) -> None:
    child, carer = giver.enrol(), giver.carer()
    giver.pair(child, carer)
    giver.system.organisations.ensure(f"{SCHOOL}/grade 4/class 1", actor=SYSTEM)

    transfer = giver.propose(child, f"{SCHOOL}/grade 4/class 1", "2026-05-01").event_id
    giver.accept(child, transfer, "2026-05-01")

    assert giver.child(child).org == f"{SCHOOL}/grade 4/class 1"
    assert giver.child(child).pairings[0].holds(date(2026, 6, 1))
    assert reads(giver, child)


def test_the_receiving_side_declines_and_the_giving_side_withdraws(giver: Desk, taker: Desk) -> None:
    child = giver.enrol()
    first = giver.propose(child, OTHER, "2026-05-01").event_id
    with pytest.raises(Conflict) as refused:
        giver.propose(child, OTHER, "2026-05-01")
    assert codes(refused) == [("transfer_open", "/type")]

    taker._decide("transfer_declined", child, transfer=str(first), reason="未到校")
    with pytest.raises(Conflict) as refused:
        taker.accept(child, first, "2026-05-02")
    assert codes(refused) == [("transfer_decided", "/details/transfer")]

    second = giver.propose(child, OTHER, "2026-05-03").event_id
    with pytest.raises(Unknown):
        taker._decide("transfer_withdrawn", child, transfer=str(second), reason="x")
    giver._decide("transfer_withdrawn", child, transfer=str(second), reason="家长改变主意")
    assert undecided(giver) == []
    assert (giver.child(child).org, reads(taker, child)) == (CLASS, False)


def test_who_may_not_and_what_does_not_fit(giver: Desk, taker: Desk) -> None:
    child = giver.enrol()
    for to, code in ((SCHOOL, "there_already"), (CLASS, "there_already"), (f"{OTHER}/9", "unknown_org")):
        with pytest.raises(Invalid) as refused:
            giver.propose(child, to, "2026-05-01")
        assert codes(refused) == [(code, "/details/to")]
    with pytest.raises(VersionRequired):
        giver.submit("transfer_proposed", "2026-05-01", child=child, to=OTHER)
    transfer = giver.propose(child, OTHER, "2026-05-01").event_id

    with pytest.raises(Forbidden):
        giver.accept(child, transfer, "2026-05-02")
    with pytest.raises(Invalid) as refused:
        taker.accept(child, transfer, "2026-05-02", org="county/township/third school")
    assert codes(refused) == [("not_of_transfer", "/org")]
    with pytest.raises(Invalid) as refused:
        taker.accept(child, transfer, "2026-04-30")
    assert codes(refused) == [("before_last_move", "/occurred_on")]
    with pytest.raises(Unknown):
        taker.accept(child, uuid4(), "2026-05-02")
    with pytest.raises(AtOdds):
        giver.accept(child, uuid4(), "2026-05-02")
    words = {"transfer": str(transfer), "accepted_by": "赵主任"}
    with pytest.raises(Stale):
        taker.submit("transfer_accepted", "2026-05-02", child=child, based_on=1, **words)
    third = Desk(giver.system, actor=replace(TAKER, org="county/township/third school"))
    with pytest.raises(Unknown):
        third.accept(child, transfer, "2026-05-02")
    assert giver.child(child).org == CLASS


def test_an_answer_sent_twice_is_given_once(giver: Desk, taker: Desk) -> None:
    child, answer = giver.enrol(), uuid4()
    transfer = giver.propose(child, OTHER, "2026-05-01").event_id
    words = {"transfer": str(transfer), "accepted_by": "赵主任", "based_on": 2, "event_id": answer}

    first, again = (taker.submit("transfer_accepted", "2026-05-02", child=child, **words) for _ in range(2))

    assert (first.new, again.new, first.version) == (True, False, again.version)


def test_a_voided_acceptance_gives_the_child_back(giver: Desk, taker: Desk) -> None:
    child = giver.enrol()
    transfer = giver.propose(child, OTHER, "2026-05-01").event_id
    accepted = taker.accept(child, transfer, "2026-05-02")

    taker.void(child, accepted.event_id)

    assert (giver.child(child).org, reads(giver, child), reads(taker, child)) == (CLASS, True, False)
    assert undecided(giver) == [transfer]


def test_an_exit_lets_a_transfer_lapse(giver: Desk) -> None:
    child = giver.enrol()
    giver.propose(child, OTHER, "2026-05-01")
    giver._decide("child_exited", child, day="2026-05-02", reason="moved")
    assert undecided(giver) == []


def test_one_that_is_open_for_long_is_overdue(giver: Desk, taker: Desk) -> None:
    names = ["林一", "林二", "林三"]
    days = ("2026-06-22", "2026-06-23", "2026-06-30")
    children = [giver.enrol(name=name) for name in names]
    for child, day in zip(children, days, strict=True):
        giver.propose(child, OTHER, day, duties=["补交记录"])

    found = taker.system.transfers.undecided(actor=TAKER)
    assert [(t.name, t.days_open, t.overdue) for t in found] == [
        ("林一", 8, True),
        ("林二", 7, False),
        ("林三", 0, False),
    ]
    assert (found[0].duties, found[0].org, found[0].to, found[0].version) == (("补交记录",), CLASS, OTHER, 2)
    assert len(undecided(taker, limit=2)) == 2
    assert undecided(taker, after=(found[1].proposed_on, found[1].child_id)) == [found[2].transfer_id]
    with pytest.raises(Unknown):
        undecided(taker, org=SCHOOL)


def test_two_sides_racing_are_decided_by_the_version(giver: Desk, taker: Desk) -> None:
    child = giver.enrol()
    transfer = giver.propose(child, OTHER, "2026-05-01").event_id
    based_on = giver.child(child).version
    answers = (
        (giver, "transfer_withdrawn", {"reason": "x"}),
        (taker, "transfer_accepted", {"accepted_by": "赵主任"}),
    )
    outcomes: list[bool] = []
    for desk, type_, words in answers:
        try:
            desk.submit(type_, "2026-05-02", child=child, based_on=based_on, transfer=str(transfer), **words)
            outcomes.append(True)
        except Refused:
            outcomes.append(False)
    assert outcomes == [True, False]
