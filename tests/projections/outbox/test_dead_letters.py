"""A bad event is found, put into a dead letter and passed; what stands around it goes on; a flood is none."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from application.eventstore.database import DatabaseUnavailable
from domain.event import Event
from projections import feeding, timeline
from projections.database import Transaction
from projections.feeding import StandsStill
from projections.following import STILL_AFTER, standing_still
from projections.outbox import dead_letters
from projections.outbox.dead_letters import ASKED, DISMISSED, WAITING, DeadLetter, ask, dismiss, listed
from projections.positions import position_of
from projections.runner import MODELS, ReadModel, Runner
from projections.shadow import renew
from tests.support.tampering import put_back, rename_type, tamper
from tests.support.world import World

TIMELINE, _ = MODELS


def a_runner(world: World, model: ReadModel = TIMELINE, batch: int = 500) -> Runner:
    return Runner(
        database=world.database, log=world.system.log, now=lambda: world.now, models=[model], batch=batch
    )


def failing_on(*positions: int, error: Exception) -> ReadModel:
    """A timeline whose writing fails on some events."""

    def write(tx: Transaction, events: Sequence[Event], /, *, shadow: str = "") -> None:
        timeline.write(tx, events, shadow=shadow)
        if any(event.position in positions for event in events):
            raise error

    return replace(TIMELINE, write=write)


def visits(world: World, number: int) -> list[int]:
    """A child with visits; gives the positions of the visits."""
    child = world.enrol("T1", on="2026-03-01")
    return [world.visit(child, on="2026-03-01").position for _ in range(number)]


def lines(world: World) -> list[int]:
    return [line.position for line in timeline.of_org(world.database, org="", limit=100_000)]


def letters(world: World) -> list[DeadLetter]:
    return list(listed(world.database, dismissed=True))


def ask_for(world: World, letter: str) -> None:
    with world.database.transaction() as tx:
        assert ask(tx, letter)


def drained(runner: Runner) -> None:
    while runner.step():
        pass


@pytest.mark.parametrize("batch", [1, 3, 7, 500])
def test_one_bad_event_is_found_wherever_it_stands_and_all_others_are_worked_off(
    world: World, batch: int
) -> None:
    places = visits(world, 12)
    head, _ = world.system.log.head()
    bad = {places[0], places[5], places[6], places[-1]}

    drained(a_runner(world, failing_on(*bad, error=KeyError("Xiaoming")), batch))

    assert position_of(world.database, "timeline") == head
    assert set(places) - set(lines(world)) == bad
    assert [(each.position, each.reason, each.state) for each in letters(world)] == [
        (position, "KeyError", WAITING) for position in sorted(bad)
    ]
    events = {event.position: event for event in world.system.log.after(0, limit=1000)}
    for each in letters(world):
        assert (each.event_id, each.stream_id) == (
            events[each.position].event_id,
            events[each.position].originator_id,
        )


def test_it_is_found_in_a_few_tries(world: World) -> None:
    places = visits(world, 60)
    tries: list[int] = []

    def write(tx: Transaction, events: Sequence[Event], /, *, shadow: str = "") -> None:
        tries.append(len(events))
        if any(event.position == places[40] for event in events):
            raise KeyError

    drained(a_runner(world, replace(TIMELINE, write=write), batch=64))

    assert [each.position for each in letters(world)] == [places[40]]
    assert len(tries) <= 9


def test_nothing_of_what_an_event_says_is_kept_or_printed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    (place,) = visits(world, 1)
    drained(a_runner(world, failing_on(place, error=ValueError("Xiaoming has moved"))))

    assert f"timeline:{place}" in caplog.text
    assert "Xiaoming" not in caplog.text
    assert "Xiaoming" not in str(world.database.all("SELECT * FROM dead_letter"))


def test_a_changed_byte_and_an_unknown_type_stop_nobody(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    other = world.enrol("T2", on="2026-03-01")
    changed = world.visit(child, on="2026-03-01").position
    unknown = world.visit(other, on="2026-03-01").position
    last = world.visit(world.enrol("T3", on="2026-03-01"), on="2026-03-01").position
    state = tamper(world.database, changed)
    rename_type(world.database, unknown, "visit_from_mars")

    world.settle()

    assert position_of(world.database, "timeline") == position_of(world.database, "relay") == last
    found = {each.letter: each.reason for each in letters(world)}
    assert {name: reason for name, reason in found.items() if name.startswith("timeline")} == {
        f"timeline:{changed}": "Tampered",
        f"timeline:{unknown}": "UnknownTopic",
    }
    # The relay reads the whole files of the children: none of their events can be worked off.
    assert found[f"relay:{changed}"] == "Tampered"
    assert found[f"relay:{unknown}"] == "UnknownTopic"
    assert last in lines(world)

    put_back(world.database, changed, state)
    rename_type(world.database, unknown, "home_visit_made")
    for each in letters(world):
        ask_for(world, each.letter)
    world.settle()

    assert letters(world) == []
    assert set(lines(world)) == {
        e.position
        for e in world.system.log.after(0, limit=1000)
        if e.originator_id in {child, other} or e.position in {last, last - 1}
    }


def test_what_fails_again_waits_again_and_counts(world: World) -> None:
    (place,) = visits(world, 1)
    broken = a_runner(world, failing_on(place, error=KeyError()))
    drained(broken)
    first_at = world.now
    world.asleep_until(world.now + timedelta(hours=1))

    ask_for(world, f"timeline:{place}")
    assert letters(world)[0].state == ASKED
    drained(broken)

    (left,) = letters(world)
    assert (left.state, left.attempts, left.first_at, left.last_at) == (WAITING, 2, first_at, world.now)
    ask_for(world, left.letter)
    drained(a_runner(world))
    assert letters(world) == []
    assert place in lines(world)


def test_what_is_dismissed_stays_listed_with_who_and_why(world: World) -> None:
    places = visits(world, 2)
    drained(a_runner(world, failing_on(*places, error=KeyError())))
    with world.database.transaction() as tx:
        assert dismiss(tx, f"timeline:{places[0]}", by="li", reason="not-ours", now=world.now)
        assert not dismiss(tx, f"timeline:{places[0]}", by="wang", reason="other", now=world.now)

    assert [each.position for each in listed(world.database)] == [places[1]]
    first = letters(world)[0]
    assert (first.state, first.dismissed_by, first.dismissed_reason) == (DISMISSED, "li", "not-ours")
    assert dead_letters.waiting(world.database) == {"timeline": 1}


def test_trouble_that_is_no_event_s_fault_makes_no_dead_letter(world: World) -> None:
    (place,) = visits(world, 1)

    with pytest.raises(DatabaseUnavailable):
        a_runner(world, failing_on(place, error=DatabaseUnavailable("gone"))).step()

    assert letters(world) == []
    assert position_of(world.database, "timeline") == 0


def test_a_flood_stops_the_follower_loudly_and_when_it_is_over_it_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dead_letters, "MOST_STREAMS", 3)
    monkeypatch.setattr(feeding, "SAY_AGAIN_SECONDS", 1000.0)
    for number in range(6):
        world.enrol(f"T{number}", on="2026-03-01")
    head, _ = world.system.log.head()
    with world.database.transaction() as tx:
        tx.run("ALTER TABLE timeline RENAME TO lost")
    runner = a_runner(world)

    for _ in range(20):
        runner.step()

    stopped_at = position_of(world.database, "timeline")
    assert 0 < stopped_at < head
    assert len({each.stream_id for each in letters(world)}) == 3
    said = [r for r in caplog.records if r.levelno == logging.ERROR and "timeline stays at" in r.message]
    assert len(said) == 1
    world.asleep_until(world.now + STILL_AFTER + timedelta(seconds=1))
    assert "timeline" in standing_still(world.database, world.system.log, now=world.now)
    with pytest.raises(StandsStill):
        a_runner(world).catch_up()

    with world.database.transaction() as tx:
        tx.run("ALTER TABLE lost RENAME TO timeline")
    for each in letters(world):
        ask_for(world, each.letter)
    drained(runner)

    assert letters(world) == []
    assert position_of(world.database, "timeline") == head
    assert len(lines(world)) == 6


def test_one_file_that_cannot_be_read_is_no_flood_however_long_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "MOST_STREAMS", 1)
    places = visits(world, 10)
    last = world.enrol("T2", on="2026-03-01")

    drained(a_runner(world, failing_on(*places, error=KeyError())))

    assert len(letters(world)) == 10
    assert [line.child_id for line in timeline.of_child(world.database, child_id=last)] == [last]


def test_a_model_made_anew_brings_its_own_letters_and_keeps_what_was_dismissed(world: World) -> None:
    places = visits(world, 4)
    drained(a_runner(world, failing_on(*places[:3], error=KeyError())))
    with world.database.transaction() as tx:
        dismiss(tx, f"timeline:{places[0]}", by="li", reason="not-ours", now=world.now)

    def made_anew(model: ReadModel) -> None:
        renew(database=world.database, log=world.system.log, model=model, now=lambda: world.now)

    made_anew(failing_on(places[0], places[3], error=ValueError()))
    assert [(each.letter, each.reason, each.state) for each in letters(world)] == [
        (f"timeline:{places[0]}", "KeyError", DISMISSED),
        (f"timeline:{places[3]}", "ValueError", WAITING),
    ]
    assert set(places) - set(lines(world)) == {places[0], places[3]}

    made_anew(TIMELINE)
    assert letters(world) == []
    assert set(places) <= set(lines(world))
