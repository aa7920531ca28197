"""The worker process itself, as it is started by hand, by a supervisor or by compose."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from application.access import SYSTEM, Actor, Role
from application.eventstore.database import utc_now
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.settings import Settings, read_settings
from application.system import System, migrate_system, open_system
from domain.days import local_day
from domain.streams.organisations.unit import RecipientRegistered
from projections import tables
from projections.outbox import presence
from projections.outbox.heartbeat import LOOPS, silent_loops
from projections.outbox.inbox import inbox_of
from tests.faults.test_killed_workers import worker
from tests.support.builders import ORG, an_id
from tests.support.world import SCHOOL, eventually

CANARY = "Canary-Wang-Xiaoming"
HEAD = an_id("Head teacher")


@contextmanager
def opened(settings: Settings) -> Iterator[System]:
    migrate_system(settings, ddl=tables.DDL)
    system = open_system(settings)
    try:
        yield system
    finally:
        system.close()


def silent_child(system: System) -> None:
    """A child who was enrolled twenty days ago and never contacted, and somebody to tell."""
    system.organisations.ensure(ORG, actor=SYSTEM)
    head = RecipientRegistered(recipient=HEAD, name="Head teacher", channel="inbox", catch_all=True)
    system.organisations.recipients.register(SCHOOL, details=head, actor=SYSTEM)
    actor = Actor(name="li", role=Role.MANAGER)
    system.submissions.submit(enrolment("T1"), actor=actor, provenance=NOWHERE)


def enrolment(student_no: str) -> Submission:
    """The enrolment of a child twenty days ago."""
    return Submission(
        event_id=an_id(f"enrolment of {student_no}"),
        child_id=an_id(student_no),
        type="child_enrolled",
        occurred_on=local_day(utc_now()) - timedelta(days=20),
        details={"name": CANARY, "student_no": student_no, "sex": "male", "birth_date": "2016-05-20"},
        org=ORG,
    )


@pytest.mark.parametrize("broker", ["embedded", "redis"])
def test_a_due_alert_reaches_the_inbox_and_the_process_ends_when_told_to(
    broker: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path)}
    if broker == "redis":
        environ["CARELEDGER_REDIS_URL"] = request.getfixturevalue("redis_db_url")
    with (
        opened(read_settings(environ)) as system,
        worker(environ, "workers", log=tmp_path / "log") as process,
    ):
        eventually(lambda: silent_loops(system.database, now=utc_now()) == (), seconds=30)
        silent_child(system)
        eventually(lambda: bool(inbox_of(system.database, recipient_id=HEAD)), seconds=30)

        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert [item.step for item in inbox_of(system.database, recipient_id=HEAD)] == ["info"]
        assert presence.everybody(system.database) == {}
        assert CANARY not in (tmp_path / "log").read_text()


def test_a_loop_that_dies_ends_the_process_so_that_somebody_starts_it_again(tmp_path: Path) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path)}
    with (
        opened(read_settings(environ)) as system,
        worker(environ, "workers", log=tmp_path / "log") as process,
    ):
        eventually(lambda: silent_loops(system.database, now=utc_now()) == (), seconds=30)
        with system.database.transaction() as tx:
            tx.run("ALTER TABLE delivery RENAME TO lost")

        assert process.wait(timeout=15) == 1
        assert "sweep died" in (tmp_path / "log").read_text()


def test_without_tables_the_process_says_so_and_ends(tmp_path: Path) -> None:
    with worker({"CARELEDGER_DATA_DIR": str(tmp_path)}, "workers", log=tmp_path / "log") as process:
        assert process.wait(timeout=30) == 1
        assert "migrat" in (tmp_path / "log").read_text()


def test_every_loop_is_listened_for() -> None:
    assert LOOPS == ("presence", "relay", "sweep", "runner", "recomputes", "fanout")
