"""The canary's whole way, on a simulated clock: every link of it must hold, or the monitor hears nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from application.access import SYSTEM
from domain.alert_kind import UNCONTACTED
from domain.ladder import EscalationPolicy
from domain.org import Step
from domain.streams.canary.ring import CANARY_ID, CanaryRang, stream_of_rings
from projections.database import Database
from projections.outbox import due, recipient_queues
from projections.outbox.deliveries import RecipientQueue
from tests.support.builders import an_id
from tests.support.world import World
from workers.canary import would_be_raised

PING = "https://monitor.example/ping/3f2a"
INTERVAL = timedelta(seconds=300)


@pytest.fixture
def watched(tmp_path: Path, database_url: str) -> Iterator[World]:
    with World(tmp_path, database_url=database_url, ping_url=PING) as world:
        yield world


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, ping_url=PING) as world:
        yield world


def advance(world: World, **delta: float) -> int:
    """Move the clock on; give how many pings there were."""
    before = len(world.posted)
    world.advance_to(world.now + timedelta(**delta))
    return len(world.posted) - before


def canaries(database: Database) -> dict[str, int]:
    rows = database.all(
        "SELECT state, count(*) AS n FROM delivery WHERE alert_id = :id GROUP BY state", id=CANARY_ID
    )
    return {row["state"]: row["n"] for row in rows}


def test_every_interval_the_monitor_hears_one_plain_call(watched: World) -> None:
    pings = advance(watched, minutes=20)

    assert pings == 5
    assert canaries(watched.database) == {"accepted": 5}
    for request in watched.posted:
        assert (request.method, request.content) == ("GET", b"")
        assert request.headers["host"] == "monitor.example"
        assert request.url.path == "/ping/3f2a"


def test_the_canary_is_in_no_file_no_list_and_no_figure(watched: World) -> None:
    watched.recipient("Office", catch_all=True)
    advance(watched, minutes=20)

    stream = watched.system.log.stream(stream_of_rings(watched.today))
    assert [event.originator_version for event in stream] == [1, 2, 3, 4, 5]
    assert {(event.type, event.org, event.details) for event in stream} == {("canary_rang", "", CanaryRang())}
    assert watched.system.log.stream(CANARY_ID) == ()
    for table in ("child_status", "alert_status", "inbox", "recompute_pending", "timeline"):
        assert watched.database.all(f"SELECT * FROM {table}") == [], table
    assert watched.system.alerts.listed(actor=SYSTEM) == []
    assert [t.key for t in due.all_timers(watched.database)] == [CANARY_ID]


def test_no_stream_and_no_table_grows_for_ever(tmp_path: Path) -> None:
    with World(tmp_path, ping_url=PING, ping_seconds=3600) as world:
        advance(world, days=2)

        today, yesterday = world.today, world.today - timedelta(days=1)
        assert len(world.system.log.stream(stream_of_rings(yesterday))) == 24
        assert 0 < len(world.system.log.stream(stream_of_rings(today))) < 24
        assert 24 <= sum(canaries(world.database).values()) <= 25


def test_a_link_that_stands_still_stops_the_pings_and_mended_they_come_again(small: World) -> None:
    for link in ("runner", "relay", "sweep", "actors"):
        advance(small, minutes=10)
        small.still = {link}
        still = advance(small, minutes=15)
        small.still = set()
        again = advance(small, minutes=5)

        # What is late is no sign that all is well, so that nothing is made up for.
        assert (link, still, again in {1, 2}) == (link, 0, True)


def test_a_loop_that_beats_and_moves_nothing_stops_them_too(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance(small, minutes=10)
    monkeypatch.setattr(small.watch.relay, "step", lambda: 0, raising=False)

    assert advance(small, minutes=15) == 0


def test_a_ladder_that_raises_nobody_as_critical_keeps_it_silent(small: World) -> None:
    info, high, critical = (Step.INFO, 14), (Step.HIGH, 45), (Step.CRITICAL, 60)

    def raised(*steps: tuple[Step, int]) -> bool:
        alerts = small.system.alerts
        alerts.policy = EscalationPolicy(steps=steps, hour=8)
        alerts.ladders = replace(alerts.ladders, come_with={**alerts.ladders.come_with, UNCONTACTED: steps})
        return would_be_raised(small.system.alerts, now=small.now)

    assert raised(info, critical)
    assert raised(info, (Step.CRITICAL, 90))
    # The last: care ends with the age of 18, long before so many days.
    for broken in ((info, high), (critical, info), (), ((Step.CRITICAL, 9_000),)):
        assert not raised(*broken)
    assert advance(small, minutes=10) == 0


def test_it_would_be_raised_at_every_hour(small: World) -> None:
    for hour in range(24):
        small.asleep_until(f"2026-03-02 {hour:02}:00")
        assert would_be_raised(small.system.alerts, now=small.now), hour


def test_a_critical_alert_that_reaches_nobody_stops_them(small: World) -> None:
    small.recipient("Office", channel="webhook", catch_all=True)
    small.enrol("T1", on="2026-03-01")
    small.answer = lambda request: httpx.Response(200 if request.method == "GET" else 503)
    small.asleep_until("2026-04-30 08:00")
    heard = advance(small, minutes=5)
    small.advance_to("2026-04-30 08:20")

    assert heard >= 1
    before = len([r for r in small.posted if r.method == "GET"])
    small.advance_to("2026-04-30 08:40")
    assert len([r for r in small.posted if r.method == "GET"]) == before


def test_a_monitor_that_does_not_take_it_is_tried_again_and_not_for_long(small: World) -> None:
    small.answer = lambda _: httpx.Response(503)
    advance(small, minutes=20)
    failed = canaries(small.database)
    small.answer = lambda _: httpx.Response(200)
    advance(small, minutes=5)

    assert "accepted" not in failed
    assert canaries(small.database)["accepted"] in {1, 2}


def test_without_a_monitor_there_is_no_canary(world: World) -> None:
    world.recipient("Office", catch_all=True)
    world.advance_to("2026-03-02 09:00")

    assert due.all_timers(world.database) == ()
    assert world.database.one("SELECT * FROM events WHERE topic = 'canary_rang'") is None


def test_two_sweeps_ring_once(small: World) -> None:
    small.settle()
    timer = due.timer_of(small.database, kind=due.CANARY, key=CANARY_ID)
    assert timer is not None
    small.asleep_until(timer.due_at)
    small.all_beat()
    small.watch.sweep._sum_up(small.now)

    for _ in range(2):
        small.watch.sweep._look_at_canary(timer, small.now)

    assert len(small.system.log.stream(stream_of_rings(small.today))) == 2


def test_a_channel_that_is_stuck_for_good_silences_the_canary(watched: World) -> None:
    """The canary has threads of its own, so that it would go on ringing while no mail goes out any more."""
    watched.recipient("Hook", channel="webhook")
    held = RecipientQueue(recipient_id=an_id("Hook"), channel="webhook")
    with watched.database.transaction() as tx:
        assert recipient_queues.take(tx, held, holder=watched.watch.sender.instance, now=watched.now)
    watched.watch.sender.serving[held] = "a thread that never ends"
    watched.enrol("T1", on="2026-02-10")
    advance(watched, minutes=2)
    with watched.database.transaction() as tx:
        tx.run(
            "UPDATE delivery SET state = 'sending', updated_at = :now WHERE parcel IS NULL", now=watched.now
        )

    assert advance(watched, minutes=4) > 0
    advance(watched, minutes=6)
    assert advance(watched, minutes=30) == 0

    del watched.watch.sender.serving[held]
    assert advance(watched, minutes=10) > 1
