from collections.abc import Iterator

import pytest

from application.eventstore.base import CareRecorder
from application.eventstore.database import Database
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import migrate
from tests.application.eventstore.support import TABLES, recorder_over


@pytest.fixture
def postgres_db_url(empty_postgres_url: str) -> str:
    """The URL of an empty database: the tests of this folder make the tables that they are about."""
    return empty_postgres_url


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An empty database, on each engine in turn."""
    database = open_database(database_url)
    yield database
    database.close()


@pytest.fixture
def recorder(db: Database) -> CareRecorder:
    """A recorder over a migrated database with a few tables for rows."""
    migrate(db, ddl=TABLES)
    return recorder_over(db)
