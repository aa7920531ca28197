"""Somebody records something at the worst moment, and two workers are at it at once."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from application.access import SYSTEM
from application.recording.outcome import NOWHERE
from application.settings import read_settings
from projections.compliance import of_child
from projections.outbox import recomputing
from projections.outbox.inbox import inbox_of
from projections.positions import everything
from tests.faults.test_killed_workers import worker
from tests.support.world import World, eventually
from tests.workers.test_process import HEAD, enrolment, opened, silent_child


class Once:
    """Does something at the first visit of a point."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.act: Callable[[], None] | None = None

    def __call__(self, point: str) -> None:
        if point == self.point and self.act is not None:
            act, self.act = self.act, None
            act()


def test_what_is_voided_while_the_sweep_looks_away_is_not_slept_over(tmp_path: Path) -> None:
    once = Once("sweep.watched")
    with World(tmp_path, at=once) as world:
        head = world.recipient("Head teacher")
        child = world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-20 10:00")
        visit = world.visit(child, on="2026-03-20")

        def void() -> None:
            world.void(child, visit.event_id)
            while world.watch.relay.step():
                pass

        once.act = void
        world.settle()

        assert once.act is None
        assert [case.open for case in world.alerts(child)] == [True]
        world.advance_to("2026-04-01 10:00")
        assert [item.step for item in world.inbox(head)][-1] == "warning"


def test_what_is_voided_while_a_child_is_judged_is_judged_again(tmp_path: Path) -> None:
    once = Once("recompute.judged")
    with World(tmp_path, at=once) as world:
        world.bind("C39", effective_from="2026-03-01")
        child = world.enrol("T1", on="2026-03-01")
        world.pair(child, on="2026-03-01")
        world.advance_to("2026-03-20 10:00")
        world.visit(child, on="2026-03-19")
        visit = world.visit(child, on="2026-03-20")

        def void() -> None:
            world.void(child, visit.event_id)
            while world.watch.relay.step():
                pass

        once.act = void
        world.settle()

        assert once.act is None
        assert [row.achieved for row in of_child(world.database, child_id=child, now=world.now)] == [1]
        assert recomputing.outstanding(world.database) == 0


def test_two_workers_on_one_database_tell_each_alert_once(tmp_path: Path, postgres_db_url: str) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path), "CARELEDGER_DATABASE_URL": postgres_db_url}
    with opened(read_settings(environ)) as system:
        silent_child(system)
        for number in range(2, 41):
            system.submissions.submit(enrolment(f"T{number}"), actor=SYSTEM, provenance=NOWHERE)
        with (
            worker(environ, "workers", log=tmp_path / "one") as one,
            worker(environ, "workers", log=tmp_path / "two") as two,
        ):
            eventually(lambda: len(inbox_of(system.database, recipient_id=HEAD)) == 40, seconds=40)
            for process in (one, two):
                os.kill(process.pid, signal.SIGTERM)
            assert [process.wait(timeout=10) for process in (one, two)] == [0, 0]

        items = inbox_of(system.database, recipient_id=HEAD, limit=1000)
        assert set(Counter(item.child_id for item in items).values()) == {1}
        raised = [e for e in everything(system.log) if e.type == "alert_raised"]
        assert len(raised) == len(items) == 40
