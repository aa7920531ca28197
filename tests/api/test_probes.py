"""Probes cost the same however many alerts are open, and those that come at once share one look."""

import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from api.single_flight import SingleFlight
from api.watch_metrics import WatchCollector
from projections.outbox import summary
from tests.api.support import ApiWorld, api_world
from tests.api.test_watch import alert_row, all_beat, critical_alert, notice, notice_row, summed_up
from tests.support.builders import an_id
from tests.support.world import eventually

OPEN = 5000


def test_who_asks_while_another_is_answered_gets_that_answer() -> None:
    begun, go_on, count = threading.Event(), threading.Event(), iter(range(99))

    def look() -> int:
        begun.set()
        assert go_on.wait(10)
        return next(count)

    flight = SingleFlight(look)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(flight, wait_seconds=10)
        assert begun.wait(10)
        others = [pool.submit(flight, wait_seconds=10) for _ in range(7)]
        with pytest.raises(TimeoutError):
            flight(wait_seconds=0.01)
        go_on.set()
        answers = [asked.result() for asked in (first, *others)]

    # Who came only after the answer was there has made a look of its own.
    assert answers[0] == 0
    assert set(answers) <= {0, 1}
    assert flight(wait_seconds=1) == max(answers) + 1


def test_what_goes_wrong_is_told_to_all_and_not_kept() -> None:
    divisors = iter([0, 2])
    flight = SingleFlight(lambda: 8 // next(divisors))

    with pytest.raises(ZeroDivisionError):
        flight(wait_seconds=1)

    assert flight(wait_seconds=1) == 4


def test_a_probe_behind_a_look_that_hangs_is_answered_not_ready(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.health.PATIENCE_SECONDS", 0.2)
    with ThreadPoolExecutor(1) as pool, world.system.database.transaction() as tx:
        if world.system.database.dialect == "postgres":
            tx.run("LOCK TABLE heartbeat")
        else:
            pytest.skip("on SQLite a reader waits for nobody")
        hanging = pool.submit(world.caller.get, "/readyz")
        eventually(lambda: _waiting_for_a_lock(world))

        answered = world.caller.get("/readyz")

    assert answered.status_code == 503
    assert answered.json["status"] == "not_ready"
    assert answered.json["watch"] == {"ok": False, "checks": [{"name": "readable", "ok": False}]}
    assert hanging.result().status_code == 503
    eventually(lambda: world.caller.get("/readyz").status_code == 200)


def test_what_nobody_has_summed_up_for_a_minute_is_not_called_well(world: ApiWorld) -> None:
    found = []
    for seconds in (None, 0, 59, 2, -59, -2):
        if seconds is None:
            all_beat(world)
        elif seconds == 0:
            summed_up(world)
        else:
            world.clock.forward(seconds=seconds)
        found.append(_critical_told(world))
        if seconds == 2:
            summed_up(world)

    assert found == [False, True, True, False, True, False]


def test_it_is_summed_up_every_two_seconds_and_at_once_while_somebody_is_untold(world: ApiWorld) -> None:
    database, now = world.system.database, world.clock.now
    critical_alert(world)
    notice(world, "first", state="failed", minutes=20)

    at_first = summary.is_due(database, now=now)
    summed_up(world)
    while_untold = summary.is_due(database, now=now)
    notice(world, "second", state="accepted")
    summed_up(world)
    told = [summary.is_due(database, now=now + timedelta(seconds=s)) for s in (0, 1, 2, -3)]

    assert (at_first, while_untold, told) == (True, True, [False, False, True, True])


@pytest.mark.slow(seconds=5)
@pytest.mark.timeout(300)
def test_probes_cost_the_same_with_thousands_of_open_critical_alerts(
    tmp_path: Path, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    with api_world(tmp_path, database_url=database_url, keys_url=f"sqlite:///{tmp_path}/keys.db") as world:
        all_beat(world)
        summed_up(world)
        none = _seconds(world)
        _many_told(world)
        summed_up(world)
        many = _seconds(world)

        for what, seconds in many.items():
            record_property(what, f"{none[what] * 1000:.2f} ms -> {seconds * 1000:.2f} ms")
            assert seconds <= 3 * none[what] + 0.001, what
        began = time.monotonic()
        summary.sum_up(world.system.database, now=world.clock.now)
        record_property("summing up", f"{(time.monotonic() - began) * 1000:.1f} ms")
        assert time.monotonic() - began < 1
        assert _critical_told(world)


def _critical_told(world: ApiWorld) -> bool:
    checks = world.caller.get("/readyz").json["watch"]["checks"]
    return next(check["ok"] for check in checks if check["name"] == "critical_told")


def _seconds(world: ApiWorld) -> dict[str, float]:
    """What a probe takes alone, 8 at once take, and a scrape of the watch; undisturbed by what else runs."""

    def timed(ask: Callable[[], object]) -> float:
        began = time.perf_counter()
        ask()
        return time.perf_counter() - began

    def eight() -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(world.caller.get, "/readyz") for _ in range(8)]
            assert {answer.result().status_code for answer in answers} == {200}

    asked: dict[str, Callable[[], object]] = {
        "readyz": lambda: world.caller.get("/readyz"),
        "readyz, 8 at once": eight,
        "metrics": lambda: list(WatchCollector(world.system, keep_seconds=0).collect()),
    }
    return {what: statistics.quantiles([timed(ask) for _ in range(41)])[0] for what, ask in asked.items()}


def _many_told(world: ApiWorld) -> None:
    """Open critical alerts, of each of which one was told, and one could not be."""
    alerts = [an_id(f"alert {number}") for number in range(OPEN)]
    notices = [
        notice_row(world, f"{state} {alert}", state=state, alert=alert, minutes=60)
        for alert in alerts
        for state in ("accepted", "failed")
    ]
    with world.system.database.transaction() as tx:
        tx.upsert(table="alert_status", key=("alert_id",), rows=[alert_row(world, a) for a in alerts])
        tx.upsert(table="delivery", key=("delivery_id",), rows=notices)


def _waiting_for_a_lock(world: ApiWorld) -> bool:
    sql = "SELECT 1 AS one FROM pg_locks WHERE NOT granted AND relation = to_regclass('heartbeat')"
    return world.system.database.one(sql) is not None
