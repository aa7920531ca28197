"""What is made for one life of a server, and lost with it, is not relied upon in the next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from application.eventstore.database import Database
from application.eventstore.postgres import PostgresRecorder
from application.settings import Settings
from application.system import migrate_system, open_system
from projections import tables
from tests.support.actions import Desk


class FailsOver(PostgresRecorder):
    """Between the making of a key and the save that needs it, a server takes over that lacks the key."""

    def __init__(self, *, db: Database, url: str, keys: Database) -> None:
        super().__init__(db=db)
        self._url = url
        self._keys = keys
        self.lost = 0

    def insert_events(self, stored_events: Sequence[Any], **more: Any) -> Sequence[int]:
        if not self.lost:
            ids = tuple(event.originator_id for event in stored_events)
            with self._keys.transaction() as tx:
                self.lost = tx.run("DELETE FROM stream_key WHERE stream_id IN :ids", ids=ids)
            with psycopg.connect(self._url) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        return super().insert_events(stored_events, **more)


def test_a_key_that_was_lost_with_its_server_seals_no_event(tmp_path: Path, postgres_db_url: str) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url=postgres_db_url, keys_url=f"sqlite:///{tmp_path}/keys.db"
    )
    migrate_system(settings, ddl=tables.DDL)
    system = open_system(settings)
    try:
        desk = Desk(system)
        desk.enrol()
        recorder = FailsOver(db=system.database, url=postgres_db_url, keys=system.keys_database)
        system.log._recorder = recorder

        child = desk.enrol(student_no="T2")

        assert recorder.lost == 1
        assert [event.erased for event in system.log.stream(child)] == [False]
    finally:
        system.close()
