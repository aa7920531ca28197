"""Rows that are checked and rewritten while people go on working."""

from uuid import UUID, uuid4

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


def shown(world: World) -> set[UUID]:
    """The children that have a row."""
    return {row["child_id"] for row in world.database.all("SELECT child_id FROM child_status")}
