"""Two real PostgreSQL servers, of which the one follows the other by streaming replication.

A failover kills the primary and promotes the standby; then the dead one is made anew as its standby, on its
old port, so that one URL with both hosts holds for ever.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.support.binaries import harmless_account
from tests.support.processes import Program, Server, _free_port, _stop, environment, launched
from tests.support.servers import _postgres_answers, _temp_folder, started_postgres
from tests.support.world import eventually

_OPTIONS = ("wal_level=replica", "max_wal_senders=4", "hot_standby=on", "wal_keep_size=64MB")


@dataclass(kw_only=True)
class Pair:
    """A primary and its standby."""

    primary: Server
    standby: Server

    def url(self, database: str) -> str:
        """This will give the URL of a database by both hosts, in an order that never changes."""
        one, other = sorted(
            (urlsplit(self.primary.url), urlsplit(self.standby.url)), key=lambda u: u.port or 0
        )
        return f"postgresql://{one.netloc},{other.hostname}:{other.port}/{database}"

    def create(self, database: str) -> None:
        """This will make a database."""
        _run_on(self.primary, f"CREATE DATABASE {database} TEMPLATE template0")

    def synchronous(self, *, on: bool) -> None:
        """This will have commits wait for the standby, or no longer."""
        _run_on(self.primary, f"ALTER SYSTEM SET synchronous_standby_names = '{'*' if on else ''}'")
        _run_on(self.primary, "SELECT pg_reload_conf()")
        if on:
            self._await("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")

    def cut(self) -> None:
        """This will let the standby hear nothing more of the primary."""
        _run_on(self.standby, "ALTER SYSTEM SET primary_conninfo = ''")
        _run_on(self.standby, "SELECT pg_reload_conf()")
        self._await("SELECT 1 - count(*) FROM pg_stat_replication")

    def fail_over(self) -> None:
        """This will kill the primary and promote the standby."""
        self.primary.end(signal.SIGQUIT)
        _run_on(self.standby, "SELECT pg_promote(true, 60)")
        self.primary, self.standby = self.standby, self.primary
        self.synchronous(on=False)

    def follow(self) -> None:
        """This will make the server that is dead a standby of the one that lives."""
        program = self.standby.program
        assert program is not None
        folder = Path(program.arguments[2])
        shutil.rmtree(folder)
        _copy(self.primary, folder)
        self.standby.start_again()
        self._await("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")

    def _await(self, count: str) -> None:
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            eventually(lambda: connection.execute(count).fetchone() == (1,), seconds=60)


@contextlib.contextmanager
def running_pair() -> Iterator[Pair]:
    """This will start both servers; they end with the block."""
    account = harmless_account() if os.geteuid() == 0 else None
    with started_postgres(options=_OPTIONS) as primary, _temp_folder(account=account) as folder:
        _copy(primary, folder / "data")
        assert primary.program is not None
        port = _free_port()
        was = primary.program.arguments
        url = primary.url.replace(f":{urlsplit(primary.url).port}/", f":{port}/")
        program = replace(
            primary.program,
            arguments=[was[0], "-D", str(folder / "data"), "-p", str(port), *was[5:]],
            ready=lambda _: _postgres_answers(url),
            log=folder / "postgres.log",
        )
        standby = Server(url=url, program=program)
        pair = Pair(primary=primary, standby=standby)
        try:
            standby.start_again()
            pair._await("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
            yield pair
        finally:
            _end(standby, program)


def _copy(server: Server, folder: Path) -> None:
    assert server.program is not None
    words = ["--checkpoint=fast", "--write-recovery-conf", "-D", str(folder), "-d", server.url]
    binary = Path(server.program.arguments[0]).with_name("pg_basebackup")
    subprocess.run(
        launched([str(binary), *words], stop_signal=signal.SIGKILL, account=server.program.account),
        cwd=server.program.log.parent,
        env=environment(server.program.log.parent),
        check=True,
        timeout=120,
    )


def _end(server: Server, program: Program) -> None:
    if server.process is not None:
        _stop(server.process, stop_signal=program.stop_signal)


def _run_on(server: Server, statement: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(statement)
