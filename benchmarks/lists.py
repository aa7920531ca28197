"""A whole list of 5,000 children as lines, against the SQL that it needs, asked of SQLite's own module.

Measured by processor time, the cards of the children being kept. The SQL of children and of their states
reads the events of each as they lie in the store, which is what a list had to read before there were cards.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from falcon import testing

from api.app import create_app
from api.formats import NDJSON
from application.access import SYSTEM, Role
from benchmarks.figures import Report
from benchmarks.pages import CHILDREN, VISITS
from benchmarks.places import on_sqlite, opened
from benchmarks.rounds import ratio
from benchmarks.samples import carer_of, enrolled, visited
from projections.runner import Runner

ROUNDS = 5
_IDS = "SELECT child_id FROM child_status WHERE enrolled_on IS NOT NULL"
_EVENTS = f"SELECT * FROM events WHERE originator_id IN ({_IDS})"  # noqa: S608  a constant
LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "children": ("/v1/children", (f"{_IDS} ORDER BY org, child_id", _EVENTS)),
    "states": ("/v1/children/states", (f"{_IDS} ORDER BY child_id", _EVENTS)),
    "timeline": ("/v1/timeline", ("SELECT * FROM timeline ORDER BY position DESC",)),
}


def measure(report: Report) -> None:
    """Measure each list and its statements in turn."""
    with on_sqlite() as place, opened(place) as system:
        carer = carer_of(system)
        for child in enrolled(system, CHILDREN):
            visited(system, child, carer, visits=VISITS)
        Runner(database=system.database, log=system.log, now=system.now).catch_up()
        assert sum(system.cards.rebuild()) == CHILDREN
        _, key = system.api_keys.create(actor=SYSTEM, name="bench", role=Role.MANAGER)
        headers = {"Authorization": f"Bearer {key}", "Accept": NDJSON}
        http = testing.TestClient(create_app(system), headers=headers)
        file = system.settings.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as raw:
            for name, (path, statements) in LISTS.items():
                rounds = _rounds({"list": _list(http, path), "sql": _sql(raw, statements)})
                report.rates(f"list of {name}", rounds, units=1)
                report.add(f"list_{name}", ratio(rounds, "list", "sql"), rounds=ROUNDS)


def _rounds(works: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Return the processor time of each work in each round; the round before the first is for warming up."""
    found: dict[str, list[float]] = {work: [] for work in works}
    for _ in range(ROUNDS + 1):
        for work, run in works.items():
            start = time.process_time()
            run()
            found[work].append(time.process_time() - start)
    return {work: seconds[1:] for work, seconds in found.items()}


def _list(http: testing.TestClient, path: str) -> Callable[[], object]:
    def run() -> None:
        answered = http.simulate_get(path)
        assert answered.status_code == 200, answered.text

    return run


def _sql(raw: sqlite3.Connection, statements: tuple[str, ...]) -> Callable[[], object]:
    return lambda: [raw.execute(sql).fetchall() for sql in statements]
