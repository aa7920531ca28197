"""Figures and a search among 100,000 children, against the one statement that each needs; a list of names.

Measured on PostgreSQL, in turn. `CARELEDGER_BENCH_COUNTED` says how many children there are.
"""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import psycopg
from falcon import testing

from api.app import create_app
from application.access import SYSTEM, Role
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.system import System, reports_of
from benchmarks.figures import Report
from benchmarks.places import on_postgres, opened, raw_connection, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import ORG, carer_of
from projections.runner import Runner
from reports.answering import answer_of
from reports.catalogue import reports
from reports.report import Asked

CHILDREN = int(os.environ.get("CARELEDGER_BENCH_COUNTED", "100000"))
A_CLASS, NAMED = 40, 2_000
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "小大秀春国玉文志明桂英华建军丽红海云龙凤山水月星天青松梅兰竹"
_HELD = "enrolled_on IS NOT NULL AND (care_ends_on IS NULL OR care_ends_on >= '2026-06-01')"
# Each report, and the one statement that counts the same.
COUNTS = {
    "organisations": f"SELECT org, count(*) FROM child_status WHERE {_HELD} GROUP BY org",  # noqa: S608
    "pairing-coverage": (
        "SELECT org, count(*), count(DISTINCT p.child_id) FROM child_status s"  # noqa: S608
        f" LEFT JOIN pairing p ON p.child_id = s.child_id WHERE {_HELD} GROUP BY org"
    ),
}
LOOKUP = "SELECT child_id FROM child_status WHERE child_id = %s"


def measure(report: Report) -> None:
    """Measure reports that count, a search by student number, and a register of some of the children."""
    with (
        server() as url,
        on_postgres(url) as place,
        opened(place) as system,
        raw_connection(place.url) as raw,
    ):
        carer_of(system)
        children = list(_enrolled(system, CHILDREN))
        Runner(database=system.database, log=system.log, now=system.now).catch_up()
        raw.execute("ANALYZE")
        for name, sql in COUNTS.items():
            works = {"report": _report(system, name, ORG), "sql": _sql(raw, sql)}
            _told(report, f"count_{name.replace('-', '_')}", works, under="sql")
        works = {"search": _search(system, children), "lookup": _lookups(raw, children)}
        _told(report, "search_100000", works, under="lookup")
        some = children[:NAMED]
        where = f"{ORG}/0"
        works = {"report": _report(system, "register", where), "files": _read(system, some)}
        _told(report, "register", works, under="files")


def _enrolled(system: System, count: int) -> Iterator[UUID]:
    """Enrol children of many names in many classes: NAMED of them in the first grade."""
    for first in range(0, count, 5_000):
        numbers = range(first, min(count, first + 5_000))
        ids = [uuid4() for _ in numbers]
        made = [_enrolment(child, number) for child, number in zip(ids, numbers, strict=True)]
        system.submissions.submit_many(made, actor=SYSTEM, provenance=NOWHERE)
        yield from ids


def _enrolment(child: UUID, number: int) -> Submission:
    one, two = divmod(number // len(FAMILY), len(GIVEN))
    name = FAMILY[number % len(FAMILY)] + GIVEN[two] + GIVEN[one % len(GIVEN)]
    born = date(2010, 1, 1) + timedelta(days=number % 2_000)
    return Submission(
        event_id=uuid4(),
        type="child_enrolled",
        child_id=child,
        org=f"{ORG}/{number // NAMED}/{number % NAMED // A_CLASS}",
        occurred_on=date(2026, 3, 1),
        details={
            "name": name,
            "student_no": child.hex,
            "sex": "female",
            "birth_date": born.isoformat(),
        },
    )


def _report(system: System, name: str, org: str) -> Callable[[], object]:
    made = reports_of(system)

    def run() -> None:
        asked = Asked(system=system, reports=made, actor=SYSTEM, org=org, values={})
        assert answer_of(reports()[name], asked).tables

    return run


def _read(system: System, children: list[UUID]) -> Callable[[], object]:
    def run() -> None:
        for first in range(0, len(children), 100):
            system.log.load_many(children[first : first + 100])

    return run


def _search(system: System, children: list[UUID]) -> Callable[[], object]:
    _, key = system.api_keys.create(actor=SYSTEM, name="bench", role=Role.MANAGER)
    http = testing.TestClient(create_app(system), headers={"Authorization": f"Bearer {key}"})
    wanted = children[:: max(1, len(children) // 100)]

    def run() -> None:
        for child in wanted:
            answered = http.simulate_post("/v1/children/search", json={"student_no": child.hex})
            assert len(answered.json["items"]) == 1, answered.text

    return run


def _lookups(raw: psycopg.Connection, children: list[UUID]) -> Callable[[], object]:
    wanted = children[:: max(1, len(children) // 100)]
    return lambda: [raw.execute(LOOKUP, (child,)).fetchall() for child in wanted]


def _sql(raw: psycopg.Connection, statement: str) -> Callable[[], object]:
    return lambda: raw.execute(statement).fetchall()


def _told(report: Report, name: str, works: dict[str, Callable[[], object]], *, under: str) -> None:
    rounds = interleaved(name, {work: _again(run) for work, run in works.items()})
    (over,) = set(works) - {under}
    report.rates(name, rounds, units=1)
    report.add(name, ratio(rounds, over, under), rounds=len(rounds[over]))


def _again(run: Callable[[], object]) -> Work:
    return lambda: run
