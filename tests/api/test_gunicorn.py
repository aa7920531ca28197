"""The service as it runs: gunicorn with two workers of several threads on the loopback address."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx

from application.settings import read_settings
from application.system import migrate_system, open_system
from projections.tables import DDL
from tests.api.serving import ROOT, Service, program
from tests.api.support import CANARY, enrolment
from tests.support.processes import started


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
    with (
        service.client() as client,
        socket.create_connection((host, int(port)), timeout=10) as half,
        socket.create_connection((host, int(port)), timeout=10) as waiting,
    ):
        assert client.put(f"/v1/children/{child}", json=enrolment(child)).status_code == 201
        following = client.get("/v1/changes", headers={"Accept": "application/json"}).json()["next"]
        waiting.sendall(
            f"GET /v1/changes?wait=30&since={following} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {service.key}\r\n\r\n".encode()
        )
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

    with started(lambda port: program(port, environ, folder=tmp_path)) as server:
        ready = httpx.get(f"{server.url}/readyz", trust_env=False)
        migrate_system(read_settings(environ), ddl=DDL)
        now_ready = httpx.get(f"{server.url}/readyz", trust_env=False)

    assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
    assert now_ready.status_code == 200
