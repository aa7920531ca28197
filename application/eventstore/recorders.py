"""Which recorder goes with which database."""

from application.eventstore.base import CareRecorder
from application.eventstore.database import Clock, Database
from application.eventstore.postgres import PostgresRecorder
from application.eventstore.sqlite import SQLiteRecorder


def open_recorder(database: Database, *, clock: Clock | None = None) -> CareRecorder:
    """Return the recorder for a database. `clock` dates events where the world was built with one."""
    kind = SQLiteRecorder if database.dialect == "sqlite" else PostgresRecorder
    return kind(db=database, clock=clock)
