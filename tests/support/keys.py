"""The content of a keys database taken out and put back, as a restore of a copy does it."""

from collections.abc import Mapping, Sequence
from typing import Any

from application.eventstore.database import Database

TABLES = ("stream_key", "further_stream_key", "secret", "ledger", "principal", "api_key")
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def keys_in(keys: Database) -> Rows:
    """Return every row of a keys database."""
    return {table: keys.all(f"SELECT * FROM {table}") for table in TABLES}


def put_keys(keys: Database, rows: Rows) -> None:
    """Put these rows into the place of all that lies in a keys database."""
    with keys.transaction() as tx:
        for table in TABLES:
            tx.run(f"DELETE FROM {table}")
            for row in rows.get(table, ()):
                columns = ", ".join(row)
                values = ", ".join(f":{name}" for name in row)
                tx.run(f"INSERT INTO {table} ({columns}) VALUES ({values})", **row)


def lose_keys(keys: Database, *streams: object) -> None:
    """Take the rows of some streams away, as a copy does that was made before they came."""
    with keys.transaction() as tx:
        for table in ("stream_key", "further_stream_key"):
            tx.run(f"DELETE FROM {table} WHERE stream_id IN :streams", streams=streams)
