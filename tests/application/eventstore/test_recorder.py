"""Events go in together with their rows, in one order, and stay."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from msgspec.structs import replace as restated

from application.eventstore.base import CareRecorder
from application.eventstore.database import AppendOnly, DatabaseError, Record
from application.eventstore.recorder import (
    CareStoredEvent,
    EventIdTaken,
    ForeignEvent,
    Row,
    RowTaken,
    VersionConflict,
)
from tests.application.eventstore.support import an_event, recorder_over

CHILD = UUID("0d4f0c3e-58a3-4a7d-9f0e-6a1f7d9c2b11")
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


def status(recorder: CareRecorder) -> list[Record]:
    return recorder.db.all("SELECT child, visits, seen_on FROM status")


def test_an_event_comes_back_as_it_was_recorded(recorder: CareRecorder) -> None:
    event = an_event(child=CHILD, state=bytes(range(256)), metadata='{"actor": "李老师"}'.encode())

    assert recorder.insert_events([event]) == [1]

    (found,) = recorder.stream([CHILD])
    assert found == replace(event, position=1, recorded_at=found.recorded_at, metadata=found.metadata)
    assert found.metadata.decode() == '{"actor": "李老师"}'
    assert recorder.by_event_id(event.event_id) == found
    assert recorder.by_event_id(uuid4()) is None


def test_without_a_clock_the_database_says_when_it_was_recorded(recorder: CareRecorder) -> None:
    recorder.insert_events([an_event()])

    position, recorded_at = recorder.head()

    assert position == 1
    assert recorded_at is not None
    assert abs(recorded_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert recorded_at.utcoffset() == timedelta(0)


def test_an_empty_store_has_no_head(recorder: CareRecorder) -> None:
    assert recorder.head() == (0, None)
    assert recorder.after(0, 10) == []
    assert recorder.stream([CHILD]) == []
    assert recorder.stream([]) == []


def test_positions_and_recording_times_have_one_order_when_the_clock_steps_back(
    recorder: CareRecorder,
) -> None:
    steps = iter([MONDAY, MONDAY - timedelta(hours=1), MONDAY + timedelta(microseconds=1)])
    recorder = recorder_over(recorder.db, clock=lambda: next(steps))

    for _ in range(3):
        recorder.insert_events([an_event()])

    events = recorder.after(0, 10)
    assert [event.position for event in events] == [1, 2, 3]
    assert [event.recorded_at for event in events] == [MONDAY, MONDAY, MONDAY + timedelta(microseconds=1)]


def test_events_of_one_save_keep_their_order_and_share_a_time(recorder: CareRecorder) -> None:
    events = [an_event(state=str(number).encode()) for number in range(1_000)]

    positions = recorder.insert_events(events)

    found = recorder.after(0, 2_000)
    assert positions == list(range(1, 1_001))
    assert [event.event_id for event in found] == [event.event_id for event in events]
    assert len({event.recorded_at for event in found}) == 1


def test_the_log_is_read_in_pieces(recorder: CareRecorder) -> None:
    recorder.insert_events([an_event() for _ in range(5)])

    assert [event.position for event in recorder.after(0, 2)] == [1, 2]
    assert [event.position for event in recorder.after(2, 10)] == [3, 4, 5]


def test_streams_come_by_id_and_version_and_as_they_were_known(recorder: CareRecorder) -> None:
    other = UUID(int=CHILD.int + 1)
    times = iter([MONDAY, MONDAY + timedelta(days=1)])
    recorder = recorder_over(recorder.db, clock=lambda: next(times))
    recorder.insert_events([an_event(child=other), an_event(child=CHILD)])
    recorder.insert_events([an_event(child=CHILD, version=2), an_event()])

    today = recorder.stream([other, CHILD])
    known_then = recorder.stream([other, CHILD], known_at=MONDAY)

    assert [(event.originator_id, event.originator_version) for event in today] == [
        (CHILD, 1),
        (CHILD, 2),
        (other, 1),
    ]
    assert [(event.originator_id, event.originator_version) for event in known_then] == [
        (CHILD, 1),
        (other, 1),
    ]


def test_a_version_is_written_once_and_a_conflict_leaves_nothing(recorder: CareRecorder) -> None:
    recorder.insert_events([an_event(child=CHILD)])

    with pytest.raises(VersionConflict) as refused:
        recorder.insert_events(
            [an_event(), an_event(child=CHILD)],
            rows=[Row(table="status", key={"child": CHILD}, values={"visits": 1})],
        )

    assert (refused.value.originator_id, refused.value.version) == (CHILD, 1)
    assert recorder.head()[0] == 1
    assert status(recorder) == []


@pytest.mark.parametrize("first", [2, 3])
def test_a_save_that_was_decided_on_what_is_not_there_leaves_no_hole(
    recorder: CareRecorder, first: int
) -> None:
    other = uuid4()
    recorder.insert_events([an_event(child=other)])
    if first == 3:
        recorder.insert_events([an_event(child=CHILD)])
    decided = [an_event(child=CHILD, version=first), an_event(child=CHILD, version=first + 1)]
    row = Row(table="status", key={"child": CHILD}, values={"visits": 1})
    claim = Row(table="claim", key={"kind": "a", "word": "b"}, values={"child": CHILD}, unique=True)

    for rows in ([], [row], [row, claim]):
        with pytest.raises(VersionConflict) as refused:
            recorder.insert_events([an_event(child=other, version=2), *decided], rows=rows)
        assert (refused.value.originator_id, refused.value.version) == (CHILD, first)

    assert len(recorder.stream([CHILD])) == first - 2
    assert recorder.versions([other]) == {other: 1}
    assert status(recorder) == []


def test_an_event_in_the_middle_of_a_stream_is_refused(recorder: CareRecorder) -> None:
    recorder.insert_events([an_event(child=CHILD), an_event(child=CHILD, version=2)])

    with pytest.raises(VersionConflict):
        recorder.insert_events([an_event(child=CHILD, version=1), an_event()])
    with pytest.raises(VersionConflict):
        recorder.insert_events([an_event(child=CHILD, version=3), an_event(child=CHILD, version=5)])

    assert recorder.versions([CHILD]) == {CHILD: 2}


def test_a_version_is_never_recorded_before_the_one_that_it_follows(recorder: CareRecorder) -> None:
    clock = iter([MONDAY, MONDAY + timedelta(hours=1), MONDAY])
    recorder = recorder_over(recorder.db, clock=lambda: next(clock))
    with ThreadPoolExecutor(1) as threads:
        if recorder.db.dialect == "postgres":
            # A writer with a clock that was set back commits after, at a place before.
            with recorder.db.transaction() as slow:
                recorder._insert(slow, [an_event()])
                threads.submit(recorder.insert_events, [an_event(child=CHILD)]).result(timeout=10)
        else:
            recorder.insert_events([an_event()])
            recorder.insert_events([an_event(child=CHILD)])
    recorder.insert_events([an_event(child=CHILD, version=2)])

    first, second = recorder.stream([CHILD])
    assert first.recorded_at == second.recorded_at == MONDAY + timedelta(hours=1)


def test_an_event_id_is_written_once_and_says_so_before_the_version(recorder: CareRecorder) -> None:
    event = an_event(child=CHILD)
    recorder.insert_events([event])

    for again in ([event], [an_event(), replace(event, originator_id=uuid4())]):
        with pytest.raises(EventIdTaken) as refused:
            recorder.insert_events(again)
        assert refused.value.event_id == event.event_id

    assert recorder.head()[0] == 1


@pytest.mark.parametrize(
    ("events", "error"),
    [
        ([an_event(child=CHILD), an_event(child=CHILD)], VersionConflict),
        ([an_event(event_id=CHILD), an_event(event_id=CHILD)], EventIdTaken),
    ],
)
def test_twins_in_one_save_are_refused(
    recorder: CareRecorder, events: Sequence[CareStoredEvent], error: type[IntegrityError]
) -> None:
    with pytest.raises(error):
        recorder.insert_events(events)

    assert recorder.head()[0] == 0


def test_rows_are_put_in_place_of_those_with_their_key(recorder: CareRecorder) -> None:
    first = Row(table="status", key={"child": CHILD}, values={"visits": 1, "seen_on": date(2026, 3, 2)})

    recorder.insert_events([an_event()], rows=[first])
    recorder.insert_events([], rows=[restated(first, values={"visits": 2})])

    assert status(recorder) == [{"child": CHILD, "visits": 2, "seen_on": date(2026, 3, 2)}]
    assert recorder.head()[0] == 1


def test_a_claim_that_says_the_same_is_fine(recorder: CareRecorder) -> None:
    claim = Row(table="claim", key={"kind": "student_no", "word": "x"}, values={"child": CHILD}, unique=True)

    recorder.insert_events([an_event()], rows=[claim])
    recorder.insert_events([an_event()], rows=[claim])

    assert recorder.head()[0] == 2


def test_a_claim_that_is_taken_leaves_nothing(recorder: CareRecorder) -> None:
    claim = Row(table="claim", key={"kind": "student_no", "word": "x"}, values={"child": CHILD}, unique=True)
    recorder.insert_events([an_event()], rows=[claim])

    with pytest.raises(RowTaken) as refused:
        recorder.insert_events(
            [an_event()],
            rows=[
                Row(table="status", key={"child": CHILD}, values={"visits": 1}),
                restated(claim, values={"child": uuid4()}),
            ],
        )

    assert refused.value.table == "claim"
    assert recorder.head()[0] == 1
    assert status(recorder) == []


def test_a_row_that_another_unique_column_forbids_is_taken(recorder: CareRecorder) -> None:
    with recorder.db.transaction() as tx:
        tx.run("CREATE UNIQUE INDEX one_claim ON claim (child)")
    row = Row(table="claim", key={"kind": "student_no", "word": "x"}, values={"child": CHILD})
    recorder.insert_events([], rows=[row])

    with pytest.raises(RowTaken):
        recorder.insert_events([an_event()], rows=[restated(row, key={"kind": "student_no", "word": "y"})])

    assert recorder.head()[0] == 0


def test_a_row_that_is_refused_leaves_no_event(recorder: CareRecorder) -> None:
    with pytest.raises(DatabaseError):
        recorder.insert_events(
            [an_event()], rows=[Row(table="status", key={"child": CHILD}, values={"visits": None})]
        )

    assert recorder.head()[0] == 0


def test_nothing_to_save_saves_nothing(recorder: CareRecorder) -> None:
    assert recorder.insert_events([]) == []


def test_an_event_of_another_writer_is_named_and_not_guessed_at(recorder: CareRecorder) -> None:
    recorder.insert_events([StoredEvent(CHILD, 1, "other", b"")])

    with pytest.raises(ForeignEvent) as refused:
        recorder.after(0, 10)

    assert refused.value.position == 1


def test_an_event_of_five_megabytes_is_recorded(recorder: CareRecorder) -> None:
    state = bytes(range(256)) * 20_000

    recorder.insert_events([an_event(child=CHILD, state=state)])

    assert recorder.stream([CHILD])[0].state == state


def test_five_thousand_events_are_recorded_in_one_save(recorder: CareRecorder) -> None:
    events = [an_event(child=CHILD, version=version, state=b"x" * 500) for version in range(1, 5_001)]
    rows = [Row(table="status", key={"child": uuid4()}, values={"visits": 1}) for _ in range(5_000)]

    positions = recorder.insert_events(events, rows=rows)

    assert positions == list(range(1, 5_001))
    assert len(recorder.stream([CHILD])) == len(status(recorder)) == 5_000


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET topic = 'other'",
        "DELETE FROM events",
        "INSERT INTO events SELECT * FROM events WHERE true ON CONFLICT DO UPDATE SET topic = 'other'",
    ],
)
def test_an_event_is_never_changed_or_removed(recorder: CareRecorder, statement: str) -> None:
    recorder.insert_events([an_event()])
    before = recorder.after(0, 10)
    if recorder.db.dialect == "postgres":
        statement = statement.replace("SELECT * ", "OVERRIDING SYSTEM VALUE SELECT * ")
        statement = statement.replace("ON CONFLICT", "ON CONFLICT (event_id)")

    with pytest.raises(AppendOnly), recorder.db.transaction() as tx:
        tx.run(statement)

    assert recorder.after(0, 10) == before


def test_the_events_are_never_wiped_or_replaced(recorder: CareRecorder) -> None:
    recorder.insert_events([an_event()])
    statement = {
        "postgres": "TRUNCATE events",
        "sqlite": "INSERT OR REPLACE INTO events SELECT * FROM events",
    }[recorder.db.dialect]

    with pytest.raises(AppendOnly), recorder.db.transaction() as tx:
        tx.run(statement)

    assert recorder.head()[0] == 1
