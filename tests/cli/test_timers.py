"""The timers of the watch follow from the log: a missing or late one is named, and set again by a rebuild."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from application.access import SYSTEM
from cli import timers
from cli.checking import checked
from cli.session import Session
from cli.upkeep import rebuilt
from projections.outbox.due import CANARY, Timer, all_timers
from tests.support.builders import an_id
from tests.support.world import World

Change = Callable[[World], object]


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A school with a child that rings, one whose alert is snoozed, one who has left, and a rule."""
    with World(tmp_path, database_url=database_url) as world:
        world.recipient()
        world.bind("C39", effective_from="2026-03-01")
        snoozed, gone = (world.enrol(number, on="2026-03-01") for number in ("T1", "T2"))
        world.record(gone, "child_exited", on="2026-03-01", details={"reason": "graduated"})
        world.advance_to("2026-03-15 09:00")
        world.enrol("T3", on="2026-03-10")
        (case,) = world.alerts(snoozed)
        world.system.alerts.snooze(
            case.alert_id, until=date(2026, 3, 20), reason="Away.", approved_by="Wang", actor=SYSTEM
        )
        world.settle()
        yield world


def session(world: World) -> Session:
    return Session(settings=world.settings, language="en")


def found(world: World) -> list[str]:
    """Return what a check says of timers at the world's time."""
    return sorted(f"{timer.kind} {what}" for timer, what in timers.faults(world.system))


def sql(text: str, **params: object) -> Change:
    def change(world: World) -> None:
        with world.database.transaction() as tx:
            tx.run(text, **params)

    return change


def of_the_watch(world: World) -> list[Timer]:
    return [timer for timer in all_timers(world.database) if timer.kind != CANARY]


def test_none_is_missed_where_the_watch_is_at_work(world: World) -> None:
    seen = {date(2026, 3, 15): found(world)}
    for day in ("2026-03-16 08:00", "2026-03-21 07:59", "2026-03-25 12:00", "2026-04-20 12:00"):
        world.advance_to(day)
        seen[world.today] = found(world)

    assert set(map(tuple, seen.values())) == {()}
    assert {timer.kind for timer in of_the_watch(world)} == {"silence", "period"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            sql("DELETE FROM timer"),
            ["period missing", "silence missing", "silence missing", "snooze missing"],
        ),
        (
            sql("UPDATE timer SET due_at = '2099-01-01 00:00:00Z'"),
            ["period late", "silence late", "silence late", "snooze late"],
        ),
        (
            sql("UPDATE timer SET key = '00000000-0000-4000-8000-000000000001' WHERE kind = 'snooze'"),
            ["snooze missing"],
        ),
    ],
)
def test_one_that_is_missing_or_late_is_named_and_set_again(
    world: World, change: Change, named: list[str]
) -> None:
    before = [(timer.kind, timer.key, timer.due_at) for timer in of_the_watch(world)]
    change(world)
    told = found(world)

    done = sum(timers.mend(world.system))

    after = {(timer.kind, timer.key, timer.due_at) for timer in of_the_watch(world)}
    assert told == named
    assert (done, found(world)) == (len(named), [])
    assert set(before) <= after


def test_silence_rings_though_its_timer_was_deleted(world: World) -> None:
    sql("DELETE FROM timer WHERE kind = 'silence'")(world)
    world.advance_to("2026-03-24 07:59")
    rung = [case.step for number in ("T1", "T3") for case in world.alerts(an_id(number))]

    list(timers.mend(world.system))
    world.advance_to("2026-03-31 09:00")

    assert rung == ["info"]
    assert [case.step for number in ("T1", "T3") for case in world.alerts(an_id(number))] == [
        "warning",
        "info",
    ]


def test_a_rebuild_sets_them_again(world: World) -> None:
    sql("DELETE FROM timer WHERE kind <> 'canary'")(world)
    named = {(f.what, f.detail) for f in checked(session(world), quiet=True).findings}

    done, findings = rebuilt(session(world), quiet=True)

    assert ("timer", "missing") in named
    assert (findings, done["timers"]) == ([], 4)
    assert [f.what for f in checked(session(world), quiet=True).findings if f.what == "timer"] == []


def test_what_the_relay_has_not_read_is_not_missed(world: World) -> None:
    world.enrol("T9", on="2026-03-10")

    assert found(world) == []
    world.still |= {"relay"}
    world.settle()
    assert found(world) == []
