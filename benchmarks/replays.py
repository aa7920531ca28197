"""Reading a child: its stream, unsealed, decoded and folded, against fetching the columns that takes."""

from collections.abc import Callable
from uuid import UUID

import psycopg

from application.system import System
from benchmarks.figures import Report
from benchmarks.places import on_postgres, opened, raw_connection, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import carer_of, enrolled, visited
from domain.child import fold

RAW = (
    "SELECT notification_id, originator_id, originator_version, topic, state, event_id, occurred_at, "
    "recorded_at, org, CAST(metadata AS text) FROM events "
    "WHERE originator_id = %s ORDER BY originator_version"
)
SIZES = {100: 60, 2000: 4}


def measure(report: Report) -> None:
    """Measure streams of 100 and of 2,000 events."""
    with (
        server() as url,
        on_postgres(url) as place,
        opened(place) as system,
        raw_connection(place.url) as raw,
    ):
        carer = carer_of(system)
        for size, times in SIZES.items():
            (child,) = enrolled(system, 1)
            visited(system, child, carer, visits=size - 1)
            works = {"raw": _raw(raw, child, times=times), "replay": _replay(system, child, times=times)}
            rounds = interleaved(f"replay of {size}", works)
            report.rates(f"replay of {size}", rounds, units=times * size)
            report.add(f"replay_{size}", ratio(rounds, "replay", "raw"), rounds=len(rounds["raw"]))


def _raw(raw: psycopg.Connection, child: UUID, *, times: int) -> Work:
    def run() -> Callable[[], object]:
        return lambda: [raw.execute(RAW, (child,), prepare=True).fetchall() for _ in range(times)]

    return run


def _replay(system: System, child: UUID, *, times: int) -> Work:
    def run() -> Callable[[], object]:
        return lambda: [fold(child, system.log.stream(child)) for _ in range(times)]

    return run
