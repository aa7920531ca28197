"""What is made for one life of a server, and lost with it, is not relied upon in the next."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application.access import SYSTEM
from application.alerts.cases import Said
from application.eventstore.database import DatabaseUnavailable
from application.eventstore.postgres import PostgresRecorder
from application.settings import Settings
from application.system import System, migrate_system, open_system
from domain.child import fold
from projections import tables
from tests.support.actions import Desk
from tests.support.world import eventually


class FailsOver(PostgresRecorder):
    """Between what a save relies on and the save itself, a server takes over that has lost that."""

    def __init__(self, system: System, url: str, lose: Callable[[Sequence[Any]], int]) -> None:
        super().__init__(db=system.database)
        self._url = url
        self._lose = lose
        self.lost = 0

    def insert_events(self, stored_events: Sequence[Any], **more: Any) -> Sequence[int]:
        if not self.lost:
            self.lost = self._lose(stored_events)
            cut_off(self._url)
        return super().insert_events(stored_events, **more)


def cut_off(url: str) -> None:
    """End every connection to a database, as the end of its server does."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def writes(system: System) -> bool:
    """Return whether there is a server again that is written to."""
    try:
        return system.database.write("SELECT 1") == [(1,)]
    except DatabaseUnavailable:
        return False


@pytest.fixture
def system(tmp_path: Path, postgres_db_url: str) -> Iterator[System]:
    settings = Settings(
        data_dir=tmp_path, database_url=postgres_db_url, keys_url=f"sqlite:///{tmp_path}/keys.db"
    )
    migrate_system(settings, ddl=tables.DDL)
    system = open_system(settings)
    yield system
    system.close()


def test_a_key_that_was_lost_with_its_server_seals_no_event(system: System, postgres_db_url: str) -> None:
    def lose(stored_events: Sequence[Any]) -> int:
        ids = tuple(event.originator_id for event in stored_events)
        with system.keys_database.transaction() as tx:
            return tx.run("DELETE FROM stream_key WHERE stream_id IN :ids", ids=ids)

    desk = Desk(system)
    desk.enrol()
    recorder = system.log._recorder = FailsOver(system, postgres_db_url, lose)

    child = desk.enrol(student_no="T2")

    assert recorder.lost == 1
    assert [event.erased for event in system.log.stream(child)] == [False]


def test_a_file_that_was_lost_with_its_server_raises_no_alert(system: System, postgres_db_url: str) -> None:
    child = Desk(system).enrol("2026-01-01")

    watching = system.alerts._watching

    def meanwhile(orgs: Collection[str]) -> Said:
        """Ask what is asked once the file has been read and before anything is decided."""
        if system.log.streams([child])[child]:
            with psycopg.connect(postgres_db_url) as connection:
                connection.execute("SET session_replication_role = replica")
                connection.execute("DELETE FROM events WHERE originator_id = %s", [child])
            cut_off(postgres_db_url)
            eventually(lambda: writes(system))
        return watching(orgs)

    assert system.alerts.would_decide(fold(child, system.log.stream(child))) is not None
    system.alerts._watching = meanwhile

    system.alerts.watch(child, actor=SYSTEM)

    assert system.log.streams([child])[child] == ()
    assert system.database.all("SELECT * FROM events WHERE topic = 'alert_raised'") == []
