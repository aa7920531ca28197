"""Everything twice is once, and a crash between any two steps loses nothing.

A crash here is an exception that nothing catches, with the messages of the broker gone; the real kill -9 has
tests of its own.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from application.access import SYSTEM
from projections import tables
from projections.outbox import deliveries
from projections.positions import rewind
from tests.support.builders import an_id
from tests.support.world import World
from tests.workers.test_delivering import Killed

POINTS = [
    "relay.planned",
    "relay.written",
    "relay.kept",
    "sweep.watched",
    "sweep.settled",
    "sweep.offered",
    "sweep.rung",
    "recomputes.turned",
    "recomputes.offered",
    "recomputes.rung",
    "deliver.claimed",
    "deliver.sent",
    "deliver.kept",
    "recompute.begun",
    "recompute.judged",
    "recompute.kept",
]

# Where the sweep looks at what is no child: another life leads there.
WATCHES = ["sweep.sang", "sweep.unsnoozed"]


class Fate:
    """Crashes at one point, at its n-th visit."""

    def __init__(self, point: str, visit: int) -> None:
        self.point, self.left, self.reached = point, visit, Counter[str]()

    def __call__(self, point: str) -> None:
        self.reached[point] += 1
        if point == self.point:
            self.left -= 1
            if self.left == 0:
                raise Killed


def lived(folder: Path, fate: Callable[[str], None]) -> World:
    """A term of one child: two steps of silence, a visit, a voiding; crashes are got over in a minute."""
    world = World(folder, at=fate)
    world.recipient("Head teacher")
    world.recipient("Hook", channel="webhook")
    child = world.enrol("T1", on="2026-03-01")
    world.pair(child, on="2026-03-01")
    world.bind("C39", effective_from="2026-03-01")
    advanced(world, "2026-04-02 09:00")
    visit = world.visit(child, on="2026-04-02")
    advanced(world, "2026-04-05 09:00")
    world.void(child, visit.event_id)
    advanced(world, "2026-04-10 09:00")
    return world


def advanced(world: World, until: str) -> None:
    for _ in range(3):
        try:
            world.advance_to(until)
        except Killed:
            world.restart()
            world._now += timedelta(minutes=1)


def told(world: World) -> dict[str, Any]:
    """What people and read models were left with, without the moments."""
    child = an_id("T1")
    rows = world.database.all("SELECT * FROM compliance ORDER BY rule_id, period")
    return {
        "alerts": [(c.alert_id, c.step, c.open) for c in world.alerts(child)],
        "steps": sorted(
            (e.type, getattr(e.details, "step", None))
            for c in world.alerts(child)
            for e in world.system.log.stream(c.alert_id)
        ),
        "inbox": [item.step for item in world.inbox(an_id("Head teacher"))],
        "webhook_ids": len({request.headers["webhook-id"] for request in world.posted}),
        "compliance": rows,
        "waiting": world.database.all("SELECT child_id FROM recompute_pending"),
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    fate = Fate("nowhere", 1)
    with lived(tmp_path_factory.mktemp("undisturbed"), fate) as world:
        assert set(POINTS) <= set(fate.reached)
        assert len(world.posted) == 3
        return told(world)


@pytest.mark.parametrize("visit", [1, 2, 4])
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_loses_nothing_and_doubles_nothing(
    point: str, visit: int, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with lived(tmp_path, Fate(point, visit)) as world:
        assert told(world) == undisturbed
        # What was sent and not written down is sent again under its id: one repeat at most.
        assert len(world.posted) - undisturbed["webhook_ids"] in ({0, 1} if point == "deliver.sent" else {0})


def snoozed(folder: Path, fate: Callable[[str], None]) -> World:
    """Days of two children whose alerts are snoozed, while an outside monitor listens."""
    world = World(folder, at=fate, ping_url="https://monitor.example/ping", ping_seconds=40_000)
    world.recipient("Head teacher")
    world.recipient("Hook", channel="webhook")
    children = [world.enrol(number, on="2026-03-01") for number in ("T1", "T2")]
    advanced(world, "2026-03-15 09:00")
    for child, day in zip(children, (17, 18), strict=True):
        (case,) = world.alerts(child)
        until = date(2026, 3, day)
        world.system.alerts.snooze(case.alert_id, until=until, reason="x", approved_by="y", actor=SYSTEM)
    advanced(world, "2026-03-20 09:00")
    return world


def rung(world: World) -> dict[str, Any]:
    """What people and the outside monitor were left with."""
    rings = world.database.all("SELECT originator_id FROM events WHERE topic = 'canary_rang'")
    posts = [request for request in world.posted if request.method == "POST"]
    return {
        "inbox": [(item.child_id, item.step) for item in world.inbox(an_id("Head teacher"))],
        "webhook_ids": sorted(request.headers["webhook-id"] for request in posts),
        "deliveries": deliveries.counts(world.database),
        "rings": len(rings),
        "pings": len(world.posted) - len(posts),
    }


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    fate = Fate("nowhere", 1)
    with snoozed(tmp_path_factory.mktemp("unbroken"), fate) as world:
        assert all(fate.reached[point] >= 2 for point in WATCHES)
        found = rung(world)
    assert len(found["inbox"]) == 4
    assert found["rings"] == found["pings"] > 20
    return found


@pytest.mark.parametrize("visit", [1, 2])
@pytest.mark.parametrize("point", WATCHES)
def test_a_crash_beside_a_ring_or_the_end_of_a_snooze_neither_loses_nor_doubles_it(
    point: str, visit: int, tmp_path: Path, unbroken: dict[str, Any]
) -> None:
    with snoozed(tmp_path, Fate(point, visit)) as world:
        assert rung(world) == unbroken


def test_the_log_read_again_from_its_beginning_sets_and_sends_nothing_anew(world: World) -> None:
    head, hook = world.recipient("Head teacher"), world.recipient("Hook", channel="webhook")
    first, second = (world.enrol(number, on="2026-03-01") for number in ("T1", "T2"))
    world.bind("C39", effective_from="2026-03-01")
    world.advance_to("2026-04-10 09:00")
    world.visit(second, on="2026-04-10")
    world.settle()
    world.recipient("Later")
    world.settle()
    before, posted = rows(world), len(world.posted)

    with world.database.transaction() as tx:
        for name in ("relay", "timeline"):
            rewind(tx, name=name)
    world.settle()

    assert rows(world) == before
    assert len(world.posted) == posted
    assert [len(world.inbox(who)) for who in (head, hook, an_id("Later"))] == [4, 0, 0]
    assert [case.open for case in world.alerts(first)] == [True]


def rows(world: World) -> dict[str, Any]:
    """Every row of the watch and of the read models."""
    names = {statement.split()[2] for statement in tables.DDL if "CREATE TABLE" in statement}
    kept = names - {"heartbeat", "timer", "worker_presence"}
    found: dict[str, Any] = {name: world.database.all(f"SELECT * FROM {name} ORDER BY 1, 2") for name in kept}
    found["timer"] = world.database.all("SELECT kind, key, due_at FROM timer ORDER BY kind, key")
    return found
