"""Twenty thousand events on one child while another falls silent: the watch tells of that one in seconds."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from application.eventstore.database import utc_now
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.system import System
from domain.days import local_day
from domain.rules.rule_files import presets
from projections.compliance import FOLLOWER
from projections.positions import position_of
from tests.faults.test_hanging_channel import silent, told
from tests.faults.test_killed_workers import opened, worker
from tests.support.crowd import crowd
from tests.support.world import eventually
from tests.workers.sink import running_sink

EVENTS = 20_000
TOLD_WITHIN = 15.0
BUSY, OTHER = "county/township/busy", "county/township/other"


@pytest.mark.slow(seconds=8)
@pytest.mark.timeout(300)
def test_another_child_s_alert_does_not_wait_for_a_child_with_many_events(
    tmp_path: Path, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    environ = {
        "CARELEDGER_DATA_DIR": str(tmp_path),
        "CARELEDGER_DATABASE_URL": database_url,
        "CARELEDGER_KEYS_URL": f"sqlite:///{tmp_path}/keys.db",
        "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
        "CARELEDGER_UNWATCHED": "1",
    }
    with running_sink() as sink, opened(environ) as system:
        told(system, OTHER, channel="webhook", address=sink.url)
        hot = _enrolled(system)
        day = local_day(utc_now()) - timedelta(days=60)
        system.organisations.governance.bind_rule(
            BUSY, rule=presets()["C39", 1], effective_from=day, actor=SYSTEM
        )
        with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
            eventually(lambda: _behind(system) == 0, seconds=60)
            # With the relay's lock, so that all of them stand before the other child.
            with system.database.advisory(FOLLOWER, wait_seconds=10) as mine:
                assert mine
                crowd(system, hot, events=EVENTS)
                silent(system, OTHER, days=70)
                behind = _behind(system)
            began = time.monotonic()
            eventually(lambda: bool(sink.posted), seconds=TOLD_WITHIN)

            record_property("told after", f"{time.monotonic() - began:.1f} s, {behind} events before it")
            eventually(lambda: _behind(system) == 0, seconds=60)
            record_property("worked off after", f"{time.monotonic() - began:.1f} s")
    assert behind > EVENTS


def _behind(system: System) -> int:
    return system.log.head()[0] - position_of(system.database, FOLLOWER)


def _enrolled(system: System) -> UUID:
    child = uuid4()
    enrolment = Submission(
        event_id=uuid4(),
        type="child_enrolled",
        child_id=child,
        org=f"{BUSY}/3/4",
        occurred_on=local_day(utc_now()),
        details={"name": "Lin", "student_no": "hot", "sex": "female", "birth_date": "2016-05-20"},
    )
    system.organisations.ensure(BUSY, actor=SYSTEM)
    system.submissions.submit(enrolment, actor=SYSTEM, provenance=NOWHERE)
    return child
