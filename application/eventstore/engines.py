"""Opening a database by its URL: the one place that knows both engines."""

from application.eventstore.database import (
    Clock,
    Database,
    utc_now,  # noqa: TID251  where the caller has no clock of its own
)


def open_database(url: str, *, pool_size: int = 8, host_clock: Clock | None = None) -> Database:
    """Open the database at `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://…`.

    `pool_size` bounds the connections kept open for reading; half as many write. `host_clock` takes the place
    of this host's. Open it in the process that uses it: a connection does not survive a fork. Raises
    NotDurable, DatabaseUnavailable, or ValueError for another kind of URL.
    """
    clock = host_clock or utc_now
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and ":memory:" not in rest and len(rest) > 1:
        from application.eventstore.engine_sqlite import SQLiteDatabase

        return SQLiteDatabase(path=rest[1:], pool_size=pool_size, host_clock=clock)
    if scheme in {"postgresql", "postgres"}:
        # Imported here, so that a run on SQLite needs no PostgreSQL client.
        from application.eventstore.engine_postgres import PostgresDatabase

        return PostgresDatabase(url=url, pool_size=pool_size, host_clock=clock)
    raise ValueError(f"a database is at sqlite:///path or postgresql://…, not at {scheme}://…")
