"""Importing a made roster and a made care log into an empty ledger, against inserting its rows.

The rows go a hundred at a time into a plain table in a file of its own, each hundred its own commit. Measured
by processor time, reading the paper counted in; and the most memory that `careledger import` holds.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice

from application.access import SYSTEM
from application.intake.imports.care_log import CareLogResult, import_care_log
from application.intake.imports.roster import import_roster
from application.intake.imports.roster_result import RosterResult
from application.system import System
from benchmarks.figures import Report
from benchmarks.papers import SCHOOL, care_log, roster
from benchmarks.places import Place, most_memory, on_sqlite, opened
from benchmarks.rounds import ratio, say

# Other numbers are for what takes longer.
CHILDREN = int(os.environ.get("CARELEDGER_BENCH_CHILDREN", "300"))
LINES = int(os.environ.get("CARELEDGER_BENCH_LINES", "3000"))
ROUNDS, AT_ONCE = 5, 100
Papers = Mapping[str, bytes]
IMPORTS: Mapping[str, Callable[..., RosterResult | CareLogResult]] = {
    "roster": import_roster,
    "care_log": import_care_log,
}


def measure(report: Report) -> None:
    """Measure both papers in turn with their rows, then the memory of the command for each."""
    papers = {"roster": roster(CHILDREN), "care_log": care_log(CHILDREN, LINES)}
    seconds: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):
        say(f"imports: round {number} of {ROUNDS}")
        for name, took in _round(papers):
            seconds.setdefault(name, []).append(took)
    say("")
    # The round before the first is for warming up.
    rounds = {name: values[1:] for name, values in seconds.items()}
    report.rates("import of a roster", {"roster": rounds["roster"]}, units=CHILDREN)
    report.rates("import of a care log", {"care_log": rounds["care_log"]}, units=LINES)
    for name in papers:
        report.add(f"import_{name}", ratio(rounds, name, f"{name} raw"), rounds=ROUNDS)
    with on_sqlite() as place:
        for name, data in papers.items():
            (paper := place.folder / name).write_bytes(data)
            taken = ("import", name.replace("_", "-"), str(paper), "--org", SCHOOL, "--yes", "--json")
            report.add(f"import_{name}_mb", most_memory(place, *taken), rounds=1)


def _round(papers: Papers) -> Iterator[tuple[str, float]]:
    with on_sqlite() as place, opened(place) as system, _plain_table(place) as insert:
        for name, data in papers.items():
            before, _ = system.log.head()
            start = time.process_time()
            done = IMPORTS[name](data, org=SCHOOL, registers=system.registers, actor=SYSTEM)
            yield name, time.process_time() - start
            assert done.taken == done.lines
            rows = _rows(system, after=before)
            start = time.process_time()
            while portion := list(islice(rows, AT_ONCE)):
                insert(portion)
            yield f"{name} raw", time.process_time() - start


def _rows(system: System, *, after: int) -> Iterator[tuple[object, ...]]:
    """Return what an import has written into the log."""
    rows = system.database.tuples(
        "SELECT originator_id, originator_version, topic, state FROM events WHERE notification_id > :after",
        after=after,
    )
    return ((str(stream_id), *others) for stream_id, *others in rows)


@contextmanager
def _plain_table(place: Place) -> Iterator[Callable[[list[tuple[object, ...]]], None]]:
    """Return what inserts rows in one commit, which is durable."""
    with closing(sqlite3.connect(place.folder / "plain.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE plain_events (originator_id TEXT, originator_version INTEGER, "
            "topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version))"
        )

        def insert(rows: list[tuple[object, ...]]) -> None:
            with connection:
                connection.executemany("INSERT INTO plain_events VALUES (?, ?, ?, ?)", rows)

        yield insert
