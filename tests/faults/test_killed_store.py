"""kill -9 of API workers, of their arbiter and of PostgreSQL under load: what was acknowledged is there once.

Killing a backend of PostgreSQL makes it end all the others at once and recover from its log, as a crash does.
An immediate stop ends the server itself without a checkpoint; it comes back on its port with the same data.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from application.access import SYSTEM, Role
from application.eventstore.database import DatabaseError
from application.eventstore.engines import open_database
from application.eventstore.postgres import PostgresRecorder
from application.settings import Settings, read_settings
from application.system import migrate_system, open_system
from projections.tables import DDL
from tests.support.actions import Desk
from tests.support.databases import fresh_postgres
from tests.support.processes import Server, launched
from tests.support.servers import started_postgres
from tests.support.world import eventually

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "gunicorn", "-c", "python:api.gunicorn_conf", "api.wsgi:application"]
CLIENTS = 6
CHILDREN = 8
BETWEEN_KILLS = 25


@dataclass(kw_only=True)
class Service:
    """The API as processes that may be killed: the arbiter is started again when it is gone."""

    environ: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environ['PORT']}"

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                launched(COMMAND, stop_signal=signal.SIGTERM, account=None),
                cwd=ROOT,
                env=self.environ,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        eventually(lambda: answers(self.url), seconds=60)

    def workers(self) -> list[int]:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_arbiter(self) -> None:
        assert self.process is not None
        orphans = self.workers()
        self.process.kill()
        self.process.wait(timeout=10)
        for pid in orphans:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.start()

    def stop(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=10)


@dataclass(kw_only=True)
class Load:
    """Clients that send visits, each until it is acknowledged, and what they were told."""

    url: str
    key: str
    carer: UUID
    children: list[UUID]
    acknowledged: dict[UUID, tuple[UUID, int, int]] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    turned_away: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def run(self, number: int) -> None:
        chance = random.Random(number)
        while not self.done.is_set():
            self._send_until_acknowledged(chance.choice(self.children), uuid4(), day=chance.randint(1, 28))

    def _send_until_acknowledged(self, child: UUID, event: UUID, *, day: int) -> None:
        body = {
            "type": "home_visit_made",
            "occurred_on": f"2026-03-{day:02}",
            "details": {"carers": [str(self.carer)], "outcome": "met"},
        }
        while True:
            with suppress(httpx.TransportError):
                answer = httpx.put(
                    f"{self.url}/v1/children/{child}/events/{event}",
                    json=body,
                    headers={"Authorization": f"Bearer {self.key}"},
                    timeout=10,
                    trust_env=False,
                )
                if answer.status_code in (200, 201):
                    told = answer.json()
                    self.acknowledged[event] = (child, told["version"], told["position"])
                    return
                if answer.status_code != 503:
                    self.unexpected.append(answer.text)
                    return
            self.turned_away += 1
            if self.done.wait(0.02):
                return


@contextmanager
def threads(*targets: tuple[object, ...]) -> Iterator[None]:
    started = [threading.Thread(target=t[0], args=t[1:]) for t in targets]  # type: ignore[arg-type]
    for thread in started:
        thread.start()
    try:
        yield
    finally:
        for thread in started:
            thread.join(timeout=60)


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_what_was_acknowledged_is_there_once(kills: int, tmp_path: Path) -> None:
    with started_postgres() as server, fresh_postgres(server.url) as url:
        settings, service, load = prepared(tmp_path, url)
        follower = Follower(url=url)

        def stop_server(_: Service) -> None:
            stopped_at_once(server)
            # Until it is back people are turned away: nobody waits for ever, and nobody is lied to.
            away = load.turned_away
            eventually(lambda: load.turned_away > away, seconds=90)
            server.start_again()

        # A worker that begins anew finds no database.
        blows = (kill_worker, stop_server, kill_backend, Service.kill_arbiter)
        try:
            service.start()
            clients = [(load.run, number) for number in range(CLIENTS)]
            with threads(*clients, (follower.run, load.done)):
                try:
                    for number in range(kills):
                        enough = len(load.acknowledged) + BETWEEN_KILLS
                        eventually(lambda enough=enough: len(load.acknowledged) >= enough, seconds=90)
                        blows[number % len(blows)](service)
                    enough = len(load.acknowledged) + BETWEEN_KILLS
                    eventually(lambda: len(load.acknowledged) >= enough, seconds=90)
                finally:
                    load.done.set()
        finally:
            service.stop()

        system = open_system(settings)
        try:
            follower.catch_up(PostgresRecorder(db=system.database))
            check(system.database.all("SELECT * FROM events"), load, follower)
        finally:
            system.close()


def check(rows: list[dict[str, object]], load: Load, follower: "Follower") -> None:
    stored = {row["event_id"]: row for row in rows}
    versions = defaultdict(list)
    for row in rows:
        versions[row["originator_id"]].append(row["originator_version"])
    assert load.unexpected == []
    assert len(stored) == len(rows)
    for event, (child, version, position) in load.acknowledged.items():
        row = stored[event]
        assert (row["originator_id"], row["originator_version"], row["notification_id"]) == (
            child,
            version,
            position,
        )
    for stream in versions.values():
        assert sorted(stream) == list(range(1, len(stream) + 1))
    assert [n for n, seen in Counter(follower.seen).items() if seen > 1] == []
    assert follower.seen == sorted(row["notification_id"] for row in rows)  # type: ignore[type-var]


@dataclass(kw_only=True)
class Follower:
    """Reads the log by position all the while; what it has passed it never looks at again."""

    url: str
    seen: list[int] = field(default_factory=list)

    def run(self, done: threading.Event) -> None:
        while not done.is_set():
            with suppress(DatabaseError):
                database = open_database(self.url, pool_size=2)
                try:
                    recorder = PostgresRecorder(db=database)
                    while not done.wait(0.01):
                        self._step(recorder)
                finally:
                    database.close()

    def catch_up(self, recorder: PostgresRecorder) -> None:
        eventually(lambda: not self._step(recorder) and self.seen[-1] == recorder.head()[0], seconds=30)

    def _step(self, recorder: PostgresRecorder) -> int:
        found = recorder.after(self.seen[-1] if self.seen else 0, 200)
        self.seen.extend(event.position or 0 for event in found)
        return len(found)


def prepared(folder: Path, url: str) -> tuple[Settings, Service, Load]:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "CARELEDGER_DATA_DIR": str(folder),
        "CARELEDGER_DATABASE_URL": url,
        "CARELEDGER_KEYS_URL": f"sqlite:///{folder}/keys.db",
        "PORT": str(free_port()),
    }
    settings = read_settings(environ)
    migrate_system(settings, ddl=DDL)
    system = open_system(settings)
    try:
        desk = Desk(system)
        carer, children = desk.carer(), [desk.enrol() for _ in range(CHILDREN)]
        _, key = system.api_keys.create(actor=SYSTEM, name="phones", role=Role.CLIENT)
    finally:
        system.close()
    service = Service(environ=environ, log=folder / "gunicorn.log")
    return settings, service, Load(url=service.url, key=key, carer=carer, children=children)


def kill_worker(service: Service) -> None:
    eventually(lambda: bool(service.workers()), seconds=30)
    os.kill(random.choice(service.workers()), signal.SIGKILL)


def stopped_at_once(server: Server) -> None:
    """Stop PostgreSQL in its immediate mode."""
    server.end(signal.SIGQUIT)


def kill_backend(service: Service) -> None:
    """Kill one backend, and wait until the server has recovered."""
    url = service.environ["CARELEDGER_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' LIMIT 1"
        ).fetchone()
    if row is not None:
        os.kill(row[0], signal.SIGKILL)
        eventually(lambda: connects(url), seconds=60)


def connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
