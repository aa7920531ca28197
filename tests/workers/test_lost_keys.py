"""Files that have lost their keys: people are told all the same, and what could not be done is done later."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from application.access import SYSTEM
from application.eventstore.keyring import KeysMissing
from application.organisations.registry import Organisations
from domain.org import org_id
from domain.streams.alerts.case import AlertKind, alert_id
from projections import watch
from projections.outbox import dead_letters, deliveries, keyless
from projections.outbox.recomputing import outstanding
from projections.positions import position_of
from tests.support.builders import ORG, an_id
from tests.support.keys import Rows, keys_in, lose_keys
from tests.support.tampering import tamper
from tests.support.world import SCHOOL, World
from workers import relay

COUNTY = SCHOOL.split("/", maxsplit=1)[0]


def states(world: World, alert: UUID) -> list[tuple[str, str | None, int]]:
    """State, last reason and attempts of each delivery of an alert."""
    return [(d.state, d.last_reason, d.attempts) for d in deliveries.of_alert(world.database, alert)]


def letters(world: World) -> list[tuple[str, str]]:
    return [(letter.follower, letter.reason) for letter in dead_letters.listed(world.database)]


def well(world: World) -> bool:
    return watch.checks(world.database, world.system.log, now=world.now)["keys_present"]


def give_back(world: World, right: Rows) -> None:
    """Bring back the rows of keys that were lost, beside those that were made since."""
    with world.system.keys_database.transaction() as tx:
        tx.upsert(table="stream_key", key=("stream_id",), rows=right["stream_key"])


def lost_at(point: str, *streams: UUID) -> tuple[Callable[[str], None], list[World]]:
    """Return a hook that loses the keys of streams at a point, once, in the world put into the list."""
    worlds: list[World] = []

    def at(reached: str) -> None:
        if reached == point and worlds:
            lose_keys(worlds.pop().system.keys_database, *streams)

    return at, worlds


def test_an_alert_is_told_whose_childs_key_is_missing_and_its_file_is_looked_at_when_it_is_back(
    tmp_path: Path,
    database_url: str,
) -> None:
    child = an_id("T1")
    at, worlds = lost_at("sweep.watched", child)
    with World(tmp_path, database_url=database_url, at=at) as world:
        head = world.recipient(catch_all=True)
        world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 07:59")
        right = keys_in(world.system.keys_database)
        worlds.append(world)
        world.advance_to("2026-03-15 08:05")
        (alert,) = (row["alert_id"] for row in world.database.all("SELECT alert_id FROM alert_status"))

        assert [item.step for item in world.inbox(head)] == ["info"]
        assert states(world, alert) == [("accepted", None, 1)]
        assert ("relay", "KeysMissing") in letters(world)
        assert not well(world)
        assert keyless.count(world.database) == 1

        give_back(world, right)
        world.advance_to("2026-03-15 08:20")
        assert letters(world) == []
        assert well(world)
        assert outstanding(world.database) == 0
        world.advance_to("2026-03-31 08:05")
        assert [item.step for item in world.inbox(head)] == ["info", "warning"]


def test_a_notice_goes_out_whose_alerts_key_is_missing(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.recipient(catch_all=True, channel="webhook")
        world.answer = lambda _: httpx.Response(503)
        child = world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 08:00")
        (case,) = world.alerts(child)
        assert states(world, case.alert_id)[0][0] == "pending"

        lose_keys(world.system.keys_database, case.alert_id)
        world.answer = lambda _: httpx.Response(204)
        world.advance_to("2026-03-15 08:10")

        assert [state for state, _, _ in states(world, case.alert_id)] == ["accepted"]


@pytest.mark.timeout(400)  # days pass in it: it is not stuck, a busy machine is slow
def test_a_recipient_whose_organisation_has_lost_its_key_waits_and_others_are_told(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        # Of two in one file, neither may wait for the other to be told.
        for name in ("Head", "Deputy"):
            world.recipient(name, channel="webhook")
        office = world.recipient("Office", org=COUNTY, from_step="critical", catch_all=True)
        child = world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 07:59")
        world.still.add("actors")
        world.advance_to("2026-03-15 08:00")
        (case,) = world.alerts(child)
        assert len(states(world, case.alert_id)) == 2
        right = keys_in(world.system.keys_database)
        lose_keys(world.system.keys_database, org_id(SCHOOL))
        world.still.remove("actors")

        world.advance_to("2026-03-16 20:00")
        assert [item.step for item in world.inbox(office)] == ["info"]
        assert world.posted == []
        waiting = ("pending", "keys_missing", 0)
        assert sorted(states(world, case.alert_id)) == [("accepted", None, 1), waiting, waiting]

        give_back(world, right)
        world.advance_to("2026-03-16 20:05")
        assert len(world.posted) == 2
        assert {state for state, _, _ in states(world, case.alert_id)} == {"accepted"}


def test_whoever_is_registered_in_a_file_without_its_key_is_told_when_it_is_back(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        head = world.recipient("Head")
        office = world.recipient("Office", org=COUNTY, from_step="critical", catch_all=True)
        world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-15 07:59")
        right = keys_in(world.system.keys_database)
        lose_keys(world.system.keys_database, org_id(SCHOOL))
        world.advance_to("2026-03-15 08:05")

        assert [item.step for item in world.inbox(office)] == ["info"]
        assert world.inbox(head) == []
        give_back(world, right)
        world.advance_to("2026-03-15 08:20")
        assert [item.step for item in world.inbox(head)] == ["info"]
        assert [item.step for item in world.inbox(office)] == ["info"]
        assert letters(world) == []


def test_whom_a_unit_watches_is_known_though_it_has_lost_its_key(tmp_path: Path, database_url: str) -> None:
    with World(tmp_path, database_url=database_url) as world:
        system = world.system
        system.organisations.governance.watch_everybody(
            SCHOOL, everybody=True, reason="A flood.", actor=SYSTEM
        )
        known = system.organisations.governance.extensions([ORG])
        lose_keys(system.keys_database, org_id(SCHOOL))

        # As a process finds it that has just begun.
        anew = Organisations(log=system.log, database=system.database, now=system.now)

        assert len(known) == 1
        assert anew.governance.extensions([ORG]) == known
        with pytest.raises(KeysMissing):
            anew.governance.bindings([ORG])


def test_many_files_without_their_keys_hold_nobody_up_and_are_worked_off_when_they_are_back(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "MOST_STREAMS", 5)
    with World(tmp_path, database_url=database_url) as world:
        head = world.recipient(catch_all=True)
        lost = [world.enrol(f"L{number}", on="2026-03-01") for number in range(12)]
        right = keys_in(world.system.keys_database)
        lose_keys(world.system.keys_database, *lost)
        watched = world.enrol("T1", on="2026-03-01")
        # Among so many an event that is bad by itself is still found to be that.
        bad = world.child(world.enrol("T2", on="2026-03-01")).facts[0].event.position or 0
        tamper(world.database, bad)
        world.advance_to("2026-03-01 09:05")

        assert position_of(world.database, relay.NAME) == world.system.log.head()[0]
        assert keyless.count(world.database) == 12
        give_back(world, right)
        world.advance_to("2026-03-01 09:15")
        assert letters(world) == [(each, "Tampered") for each in ("pairings", "relay", "timeline")]
        world.advance_to("2026-03-15 08:05")
        assert {item.child_id for item in world.inbox(head)} == {*lost, watched}


def test_an_alert_of_a_file_without_its_key_is_raised_when_it_is_back(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        head = world.recipient(catch_all=True)
        child = world.enrol("T1", on="2026-03-01")
        world.advance_to("2026-03-10 08:00")
        right = keys_in(world.system.keys_database)
        lose_keys(world.system.keys_database, child)
        world.advance_to("2026-03-15 12:00")
        assert world.inbox(head) == []

        give_back(world, right)
        world.advance_to("2026-03-15 12:10")

        assert [item.step for item in world.inbox(head)] == ["info"]
        raised = alert_id(AlertKind.UNCONTACTED, child=child, anchor=world.child(child).facts[0].event_id)
        assert [case.alert_id for case in world.alerts(child)] == [raised]


def test_children_of_a_class_without_its_key_ring(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        head = world.recipient("Head")
        children = {world.enrol(f"T{number}", on="2026-03-01") for number in range(3)}
        lose_keys(world.system.keys_database, org_id(ORG))
        # As a process finds it that has just begun.
        world.restart()

        world.advance_to("2026-03-15 08:05")

        told = world.inbox(head)
        assert {item.child_id for item in told} == children
