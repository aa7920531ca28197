"""Uploads to the service as it runs: plain and in chunks, slow, stalled, cut in the middle and sent again."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from application.system import System, open_system
from tests.api.serving import Service, serving
from tests.api.support import enrolment, visit
from tests.support.actions import Desk

NDJSON = {"Content-Type": "application/x-ndjson"}
MOST_GROWTH = 50 * 2**20


def test_two_thousand_lines_cut_in_the_middle_and_sent_again(service: Service) -> None:
    system = open_system(service.settings)
    try:
        told(service, system, lines=2000, children=20, chunked=True)
    finally:
        system.close()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("chunked", [False, True])
def test_two_hundred_thousand_lines_cut_in_the_middle_and_sent_again(service: Service, chunked: bool) -> None:
    system = open_system(service.settings)
    try:
        told(service, system, lines=200_000, children=2000, chunked=chunked)
    finally:
        system.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_an_upload_outlives_the_timeout_of_its_worker_and_a_stalled_one_is_cut(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/care.db", tmp_path) as service:
        host, port = service.server.url.removeprefix("http://").split(":")
        batch, path = uuid4(), "/v1/event-batches/"
        # gunicorn hands a body on by the KiB.
        a_line = b'{"x": "%b"}\n' % (b"x" * 1014)
        assert len(a_line) == 1024
        began = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=150) as connection:
            connection.sendall(head(service, f"{path}{batch}", "Content-Length: 10000"))
            # Longer than the sixty seconds after which gunicorn thinks a worker dead.
            for _ in range(3):
                connection.sendall(a_line)
                time.sleep(25)
            # What a slow sender sent does not wait for what it will send.
            with service.client() as client:
                meanwhile = client.get(f"{path}{batch}").json()
            answered = connection.recv(65_536)
        took = time.monotonic() - began
        with service.client() as client:
            seen = client.get(f"{path}{batch}").json()

    assert answered.split(b" ")[1] == b"400"
    assert 105 < took < 150
    assert (meanwhile["state"], meanwhile["lines"]) == ("receiving", 2)
    assert (seen["state"], seen["lines"], seen["counts"]["refused"]) == ("cut", 3, 3)
    assert "WORKER TIMEOUT" not in service.log.read_text()


def told(service: Service, system: System, *, lines: int, children: int, chunked: bool) -> None:
    """Upload lines of which one in a hundred is bad, cut it in the middle, send it again, and look."""
    carer = str(Desk(system).carer())
    ids, batch = [uuid4() for _ in range(children)], uuid4()
    path = f"/v1/event-batches/{batch}"
    bad = set(range(50, lines + 1, 100))
    body = service.log.parent / "lines.ndjson"
    with body.open("wb") as file:
        for number in range(1, lines + 1):
            file.write(line(number, ids, lines=lines, carer=carer, bad=number in bad))
    size = body.stat().st_size
    assert service.server.process is not None
    processes = workers_of(service.server.process.pid)
    before = {pid: memory(pid) for pid in processes}
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"

    host, port = service.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=600) as connection:
        connection.sendall(head(service, path, framing))
        for piece in pieces(body, until=size // 2, chunked=chunked):
            connection.sendall(piece)
    cut = settled(service, path)
    began = time.monotonic()
    with httpx.Client(
        timeout=None, trust_env=False, headers=NDJSON | {"Authorization": f"Bearer {service.key}"}
    ) as client:
        length = {} if chunked else {"Content-Length": str(size)}
        answered = client.put(f"{service.server.url}{path}", content=read(body), headers=length)
    took = time.monotonic() - began

    assert cut["state"] == "cut"
    assert 0.4 * lines < cut["lines"] < 0.5 * lines + 2
    assert sum(cut["counts"].values()) == cut["lines"]
    assert answered.status_code == 200, answered.text
    counts = answered.json()["counts"]
    assert (counts["refused"], counts["quarantined"]) == (len(bad), 0)
    # Those at the edge of what was cut came to stand by it, or by the second upload.
    assert counts["already_recorded"] == cut["counts"]["recorded"]
    assert counts["recorded"] + counts["already_recorded"] == lines - len(bad)
    with service.client() as client:
        got = client.get(
            path, params={"state": "refused"}, headers={"Accept": "application/x-ndjson"}, timeout=60
        )
    assert [json.loads(row)["line"] for row in got.text.splitlines()] == sorted(bad)
    versions = [len(system.log.stream(child)) for child in ids]
    assert sum(versions) == lines - len(bad)
    growth = max(memory(pid) - before[pid] for pid in processes)
    assert growth < MOST_GROWTH
    figures = f"{lines / took:.0f} lines/s, PSS +{growth / 2**20:.1f} MB"
    sys.stdout.write(f"\n{system.database.dialect}, chunked={chunked}, {lines} lines: {figures}\n")


def line(number: int, ids: list[UUID], *, lines: int, carer: str, bad: bool) -> bytes:
    """Write a line: each child has its lines side by side, the enrolment as the last of them."""
    each = lines // len(ids)
    child, place = ids[(number - 1) // each], (number - 1) % each
    event = str(UUID(int=child.int ^ (place + 1)))
    words: dict[str, Any] = {"event_id": event, "child_id": str(child)}
    if bad:
        words |= visit(carer) | {"details": {}}
    elif place == each - 1:
        words |= enrolment(child) | {"type": "child_enrolled"}
    else:
        words |= visit(
            carer, f"2026-{3 + place % 4:02}-{1 + place % 28:02}", record="了解学习和生活情况。" * 5
        )
    return json.dumps(words, ensure_ascii=False).encode() + b"\n"


def head(service: Service, path: str, framing: str) -> bytes:
    return (
        f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\n"
        f"Content-Type: application/x-ndjson\r\n{framing}\r\n\r\n"
    ).encode()


def pieces(body: Path, *, until: int, chunked: bool) -> Iterator[bytes]:
    for piece in read(body, until=until):
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece


def read(body: Path, *, until: int | None = None) -> Iterator[bytes]:
    left = body.stat().st_size if until is None else until
    with body.open("rb") as file:
        while left > 0 and (piece := file.read(min(30_000, left))):
            left -= len(piece)
            yield piece


def settled(service: Service, path: str) -> dict[str, Any]:
    """Wait until a batch is received no more."""
    with service.client() as client:
        while True:
            seen: dict[str, Any] = client.get(path).json()
            if seen.get("state") in ("cut", "complete"):
                return seen
            time.sleep(0.05)


def workers_of(pid: int) -> list[int]:
    """The processes that gunicorn has started, wherever in the tree below its launcher."""
    below = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return below + [worker for inner in below for worker in workers_of(inner)]


def memory(pid: int) -> int:
    """The memory of a process, what it shares with others in parts (PSS)."""
    sizes = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(sizes["Pss"].split()[0]) * 1024
