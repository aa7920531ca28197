"""A newer program adds columns while this one works: what it selects has more columns from then on."""

from contextlib import closing
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from application.access import SYSTEM
from application.eventstore.database import DatabaseUnavailable
from application.eventstore.engines import open_database
from projections import timeline
from projections.outbox import dead_letters
from tests.support.world import SCHOOL, World


def test_a_column_that_a_newer_program_adds_changes_no_answer(world: World) -> None:
    child, database = world.enrol("A1", on="2026-03-01"), world.database
    world.settle()
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with database.transaction() as tx:
        tx.run(
            "INSERT INTO activity_status (activity_id, version, org, kind, occurred_on, occurred_at,"
            " participants, void) VALUES (:id, 1, :org, 'lecture', :day, :at, 0, :void)",
            id=uuid4(),
            org=SCHOOL,
            day=date(2026, 3, 1),
            at=at,
            void=False,
        )

    def read() -> tuple[int, int, int]:
        return (
            len(world.system.activities.listed(actor=SYSTEM)),
            len(timeline.of_child(database, child_id=child)),
            len(dead_letters.listed(database)),
        )

    # Often enough that a driver would keep the statements ready.
    before = {read() for _ in range(12)}
    for table in ("activity_status", "timeline", "dead_letter"):
        with database.transaction() as tx:
            tx.run(f"ALTER TABLE {table} ADD COLUMN newer text")

    assert {read() for _ in range(12)} == before == {(1, 1, 0)}


def test_a_transaction_that_meets_such_a_column_may_be_tried_again(postgres_db_url: str) -> None:
    with closing(open_database(postgres_db_url)) as reading, closing(open_database(postgres_db_url)) as newer:
        newer.write("CREATE TABLE IF NOT EXISTS batch (id bigint)")

        def read() -> int:
            with reading.transaction() as tx:
                return len(tx.all("SELECT * FROM batch"))

        assert {read() for _ in range(12)} == {0}
        with newer.transaction() as tx:
            tx.run("ALTER TABLE batch ADD COLUMN newer text")

        with pytest.raises(DatabaseUnavailable):
            read()
        assert {read() for _ in range(12)} == {0}
