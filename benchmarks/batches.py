"""Many events of many children in one save, against one INSERT from Python lists."""

import struct
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import psycopg
from psycopg import pq

from application.eventstore.log import Keys
from application.eventstore.mapper import EventMapper
from application.eventstore.recorder import Row
from application.system import System
from benchmarks.figures import Report
from benchmarks.places import library, on_postgres, opened, raw_connection, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import HOME_VISIT, a_visit, carer_of, enrolled, next_saves
from domain.event import Event

EVENTS = 100
PREPARED = b"batch_of_arrays"
SAVES = 6
RAW = (
    "INSERT INTO plain_events (originator_id, originator_version, topic, state) SELECT * FROM unnest("
    "CAST(%s AS uuid[]), CAST(%s AS bigint[]), CAST(%s AS text[]), CAST(%s AS bytea[]))"
)
# The types of their elements, and of the arrays, as PostgreSQL numbers them.
ELEMENTS, ARRAYS = (2950, 20, 25, 17), (2951, 1016, 1009, 1001)


def measure(report: Report) -> None:
    """Measure saves of 100 events, the status rows with them, on 100 children."""
    with (
        server() as url,
        on_postgres(url) as place,
        library(place.url),
        opened(place) as system,
        raw_connection(place.url) as raw,
    ):
        carer = carer_of(system)
        mapper = EventMapper(nonce=lambda: bytes(12))
        state = mapper.to_stored_event(a_visit(uuid4(), carer, version=2), key=bytes(32)).state
        works = {
            "raw": _raw(state, lambda rows: raw.execute(RAW, _columns(rows), prepare=True)),
            "arrays": _raw(state, lambda rows: _sent_as_arrays(raw, rows)),
            "batch": _batch(system, enrolled(system, EVENTS), carer),
        }
        raw.pgconn.prepare(PREPARED, (RAW % ("$1", "$2", "$3", "$4")).encode(), ARRAYS)
        rounds = interleaved("batches", works)
    report.rates("batches", rounds, units=EVENTS * SAVES)
    report.add("batch_100", ratio(rounds, "raw", "batch"), rounds=len(rounds["raw"]))
    report.add("batch_100_of_arrays", ratio(rounds, "arrays", "batch"), rounds=len(rounds["raw"]))


Rows = list[tuple[UUID, int, str, bytes]]


def _raw(state: bytes, put: Callable[[Rows], object]) -> Work:
    def prepare() -> Callable[[], object]:
        saves = [[(uuid4(), 2, HOME_VISIT, state) for _ in range(EVENTS)] for _ in range(SAVES)]
        return lambda: [put(rows) for rows in saves]

    return prepare


def _columns(rows: Rows) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _sent_as_arrays(raw: psycopg.Connection, rows: Rows) -> None:
    """Do the same with arrays in the server's own format, put together by hand."""
    words = [(row[0].bytes, row[1].to_bytes(8, "big", signed=True), row[2].encode(), row[3]) for row in rows]
    columns = zip(ELEMENTS, zip(*words, strict=True), strict=True)
    sent = [_array(element, values) for element, values in columns]
    answer = raw.pgconn.exec_prepared(PREPARED, sent, [pq.Format.BINARY] * len(sent))
    if answer.status != pq.ExecStatus.COMMAND_OK:
        raise RuntimeError(answer.error_message.decode())


def _array(element: int, values: Sequence[bytes]) -> bytes:
    items = b"".join(len(value).to_bytes(4) + value for value in values)
    # One dimension, nothing NULL, from 1 on.
    return struct.pack(">iiIii", 1, 0, element, len(values), 1) + items


def _batch(system: System, children: list[UUID], carer: UUID) -> Work:
    def prepare() -> Callable[[], object]:
        # Each save is the next version of the same children, so each is made ready after the one before.
        pending = list(next_saves(system, children, carer, ahead=SAVES))

        keys = {child: lock for _, _, each in pending for child, lock in each.items()}

        def save(ready: list[tuple[Event, Row, Keys]]) -> None:
            events, rows, _ = zip(*ready, strict=True)
            system.log.append(events, rows=rows, keys=keys)

        return lambda: [save(pending[n : n + EVENTS]) for n in range(0, len(pending), EVENTS)]

    return prepare
