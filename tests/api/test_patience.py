"""Senders and readers that drip: nobody else waits for them, and each is given up at a deadline."""

import importlib.metadata
import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.patient_worker import chunks_scanned
from tests.api.drippers import KINDS, connected, dripping, worked
from tests.api.proxying import proxied
from tests.api.serving import Service, serving
from tests.api.support import enrolment
from tests.support.world import eventually

HASTY = "tests.api.hasty_conf"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("hasty")
    with serving(f"sqlite:///{folder}/care.db", folder, config=HASTY) as service:
        yield service


def test_the_worker_rests_on_the_minor_version_that_is_pinned() -> None:
    pinned = [each for each in importlib.metadata.requires("careledger") or () if "gunicorn" in each]

    assert pinned == ["gunicorn<27.1,>=27.0"]
    assert importlib.metadata.version("gunicorn").startswith("27.0.")


def test_sixty_four_that_drip_in_every_way_hold_nobody_up(tmp_path: Path) -> None:
    with (
        serving(f"sqlite:///{tmp_path}/care.db", tmp_path) as service,
        dripping(service.server.url, service.key, kinds=list(KINDS), sockets=64),
    ):
        work = worked(service.server.url, service.key, clients=4, seconds=1.5)

    assert work.failed == []
    assert work.p99 <= 1.0


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", [*KINDS, "all"])
@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_sixty_four_of_a_kind_hold_nobody_up(
    kind: str, way: str, tmp_path: Path, database_url: str, record_property: Any
) -> None:
    with serving(database_url, tmp_path) as service, proxied(service.server.url, tmp_path, way=way) as url:
        kinds = list(KINDS) if kind == "all" else [kind]
        with dripping(url, service.key, kinds=kinds, sockets=64):
            work = worked(url, service.key, clients=4, seconds=15)

    record_property("p99", round(work.p99, 3))
    sys.stdout.write(f"\n{way} {kind}: {len(work.seconds)} requests, p99 {work.p99:.3f} s\n")
    assert work.failed == []
    assert work.p99 <= 1.0


def test_what_does_not_come_in_time_is_given_up(hasty: Service) -> None:
    kinds = ["silent", "heads", "bodies", "chunks", "batches", "mislabelled", "lines"]
    began = time.monotonic()
    with ThreadPoolExecutor(len(kinds)) as pool:
        answers = dict(zip(kinds, pool.map(lambda kind: dripped(hasty, kind), kinds), strict=True))

    assert 0.5 < time.monotonic() - began < 8
    assert answers.pop("silent") == b""
    for kind, answered in answers.items():
        head, _, body = answered.partition(b"\r\n\r\n")
        # Of lines what came is kept, so it is the application that answers.
        said = (b"400", "body_cut_short") if kind == "lines" else (b"408", "request_too_late")
        assert (head.split(b" ")[1], json.loads(body)["code"]) == said, kind
        assert b"Connection: close" in head


def test_who_takes_no_answer_is_closed(hasty: Service) -> None:
    with connected(hasty.server.url) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        began = time.monotonic()
        reader.sendall(KINDS["readers"](hasty.key))
        # What is sent to a connection that is no more is answered by a reset.
        eventually(lambda: _is_reset(reader), seconds=20)

    assert time.monotonic() - began > 0.8


def test_one_request_in_pieces_and_many_in_one(hasty: Service) -> None:
    child = uuid4()
    body = json.dumps(enrolment(child)).encode()
    head = (
        f"PUT /v1/children/{child} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hasty.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(hasty.server.url) as slow:
        for byte in head + body[:20]:
            slow.send(bytes([byte]))
        slow.sendall(body[20:] + asked + asked[:-1])
        slow.sendall(asked[-1:] + asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answered = b""
        while piece := slow.recv(65_536):
            answered += piece

    assert [part.split(b" ")[0] for part in answered.split(b"HTTP/1.1 ")[1:]] == [b"201", *[b"200"] * 3]


def test_who_waits_for_leave_to_send_gets_it(hasty: Service) -> None:
    child = uuid4()
    body = json.dumps(enrolment(child)).encode()
    head = (
        f"PUT /v1/children/{child} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hasty.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    ).encode()
    with connected(hasty.server.url) as waiting:
        waiting.sendall(head)
        leave = waiting.recv(65_536)
        waiting.sendall(body)
        answered = waiting.recv(65_536)
    with connected(hasty.server.url) as too_much:
        too_much.sendall(head.replace(b"Content-Length: ", b"Content-Length: 9999"))
        refused = too_much.recv(65_536)

    assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answered.split(b" ")[1] == b"201"
    assert refused.split(b" ")[1] == b"413"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /healthz HTTP/1.1\nHost: x\n\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"NONSENSE\r\n\r\n", b"400"),
    ],
)
def test_a_head_that_is_none_is_refused_at_once(head: bytes, status: bytes, hasty: Service) -> None:
    with connected(hasty.server.url) as sender:
        sender.sendall(head)

        assert sender.recv(65_536).split(b" ")[1] == status


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (b"", False),
        (b"5\r\n{}", False),
        (b"2\r\n{}\r\n", False),
        (b"2\r\n{}\r\n0\r\n", False),
        (b"2\r\n{}\r\n0\r\n\r\n", True),
        (b"2;x=y\r\n{}\r\n0\r\nTrailer: x\r\n", False),
        (b"2;x=y\r\n{}\r\n0\r\nTrailer: x\r\n\r\n", True),
        (b"-1\r\n", True),
        (b"0x1\r\n", True),
        (b"zz\r\n", True),
        (b"x" * 9000, True),
        (b"FFFFFFFFFFFFFFFF\r\n", True),
    ],
)
def test_the_end_of_chunks_is_found_however_they_come(body: bytes, whole: bool) -> None:
    arrived, at, found = bytearray(), 0, False
    for byte in body:
        arrived.append(byte)
        at, found = chunks_scanned(arrived, at)

    assert found is whole


def dripped(service: Service, kind: str) -> bytes:
    """Begin a request and go on byte by byte until an answer comes; give all of it."""
    with connected(service.server.url) as slow:
        slow.sendall(KINDS[kind](service.key))
        while not select.select([slow], [], [], 0.05)[0]:
            if kind != "silent":
                slow.send(b"x")
        answered = b""
        while piece := _read(slow):
            answered += piece
        return answered


def _is_reset(sender: socket.socket) -> bool:
    try:
        return sender.send(b"x") == 0
    except ConnectionError:
        return True


def _read(sender: socket.socket) -> bytes:
    try:
        return sender.recv(65_536)
    except ConnectionError:
        return b""
