"""The service as it runs: gunicorn with two workers of several threads on the loopback address."""

import json
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from application.access import Role
from application.settings import Settings, read_settings
from application.system import migrate_system, open_system
from projections.tables import DDL
from tests.api.support import CANARY, enrolment
from tests.support.processes import Program, Server, started

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Service:
    server: Server
    settings: Settings
    key: str
    log: Path

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.server.url,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=10,
            trust_env=False,
        )


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    environ = {
        "CARELEDGER_DATA_DIR": str(tmp_path),
        "CARELEDGER_DATABASE_URL": database_url,
        "CARELEDGER_KEYS_URL": f"sqlite:///{tmp_path}/keys.db",
        "CARELEDGER_WEB_WORKERS": "2",
        "CARELEDGER_WEB_THREADS": "3",
        "PYTHONPATH": str(ROOT),
    }
    settings = read_settings(environ)
    migrate_system(settings, ddl=DDL)
    system = open_system(settings)
    _, key = system.api_keys.create(name="office", role=Role.MANAGER)
    system.close()
    with started(lambda port: _program(port, environ, folder=tmp_path)) as server:
        yield Service(server=server, settings=settings, key=key, log=tmp_path / "gunicorn.log")


def test_it_records_from_many_connections_and_counts_over_all_workers(service: Service) -> None:
    children = [uuid4() for _ in range(24)]

    def enrol(child: object) -> int:
        with service.client() as client:
            return client.put(f"/v1/children/{child}", json=enrolment(child, name=CANARY)).status_code  # type: ignore[arg-type]

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(enrol, children))
    with service.client() as client:
        counts = [client.get("/metrics").text for _ in range(4)]
        read = client.get(f"/v1/children/{children[0]}")

    assert statuses == [201] * 24
    assert read.json()["profile"]["name"] == CANARY
    for count in counts:
        assert 'careledger_events_recorded_total{type="child_enrolled"} 24.0' in count
        # Read from the database, the same from each worker: given once, not summed.
        assert count.count("\ncareledger_watch_readable 1.0\n") == 1
        assert count.count('careledger_follower_behind{follower="relay"}') == 1
    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    assert sum(line["status"] == 201 for line in lines if line["event"] == "request") == 24
    assert CANARY not in service.log.read_text()
    assert str(children[0]) not in service.log.read_text()


def test_a_body_in_chunks_is_bounded(service: Service) -> None:
    path = f"/v1/children/{uuid4()}"

    def endless() -> Iterator[bytes]:
        yield b'{"org": "'
        for _ in range(20):
            yield b"x" * 65_536

    with service.client() as client:
        answered = client.put(path, content=endless(), headers={"Content-Type": "application/json"})
    # What was not read of the first body ends its connection.
    with service.client() as client:
        small = client.put(
            path, content=iter([b'{"org"', b": 1}"]), headers={"Content-Type": "application/json"}
        )

    assert (answered.status_code, answered.json()["code"]) == (413, "body_too_large")
    assert small.status_code == 422


def test_chunks_that_are_none_are_refused(service: Service) -> None:
    host, port = service.server.url.removeprefix("http://").split(":")
    head = (
        f"PUT /v1/children/{uuid4()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    answers = []
    for chunks in ("zz\r\n{}\r\n0\r\n\r\n", "5\r\n{}", "-1\r\n{}\r\n0\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall((head + chunks).encode())
            connection.shutdown(socket.SHUT_WR)
            answers.append(connection.recv(65_536).split(b" ")[1])

    assert answers == [b"400"] * 3


def test_it_ends_within_ten_seconds_whoever_is_still_connected(service: Service) -> None:
    process = service.server.process
    assert process is not None
    host, port = service.server.url.removeprefix("http://").split(":")
    child = uuid4()
    with service.client() as client, socket.create_connection((host, int(port)), timeout=10) as half:
        assert client.put(f"/v1/children/{child}", json=enrolment(child)).status_code == 201
        half.sendall(b"PUT /v1/children/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")

        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)
        took = time.monotonic() - began

    assert code == 0
    assert took < 10
    assert not list(service.log.parent.glob(".gunicorn*"))
    system = open_system(service.settings)
    try:
        assert len(system.log.stream(child)) == 1
    finally:
        system.close()


def test_without_its_tables_it_lives_and_is_not_ready(tmp_path: Path) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}

    with started(lambda port: _program(port, environ, folder=tmp_path)) as server:
        ready = httpx.get(f"{server.url}/readyz", trust_env=False)
        migrate_system(read_settings(environ), ddl=DDL)
        now_ready = httpx.get(f"{server.url}/readyz", trust_env=False)

    assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
    assert now_ready.status_code == 200


def _program(port: int, environ: dict[str, str], *, folder: Path) -> tuple[str, Program]:
    url = f"http://127.0.0.1:{port}"
    env = shutil.which("env")
    assert env is not None
    variables = [f"{name}={value}" for name, value in {**environ, "PORT": str(port)}.items()]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:api.gunicorn_conf", "api.wsgi:application"]

    def ready(_pid: int) -> bool:
        try:
            return httpx.get(f"{url}/healthz", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    return url, Program(
        arguments=[env, *variables, *command],
        ready=ready,
        stop_signal=signal.SIGTERM,
        log=folder / "gunicorn.log",
    )
