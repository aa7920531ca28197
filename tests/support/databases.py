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
from projections import tables


@contextlib.contextmanager
def fresh_postgres(server_url: str, *, template: str = "template0") -> Iterator[str]:
    """This will create an empty database, or a copy of another, and drop it, whoever is connected to it."""
    name = f"care_{uuid.uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(create)
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def migrated_template(server_url: str) -> Iterator[str]:
    """This will yield the name of a database that has all tables of the events and no event."""
    with fresh_postgres(server_url) as url, tempfile.TemporaryDirectory() as folder:
        migrate_system(
            read_settings({"CARELEDGER_DATA_DIR": folder, "CARELEDGER_DATABASE_URL": url}), ddl=tables.DDL
        )
        yield urlsplit(url).path.removeprefix("/")


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
