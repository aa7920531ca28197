"""The primary dies under load and its standby is promoted, again and again; nothing is started anew.

With synchronous replication nothing acknowledged is lost. With asynchronous replication what the standby
lacks is lost, but no file gets a hole, and no follower is told "nothing new" instead.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor, Role
from application.eventstore.database import DatabaseUnavailable, utc_now
from application.eventstore.soundness import unsound
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.reports.changes import BEGINNING, Cursor, LogReplaced
from application.system import System
from domain.days import local_day
from domain.event import Channel
from domain.refusal import Refused
from tests.cli.terminal import Terminal
from tests.faults.test_killed_workers import SCHOOL, opened, somebody_to_tell, types, worker
from tests.support.replication import running_pair
from tests.support.world import eventually
from tests.workers.sink import Sink, alerts_in, running_sink

OFFICE = Actor(name="office", role=Role.MANAGER, channel=Channel.API)
TOLD_SECONDS = 30.0


@pytest.mark.parametrize("synchronous", [True, False], ids=["synchronous", "asynchronous"])
@pytest.mark.parametrize(
    "promotions", [pytest.param(10, marks=[pytest.mark.slow, pytest.mark.timeout(1500)])]
)
def test_promotions_under_load(promotions: int, synchronous: bool, tmp_path: Path) -> None:
    outages: list[tuple[float, float]] = []
    with running_pair() as pair, running_sink() as sink:
        pair.create("care")
        pair.create("keys")
        environ = {
            "CARELEDGER_DATA_DIR": str(tmp_path),
            "CARELEDGER_DATABASE_URL": pair.url("care"),
            "CARELEDGER_KEYS_URL": pair.url("keys"),
            "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
            "CARELEDGER_UNWATCHED": "1",
        }
        log = tmp_path / "log"
        with opened(environ) as system, worker(environ, "workers", log=log) as process:
            somebody_to_tell(system, sink)
            load, follower = Load(system), Follower(system)
            with running(load.work, load.work, load.work, follower.work) as stopping:
                for _ in range(promotions):
                    pair.synchronous(on=synchronous)
                    load.more(8)
                    if not synchronous:
                        pair.cut()
                        load.more(8)
                    killed = time.time()
                    pair.fail_over()
                    outages.append((killed, time.time()))
                    load.more(3)
                    pair.follow()
                stopping.set()
            assert load.mistakes == follower.mistakes == []
            follower.to_the_end()

            kept, children = recorded(system), recorded(system, "child_enrolled")
            eventually(lambda: types(system)["alert_raised"] == len(children), seconds=60)
            alerts = alerts_of(system)
            eventually(lambda: set(first_told(sink)) >= set(alerts.values()), seconds=60)

            lost = load.acknowledged.keys() - kept.keys()
            assert (lost == set()) if synchronous else lost
            assert (follower.replaced == 0) if synchronous else (follower.replaced > 0)
            assert Counter(follower.told) == Counter(kept.keys())
            assert list(unsound(system.database)) == []
            assert types(system)["alert_raised"] == len(children)
            if synchronous:
                assert slowest(load, alerts, sink, outages) <= TOLD_SECONDS
            assert process.poll() is None
            assert "Traceback" not in log.read_text()
        checked = Terminal(tmp_path, **environ).json("check")
        assert checked["ok"]
        assert "lost_at_the_end" in [note["code"] for note in checked["notes"]]


@dataclass
class Load:
    """Enrols children who were last heard of twenty days ago; sends again until it is heard."""

    system: System
    acknowledged: dict[UUID, float] = field(default_factory=dict)
    enrolled: dict[UUID, float] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    def more(self, number: int) -> None:
        """Wait until so many more children are enrolled."""
        before = len(self.enrolled)
        eventually(lambda: len(self.enrolled) >= before + number or bool(self.mistakes), seconds=90)
        assert self.mistakes == []

    def work(self, stopping: Event) -> None:
        """Work until told to stop."""
        try:
            while not stopping.is_set():
                child = uuid4()
                if self._sent(enrolment(child), stopping):
                    self.enrolled[child] = time.time()
                    for _ in range(3):
                        self._sent(work_of_father(child), stopping)
                stopping.wait(0.4)
        except Exception as error:  # noqa: BLE001  the test looks at it
            self.mistakes.append(repr(error))

    def _sent(self, submission: Submission, stopping: Event) -> bool:
        while not stopping.is_set():
            try:
                self.system.submissions.submit(submission, actor=SYSTEM, provenance=NOWHERE)
            except DatabaseUnavailable:
                stopping.wait(0.1)
            except Refused:
                # Its child was lost with the primary.
                return False
            else:
                self.acknowledged[submission.event_id] = time.time()
                return True
        return False


@dataclass
class Follower:
    """Follows the changes as docs/clients.md says, and begins anew where the log was replaced."""

    system: System
    cursor: Cursor = BEGINNING
    told: list[UUID] = field(default_factory=list)
    replaced: int = 0
    mistakes: list[str] = field(default_factory=list)

    def work(self, stopping: Event) -> None:
        """Follow until told to stop."""
        try:
            while not stopping.is_set():
                try:
                    if not self._step():
                        stopping.wait(0.2)
                except DatabaseUnavailable:
                    stopping.wait(0.1)
        except Exception as error:  # noqa: BLE001  the test looks at it
            self.mistakes.append(repr(error))

    def to_the_end(self) -> None:
        """Follow until as much was told as there is."""
        eventually(lambda: not self._step() and len(self.told) >= len(recorded(self.system)), seconds=60)

    def _step(self) -> int:
        try:
            found, self.cursor = self.system.changes.after(self.cursor, actor=OFFICE, limit=200)
        except LogReplaced:
            self.replaced += 1
            self.cursor, self.told = BEGINNING, []
            return 1
        ids = [change.event_id for change in found if not change.type.startswith("alert")]
        self.told += ids
        return len(found)


@contextmanager
def running(*works: Callable[[Event], None]) -> Iterator[Event]:
    """Let several work at once, until the event that is given is set."""
    stopping = Event()
    threads = [Thread(target=work, args=(stopping,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        for thread in threads:
            thread.join(timeout=60)


def enrolment(child: UUID) -> Submission:
    return Submission(
        event_id=uuid4(),
        type="child_enrolled",
        child_id=child,
        org=f"{SCHOOL}/3/4",
        occurred_on=local_day(utc_now()) - timedelta(days=20),
        details={
            "name": "Lin",
            "student_no": f"T{child.hex[:12]}",
            "sex": "female",
            "birth_date": "2016-05-20",
        },
    )


def work_of_father(child: UUID) -> Submission:
    """What is no contact, and leaves the alert as it is."""
    return Submission(
        event_id=uuid4(),
        type="parent_work_recorded",
        child_id=child,
        occurred_on=local_day(utc_now()),
        details={"parent": "father", "away": True},
    )


def recorded(system: System, *types_: str) -> Mapping[UUID, UUID]:
    """What is in the log of children, by the id of the event, with the child."""
    wanted = types_ or ("child_enrolled", "parent_work_recorded")
    rows = system.database.tuples(
        "SELECT event_id, originator_id FROM events WHERE topic IN :types", types=wanted
    )
    return dict(rows)


def alerts_of(system: System) -> Mapping[UUID, str]:
    rows = system.database.tuples("SELECT child_id, alert_id FROM alert_status")
    return {child: str(alert) for child, alert in rows}


def first_told(sink: Sink) -> Mapping[str, float]:
    """When the webhook was told of each alert for the first time."""
    told: dict[str, float] = {}
    for posted in list(sink.posted):
        for alert in alerts_in(posted):
            told.setdefault(alert, posted.at)
    return told


def slowest(load: Load, alerts: Mapping[UUID, str], sink: Sink, outages: list[tuple[float, float]]) -> float:
    """How long at most an alert was told after the enrolment, or after a promotion that came between."""
    told = first_told(sink)
    waits = []
    for child, enrolled in load.enrolled.items():
        at = told[alerts[child]]
        promoted = [end for begin, end in outages if begin - TOLD_SECONDS < enrolled < end <= at]
        waits.append(at - max([enrolled, *promoted]))
    return max(waits)
