"""Many events of many children in one save, against one INSERT from Python lists."""

from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg

from application.eventstore.mapper import EventMapper
from application.eventstore.recorder import Row
from application.system import System
from benchmarks.figures import Report
from benchmarks.places import library, on_postgres, opened, raw_connection, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import HOME_VISIT, a_visit, carer_of, enrolled, next_saves
from domain.event import Event

EVENTS = 100
SAVES = 6
RAW = (
    "INSERT INTO plain_events (originator_id, originator_version, topic, state) SELECT * FROM unnest("
    "CAST(%s AS uuid[]), CAST(%s AS bigint[]), CAST(%s AS text[]), CAST(%s AS bytea[]))"
)
COPY = "COPY plain_events (originator_id, originator_version, topic, state) FROM STDIN (FORMAT BINARY)"
TYPES = ("uuid", "int8", "text", "bytea")


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
            "copy": _raw(state, lambda rows: _copied(raw, rows)),
            "batch": _batch(system, enrolled(system, EVENTS), carer),
        }
        rounds = interleaved("batches", works)
    report.rates("batches", rounds, units=EVENTS * SAVES)
    report.add("batch_100", ratio(rounds, "raw", "batch"), rounds=len(rounds["raw"]))
    report.add("batch_100_of_copy", ratio(rounds, "copy", "batch"), rounds=len(rounds["raw"]))


Rows = list[tuple[UUID, int, str, bytes]]


def _raw(state: bytes, put: Callable[[Rows], object]) -> Work:
    def prepare() -> Callable[[], object]:
        saves = [[(uuid4(), 2, HOME_VISIT, state) for _ in range(EVENTS)] for _ in range(SAVES)]
        return lambda: [put(rows) for rows in saves]

    return prepare


def _columns(rows: Rows) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _copied(raw: psycopg.Connection, rows: Rows) -> None:
    with raw.cursor().copy(COPY) as copy:
        copy.set_types(TYPES)
        for row in rows:
            copy.write_row(row)


def _batch(system: System, children: list[UUID], carer: UUID) -> Work:
    def prepare() -> Callable[[], object]:
        # Each save is the next version of the same children, so each is made ready after the one before.
        pending = list(next_saves(system, children, carer, ahead=SAVES))
        keys = {child: key for c in children for child, key in system.log.load(c)[1].items()}

        def save(ready: list[tuple[Event, Row]]) -> None:
            events, rows = zip(*ready, strict=True)
            system.log.append(events, rows=rows, keys=keys)

        return lambda: [save(pending[n : n + EVENTS]) for n in range(0, len(pending), EVENTS)]

    return prepare
