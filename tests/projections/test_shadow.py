"""Made anew beside the live one: readers see no gap, who is killed leaves no trace in what is live."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from domain.event import Event
from domain.rules.calendar import default_calendar
from projections import positions, shadow, status, timeline
from projections.database import Transaction
from projections.positions import CatchUpTimeout, HeldUp, every_place, everything, position_of
from projections.rebuild import rebuild
from projections.runner import MODELS, ReadModel, Runner
from projections.shadow import OLD, SHADOW, renew
from tests.support.status_rows import without_searched
from tests.support.tampering import tamper
from tests.support.world import World

TIMELINE, _ = MODELS
GAP_AT = 6


class Crash(BaseException):
    """The process is gone."""


def made_anew(world: World, model: ReadModel = TIMELINE, **other: object) -> None:
    asked = {"batch": 5, "now": lambda: world.now} | other
    renew(database=world.database, log=world.system.log, model=model, **asked)  # type: ignore[arg-type]


def rows(world: World) -> list[dict[str, object]]:
    return world.database.all("SELECT * FROM timeline ORDER BY position")


def filled(world: World, visits: int = 20) -> None:
    child = world.enrol("T1", on="2026-03-01")
    for _ in range(visits):
        world.visit(child, on="2026-03-01")
    world.settle()


def indexes(world: World) -> set[str]:
    """The names of the indexes of the timeline, but for that of its key and for their endings."""
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'timeline' AND sql IS NOT NULL"
        if world.database.dialect == "sqlite"
        else "SELECT indexname FROM pg_indexes WHERE tablename = 'timeline' AND indexname NOT LIKE '%_pkey%'"
    )
    return {name.removesuffix(SHADOW) for (name,) in world.database.tuples(sql)}


def test_made_anew_it_is_what_it_was_with_its_indexes_and_mended_where_it_was_wrong(world: World) -> None:
    filled(world)
    before, indexed = rows(world), indexes(world)
    assert len(indexed) == 3
    with world.database.transaction() as tx:
        tx.run("UPDATE timeline SET actor = 'nobody'")
        tx.run("DELETE FROM timeline WHERE version = 3")

    for _ in range(3):
        made_anew(world)
        assert rows(world) == before
        assert indexes(world) == indexed
    assert position_of(world.database, "timeline") == world.system.log.head()[0]
    assert position_of(world.database, f"timeline{SHADOW}") == 0
    assert not {f"timeline{SHADOW}", f"timeline{OLD}"} & shadow._names(world.database)


def test_readers_see_no_row_less_while_people_write_and_the_runner_feeds(world: World) -> None:
    filled(world)
    over, seen, failed = threading.Event(), [[0], [0]], []

    def guarded(work: object) -> threading.Thread:
        def run() -> None:
            try:
                while not over.is_set():
                    work()  # type: ignore[operator]
            except BaseException as error:
                failed.append(error)
                raise

        return threading.Thread(target=run)

    child = world.enrol("T2", on="2026-03-01")
    runner = Runner(database=world.database, log=world.system.log, now=lambda: world.now)

    def count(into: list[int]) -> None:
        ((number,),) = world.database.tuples("SELECT count(*) FROM timeline")
        if number != into[-1]:
            into.append(number)

    threads = [
        guarded(lambda: world.visit(child, on="2026-03-01")),
        guarded(runner.step),
        *(guarded(lambda into=into: count(into)) for into in seen),
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            made_anew(world, batch=50)
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)
    runner.catch_up()

    assert failed == []
    for numbers in seen:
        assert numbers == sorted(numbers)
        assert numbers[1] >= 21
    assert [row["position"] for row in rows(world)] == [
        e.position for e in everything(world.system.log) if e.type in ("child_enrolled", "home_visit_made")
    ]


def test_killed_half_way_the_live_model_is_untouched_and_the_next_begins_cleanly(world: World) -> None:
    filled(world)
    before, at = rows(world), position_of(world.database, "timeline")
    written: list[int] = []

    def write(tx: Transaction, events: Sequence[Event], /, *, shadow: str = "") -> None:
        timeline.write(tx, events, shadow=shadow)
        written.append(len(events))
        if len(written) == 3:
            raise Crash

    with pytest.raises(Crash):
        made_anew(world, replace(TIMELINE, write=write))

    assert position_of(world.database, f"timeline{SHADOW}") == 10
    assert (rows(world), position_of(world.database, "timeline")) == (before, at)
    made_anew(world)
    assert rows(world) == before


def test_killed_in_the_swap_nothing_is_swapped(world: World) -> None:
    filled(world)
    before, indexed, done = rows(world), indexes(world), []

    def now() -> datetime:
        # The last of all: the transaction of the swap asks when it is.
        if sum(done) == world.system.log.head()[0]:
            raise Crash
        return world.now

    with pytest.raises(Crash):
        made_anew(world, now=now, progress=done.append)

    assert (rows(world), indexes(world)) == (before, indexed)
    made_anew(world)
    assert (rows(world), indexes(world)) == (before, indexed)


def test_of_two_who_make_it_anew_one_does(world: World) -> None:
    filled(world, visits=1)
    with world.database.advisory(f"runner{SHADOW}") as mine:
        assert mine
        with pytest.raises(CatchUpTimeout):
            made_anew(world)


def test_what_cannot_be_read_is_told_and_keeps_its_rows_while_all_else_is_made_anew(world: World) -> None:
    bad, good = (world.enrol(number, on="2026-03-01") for number in ("T1", "T2"))
    world.bind("C39", effective_from="2026-03-01")
    world.settle()
    before = world.database.one("SELECT * FROM child_status WHERE child_id = :id", id=bad)
    (first,) = world.system.log.stream(bad)
    tamper(world.database, first.position or 0)
    with world.database.transaction() as tx:
        tx.run("UPDATE child_status SET org = 'nowhere' WHERE child_id = :id", id=good)
        tx.run("DELETE FROM compliance WHERE child_id = :id", id=good)

    unreadable = rebuild(
        database=world.database,
        log=world.system.log,
        governing=lambda child: world.system.organisations.governance.governing(child.orgs),
        calendar=default_calendar(),
        now=lambda: world.now,
    )

    assert [(u.what, u.stream_id, u.reason) for u in unreadable] == [
        ("child_status", bad, "Tampered"),
        ("compliance", bad, "Tampered"),
    ]
    assert world.database.one("SELECT * FROM child_status WHERE child_id = :id", id=bad) == before
    (row,) = status.rows_of("child_status", world.system.log, [good])
    found = world.database.all("SELECT * FROM child_status WHERE child_id = :id", id=good)
    assert without_searched(found) == [row]
    assert world.database.all("SELECT * FROM compliance WHERE child_id = :id", id=good)
    assert [line["child_id"] for line in rows(world)] == [good]


@pytest.fixture
def gapped(tmp_path: Path, postgres_db_url: str) -> Iterator[World]:
    """A world on PostgreSQL, in whose log a position was taken and not used."""
    with World(tmp_path, database_url=postgres_db_url) as world:
        world.enrol("T1", on="2026-03-01")
        assert world.system.log.head()[0] == GAP_AT
        with world.database.transaction() as tx:
            tx.run("SELECT nextval(pg_get_serial_sequence('events', 'notification_id'))")
        world.enrol("T2", on="2026-03-01")
        yield world


def test_nobody_waits_for_ever_for_a_transaction_that_may_own_the_next_event(
    gapped: World, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = gapped
    monkeypatch.setattr(positions, "WAIT_SECONDS", 0.2)
    runner = Runner(database=world.database, log=world.system.log, now=lambda: world.now)

    with psycopg.connect(postgres_url) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        for waits in (
            lambda: list(everything(world.system.log)),
            lambda: list(every_place(world.system.log)),
            runner.catch_up,
            lambda: made_anew(world),
        ):
            with pytest.raises(HeldUp, match=f"position {GAP_AT}"):
                waits()  # type: ignore[no-untyped-call]

    runner.catch_up()
    assert len(rows(world)) == 2
