"""Catching the read models up with the log, against the library's runner that writes the same rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner

from application.system import System
from benchmarks.figures import Report
from benchmarks.places import library_environ, on_postgres, opened, raw_connection, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import carer_of, enrolled, visited
from projections import positions, timeline
from projections.runner import MODELS, Runner

OURS = 10_000
THEIRS = 500
LONGEST_SECONDS = 300.0
COLUMNS = tuple(timeline.Line.__dataclass_fields__)
PUT = (
    f"INSERT INTO plain_timeline ({', '.join(COLUMNS)}) VALUES "  # noqa: S608  constants
    f"({', '.join(f'%({name})s' for name in COLUMNS)}) ON CONFLICT (event_id) DO NOTHING"
)


def measure(report: Report) -> None:
    """Measure the events of both for one another: each in its own log, with the same rows."""
    with (
        server() as url,
        on_postgres(url) as place,
        opened(place) as system,
        raw_connection(place.url) as raw,
        _their_log(library_environ(place.url)) as theirs,
    ):
        carer = carer_of(system)
        (child,) = enrolled(system, 1)
        visited(system, child, carer, visits=OURS)
        Runner(database=system.database, log=system.log, now=system.now).catch_up()
        raw.execute("CREATE TABLE plain_timeline (LIKE timeline INCLUDING ALL)")
        line = raw.execute("SELECT * FROM timeline WHERE type = 'home_visit_made' LIMIT 1").fetchone()
        assert line is not None
        theirs.fill(
            {name: str(value) for name, value in zip(COLUMNS, line, strict=True) if value is not None}
        )
        rounds = interleaved("models", {"library": theirs.work(raw), "ours": _ours(system)}, rounds=5)
    each = {"library": [s / THEIRS for s in rounds["library"]], "ours": [s / OURS for s in rounds["ours"]]}
    report.rates("models", each, units=1)
    report.add("catch_up", ratio(each, "library", "ours"), rounds=len(each["ours"]))


def _ours(system: System) -> Work:
    def prepare() -> Callable[[], object]:
        with system.database.transaction() as tx:
            for model in MODELS:
                positions.rewind(tx, name=model.name)
                for table in model.tables:
                    tx.run(f"DELETE FROM {table}")  # noqa: S608  the models' own
        return Runner(database=system.database, log=system.log, now=system.now).catch_up

    return prepare


class Care(Aggregate):
    """The library's own kind of thing, with the words of a timeline's row."""

    @event("Visited")
    def visit(self, words: dict[str, str]) -> None:
        """Record a visit."""


class Plain(Application[UUID]):
    """The library's application."""


class View(PostgresTrackingRecorder):
    """The library's view: one row an event, in the transaction of the tracking."""

    def put(self, values: dict[str, Any], tracking: Tracking) -> None:
        """Write a row."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(PUT, values, prepare=True)


class Timeline(Projection[View]):
    """The library's projection."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Write the row of an event."""
        if words := getattr(domain_event, "words", None):
            values = dict.fromkeys(COLUMNS) | words | {"event_id": uuid4()}
            self.view.put(values, tracking)


class TheirLog:
    """A log of the library, and its runner over it."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._application = Plain(environ)

    def fill(self, words: dict[str, str]) -> None:
        """Record as many visits as are read in a round."""
        care = Care()
        for _ in range(THEIRS):
            care.visit(words)
        self._application.save(care)

    def work(self, raw: psycopg.Connection) -> Work:
        """Return the work of catching up from the beginning."""
        head = self._application.recorder.max_notification_id()

        def catch_up() -> None:
            with ProjectionRunner(
                application_class=Plain, projection_class=Timeline, view_class=View, env=self._environ
            ) as runner:
                runner.wait(head, timeout=LONGEST_SECONDS)

        def prepare() -> Callable[[], object]:
            raw.execute("TRUNCATE plain_timeline")
            for (table,) in raw.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE '%_tracking'"):
                # The library keeps a mark of its own among them.
                raw.execute(f"DELETE FROM {table} WHERE application_name = 'Plain'")  # noqa: S608
            return catch_up

        return prepare

    def close(self) -> None:
        """Let go of the library's connections."""
        self._application.close()


@contextmanager
def _their_log(environ: dict[str, str]) -> Iterator[TheirLog]:
    log = TheirLog(environ | {"PERSISTENCE_MODULE": "eventsourcing.postgres"})
    try:
        yield log
    finally:
        log.close()
