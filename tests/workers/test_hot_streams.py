"""A stream with many events is read once a batch, so that nobody else's alert waits for more than that."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.org import org_id
from domain.streams.alerts.case import AlertSnoozed
from domain.streams.organisations.unit import PupilsCounted
from projections.outbox.dead_letters import ask, listed
from projections.outbox.due import SILENCE, all_timers
from projections.outbox.recomputing import outstanding
from projections.positions import position_of
from tests.support.builders import CARER, corrected, enrolled, stream, talk, voided
from tests.support.crowd import append_many, crowd
from tests.support.tampering import put_back, tamper
from tests.support.world import SCHOOL, World
from workers.affected_period import first_affected_day


def test_many_events_of_one_child_are_one_batch(world: World) -> None:
    hot, other = world.enrol("T1", on="2026-03-01"), world.enrol("T2", on="2026-01-01")
    world.settle()
    crowd(world.system, hot, events=1500)
    world.visit(other, on="2026-03-01")

    done = [world.watch.relay.step() for _ in range(2)]

    assert done == [1501, 0]
    assert outstanding(world.database) == 2


def test_their_file_is_read_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hot = world.enrol("T1", on="2026-03-01")
    world.settle()
    crowd(world.system, hot, events=900)
    read = noted_reads(world, monkeypatch)

    assert world.watch.relay.step() == 900
    assert read.count(hot) == 1


def test_a_file_that_cannot_be_read_is_tried_a_few_times_for_all_of_its_events(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = world.enrol("T1", on="2026-03-01"), world.enrol("T2", on="2026-03-01")
    visit = world.visit(bad, on="2026-03-01")
    world.settle()
    crowd(world.system, bad, events=300)
    world.visit(good, on="2026-03-01")
    later = world.enrol("T3", on="2026-03-01")
    crowd(world.system, bad, events=300)
    state = tamper(world.database, visit.position)
    read = noted_reads(world, monkeypatch)

    head = world.system.log.head()[0]
    while world.watch.relay.step():
        pass

    waiting = [each for each in listed(world.database, limit=1000) if each.follower == "relay"]
    assert position_of(world.database, "relay") == head
    assert {(each.stream_id, each.reason) for each in waiting} == {(bad, "Tampered")}
    assert len(waiting) == 600
    assert {t.key for t in all_timers(world.database) if t.kind == SILENCE} == {bad, good, later}
    assert read.count(bad) <= 12

    put_back(world.database, visit.position, state)
    with world.database.transaction() as tx:
        for letter in waiting:
            ask(tx, letter.letter)
    read.clear()
    assert world.watch.relay.step() >= 600
    assert [each for each in listed(world.database) if each.follower == "relay"] == []
    assert read.count(bad) == 1


def test_an_event_that_cannot_be_read_holds_up_its_own_file_alone(world: World) -> None:
    bad, good = world.enrol("T1", on="2026-03-01"), world.enrol("T2", on="2026-03-01")
    world.settle()
    visits = [world.visit(child, on="2026-03-01") for _ in range(3) for child in (bad, good)]
    tamper(world.database, visits[2].position)

    while world.watch.relay.step():
        pass

    waiting = [each.position for each in listed(world.database) if each.follower == "relay"]
    assert sorted(waiting) == [visits[n].position for n in (0, 2, 4)]
    assert outstanding(world.database) == 1


def noted_reads(world: World, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The ids of the streams that are read from now on, each as often as it is read."""
    read: list[UUID] = []
    log = world.system.log
    alone, many, whole = log.load, log.load_many, log.stream

    def noted_alone(stream_id: UUID, **words: object) -> object:
        read.append(stream_id)
        return alone(stream_id, **words)  # type: ignore[arg-type]

    def noted_many(ids: Sequence[UUID], **words: object) -> object:
        read.extend(ids)
        return many(ids, **words)  # type: ignore[arg-type]

    def noted_whole(stream_id: UUID, **words: object) -> object:
        read.append(stream_id)
        return whole(stream_id, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "stream", noted_whole)
    monkeypatch.setattr(log, "load", noted_alone)
    monkeypatch.setattr(log, "load_many", noted_many)
    return read


def test_events_of_many_children_are_still_portioned(world: World) -> None:
    while world.watch.relay.step():
        pass
    children = [world.enrol(f"T{number}", on="2026-03-01") for number in range(230)]

    done = [world.watch.relay.step(), world.watch.relay.step()]

    assert done == [200, 30]
    assert {t.key for t in all_timers(world.database) if t.kind == SILENCE} == set(children)


def test_one_long_file_among_many_is_loaded_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.planning.MOST_LOADED", 50)
    hot = world.enrol("T1", on="2026-03-01")
    crowd(world.system, hot, events=60)
    others = [world.enrol(f"T{number}", on="2026-03-01") for number in range(2, 80)]
    world.visit(hot, on="2026-03-01")

    world.settle()

    assert {t.key for t in all_timers(world.database) if t.kind == SILENCE} == {hot, *others}
    assert outstanding(world.database) == 0


def test_a_case_that_is_put_off_again_and_again_is_one_batch_and_rings_when_the_last_ends(
    world: World,
) -> None:
    child = world.enrol("T1", on="2026-01-01")
    head = world.recipient(catch_all=True)
    world.settle()
    (case,) = world.alerts(child)
    until = world.today + timedelta(days=3)
    said = AlertSnoozed(until=until, reason="Away.", approved_by="Principal Wang")
    append_many(world.system, world.system.log.stream(case.alert_id), [said] * 600)
    with world.database.transaction() as tx:
        tx.run("UPDATE alert_status SET snoozed_until = :until", until=until)

    assert world.watch.relay.step() == 600

    world.advance_to("2026-03-05 08:00")
    told = [item.step for item in world.inbox(head)]
    assert told == ["high", "critical"]


def test_who_hears_of_a_ring_is_read_once_and_is_the_same_at_every_moment(world: World) -> None:
    moments = [world.now]
    for number in range(4):
        world._now += timedelta(minutes=1)
        world.recipient(f"Head {number}", org=(SCHOOL, "county")[number % 2], catch_all=number == 2)
        moments.append(world.now)
    append_many(world.system, world.system.log.stream(org_id(SCHOOL)), [PupilsCounted(pupils=9)] * 300)
    organisations = world.system.organisations

    once = organisations.read_once()

    for moment in [*moments, None]:
        assert once.recipients.above(SCHOOL, known_at=moment) == organisations.recipients.above(
            SCHOOL, known_at=moment
        )
    assert once.recipients.listed() == organisations.recipients.listed()


def test_the_first_affected_day_is_that_of_every_entry_that_the_events_lead_to() -> None:
    talked = talk("2026-03-05", carers=(CARER,))
    moved = corrected("2026-03-10", talked, fields={"occurred_on": "2026-03-02"})
    back = corrected("2026-03-11", talked, fields={"occurred_on": "2026-03-07"})
    late = talk("2026-03-12", carers=(CARER,))
    file = stream(enrolled("2026-01-01"), talked, moved, back, late, voided("2026-03-13", late))
    opened, talked, moved, back, late, taken = file

    assert first_affected_day([talked], file) == date(2026, 3, 2)
    assert first_affected_day([back], file) == date(2026, 3, 2)
    assert first_affected_day([late], file) == date(2026, 3, 12)
    assert first_affected_day([taken], file) == date(2026, 3, 12)
    assert first_affected_day([taken, moved], file) == date(2026, 3, 2)
    assert first_affected_day([taken, opened], file) == date.min
