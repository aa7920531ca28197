"""Many writers, one order: a reader who follows by position misses nothing."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from threading import Barrier, Event
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from application.eventstore.base import CareRecorder
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import migrate
from application.eventstore.postgres import PostgresRecorder
from application.eventstore.recorder import EventIdTaken, Row, VersionConflict
from tests.application.eventstore.support import TABLES, an_event, recorder_over
from tests.support.tampering import lift_the_guard
from tests.support.world import eventually

WRITERS = 8
SAVES = 90
SAVES_FOR_50_000_EVENTS = 1800

WAITS_FOR_A_LOCK = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class HastyRecorder(PostgresRecorder):
    """The plausible mistake: what is committed is there, so why look for gaps?"""

    def _behind(self, position: int, limit: int) -> list[tuple[Any, ...]]:
        return CareRecorder._behind(self, position, limit)


@pytest.fixture
def postgres(postgres_db_url: str) -> Iterator[Database]:
    db = open_database(postgres_db_url)
    migrate(db, ddl=TABLES)
    yield db
    db.close()


@pytest.mark.parametrize(
    "saves", [SAVES, pytest.param(SAVES_FOR_50_000_EVENTS, marks=pytest.mark.slow(seconds=15))]
)
@pytest.mark.timeout(600)
def test_a_live_reader_misses_no_event_of_eight_writers(
    recorder: CareRecorder, database_url: str, saves: int
) -> None:
    written, seen = read_beside_writers(recorder, recorder_over, database_url, saves=saves)

    assert len(seen) == len(written) == WRITERS * saves * 7 // 2
    assert {event_id for _, event_id in seen} == written
    assert [position for position, _ in seen] == sorted({position for position, _ in seen})


@pytest.mark.slow(seconds=30)
@pytest.mark.timeout(600)
def test_a_reader_that_knows_no_gaps_misses_some(postgres: Database, postgres_db_url: str) -> None:
    written, seen = read_beside_writers(
        PostgresRecorder(db=postgres),
        lambda db: HastyRecorder(db=db),
        postgres_db_url,
        saves=SAVES_FOR_50_000_EVENTS,
    )

    assert {event_id for _, event_id in seen} < written


def read_beside_writers(
    recorder: CareRecorder, follow: Callable[[Database], CareRecorder], url: str, *, saves: int
) -> tuple[set[UUID], list[tuple[int, UUID]]]:
    """Let eight writers save, some of it twice, and one reader follow; give what was written and seen."""
    written, seen, done = set[UUID](), list[tuple[int, UUID]](), Event()

    def write() -> set[UUID]:
        mine = set()
        for save in range(saves):
            events = [an_event() for _ in range(1 + save % 6)]
            row = Row(table="status", key={"child": events[0].originator_id}, values={"visits": save})
            recorder.insert_events(events, rows=[row])
            mine |= {event.event_id for event in events}
            with pytest.raises(EventIdTaken):
                recorder.insert_events(events[:1])
        return mine

    def read(follower: CareRecorder) -> None:
        last_round = False
        while not last_round:
            last_round = done.is_set()
            while found := follower.after(seen[-1][0] if seen else 0, 50):
                seen.extend((event.position or 0, event.event_id) for event in found)

    with ExitStack() as stack, ThreadPoolExecutor(WRITERS + 1) as threads:
        follower = open_database(url)
        stack.callback(follower.close)
        reader = threads.submit(read, follow(follower))
        try:
            for writer in [threads.submit(write) for _ in range(WRITERS)]:
                written |= writer.result()
        finally:
            done.set()
        reader.result()

    return written, seen


def test_a_reader_waits_before_a_gap_that_a_slow_writer_may_still_fill(postgres: Database) -> None:
    assert passed_by(PostgresRecorder(db=postgres)) == ([], [1, 2])


def test_without_the_wait_a_reader_would_pass_an_event(postgres: Database) -> None:
    assert passed_by(HastyRecorder(db=postgres)) == ([2], [1, 2])


def test_a_gap_that_nobody_can_fill_is_passed(postgres: Database) -> None:
    recorder = PostgresRecorder(db=postgres)
    recorder.insert_events([an_event()])
    burn_a_position(recorder)
    recorder.insert_events([an_event()])

    assert [event.position for event in recorder.after(0, 10)] == [1]
    assert [event.position for event in recorder.after(1, 10)] == [3]


def test_a_writer_does_not_wait_for_another(postgres: Database) -> None:
    recorder = PostgresRecorder(db=postgres)
    with ThreadPoolExecutor(1) as threads, recorder.db.transaction() as slow:
        recorder._insert(slow, [an_event()])

        quick = threads.submit(recorder.insert_events, [an_event()])

        assert quick.result(timeout=10) == [2]


def test_a_row_that_is_changed_while_it_is_waited_for_is_not_exchanged(postgres: Database) -> None:
    with postgres.transaction() as tx:
        tx.run("CREATE TABLE asked (id bigint PRIMARY KEY, position bigint)")
        tx.run("CREATE TABLE answered (id bigint PRIMARY KEY)")
        tx.run("INSERT INTO asked VALUES (1, 5)")

    def answer(position: int) -> bool:
        return postgres.exchange(
            "DELETE FROM asked WHERE id = 1 AND position = :position",
            dropped=["DELETE FROM answered WHERE id = 2"],
            table="answered",
            key=["id"],
            rows=[{"id": 1}],
            position=position,
        )

    with ThreadPoolExecutor(1) as threads:
        with postgres.transaction() as changing:
            changing.run("UPDATE asked SET position = 6")
            waiting = threads.submit(answer, 5)
            eventually(lambda: postgres.all(WAITS_FOR_A_LOCK) != [])
        assert not waiting.result(timeout=10)

    assert postgres.all("SELECT * FROM answered") == []
    assert answer(6)
    assert postgres.all("SELECT * FROM answered") == [{"id": 1}]


def test_what_was_known_is_settled_while_a_slow_writer_is_at_work(recorder: CareRecorder) -> None:
    recorder.insert_events([an_event(child=(child := uuid4()))])
    settled_before = recorder.settled()
    known_before = recorder.stream([child], known_at=settled_before)
    if recorder.db.dialect == "postgres":
        with ThreadPoolExecutor(1) as threads, recorder.db.transaction() as slow:
            recorder._insert(slow, [an_event(child=child, version=2)])
            meanwhile = threads.submit(recorder.settled).result(timeout=10)
            known_meanwhile = threads.submit(recorder.stream, [child], known_at=meanwhile).result(timeout=10)
        assert recorder.stream([child], known_at=meanwhile) == known_meanwhile == known_before
        assert meanwhile < (recorder.stream([child])[-1].recorded_at or meanwhile)
    else:
        recorder.insert_events([an_event(child=child, version=2)])

    assert len(known_before) == 1
    assert recorder.stream([child], known_at=settled_before) == known_before
    assert len(recorder.stream([child], known_at=recorder.settled())) == 2


def test_of_two_writers_of_one_version_exactly_one_wins(recorder: CareRecorder) -> None:
    child = uuid4()

    outcomes = at_once(
        lambda number: recorder.insert_events(
            [an_event(child=child)],
            rows=[Row(table="status", key={"child": child}, values={"visits": number})],
        )
    )

    assert sorted(map(type, outcomes), key=str) == [VersionConflict] * (WRITERS - 1) + [list]
    assert recorder.head()[0] == len(recorder.stream([child])) == 1
    (row,) = recorder.db.all("SELECT visits FROM status")
    assert isinstance(outcomes[row["visits"]], list)


def test_of_many_writers_of_one_event_id_exactly_one_wins(recorder: CareRecorder) -> None:
    event_id = uuid4()

    outcomes = at_once(lambda _: recorder.insert_events([an_event(event_id=event_id)]))

    assert sorted(map(type, outcomes), key=str) == [EventIdTaken] * (WRITERS - 1) + [list]
    assert len(recorder.after(0, 10)) == 1


def test_what_is_settled_waits_for_a_writer_who_hides_since_when_it_is_at_work(
    postgres: Database, postgres_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = PostgresRecorder(db=postgres)
    recorder.insert_events([an_event(child=(child := uuid4()))])
    with psycopg.connect(postgres_db_url) as connection:
        connection.execute("SET track_activities = off")
        connection.commit()
        connection.execute("SELECT pg_current_xact_id()")
        monkeypatch.setattr("application.eventstore.postgres.SETTLE_SECONDS", 0.1)
        with pytest.raises(DatabaseUnavailable, match="hides"):
            recorder.settled()
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as threads:
            settled = threads.submit(recorder.settled)
            connection.rollback()
            known = recorder.stream([child], known_at=settled.result(timeout=10))
    assert len(known) == 1


@pytest.mark.parametrize("exchanged", [True, False])
def test_a_reader_goes_on_when_what_it_saw_behind_a_gap_is_lost(postgres: Database, exchanged: bool) -> None:
    recorder = PostgresRecorder(db=postgres)
    recorder.insert_events([an_event()])
    burn_a_position(recorder)
    recorder.insert_events([an_event()])
    assert [event.position for event in recorder.after(1, 10)] == [3]

    lose_all_behind(postgres, 1, next_position=4, exchanged=exchanged)
    recorder.insert_events([an_event()])

    assert [event.position for event in recorder.after(1, 10)] == [4]


def test_a_reader_passes_no_event_that_stands_in_a_gap_of_the_server_before(postgres: Database) -> None:
    recorder = PostgresRecorder(db=postgres)
    recorder.insert_events([an_event()])
    burn_a_position(recorder)
    recorder.insert_events([an_event() for _ in range(5)])
    assert [event.position for event in recorder.after(1, 10)] == [3, 4, 5, 6, 7]

    lose_all_behind(postgres, 1, next_position=2, exchanged=True)
    with ThreadPoolExecutor(1) as threads, recorder.db.transaction() as slow:
        recorder._insert(slow, [an_event()])
        threads.submit(recorder.insert_events, [an_event()]).result(timeout=10)
        meanwhile = threads.submit(recorder.after, 1, 10).result(timeout=10)
    assert meanwhile == []
    assert [event.position for event in recorder.after(1, 10)] == [2, 3]


def lose_all_behind(db: Database, position: int, *, next_position: int, exchanged: bool) -> None:
    """Do what a failover to a server that is behind does, as far as one server can; `exchanged` ends it."""
    lift_the_guard(db)
    with db.transaction() as tx:
        tx.run("DELETE FROM events WHERE notification_id > :position", position=position)
        tx.run(f"ALTER SEQUENCE events_notification_id_seq RESTART WITH {next_position}")
    if exchanged:
        before = db.generation
        with db.transaction() as tx:
            tx.tuples(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        db.one("SELECT 1 AS one")
        assert db.generation > before


def burn_a_position(recorder: CareRecorder) -> None:
    """Take a position for an event that is then not kept."""
    with suppress(ZeroDivisionError), recorder.db.transaction() as tx:
        recorder._insert(tx, [an_event()])
        raise ZeroDivisionError


def at_once(save: Callable[[int], Sequence[int]]) -> list[Sequence[int] | IntegrityError]:
    """Let all writers save at the same moment; give what each of them got."""
    ready = Barrier(WRITERS)

    def write(number: int) -> Sequence[int] | IntegrityError:
        ready.wait()
        try:
            return save(number)
        except IntegrityError as error:
            return error

    with ThreadPoolExecutor(WRITERS) as threads:
        return list(threads.map(write, range(WRITERS)))


def passed_by(recorder: CareRecorder) -> tuple[list[int], list[int]]:
    """The positions that a reader is given while a slow writer has not committed, and afterwards."""
    with ThreadPoolExecutor(1) as threads, recorder.db.transaction() as slow:
        recorder._insert(slow, [an_event()])
        threads.submit(recorder.insert_events, [an_event()]).result(timeout=10)
        meanwhile = threads.submit(recorder.after, 0, 10).result(timeout=10)
    return [event.position or 0 for event in meanwhile], [
        event.position or 0 for event in recorder.after(0, 10)
    ]
