"""Carers and their children: how many at once, who decides a race, and telling carers apart."""

import threading
from datetime import date

import pytest

from application.children.session import Recorded
from domain.choices import CarerKind
from domain.refusal import Conflict, Invalid
from tests.support.actions import CLASS, Desk, codes


def test_a_carer_takes_two_children_and_not_a_third(desk: Desk) -> None:
    carer, children = desk.carer(), [desk.enrol() for _ in range(3)]
    first = desk.pair(children[0], carer)
    desk.pair(children[1], carer)

    with pytest.raises(Conflict) as refused:
        desk.pair(children[2], carer)
    assert codes(refused) == [("capacity_exceeded", "/details/carer")]

    desk.submit("pairing_ended", "2026-04-01", child=children[0], pairing=str(first.event_id))
    with pytest.raises(Conflict):
        desk.pair(children[2], carer, "2026-03-31")
    desk.pair(children[2], carer, "2026-04-01")


def test_a_voided_pairing_or_an_exit_frees_the_place(desk: Desk) -> None:
    carer, children = desk.carer(), [desk.enrol() for _ in range(4)]
    first = desk.pair(children[0], carer)
    desk.pair(children[1], carer)

    desk.void(children[0], first.event_id)
    desk.pair(children[2], carer)
    desk.submit("child_exited", "2026-04-01", child=children[1], reason="moved", based_on=2)
    desk.pair(children[3], carer, "2026-04-02")

    assert desk.system.carers.load(carer).load(date(2026, 4, 2), kind=CarerKind.CARE_COUNSELLOR) == 2


def test_two_pairings_racing_for_the_last_place_are_decided_by_one(desk: Desk) -> None:
    carer, children = desk.carer(capacity=1), [desk.enrol() for _ in range(4)]
    outcomes: list[object] = []
    start = threading.Barrier(len(children))

    def race(child: object) -> None:
        start.wait()
        try:
            outcomes.append(desk.pair(child, carer))
        except Conflict as refused:
            outcomes.append(refused.reason.code)

    threads = [threading.Thread(target=race, args=(child,)) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(o, Recorded) for o in outcomes) == 1
    assert outcomes.count("capacity_exceeded") == 3


def test_the_same_carer_is_not_paired_twice_at_once(desk: Desk) -> None:
    carer, child = desk.carer(), desk.enrol()
    desk.pair(child, carer)

    with pytest.raises(Invalid) as refused:
        desk.pair(child, carer, "2026-03-15", kind="volunteer")

    assert codes(refused) == [("already_paired", "/details/carer")]


def test_two_carers_alike_are_refused_until_told_apart(desk: Desk) -> None:
    one = desk.carer("卢老师")
    with pytest.raises(Conflict) as refused:
        desk.carer("卢老师")
    assert codes(refused) == [("carer_not_told_apart", "/name")]

    desk.carer("卢老师", org="county/township/another school")
    desk.carer("卢老师", carer=one, staff_no="1")
    desk.carer("卢老师", staff_no="2")

    assert len(desk.system.carers.named(org=CLASS, name="卢老师")) == 2
