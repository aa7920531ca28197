"""A fresh database on a running server, gone after the block."""

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from application.settings import read_settings
from application.system import migrate_system
from cli.upgrade_steps import STEPS
from projections import tables


@contextlib.contextmanager
def fresh_postgres(server_url: str, *, template: str | None = None) -> Iterator[str]:
    """This will create an empty database and drop it afterwards, whoever is still connected to it.

    With the URL of a `template` it is a copy of that database, whose connections are ended.
    """
    name = f"care_{uuid.uuid4().hex}"
    copied = urlsplit(template).path.removeprefix("/") if template else "template0"
    with psycopg.connect(server_url, autocommit=True) as connection:
        if template:
            # Who closed a connection a moment ago may still be seen.
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [copied]
            )
        names = (sql.Identifier(name), sql.Identifier(copied))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def migrated_template(server_url: str) -> Iterator[str]:
    """This will yield the URL of a database that has all tables of the events and no event."""
    with fresh_postgres(server_url) as url, tempfile.TemporaryDirectory() as folder:
        migrate_system(
            read_settings({"CARELEDGER_DATA_DIR": folder, "CARELEDGER_DATABASE_URL": url}),
            ddl=tables.DDL,
            steps=STEPS,
        )
        yield url


@contextlib.contextmanager
def fresh_redis(server_url: str, *, number: int) -> Iterator[str]:
    """This will yield the numbered database of a Redis, emptied before and after."""
    url = urlsplit(server_url)._replace(path=f"/{number}").geturl()
    client = redis.Redis.from_url(url, socket_timeout=10)
    try:
        client.flushdb()
        yield url
        client.flushdb()
    finally:
        client.close()
