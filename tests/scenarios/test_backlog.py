"""A whole county waits to be judged anew, and an alert that falls due meanwhile goes out as it always does.

Production: PostgreSQL, Redis, a process of alerts and one of records, a real receiver. Embedded: SQLite and
one process for everything.
"""

import random
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from application.eventstore.database import utc_now
from application.eventstore.recorder import Row
from application.system import System
from domain.care_actions.child_enrolled import ChildEnrolled
from domain.child import fold
from domain.days import local_day
from domain.event import Channel, Event, Metadata, Occurred
from domain.rules.rule_files import presets
from domain.status import status_of
from projections.outbox.recomputing import outstanding
from projections.positions import advance, position_of
from tests.faults.test_killed_workers import SCHOOL, opened, somebody_to_tell, worker
from tests.support.world import eventually
from tests.workers.sink import Sink, running_sink

RULES = ("C39", "C27")
AT_ONCE = 500


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    ("parts", "children", "alerts"),
    [
        pytest.param(("alerts", "records"), 100_000, 60, id="production"),
        pytest.param((), 40_000, 25, id="embedded"),
    ],
)
def test_a_backlog_of_a_county_does_not_delay_an_alert(
    parts: Sequence[str],
    children: int,
    alerts: int,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Rounds without and with the backlog take turns; each of the latter begins with a rule that is bound."""
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1"}
    if parts:
        environ["CARELEDGER_DATABASE_URL"] = request.getfixturevalue("postgres_db_url")
        environ["CARELEDGER_REDIS_URL"] = request.getfixturevalue("redis_db_url")
    took: dict[str, list[float]] = {"idle": [], "backlog": []}
    left: list[int] = []
    with opened(environ) as system, running_sink() as sink:
        somebody_to_tell(system, sink)
        silent = iter(prepared(system, children=children, silent=2 * len(RULES) * alerts))
        with ExitStack() as running:
            for words in [("--part", part) for part in parts] or [()]:
                running.enter_context(worker(environ, "workers", *words, log=tmp_path / "log"))
            for rule in RULES:
                eventually(lambda: caught_up(system), seconds=300)
                took["idle"] += latencies(system, sink, islice(silent, alerts))
                system.organisations.governance.bind_rule(
                    "county",
                    rule=presets()[rule, 1],
                    effective_from=local_day(utc_now()) - timedelta(days=90),
                    actor=SYSTEM,
                )
                eventually(lambda: outstanding(system.database) > children // 2, seconds=60)
                took["backlog"] += latencies(system, sink, islice(silent, alerts))
                left.append(outstanding(system.database))
                with system.database.transaction() as tx:
                    tx.run("DELETE FROM recompute_pending")
    figures = {name: (quantile(values, 0.5), quantile(values, 0.99)) for name, values in took.items()}
    with request.getfixturevalue("capsys").disabled():
        sys.stdout.write(f"\np50 and p99 in seconds: {figures}; left of the backlog: {left}\n")
    assert min(left) > 0, "the backlog was worked off before the round was over"
    assert figures["backlog"][1] <= 2 * figures["idle"][1]


def prepared(system: System, *, children: int, silent: int) -> list[UUID]:
    """Enrol children of today, and some of twenty days ago whose alerts are still to fall due; give these."""
    today = local_day(utc_now())
    for _ in range(children // AT_ONCE):
        enrol(system, [uuid4() for _ in range(AT_ONCE)], occurred=Occurred.on(today))
    quiet = [uuid4() for _ in range(silent)]
    enrol(system, quiet, occurred=Occurred.on(today - timedelta(days=20)))
    with system.database.transaction() as tx:
        # What the relay would come to in some minutes, without the alerts of those who are silent.
        head, _ = system.log.head()
        advance(tx, name="relay", start=0, end=head, now=system.now())
        tx.run(
            "INSERT INTO timer (kind, key, due_at, position) "
            "SELECT 'silence', child_id, :due_at, :position FROM child_status",
            due_at=utc_now() + timedelta(days=14),
            position=head,
        )
    return quiet


def enrol(system: System, ids: Sequence[UUID], *, occurred: Occurred) -> None:
    """Enrol many children in one transaction."""
    events = [enrolment(child_id, occurred) for child_id in ids]
    statuses = [status_of(fold(event.originator_id, [event])) for event in events]
    rows = [
        Row(table="child_status", key={"child_id": s.child_id}, values={k: getattr(s, k) for k in STATUS})
        for s in statuses
    ]
    system.log.append(events, rows=rows)


STATUS = ("version", "org", "enrolled_on", "care_ends_on", "last_contact_on", "silent_since", "anchor")


def enrolment(child_id: UUID, occurred: Occurred) -> Event:
    details = ChildEnrolled(
        name="Lin", student_no=child_id.hex, sex="female", birth_date=datetime(2016, 5, 20, tzinfo=UTC).date()
    )
    return Event(
        originator_id=child_id,
        originator_version=1,
        event_id=uuid4(),
        occurred=occurred,
        details=details,
        recorded_by="office",
        org=f"{SCHOOL}/3/4",
        metadata=Metadata(actor="office", role="manager", channel=Channel.API),
    )


def caught_up(system: System) -> bool:
    """Whether every loop has come to the end of what there is to do."""
    head, _ = system.log.head()
    names = ("relay", "timeline")
    return all(position_of(system.database, n) == head for n in names) and not outstanding(system.database)


def latencies(system: System, sink: Sink, silent: Iterable[UUID]) -> list[float]:
    """Let one alert after another fall due; give how many seconds later each came to its receiver."""
    chance, took = random.Random(5), []
    for child in silent:
        # Not in step with the loops of the watch.
        due_at, before = utc_now() + timedelta(seconds=0.2 + chance.random()), len(sink.posted)
        with system.database.transaction() as tx:
            tx.run("UPDATE timer SET due_at = :at WHERE key = :child", at=due_at, child=child)
        eventually(lambda before=before: len(sink.posted) > before, seconds=60)
        took.append(sink.posted[before].at - due_at.timestamp())
        time.sleep(0.05)
    return took


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
