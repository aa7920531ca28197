"""Where it is measured: fresh databases, on a PostgreSQL that is given or started, or in SQLite files."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict

from application.eventstore.database import Clock
from application.settings import Settings
from application.system import System, migrate_system, open_system
from projections.tables import DDL
from tests.support.databases import fresh_postgres
from tests.support.servers import running_postgres

# The library's table of the raw inserts, in the database of the events.
PLAIN = "plain_events"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Two empty databases, migrated, and a folder that goes away with them."""

    settings: Settings
    folder: Path

    @property
    def url(self) -> str:
        """The database of the events."""
        return self.settings.database_url


@contextmanager
def server() -> Iterator[str]:
    """Return the PostgreSQL of CARELEDGER_TEST_POSTGRES_URL, or start one that syncs as it does in life."""
    with running_postgres() as started:
        yield started.url


@contextmanager
def on_postgres(server_url: str) -> Iterator[Place]:
    """Make a place on a server: events and keys in two databases of it."""
    with ExitStack() as stack:
        events, keys = (stack.enter_context(fresh_postgres(server_url)) for _ in range(2))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield _migrated(folder, database_url=events, keys_url=keys)


@contextmanager
def on_sqlite() -> Iterator[Place]:
    """Make a place in files: events and keys in two of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield _migrated(
            folder, database_url=f"sqlite:///{folder}/care.db", keys_url=f"sqlite:///{folder}/keys.db"
        )


@contextmanager
def opened(place: Place, *, clock: Clock | None = None) -> Iterator[System]:
    """Open the system of a place, with `clock` in the place of its own."""
    system = open_system(place.settings, clock=clock)
    try:
        yield system
    finally:
        system.close()


@contextmanager
def raw_connection(url: str) -> Iterator[psycopg.Connection]:
    """Return a connection that commits each statement and prepares it at its first use."""
    connection = psycopg.connect(url, autocommit=True)
    connection.prepare_threshold = 0
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def library(url: str) -> Iterator[PostgresFactory]:
    """Return the library's own factory, which makes its plain tables."""
    factory = PostgresFactory(Environment("Plain", library_environ(url)))
    factory.process_recorder()
    try:
        yield factory
    finally:
        factory.close()


def library_environ(url: str) -> dict[str, str]:
    """Return what the library reads from its environment to find a database."""
    parts = conninfo_to_dict(url)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    return {f"POSTGRES_{name}": str(parts[key]) for name, key in names.items()}


def most_memory(place: Place, *arguments: str) -> float:
    """Run a command of careledger on a place; give the most memory that it held, in MB."""
    env = shutil.which("env")
    assert env is not None
    settings = {
        "CARELEDGER_DATA_DIR": str(place.folder),
        "CARELEDGER_DATABASE_URL": place.settings.database_url,
        "CARELEDGER_KEYS_URL": place.settings.keys_url,
    }
    command = Path(sys.executable).with_name("careledger")
    wanted = [env, *(f"{name}={value}" for name, value in settings.items()), str(command), *arguments]
    with subprocess.Popen(wanted, stdout=subprocess.DEVNULL) as process:  # noqa: S603  ours
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"careledger {arguments[0]} ended with {process.returncode}")
    return used.ru_maxrss / 1024


def answers(url: str) -> bool:
    """Return whether something that was started answers there with 200."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _migrated(folder: Path, *, database_url: str, keys_url: str) -> Place:
    settings = Settings(data_dir=folder, database_url=database_url, keys_url=keys_url)
    migrate_system(settings, ddl=DDL)
    return Place(settings=settings, folder=folder)
