"""A page of a list of 5,000 children, against the SQL that it needs, asked of SQLite's own module.

Measured by processor time. The SQL of a list of children reads their events as they lie in the store;
unsealing and folding them is what a page adds, beside its HTML.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from falcon import testing

from api.app import create_app
from api.pages.report import ROWS
from benchmarks.figures import Report
from benchmarks.places import on_sqlite, opened
from benchmarks.rounds import ratio
from benchmarks.samples import ORG, carer_of, enrolled, visited
from projections.runner import Runner

CHILDREN, VISITS, ROUNDS = 5_000, 4, 7
# As a browser on this machine, while the sample is shown.
HEADERS = {"Host": "127.0.0.1"}
_OF_PAGE = "SELECT child_id FROM child_status WHERE enrolled_on IS NOT NULL ORDER BY org, child_id LIMIT 101"
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "children": (
        "/reports/children",
        (
            "SELECT count(*) FROM child_status WHERE enrolled_on IS NOT NULL",
            _OF_PAGE,
            f"SELECT * FROM events WHERE originator_id IN ({_OF_PAGE})",  # noqa: S608  a constant
        ),
    ),
    "timeline": (
        "/reports/timeline",
        (f"SELECT * FROM timeline ORDER BY position DESC LIMIT {ROWS + 1}",),  # noqa: S608  a constant
    ),
    "organisations": ("/reports/organisations", ("SELECT org, count(*) FROM child_status GROUP BY org",)),
}


def measure(report: Report) -> None:
    """Measure each page and its statements in turn."""
    with on_sqlite() as place, opened(place) as system:
        carer = carer_of(system)
        for child in enrolled(system, CHILDREN):
            visited(system, child, carer, visits=VISITS)
        Runner(database=system.database, log=system.log, now=system.now).catch_up()
        shown = replace(system, settings=replace(system.settings, open_pages=ORG))
        http = testing.TestClient(create_app(shown), headers=HEADERS)
        file = system.settings.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as raw:
            for name, (path, statements) in PAGES.items():
                works = {"page": _page(http, path), "sql": _sql(raw, statements)}
                rounds: dict[str, list[float]] = {work: [] for work in works}
                for _ in range(ROUNDS):
                    for work, run in works.items():
                        start = time.process_time()
                        run()
                        rounds[work].append(time.process_time() - start)
                report.rates(f"page of {name}", rounds, units=1)
                report.add(f"page_{name}", ratio(rounds, "page", "sql"), rounds=ROUNDS)


def _page(http: testing.TestClient, path: str) -> Callable[[], object]:
    def run() -> None:
        answered = http.simulate_get(path)
        assert answered.status_code == 200, answered.text

    return run


def _sql(raw: sqlite3.Connection, statements: tuple[str, ...]) -> Callable[[], object]:
    return lambda: [raw.execute(sql).fetchall() for sql in statements]
