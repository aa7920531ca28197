"""Rows that are checked and rewritten while people go on working."""

from datetime import date
from uuid import UUID, uuid4

from application.access import SYSTEM
from domain.event import NewEvent, Occurred
from domain.streams.households.registered import HouseholdRegistered
from projections import status
from tests.support.world import World


def test_what_is_recorded_during_a_rebuild_keeps_its_row(world: World) -> None:
    first, later = world.enrol("A1", on="2026-03-01"), set[UUID]()

    def enrol_another(_done: int) -> None:
        later.add(world.enrol("A2", on="2026-03-01"))

    status.rebuild(world.database, world.system.log, progress=enrol_another)

    assert shown(world) == {first, *later}
    assert later
    assert list(status.differences(world.database, world.system.log)) == []


def test_a_rebuild_takes_away_the_row_of_a_stream_that_the_log_does_not_have(world: World) -> None:
    child, stranger = world.enrol("A1", on="2026-03-01"), uuid4()
    with world.database.transaction() as tx:
        tx.run("UPDATE child_status SET child_id = :new WHERE child_id = :old", new=stranger, old=child)

    found = {(d.key, bool(d.columns)) for d in status.differences(world.database, world.system.log)}
    status.rebuild(world.database, world.system.log)

    assert found == {(child, True), (stranger, False)}
    assert shown(world) == {child}


def test_a_check_takes_nothing_that_is_written_meanwhile_for_a_difference(world: World) -> None:
    child = world.enrol("A1", on="2026-03-01")
    world.recipient("Head teacher", catch_all=True)
    world.settle()
    with world.database.transaction() as tx:
        tx.run("UPDATE child_status SET version = 9")

    found = status.differences(world.database, world.system.log)
    assert next(found).key == child
    world.advance_to("2026-05-01 09:00")

    assert world.alerts(child)
    assert list(found) == []


def test_the_rows_that_lead_from_a_child_to_its_household_are_checked_and_written_again(
    world: World,
) -> None:
    child, other, household = world.enrol("A1", on="2026-03-01"), uuid4(), uuid4()
    opening = NewEvent(
        event_id=uuid4(),
        occurred=Occurred.on(date(2026, 3, 1)),
        details=HouseholdRegistered(children=(child,)),
        org="county/township/village",
        recorded_by="李老师",
    )
    recording = world.system.recordings["household"]
    recording.record_many(actor=SYSTEM, stream_id=household, new_events=[opening])
    with world.database.transaction() as tx:
        tx.run("UPDATE stream_child SET child_id = :other", other=other)

    (found,) = status.differences(world.database, world.system.log)
    status.rebuild(world.database, world.system.log)

    assert (found.table, found.key) == ("stream_child", household)
    assert list(status.differences(world.database, world.system.log)) == []
    assert world.database.tuples("SELECT child_id, stream_id FROM stream_child") == [(child, household)]


def shown(world: World) -> set[UUID]:
    """The children that have a row."""
    return {row["child_id"] for row in world.database.all("SELECT child_id FROM child_status")}
