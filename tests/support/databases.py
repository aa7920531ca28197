"""A fresh database on a running server, gone after the block."""

import atexit
import contextlib
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from application.eventstore.migrations.migrate import NotMigrated
from application.settings import Settings, read_settings
from application.system import System, migrate_system, open_system
from application.upkeep.places import sqlite_path
from cli.upgrade_steps import STEPS
from projections import tables


@contextlib.contextmanager
def fresh_postgres(server_url: str, *, template: str | None = None) -> Iterator[str]:
    """This will create an empty database and drop it afterwards, whoever is still connected to it.

    With the URL of a `template` it is a copy of that database, whose connections are ended.
    """
    name = f"care_{uuid.uuid4().hex}"
    copied = urlsplit(template).path.removeprefix("/") if template else "template0"
    connection = _kept_connection(server_url)
    if template:
        # Who closed a connection a moment ago may still be seen.
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [copied]
        )
    # Half the cost of copying by the log, and the copy has the template's cache of the catalogue.
    # Before version 15 there was no other way, nor a word for it.
    strategy = sql.SQL("STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else "")
    names = (sql.Identifier(name), sql.Identifier(copied), strategy)
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} {}").format(*names))
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        dropping = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        _kept_connection(server_url).execute(dropping)


_kept: dict[str, psycopg.Connection[Any]] = {}


def _kept_connection(server_url: str) -> psycopg.Connection[Any]:
    """Return this process's own connection to a server: to connect twice a test costs a third of a copy."""
    if (kept := _kept.get(server_url)) is not None:
        try:
            kept.execute("SELECT 1")
        except psycopg.OperationalError:
            # The server was started again, or the test has ended all its connections.
            kept.close()
        else:
            return kept
    kept = _kept[server_url] = psycopg.connect(server_url, autocommit=True)
    atexit.register(kept.close)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The URLs of two databases to copy: one with all tables of the events, one with those of the keys."""

    events: str
    keys: str


@contextlib.contextmanager
def migrated_templates(server_url: str) -> Iterator[Templates]:
    """This will yield databases with all tables, which fit each other and the files of `opened`."""
    with contextlib.ExitStack() as stack:
        events, keys = (stack.enter_context(fresh_postgres(server_url)) for _ in range(2))
        for urls in (
            {"CARELEDGER_DATABASE_URL": events},
            {"CARELEDGER_KEYS_URL": keys},
        ):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            settings = read_settings({"CARELEDGER_DATA_DIR": folder} | urls)
            _lay_files(settings, ddl=tables.DDL)
            migrate_system(settings, ddl=tables.DDL, steps=STEPS)
        yield Templates(events=events, keys=keys)


def opened(settings: Settings, *, ddl: Sequence[str] = (), **how: Any) -> System:
    """Open a system as `open_system` does, after its tables have been made where there are none.

    New files are copies of a pair that was migrated once in this process: to migrate takes ten times as long.
    """
    _lay_files(settings, ddl=ddl)
    # A service with a role of its own gets its rights from the migration.
    if settings.owner_database_url is None and settings.owner_keys_url is None:
        with contextlib.suppress(NotMigrated):
            return open_system(settings, **how)
    migrate_system(settings, ddl=ddl)
    return open_system(settings, **how)


def _lay_files(settings: Settings, *, ddl: Sequence[str]) -> None:
    """Put migrated files where the settings name files, unless there is any yet."""
    wanted = {
        sqlite_path(url): made
        for url, made in (
            (settings.database_url, partial(_migrated_events, tuple(ddl))),
            (settings.keys_url, _migrated_keys),
        )
        if url.startswith("sqlite:")
    }
    if any(path.exists() for path in wanted):
        return
    for path, made in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(made())


@cache
def _migrated_keys() -> bytes:
    """Return a file of keys whose ledger has its id."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"CARELEDGER_DATA_DIR": folder})
        migrate_system(settings)
        return sqlite_path(settings.keys_url).read_bytes()


@cache
def _migrated_events(ddl: tuple[str, ...]) -> bytes:
    """Return a file of events, without any, of the ledger of the keys."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"CARELEDGER_DATA_DIR": folder})
        sqlite_path(settings.keys_url).write_bytes(_migrated_keys())
        migrate_system(settings, ddl=ddl)
        return sqlite_path(settings.database_url).read_bytes()


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
