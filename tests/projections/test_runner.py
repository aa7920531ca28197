"""The runner: batches, each in one transaction with its position; one at a time; catching up on demand."""

import threading
from collections.abc import Sequence

import pytest
from msgspec.structs import replace as restated

from domain.event import Event
from projections import runner, tables, timeline
from projections.database import Transaction
from projections.positions import CatchUpTimeout, Overtaken, advance, position_of
from projections.runner import MODELS, ReadModel, Runner
from tests.support.world import World


def a_runner(world: World, **other: object) -> Runner:
    return Runner(database=world.database, log=world.system.log, now=lambda: world.now, **other)  # type: ignore[arg-type]


def test_catching_up_reads_the_log_to_its_end_in_batches(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    for _ in range(5):
        world.visit(child, on="2026-03-01")
    read: list[int] = []

    a_runner(world, batch=3).catch_up(progress=read.append)

    assert len(timeline.of_child(world.database, child_id=child)) == 6
    assert max(read) == 3
    assert sum(read) == len(MODELS) * world.system.log.head()[0]
    assert a_runner(world).lag() == {"timeline": 0, "pairings": 0}
    assert a_runner(world).step() == 0


class Crash(BaseException):
    """The process is gone."""


def test_a_batch_that_is_cut_off_leaves_neither_rows_nor_position(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")

    def write(tx: Transaction, events: Sequence[Event], /, *, shadow: str = "") -> None:
        timeline.write(tx, events, shadow=shadow)
        raise Crash

    broken = ReadModel(name="timeline", ddl=(), tables=("timeline",), write=write)
    with pytest.raises(Crash):
        a_runner(world, models=[broken]).step()

    assert timeline.of_child(world.database, child_id=child) == ()
    assert position_of(world.database, "timeline") == 0


def test_a_new_model_is_fed_from_the_beginning_and_the_old_ones_go_on(world: World) -> None:
    world.enrol("T1", on="2026-03-01")
    a_runner(world).catch_up()
    seen: list[int] = []

    def count(_: Transaction, events: Sequence[Event], /, *, shadow: str = "") -> None:
        seen.extend(e.position or 0 for e in events)

    counting = ReadModel(name="counting", ddl=(), tables=(), write=count)

    a_runner(world, models=[*MODELS, counting], batch=2).catch_up()

    assert seen == list(range(1, world.system.log.head()[0] + 1))


def test_of_two_runners_one_works(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.enrol("T1", on="2026-03-01")
    monkeypatch.setattr(runner, "LOCK_SECONDS", 0.1)

    with world.database.advisory("runner") as mine:
        assert mine
        assert a_runner(world).step() == 0
        with pytest.raises(CatchUpTimeout):
            a_runner(world).catch_up()

    a_runner(world).catch_up()
    assert a_runner(world).lag() == {"timeline": 0, "pairings": 0}


def test_catching_up_waits_for_who_is_at_it(world: World) -> None:
    world.enrol("T1", on="2026-03-01")
    with world.database.advisory("runner") as mine:
        assert mine
        waiting = threading.Thread(target=a_runner(world).catch_up)
        waiting.start()

    waiting.join(timeout=20)
    assert not waiting.is_alive()
    assert a_runner(world).lag() == {"timeline": 0, "pairings": 0}


def test_a_follower_that_was_moved_on_by_another_keeps_nothing(world: World) -> None:
    with world.database.transaction() as tx:
        advance(tx, name="relay", start=0, end=7, now=world.now)

    with pytest.raises(Overtaken), world.database.transaction() as tx:
        advance(tx, name="relay", start=3, end=9, now=world.now)

    assert position_of(world.database, "relay") == 7


def test_events_seen_before_change_nothing(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    a_runner(world).catch_up()
    before = timeline.of_child(world.database, child_id=child)

    with world.database.transaction() as tx:
        timeline.write(tx, [restated(e) for e in world.system.log.stream(child)])

    assert timeline.of_child(world.database, child_id=child) == before


def test_the_tables_of_a_read_model_come_with_it() -> None:
    assert len(set(tables.DDL)) == len(tables.DDL)
    for model in MODELS:
        made = [line.split()[2] for line in map(str.strip, model.ddl) if line.startswith("CREATE TABLE")]
        assert tuple(made) == model.tables
        assert set(model.ddl) <= set(tables.DDL)


def test_who_has_read_more_than_is_counted_is_not_ahead_of_the_log(world: World) -> None:
    head, _ = world.system.log.head()
    with world.database.transaction() as tx:
        advance(tx, name="timeline", start=0, end=head + 3, now=world.now)

    assert a_runner(world).lag() == {"timeline": 0, "pairings": head}
    assert runner.lag_of(world.database, world.system.log, "nobody") == head


@pytest.mark.parametrize("ahead", [True, False])
def test_a_model_that_was_fed_with_another_log_begins_anew(world: World, ahead: bool) -> None:
    child = world.enrol("T1", on="2026-03-01")
    a_runner(world).catch_up()
    before = timeline.of_child(world.database, child_id=child)
    head, _ = world.system.log.head()
    with world.database.transaction() as tx:
        stray = {"position": head + 3, "event_id": None} if ahead else {"position": head, "event_id": child}
        tx.upsert(table="tracking_position", key=("name",), rows=[{"name": "timeline", **stray}])
        (row,) = tx.all("SELECT * FROM timeline WHERE child_id = :child", child=child)
        tx.upsert(
            table="timeline", key=("event_id",), rows=[{**row, "event_id": child, "position": head + 2}]
        )
    world.visit(child, on="2026-03-01")

    while a_runner(world).step():
        pass

    assert timeline.of_child(world.database, child_id=child)[: len(before)] == before
    assert len(timeline.of_child(world.database, child_id=child)) == len(before) + 1
    assert position_of(world.database, "timeline") == head + 1


def test_the_relay_of_another_log_begins_anew_and_tells_nobody_twice(world: World) -> None:
    head = world.recipient(catch_all=True)
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-05-01 12:00")
    told = len(world.inbox(head))
    with world.database.transaction() as tx:
        tx.run("UPDATE tracking_position SET position = position + 3 WHERE name = 'relay'")
    world.visit(child, on="2026-05-01")

    world.settle()

    assert position_of(world.database, "relay") == world.system.log.head()[0]
    assert len(world.inbox(head)) == told > 0
