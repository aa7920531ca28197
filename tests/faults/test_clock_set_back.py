"""A host's clock an hour ahead, and put right: on SQLite that is the only clock there is.

Nothing is raised twice, nothing is lost, and nothing waits until the hour has passed again.
"""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from application.access import SYSTEM
from application.intake.batches import ROSTER
from application.system import reports_of
from domain.event import Channel
from projections.compliance import of_child
from projections.outbox import recomputing
from projections.outbox.heartbeat import LOOPS, Heartbeat, beat, silent_loops
from tests.api.support import api_world, visit
from tests.support.builders import ORG
from tests.support.world import World


def said(world: World) -> Counter[str]:
    rows = world.database.all("SELECT topic FROM events WHERE topic LIKE 'alert_%'")
    return Counter(row["topic"] for row in rows)


def test_what_rang_too_early_neither_ends_nor_rings_again(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        head = world.recipient()
        child = world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 07:30")
        world.asleep_until("2026-03-15 08:30")
        world.settle()
        assert said(world)["alert_raised"] == 1

        world.asleep_until("2026-03-15 07:31")
        # An event by which the watch looks at the child anew.
        world.pair(child, on="2026-03-15")
        world.settle()
        world.advance_to("2026-03-15 10:00")

        assert said(world) == {"alert_raised": 1, "alert_notified": 1}
        assert [item.step for item in world.inbox(head)] == ["info"]
        world.visit(child, on="2026-03-15")
        world.settle()
        assert said(world)["alert_resolved"] == 1


def test_what_ended_too_early_does_not_ring_again(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        head = world.recipient()
        child = world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 23:30")
        exited = {"reason": "graduated"}
        world.record(child, "child_exited", on="2026-03-15", details=exited)
        world.asleep_until("2026-03-16 00:30")
        world.settle()
        assert said(world)["alert_resolved"] == 1

        world.asleep_until("2026-03-15 23:31")
        world.pair(child, on="2026-03-14")
        world.settle()
        world.advance_to("2026-03-17 10:00")

        assert said(world) == {"alert_raised": 1, "alert_notified": 1, "alert_resolved": 1}
        assert len(world.inbox(head)) == 1


def test_what_came_in_by_import_meanwhile_is_looked_at_a_minute_later(tmp_path: Path) -> None:
    with World(tmp_path, start="2026-03-20 10:00") as world:
        world.asleep_until("2026-03-20 11:00")
        world.enrol("T1", on="2026-03-01", channel=Channel.IMPORT)
        world.settle()
        world.enrol("T2", on="2026-03-01", channel=Channel.IMPORT)

        world.asleep_until("2026-03-20 10:01")
        world.advance_to("2026-03-20 10:03")

        assert said(world)["alert_raised"] == 2


def test_the_clock_may_be_put_right_while_nothing_runs(tmp_path: Path) -> None:
    with World(tmp_path, start="2026-03-20 11:00") as world:
        world.enrol("T1", on="2026-03-01", channel=Channel.IMPORT)
        world.settle()
    with World(tmp_path, start="2026-03-20 10:01") as world:
        world.advance_to("2026-03-20 10:03")

        assert said(world)["alert_raised"] == 1


def test_an_import_that_a_fast_clock_dated_does_not_hold_alerts_back_for_ever(tmp_path: Path) -> None:
    with World(tmp_path, start="2026-03-20 10:00") as world:
        world.asleep_until("2026-03-23 10:00")
        world.system.batches.begin_paper(source=ROSTER, org=ORG, file_sha256="0" * 64, actor=SYSTEM)
        world.asleep_until("2026-03-20 10:01")
        world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-20 10:03")

        assert said(world)["alert_raised"] == 1


def test_the_end_of_a_snooze_is_told_once(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        head = world.recipient()
        child = world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 10:00")
        (case,) = world.alerts(child)
        world.system.alerts.snooze(
            case.alert_id, until=date(2026, 3, 16), reason="Ill", approved_by="Wang", actor=SYSTEM
        )
        world.advance_to("2026-03-17 07:30")
        assert len(world.inbox(head)) == 1

        world.asleep_until("2026-03-17 08:30")
        world.settle()
        world.asleep_until("2026-03-17 07:31")
        world.advance_to("2026-03-17 10:00")

        assert len(world.inbox(head)) == 2


def test_a_period_that_began_too_early_begins_again(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.bind("C39", effective_from="2026-03-01")
        child = world.enrol("T1", on="2026-03-01")
        world.pair(child, on="2026-03-01")
        world.advance_to("2026-03-31 23:30")
        before = {s.period for s in of_child(world.database, child_id=child, now=world.now)}
        world.asleep_until("2026-04-01 00:30")
        world.settle()
        world.asleep_until("2026-03-31 23:31")
        world.visit(child, on="2026-03-31")
        world.advance_to("2026-04-01 00:10")

        after = {s.period for s in of_child(world.database, child_id=child, now=world.now)}
        assert before < after
        assert recomputing.outstanding(world.database) == 0


def test_a_round_of_the_future_is_no_sign_of_life(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        with world.database.transaction() as tx:
            for loop in ("runner", "relay", "sweep"):
                beat(tx, Heartbeat(loop=loop, completed_at=world.now + timedelta(hours=1)))

        assert silent_loops(world.database, now=world.now) == LOOPS


def test_what_was_acknowledged_meanwhile_is_shown_at_once_and_stays(tmp_path: Path) -> None:
    urls = {"database_url": f"sqlite:///{tmp_path}/care.db", "keys_url": f"sqlite:///{tmp_path}/keys.db"}
    with api_world(tmp_path, **urls) as world:
        carer, right = world.carer(), world.clock.now
        world.clock.forward(hours=1)
        child = world.enrol()
        kept = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer))
        world.clock.now = right
        late = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(carer, "2026-06-21"))

        state = world.caller.get(f"/v1/children/{child}").json
        entries = world.caller.get(f"/v1/children/{child}/history").json["items"]
        (line,) = reports_of(world.system).children(org="county")
        events = world.system.log.after(0, limit=100)

    assert (kept.status_code, late.status_code) == (201, 201)
    assert state["version"] == 3
    assert state["last_contact"]["occurred_on"] == "2026-06-21"
    assert len(entries) == 3
    assert line.last_contact_on == date(2026, 6, 21)
    dated = [event.recorded_at for event in events if event.recorded_at]
    assert dated == sorted(dated)
    assert dated[-1] == right + timedelta(hours=1)
