"""Many writers, one order: a reader who follows by position misses nothing."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, Event
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from application.eventstore.base import CareRecorder
from application.eventstore.database import Database, Transaction, open_database
from application.eventstore.migrations.migrate import migrate
from application.eventstore.postgres import PostgresRecorder
from application.eventstore.recorder import EventIdTaken, Row, VersionConflict
from tests.application.eventstore.support import an_event, recorder_over

WRITERS = 8
SAVES = 90


class HastyRecorder(PostgresRecorder):
    """The plausible mistake: positions are taken in order, so why wait for one another?"""

    def _in_order(self, tx: Transaction) -> None:
        pass


@pytest.fixture
def postgres(postgres_db_url: str) -> Iterator[Database]:
    db = open_database(postgres_db_url)
    migrate(db)
    yield db
    db.close()


def test_a_live_reader_misses_no_event_of_eight_writers(recorder: CareRecorder, database_url: str) -> None:
    written, seen, done = set[UUID](), list[tuple[int, UUID]](), Event()

    def write() -> set[UUID]:
        mine = set()
        for save in range(SAVES):
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
        follower = open_database(database_url)
        stack.callback(follower.close)
        reader = threads.submit(read, recorder_over(follower))
        try:
            for writer in [threads.submit(write) for _ in range(WRITERS)]:
                written |= writer.result()
        finally:
            done.set()
        reader.result()

    assert len(seen) == len(written) == WRITERS * SAVES * 7 // 2
    assert {event_id for _, event_id in seen} == written
    assert [position for position, _ in seen] == sorted({position for position, _ in seen})
    recorded = [event.recorded_at for event in recorder.after(0, 10_000)]
    assert recorded == sorted(recorded, key=str)


def test_a_writer_waits_for_the_one_who_took_an_earlier_position(postgres: Database) -> None:
    passed_by = overtaken(PostgresRecorder(db=postgres), wait_for=lambda: _somebody_waits(postgres))

    assert passed_by == ([], [1, 2])


def test_without_the_wait_a_reader_would_pass_an_event(postgres: Database) -> None:
    passed_by = overtaken(HastyRecorder(db=postgres), wait_for=lambda: bool(_newest(postgres)))

    assert passed_by == ([2], [1, 2])


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


def overtaken(recorder: CareRecorder, *, wait_for: Callable[[], bool]) -> tuple[list[int], list[int]]:
    """The positions that a reader sees while a slow writer has not committed, and afterwards."""
    with ThreadPoolExecutor(1) as threads:
        with recorder.db.transaction() as slow:
            recorder._in_order(slow)
            recorder._insert(slow, [an_event()])
            quick = threads.submit(recorder.insert_events, [an_event()])
            while not wait_for():
                pass
            meanwhile = _newest(recorder.db)
        quick.result()
    return meanwhile, [event.position or 0 for event in recorder.after(0, 10)]


def _newest(db: Database) -> list[int]:
    return [position for (position,) in db.tuples("SELECT notification_id FROM events")]


def _somebody_waits(db: Database) -> bool:
    return bool(db.all("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
