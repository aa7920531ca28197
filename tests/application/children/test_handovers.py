"""Handovers: one carer gives a child over to another, with no day without either and none with both."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from application.children.session import Recorded
from domain.choices import CarerKind
from domain.refusal import AtOdds, Conflict, Invalid, Refused, Stale, VersionRequired
from tests.support.actions import Desk, codes
from tests.support.builders import CARER, OTHER_CARER
from tests.support.world import World


def hand_over(
    desk: Desk, child: UUID, pairing: UUID, carer: UUID, day: str = "2026-04-01", **more: object
) -> Recorded:
    words = {"kind": "care_counsellor", "accepted_by": "孟老师", "duties": ["六月家访"]} | more
    version = words.pop("based_on", desk.child(child).version)
    return desk.submit(
        "care_handed_over",
        day,
        child=child,
        based_on=version,
        pairing=str(pairing),
        carer=str(carer),
        **words,
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def test_no_day_is_without_a_carer_and_none_has_two(desk: Desk) -> None:
    child, one, other, third = desk.enrol(), desk.carer(), desk.carer("孟老师"), desk.carer("梁老师")
    first = desk.pair(child, one)
    second = hand_over(desk, child, first.event_id, other)
    hand_over(desk, child, second.event_id, third, "2026-05-01")

    folded = desk.child(child)
    holders = {
        day: [p.carer for p in folded.pairings if p.holds(day)]
        for day in (date(2026, 3, 1) + timedelta(days=n) for n in range(100))
    }
    assert all(len(carers) == 1 for carers in holders.values())
    assert holders[date(2026, 3, 31)] == [one]
    assert holders[date(2026, 4, 1)] == holders[date(2026, 4, 30)] == [other]
    assert holders[date(2026, 5, 1)] == [third]
    assert [load(desk, carer) for carer in (one, other, third)] == [0, 0, 1]


def test_the_new_carer_has_room_or_nothing_changes(desk: Desk) -> None:
    one, other = desk.carer(capacity=1), desk.carer("孟老师", capacity=1)
    child, another = desk.enrol(), desk.enrol()
    first = desk.pair(child, one)
    desk.pair(another, other, "2026-05-01")
    head = desk.system.log.head()

    with pytest.raises(Conflict) as refused:
        hand_over(desk, child, first.event_id, other)
    assert codes(refused) == [("capacity_exceeded", "/details/carer")]
    assert desk.system.log.head() == head
    assert [load(desk, carer) for carer in (one, other)] == [1, 1]


def test_two_handovers_racing_for_one_place_are_decided_by_one(desk: Desk) -> None:
    last = desk.carer("孟老师", capacity=1)
    pairs = [(child := desk.enrol(), desk.pair(child, desk.carer(f"卢老师{n}"))) for n in range(3)]
    outcomes: list[object] = []
    start = threading.Barrier(len(pairs))

    def race(child: UUID, pairing: UUID) -> None:
        start.wait()
        try:
            outcomes.append(hand_over(desk, child, pairing, last))
        except Conflict as refused:
            outcomes.append(refused.reason.code)

    threads = [threading.Thread(target=race, args=(child, p.event_id)) for child, p in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(o, Recorded) for o in outcomes) == 1
    assert outcomes.count("capacity_exceeded") == 2
    assert load(desk, last) == 1


def test_a_handover_names_the_version_and_a_pairing_that_runs(desk: Desk) -> None:
    child, one, other = desk.enrol(), desk.carer(), desk.carer("孟老师")
    first = desk.pair(child, one)
    cases: tuple[tuple[type[Refused], str, str, dict[str, object]], ...] = (
        (VersionRequired, "version_required", "", {"based_on": None}),
        (Stale, "stale", "", {"based_on": 1}),
        (Invalid, "other_kind", "/details/kind", {"kind": "volunteer"}),
        (Invalid, "already_paired", "/details/carer", {"carer": one}),
        (AtOdds, "no_such_pairing", "/details/pairing", {"pairing": child}),
    )
    for kind, code, pointer, changed in cases:
        words: dict[str, object] = {"pairing": first.event_id, "carer": other} | changed
        with pytest.raises(kind) as refused:
            hand_over(desk, child, **words)
        assert codes(refused) == [(code, pointer)]

    late = desk.pair(child, other, "2026-04-02")
    with pytest.raises(Invalid) as refused:
        hand_over(desk, child, late.event_id, desk.carer("梁老师"))
    assert codes(refused) == [("pairing_not_running", "/details/pairing")]
    desk.submit("pairing_ended", "2026-05-01", child=child, pairing=str(first.event_id))
    with pytest.raises(Invalid) as refused:
        hand_over(desk, child, first.event_id, desk.carer("周老师"))
    assert codes(refused) == [("pairing_not_running", "/details/pairing")]


def test_a_voided_handover_leaves_the_former_carer_in_charge(desk: Desk) -> None:
    child, one, other = desk.enrol(), desk.carer(), desk.carer("孟老师")
    first = desk.pair(child, one)
    handover = hand_over(desk, child, first.event_id, other)
    desk.correct(child, handover.event_id, occurred_on="2026-04-10")
    assert [p.start for p in desk.child(child).pairings] == [date(2026, 3, 1), date(2026, 4, 10)]
    assert desk.child(child).pairings[0].end == date(2026, 4, 10)

    desk.void(child, handover.event_id)

    assert [load(desk, carer) for carer in (one, other)] == [1, 0]


def test_a_rule_sees_no_break(world: World) -> None:
    """C39 asks the paired counsellor for two visits a month: one by each of the two is enough."""
    world.carer(OTHER_CARER)
    child = world.enrol("T1", on="2026-03-01")
    first = world.pair(child, on="2026-03-01")
    world.bind("C39", effective_from="2026-03-01")
    world.asleep_until("2026-04-02 09:00")
    world.visit(child, on="2026-03-10")
    world.record(
        child,
        "care_handed_over",
        on="2026-03-16",
        details={
            "pairing": str(first.event_id),
            "carer": str(OTHER_CARER),
            "kind": "care_counsellor",
            "accepted_by": "Teacher Meng",
        },
    )
    for carer in (CARER, OTHER_CARER):
        world.visit(child, on="2026-03-20", details={"carers": [str(carer)]})
    world.settle()

    row = world.database.one(
        "SELECT state, achieved, rejected FROM compliance WHERE child_id = :id", id=child
    )
    assert row is not None
    assert (row["state"], row["achieved"]) == ("met", 2)
    assert [reason for _, reason in row["rejected"]] == ["wrong_actor"], "the former carer's day is over"


def load(desk: Desk, carer: UUID) -> int:
    return desk.system.carers.load(carer).load(date(2026, 6, 30), kind=CarerKind.CARE_COUNSELLOR)
