"""A child who can't be judged, and an event that the relay can't work off: the others are not held up."""

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest

from application.access import SYSTEM
from projections import compliance
from projections.outbox import dead_letters, due, recomputing
from projections.outbox.dead_letters import WAITING, ask, listed
from projections.outbox.due import SILENCE
from projections.outbox.recomputing import MOST_ATTEMPTS, OFFER_AGAIN_AFTER, UNFINISHED, outstanding
from tests.support.builders import an_id
from tests.support.tampering import put_back, tamper
from tests.support.world import World
from tests.workers.test_delivering import Killed


def lived_on(world: World, rounds: int = MOST_ATTEMPTS + 3) -> None:
    """Let everything that is offered again be offered again, a number of times."""
    for _ in range(rounds):
        world.settle()
        world.asleep_until(world.now + OFFER_AGAIN_AFTER)
    world.settle()


def test_a_child_who_cannot_be_judged_is_given_up_after_five_attempts_and_holds_nobody_up(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bad, good = (world.enrol(number, on="2026-03-01") for number in ("T1", "T2"))
    visit = world.visit(bad, on="2026-03-01")
    world.settle()
    state = tamper(world.database, visit.position)

    world.bind("C39", effective_from="2026-03-01")
    lived_on(world)

    assert compliance.of_child(world.database, child_id=good, now=world.now)
    (letter,) = listed(world.database)
    assert (letter.letter, letter.reason, letter.attempts) == (f"recompute:{bad}", "Tampered", MOST_ATTEMPTS)
    assert outstanding(world.database) == 1
    with world.database.transaction() as tx:
        assert recomputing.offer(tx, now=world.now + timedelta(days=1), limit=10) == ()
    said = [r for r in caplog.records if "recompute of child" in r.getMessage()]
    assert len(said) == MOST_ATTEMPTS
    assert all(str(bad) in r.getMessage() and r.exc_info is None for r in said)

    # A new request does not lift that.
    put_back(world.database, visit.position, state)
    world.visit(bad, on="2026-03-01")
    lived_on(world, rounds=1)
    assert [each.letter for each in listed(world.database)] == [letter.letter]
    assert compliance.of_child(world.database, child_id=bad, now=world.now) == ()

    with world.database.transaction() as tx:
        recomputing.retry(tx, bad)
    world.settle()
    assert listed(world.database) == ()
    assert outstanding(world.database) == 0
    assert compliance.of_child(world.database, child_id=bad, now=world.now)


def test_what_kills_the_process_is_counted_before_it_does(tmp_path: Path) -> None:
    begun = []

    def at(point: str) -> None:
        if point == "recompute.begun":
            begun.append(point)
            raise Killed

    with World(tmp_path, at=at) as world:
        child = world.enrol("T1", on="2026-03-01")
        world.bind("C39", effective_from="2026-03-01")
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(Killed):
                world.settle()
            world.restart()
            world.asleep_until(world.now + OFFER_AGAIN_AFTER)

        world.settle()

        assert len(begun) == MOST_ATTEMPTS
        (letter,) = listed(world.database)
        assert (letter.stream_id, letter.reason, letter.state) == (child, UNFINISHED, WAITING)


def test_what_is_dismissed_is_tried_again_when_it_is_asked_for_anew(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    world.settle()
    state = tamper(world.database, world.system.log.head()[0])
    world.bind("C39", effective_from="2026-03-01")
    lived_on(world)
    (letter,) = listed(world.database)
    with world.database.transaction() as tx:
        dead_letters.dismiss(tx, letter.letter, by="li", reason="not-ours", now=world.now)
        recomputing.drop(tx, child)
    assert outstanding(world.database) == 0

    put_back(world.database, letter_position(world, child), state)
    world.visit(child, on="2026-03-01")
    world.settle()

    assert compliance.of_child(world.database, child_id=child, now=world.now)
    assert listed(world.database, dismissed=True) == ()


def letter_position(world: World, child: object) -> int:
    """The position of the first event of a child."""
    row = world.database.one(
        "SELECT notification_id AS place FROM events WHERE originator_id = :id ORDER BY 1 LIMIT 1", id=child
    )
    assert row is not None
    return int(row["place"])


def test_a_child_whose_file_changes_while_it_is_judged_is_not_at_fault(tmp_path: Path) -> None:
    busy: list[World] = []

    def at(point: str) -> None:
        # Somebody records something more between reading and writing, again and again.
        if point == "recompute.judged" and len(recorded) < 3 * MOST_ATTEMPTS:
            recorded.append(busy[0].visit(an_id("T1"), on="2026-03-01"))
            busy[0].watch.relay.step()

    recorded: list[object] = []
    with World(tmp_path, at=at) as world:
        busy.append(world)
        child = world.enrol("T1", on="2026-03-01")
        world.bind("C39", effective_from="2026-03-01")
        world.settle()

        assert len(recorded) == 3 * MOST_ATTEMPTS
        assert listed(world.database) == ()
        assert outstanding(world.database) == 0
        assert compliance.of_child(world.database, child_id=child, now=world.now)


def test_the_timer_of_an_unreadable_child_stays_and_retry_brings_all_up_to_date(world: World) -> None:
    head = world.recipient("Head teacher", catch_all=True)
    child = world.enrol("T1", on="2026-03-01")
    world.settle()
    (before,) = [t for t in due.all_timers(world.database) if t.key == child]
    world.asleep_until(world.now + timedelta(days=2))
    visit = world.visit(child, on="2026-03-03")
    later = world.visit(child, on="2026-03-03")
    state = tamper(world.database, visit.position)
    other = world.enrol("T2", on="2026-03-03")
    while world.watch.relay.step():
        pass

    timers = {t.key: t.due_at for t in due.all_timers(world.database) if t.kind == SILENCE}
    assert timers[child] == before.due_at
    assert other in timers
    found = [each for each in listed(world.database) if each.follower == "relay"]
    assert [each.position for each in found] == [visit.position, later.position]

    put_back(world.database, visit.position, state)
    # The last first: the relay comes to the same whatever the order.
    for each in reversed(listed(world.database)):
        with world.database.transaction() as tx:
            assert ask(tx, each.letter)
        world.settle()

    assert listed(world.database) == ()
    timers = {t.key: t.due_at for t in due.all_timers(world.database) if t.kind == SILENCE}
    assert timers[child] == before.due_at + timedelta(days=2)
    world.advance_to("2026-03-18 09:00")
    assert len(world.inbox(head)) == 2


def test_an_old_alert_event_that_comes_late_does_not_end_a_newer_snooze_early(world: World) -> None:
    world.recipient("Head teacher", catch_all=True)
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 09:00")
    (case,) = world.alerts(child)
    for until in ("2026-03-17", "2026-03-25"):
        world.system.alerts.snooze(
            case.alert_id,
            until=date.fromisoformat(until),
            reason="He is in hospital.",
            approved_by="Principal Wang",
            actor=SYSTEM,
        )
    world.settle()
    (timer,) = [t for t in due.all_timers(world.database) if t.key == case.alert_id]
    first = next(e for e in world.system.log.stream(case.alert_id) if e.type == "alert_snoozed")

    with world.database.transaction() as tx:
        dead_letters.bury(
            tx,
            follower="relay",
            key=first.position or 0,
            position=first.position or 0,
            stream_id=case.alert_id,
            event_id=first.event_id,
            reason="KeyError",
            now=world.now,
        )
        ask(tx, f"relay:{first.position}")
    world.watch.relay.step()

    (again,) = [t for t in due.all_timers(world.database) if t.key == case.alert_id]
    assert again.due_at == timer.due_at
    assert listed(world.database) == ()
