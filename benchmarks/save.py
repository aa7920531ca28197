"""How far a save is from the limit of the database: ratios within one run, never absolute promises.

`python -m benchmarks.save [postgresql://…]` compares, in interleaved rounds, what one care action costs with
a bare INSERT of as many bytes into the library's plain table. Without a URL it runs on SQLite.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from application.access import Actor
from application.child_unit import NOWHERE
from application.eventstore.database import Database, open_database
from application.settings import Settings
from application.submission import Submission
from application.system import SYSTEM, System, migrate_system, open_system
from domain.carer import CarerRegistered

ROUNDS = 5
SAVES = 200


def main() -> None:
    """Print the ratios of the medians."""
    url = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder),
            database_url=url or f"sqlite:///{folder}/care.db",
            keys_url=f"sqlite:///{folder}/keys.db",
        )
        migrate_system(settings)
        system = open_system(settings)
        raw = open_database(url or f"sqlite:///{folder}/raw.db")
        try:
            measure(system, raw)
        finally:
            raw.close()
            system.close()


def measure(system: System, raw: Database) -> None:
    """Interleave rounds of raw inserts and of whole use cases, and print what came of it."""
    plain_table(raw)
    carer = uuid4()
    system.carers.register(
        actor=SYSTEM, carer_id=carer, org="county/township/school", details=CarerRegistered(name="Lu")
    )
    system.organisations.ensure("county/township/school/3/4", actor=SYSTEM)
    times: dict[str, list[float]] = {"raw insert": [], "use case": []}
    for _ in range(ROUNDS):
        times["raw insert"].append(timed(lambda _: raw_insert(raw)))
        children = [enrolled(system, SYSTEM) for _ in range(SAVES)]
        times["use case"].append(timed(partial(visit_one_of, children, system=system, carer=carer)))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in medians.items():
        print(f"{name:12} {SAVES / seconds:9.0f}/s   {medians['raw insert'] / seconds:5.2f} of raw")


def timed(work: Callable[[int], object]) -> float:
    """Seconds for one round."""
    start = time.perf_counter()
    for n in range(SAVES):
        work(n)
    return time.perf_counter() - start


def plain_table(raw: Database) -> None:
    """Make the library's plain table."""
    with raw.transaction() as tx:
        tx.run(
            "CREATE TABLE IF NOT EXISTS raw_events (originator_id uuid, originator_version bigint,"
            " topic text, state bytea, PRIMARY KEY (originator_id, originator_version))"
        )


def raw_insert(raw: Database) -> None:
    """Insert as many bytes as an event has."""
    with raw.transaction() as tx:
        tx.run(
            "INSERT INTO raw_events VALUES (:id, 1, 'home_visit_made', :state)", id=uuid4(), state=bytes(400)
        )


def enrolled(system: System, actor: Actor) -> UUID:
    """Enrol a child."""
    child = uuid4()
    system.submissions.submit(
        Submission(
            event_id=uuid4(),
            type="child_enrolled",
            child_id=child,
            org="county/township/school/3/4",
            occurred_on=date(2026, 3, 1),
            details={"name": "Lin", "student_no": child.hex, "sex": "female", "birth_date": "2016-05-20"},
        ),
        actor=actor,
        provenance=NOWHERE,
    )
    return child


def visit_one_of(children: list[UUID], n: int, *, system: System, carer: UUID) -> None:
    """Record a home visit to child number `n`: load, decide, save."""
    system.submissions.submit(
        Submission(
            event_id=uuid4(),
            type="home_visit_made",
            child_id=children[n],
            occurred_on=date(2026, 3, 5),
            details={"carers": [str(carer)], "outcome": "met", "minutes": 30, "record": "All is well."},
        ),
        actor=SYSTEM,
        provenance=NOWHERE,
    )


if __name__ == "__main__":
    main()
