"""Which processes live, and which types of event the log may hold."""

from contextlib import closing
from datetime import timedelta

import pytest

from application.eventstore.database import utc_now
from application.eventstore.migrations.migrate import SchemaTooNew
from application.system import open_system
from application.upkeep import processes
from application.upkeep.processes import GONE_AFTER, Processes, TypeNotYetKnown
from domain.catalogue import event_types
from tests.api.test_rolling_upgrade import an_older_one, gone
from tests.support.world import World, eventually


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "KEPT_SECONDS", 0.0)


def test_one_that_was_not_seen_for_a_minute_is_gone(world: World) -> None:
    known = world.system.processes
    an_older_one(world.database, "talk_held", seen_ago=GONE_AFTER - timedelta(seconds=5))
    with pytest.raises(TypeNotYetKnown):
        known.refuse({"talk_held"})
    gone(world.database)
    an_older_one(world.database, "talk_held", seen_ago=GONE_AFTER + timedelta(seconds=1))

    known.refuse({"talk_held"})

    assert known.living() == []


def test_who_joins_is_seen_until_it_leaves_and_beats_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "BEAT_SECONDS", 0.05)
    known = world.system.processes

    member = known.join("api")
    (first,) = known.living()
    eventually(lambda: known.living()[0].seen_at > first.seen_at)
    member.leave()
    member.leave()

    assert (first.kind, first.unknown) == ("api", ())
    assert known.living() == []


def test_a_program_that_does_not_know_what_was_taken_is_not_started(world: World) -> None:
    newer = Processes(
        database=world.database, now=utc_now, types={*event_types(), "pigeon_sent"}, program="0.3.0"
    )
    newer.refuse({"pigeon_sent"})
    newer.refuse({"pigeon_sent"})

    with pytest.raises(SchemaTooNew, match="pigeon_sent"), closing(open_system(world.settings)):
        pass
    with pytest.raises(SchemaTooNew):
        world.system.processes.refuse_newer_log()


def test_in_a_new_store_all_types_are_known_to_be_taken(world: World) -> None:
    noted = world.database.tuples("SELECT type FROM event_type_taken")

    assert {name for (name,) in noted} == set(event_types())
