"""What the API says of the watch: beside being ready, and in gauges that are read at the scrape."""

import json
import math
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from api.watch_metrics import WatchCollector
from domain.streams.canary.ring import CANARY_ID
from projections.outbox import dead_letters, due, recomputing, summary
from projections.outbox.due import Timer
from projections.outbox.heartbeat import LOOPS, Heartbeat, beat
from projections.outbox.recomputing import Pending
from tests.api.support import ApiWorld
from tests.support.builders import an_id

RULES = Path(__file__).parents[2] / "examples" / "monitoring" / "alerts.yml"
DASHBOARD = RULES.with_name("dashboard.json")
ALERT = an_id("alert")


def all_beat(world: ApiWorld, *, ago: timedelta = timedelta(0)) -> None:
    with world.system.database.transaction() as tx:
        for loop in LOOPS:
            beat(tx, Heartbeat(loop=loop, completed_at=world.clock.now - ago))


def alert_row(world: ApiWorld, alert: UUID = ALERT, *, snoozed: bool = False) -> dict[str, Any]:
    return {
        "alert_id": alert,
        "org": "county",
        "child_id": an_id("child"),
        "anchor": an_id("anchor"),
        "silent_since": world.clock.now.date(),
        "step": "critical",
        "open": True,
        "raised_at": world.clock.now,
        "acknowledged": False,
        "snoozed_until": world.clock.now.date() + timedelta(days=3) if snoozed else None,
    }


def critical_alert(world: ApiWorld, *, snoozed: bool = False) -> None:
    with world.system.database.transaction() as tx:
        tx.upsert(table="alert_status", key=("alert_id",), rows=[alert_row(world, snoozed=snoozed)])


def notice_row(
    world: ApiWorld, name: str, *, state: str, step: str = "critical", alert: UUID = ALERT, minutes: int = 0
) -> dict[str, Any]:
    now = world.clock.now - timedelta(minutes=minutes)
    return {
        "delivery_id": an_id(name),
        "alert_id": alert,
        "child_id": an_id("child"),
        "org": "county",
        "step": step,
        "days_silent": 60,
        "cause": an_id("cause"),
        "recipient_id": an_id(name),
        "channel": "webhook",
        "state": state,
        "attempts": 0,
        "not_before": now,
        "created_at": now,
        "updated_at": now,
    }


def notice(world: ApiWorld, name: str, **said: Any) -> None:
    with world.system.database.transaction() as tx:
        tx.upsert(table="delivery", key=("delivery_id",), rows=[notice_row(world, name, **said)])


def summed_up(world: ApiWorld) -> None:
    """What the sweep does every two seconds."""
    found = summary.sum_up(world.system.database, now=world.clock.now)
    with world.system.database.transaction() as tx:
        summary.keep(tx, found)


def watch(world: ApiWorld) -> dict[str, bool]:
    """The checks of the watch; a watch that is not well never makes the service not ready."""
    summed_up(world)
    answered = world.caller.get("/readyz")
    assert (answered.status_code, answered.json["status"]) == (200, "ready")
    checks = {check["name"]: check["ok"] for check in answered.json["watch"]["checks"]}
    assert answered.json["watch"]["ok"] is all(checks.values())
    return checks


def failing(world: ApiWorld) -> set[str]:
    return {name for name, ok in watch(world).items() if not ok}


def gauges(world: ApiWorld) -> dict[tuple[str, str], float]:
    """The gauges of the watch by name and value of their label, read now."""
    summed_up(world)
    found = {}
    for family in WatchCollector(world.system, keep_seconds=0).collect():
        for sample in family.samples:
            found[sample.name.removeprefix("careledger_"), "".join(sample.labels.values())] = sample.value
    return found


def test_the_service_is_ready_however_the_watch_is(world: ApiWorld) -> None:
    never = failing(world)
    all_beat(world)
    well = failing(world)
    world.clock.forward(minutes=1)
    silent = failing(world)
    all_beat(world)
    world.enrol()
    world.clock.forward(minutes=2)
    all_beat(world)
    still = failing(world)

    assert (never, well, silent) == (set(LOOPS), set(), set(LOOPS))
    assert still == {"followers"}


def test_a_critical_alert_that_nobody_was_told_of_for_too_long_is_seen(world: ApiWorld) -> None:
    critical_alert(world)
    notice(world, "first", state="unknown")
    fresh = watch(world)["critical_told"]
    notice(world, "first", state="unknown", minutes=20)
    late = watch(world)["critical_told"]
    notice(world, "first", state="failed", minutes=20)
    given_up = watch(world)["critical_told"]
    critical_alert(world, snoozed=True)
    snoozed = watch(world)["critical_told"]
    critical_alert(world)
    notice(world, "second", state="accepted")

    assert (fresh, late, given_up, snoozed) == (True, False, False, True)
    assert watch(world)["critical_told"]


def test_a_call_that_never_ends_is_seen_whatever_it_tells(world: ApiWorld) -> None:
    found = []
    for state, minutes in (("sending", 4), ("pending", 6), ("sending", 6)):
        notice(world, "one", state=state, step="info", minutes=minutes)
        found.append(watch(world)["channels"])

    assert found == [True, True, False]


def test_a_dead_letter_of_the_relay_is_seen_until_somebody_settles_it(world: ApiWorld) -> None:
    found = []
    for follower in ("timeline", "relay"):
        with world.system.database.transaction() as tx:
            dead_letters.bury(
                tx,
                follower=follower,
                key=17,
                position=17,
                stream_id=an_id("child"),
                event_id=None,
                reason="Tampered",
                now=world.clock.now,
            )
        found.append((watch(world)["dead_letters"], gauges(world)["dead_letters", follower]))
    with world.system.database.transaction() as tx:
        name = dead_letters.name_of("relay", 17)
        dead_letters.dismiss(tx, name, by="office", reason="known", now=world.clock.now)

    assert found == [(True, 1), (False, 1)]
    assert watch(world)["dead_letters"]


def test_the_gauges_say_how_old_and_how_much(world: ApiWorld) -> None:
    at_first = gauges(world)
    all_beat(world)
    world.enrol()
    notice(world, "first", state="unknown")
    notice(world, "second", state="pending", step="info")
    notice(world, "third", state="accepted", step="high")
    with world.system.database.transaction() as tx:
        tick = Timer(kind=due.CANARY, key=CANARY_ID, due_at=world.clock.now, position=0)
        due.set_timers(tx, [tick])
        day = world.clock.now.date()
        recomputing.request(tx, [Pending(child_id=an_id("child"), from_day=day, position=1)])
        tx.run(
            "INSERT INTO participation (activity_id, number, version, state, tries, not_before) "
            "VALUES (:id, 0, 1, 'waiting', 0, :now), (:id, 1, 1, 'recorded', 1, NULL)",
            id=an_id("activity"),
            now=world.clock.now,
        )
    world.clock.forward(seconds=90)
    before = gauges(world)
    notice(world, "canary", state="accepted", step="canary", alert=CANARY_ID)
    world.clock.forward(seconds=5)
    after = gauges(world)

    assert {at_first["loop_age_seconds", loop] for loop in LOOPS} == {math.inf}
    assert ("canary_age_seconds", "") not in at_first
    assert {name: before[name] for name in before if name[0] != "watch_ok"} == {
        ("watch_readable", ""): 1,
        **{("loop_age_seconds", loop): 90 for loop in LOOPS},
        ("follower_behind", "timeline"): world.system.log.head()[0],
        ("follower_behind", "pairings"): world.system.log.head()[0],
        ("follower_behind", "relay"): world.system.log.head()[0],
        ("follower_age_seconds", "timeline"): 90,
        ("follower_age_seconds", "pairings"): 90,
        ("follower_age_seconds", "relay"): 90,
        ("dead_letters", "timeline"): 0,
        ("dead_letters", "pairings"): 0,
        ("dead_letters", "relay"): 0,
        ("dead_letters", "recompute"): 0,
        ("deliveries", "pending"): 1,
        ("deliveries", "sending"): 0,
        ("deliveries", "unknown"): 1,
        ("deliveries", "failed"): 0,
        ("unsent_notice_age_seconds", "critical"): 90,
        ("unsent_notice_age_seconds", "info"): 90,
        ("timer_overdue_seconds", ""): 90,
        ("recomputes_outstanding", ""): 1,
        ("participations_due", ""): 1,
        ("keys_missing", ""): 0,
        ("canary_age_seconds", ""): math.inf,
    }
    assert after["canary_age_seconds", ""] == 5


def test_it_is_read_once_for_many_scrapes(small_world: ApiWorld) -> None:
    kept = WatchCollector(small_world.system, keep_seconds=60)
    before = list(kept.collect())
    all_beat(small_world)

    assert list(kept.collect()) == before
    assert gauges(small_world)["loop_age_seconds", "relay"] == 0


def test_without_its_tables_the_watch_is_not_well_and_the_rest_goes_on(small_world: ApiWorld) -> None:
    with small_world.system.database.transaction() as tx:
        tx.run("DROP TABLE heartbeat")

    counts = small_world.caller.get("/metrics")

    assert watch(small_world) == {"readable": False}
    assert "careledger_watch_readable 0.0" in counts.text
    assert gauges(small_world) == {("watch_readable", ""): 0}


def test_the_example_rules_and_the_dashboard_ask_for_what_exists(small_world: ApiWorld) -> None:
    test_the_gauges_say_how_old_and_how_much(small_world)
    text = small_world.caller.get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    given = {sample.name: set(sample.labels) for family in families.values() for sample in family.samples}
    # Of what was not counted yet there is the family alone.
    given = {name + "_total": set() for name, f in families.items() if f.type == "counter"} | given
    rules: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    ruled = " ".join(rule["expr"] for rule in rules)
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    targets = [target for panel in panels for target in panel.get("targets", [])]
    drawn = " ".join(target["expr"] for target in targets)

    assert len(_names(ruled)) > 5
    assert _names(ruled) - set(given) == set()
    checks = set(re.findall(r'check="(\w+)"', ruled))
    assert checks <= set(watch(small_world))
    # The dashboard leaves out nothing that the watch gives, and takes apart by labels that there are.
    assert {name for name in given if name in _gauges_of(families)} <= _names(drawn)
    assert {"careledger_events_recorded_total", "careledger_http_requests_total"} <= _names(drawn)
    assert _names(drawn) - set(given) == set()
    for target in targets:
        (name,) = _names(target["expr"])
        taken = re.findall(r" by \(([a-z, ]+)\)", target["expr"])
        assert {label for labels in taken for label in labels.split(", ")} <= given[name] | _COUNTED, target
    assert len({panel["id"] for panel in panels}) == len(panels)


# A counter has its labels from its first count on.
_COUNTED = {"type", "status", "method", "route"}


def _names(expressions: str) -> set[str]:
    return set(re.findall(r"careledger_\w+", expressions))


def _gauges_of(families: Mapping[str, Metric]) -> set[str]:
    gauges = {name for name, family in families.items() if family.type == "gauge"}
    # The library writes when a counter began as one more gauge.
    return {name for name in gauges if not name.endswith("_created")}
