"""One event, from decided to durable and answered, and one whole use case, against a bare INSERT."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

from application.access import SYSTEM
from application.eventstore.mapper import EventMapper
from application.recording.outcome import NOWHERE
from benchmarks.figures import Report
from benchmarks.places import Place, library, on_postgres, on_sqlite, opened, raw_connection, server
from benchmarks.rounds import Watch, crew, interleaved, ratio
from benchmarks.samples import HOME_VISIT, a_visit, carer_of, enrolled, next_saves, visit

SAVES = 250
RAW = "INSERT INTO plain_events (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, %s)"


def measure(report: Report) -> None:
    """Measure one writer and four on PostgreSQL, one on SQLite."""
    with server() as url:
        for count, suffix in ((1, ""), (4, "_4_processes")):
            with on_postgres(url) as place, library(place.url):
                _measure(report, place, count=count, suffix=suffix)
    with on_sqlite() as place:
        _measure(report, place, count=1, suffix="_sqlite")


def _measure(report: Report, place: Place, *, count: int, suffix: str) -> None:
    with crew(count, works, place) as writers:
        names = ("raw", "save", "use_case")
        rounds = interleaved(f"saves{suffix}", {name: writers.work(name) for name in names})
    report.rates(f"saves{suffix}", rounds, units=SAVES * count)
    report.add(f"save{suffix}", ratio(rounds, "raw", "save"), rounds=len(rounds["raw"]))
    report.add(f"use_case{suffix}", ratio(rounds, "raw", "use_case"), rounds=len(rounds["raw"]))


@contextmanager
def works(place: Place) -> Iterator[Watch]:
    """Open what one writer needs: a raw connection, and a system with children of its own."""
    raw = _raw_sqlite if place.url.startswith("sqlite") else _raw_postgres
    with opened(place) as system, raw(place) as insert:
        carer = carer_of(system)
        saved, submitted = enrolled(system, SAVES), enrolled(system, SAVES)

        def raw_work() -> Callable[[], object]:
            key = bytes(32)
            mapper = EventMapper(nonce=lambda: bytes(12))
            state = mapper.to_stored_event(a_visit(uuid4(), carer, version=2), key=key).state
            ids = [uuid4() for _ in range(SAVES)]
            return lambda: [insert(str(i), 2, HOME_VISIT, state) for i in ids]

        def save_work() -> Callable[[], object]:
            ready = list(next_saves(system, saved, carer))
            return lambda: [system.log.append([event], rows=[row], keys=keys) for event, row, keys in ready]

        def use_case_work() -> Callable[[], object]:
            ready = [visit(child, carer) for child in submitted]
            return lambda: [
                system.submissions.submit(each, actor=SYSTEM, provenance=NOWHERE) for each in ready
            ]

        yield {"raw": raw_work, "save": save_work, "use_case": use_case_work}


@contextmanager
def _raw_postgres(place: Place) -> Iterator[Callable[..., object]]:
    with raw_connection(place.url) as connection:
        yield lambda *values: connection.execute(RAW, values, prepare=True)


@contextmanager
def _raw_sqlite(place: Place) -> Iterator[Callable[..., object]]:
    with closing(sqlite3.connect(place.folder / "plain.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS plain_events (originator_id TEXT, originator_version INTEGER, "
            "topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version))"
        )
        statement = RAW.replace("%s", "?")
        yield lambda *values: connection.execute(statement, values)
