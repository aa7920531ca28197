"""A mail server that never answers, and a crowd of mails: who is told otherwise waits for none of them.

Mail server and webhook sink are real servers, the watch is a real worker process.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM
from application.eventstore.database import utc_now
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.system import System
from domain.days import local_day
from domain.org import Step
from domain.streams.organisations.unit import RecipientRegistered
from projections.outbox import deliveries
from tests.faults.test_killed_workers import opened, worker
from tests.support.world import SECRET, eventually
from tests.workers.post_office import PostOffice, running_post_office
from tests.workers.sink import Sink, running_sink
from workers.sender import THREADS_A_CHANNEL

MAILS = 60
CROWDED, OTHER = "county/township/crowded", "county/township/other"
A_FEW_SECONDS = 8.0


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with running_post_office() as office:
        office.manners["EHLO"] = "silent"
        yield office


@pytest.mark.parametrize(("broker", "part"), [("embedded", None), ("redis", "alerts")])
def test_a_critical_webhook_does_not_wait_for_a_mail_server_that_hangs(  # noqa: PLR0917  fixtures and cases
    broker: str,
    part: str | None,
    tmp_path: Path,
    sink: Sink,
    post_office: PostOffice,
    request: pytest.FixtureRequest,
    record_property: Any,
) -> None:
    environ = surroundings(tmp_path, post_office)
    if broker == "redis":
        environ["CARELEDGER_REDIS_URL"] = request.getfixturevalue("redis_db_url")
    with opened(environ) as system:
        for number in range(MAILS):
            told(system, CROWDED, channel="email", address=f"head{number}@school.example")
        told(system, OTHER, channel="webhook", address=sink.url)
        silent(system, CROWDED, days=20)
        words = ["tests.faults.mortal_worker", "none", "0", *([part] if part else [])]
        with worker(environ, *words, log=tmp_path / "log"):
            eventually(lambda: len(post_office.heard) == THREADS_A_CHANNEL, seconds=30)
            assert deliveries.counts(system.database)["pending"] == MAILS - THREADS_A_CHANNEL

            silent(system, OTHER, days=70)
            began = time.monotonic()
            eventually(lambda: bool(sink.posted), seconds=A_FEW_SECONDS)

            record_property("seconds", round(time.monotonic() - began, 2))
            # They hang all the while.
            assert len(post_office.heard) == THREADS_A_CHANNEL


def surroundings(folder: Path, office: PostOffice) -> dict[str, str]:
    return {
        "CARELEDGER_DATA_DIR": str(folder),
        "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
        "CARELEDGER_UNWATCHED": "1",
        "CARELEDGER_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
        "CARELEDGER_SMTP_FROM": "care@county.example",
    }


def told(system: System, org: str, **words: str) -> UUID:
    """Register who is told of everything at an organisation."""
    system.organisations.ensure(org, actor=SYSTEM)
    recipient = uuid4()
    details = RecipientRegistered(
        recipient=recipient, name="Head", secret=SECRET, from_step=Step.INFO, **words
    )
    system.organisations.recipients.register(org, details=details, actor=SYSTEM)
    return recipient


def silent(system: System, org: str, *, days: int) -> None:
    """Enrol a child who was last heard of so many days ago."""
    enrolment = Submission(
        event_id=uuid4(),
        type="child_enrolled",
        child_id=uuid4(),
        org=f"{org}/3/4",
        occurred_on=local_day(utc_now()) - timedelta(days=days),
        details={"name": "Lin", "student_no": org, "sex": "female", "birth_date": "2016-05-20"},
    )
    system.submissions.submit(enrolment, actor=SYSTEM, provenance=NOWHERE)
