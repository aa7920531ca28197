"""Senders and readers that are as slow as can be, and clients that work beside them."""

import contextlib
import select
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from tests.api.support import enrolment

DRIP_SECONDS = 0.1
PATIENCE_SECONDS = 20.0


def silent(_key: str) -> bytes:
    """Say nothing, ever."""
    return b""


def heads(_key: str) -> bytes:
    """Begin a head."""
    return b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "


def bodies(key: str) -> bytes:
    """Begin a JSON body of one event."""
    return _put(key, f"/v1/children/{uuid4()}", "application/json", "Content-Length: 5000") + b'{"type":"'


def chunks(key: str) -> bytes:
    """Begin a chunk of a JSON body."""
    framing = "Transfer-Encoding: chunked"
    return _put(key, f"/v1/children/{uuid4()}", "application/json", framing) + b'1388\r\n{"type":"'


def batches(key: str) -> bytes:
    """Begin a JSON body where lines may come."""
    return _put(key, f"/v1/event-batches/{uuid4()}", "application/json", "Content-Length: 5000") + b'{"'


def lines(key: str) -> bytes:
    """Begin a body of lines."""
    return _put(key, f"/v1/event-batches/{uuid4()}", "application/x-ndjson", "Content-Length: 5000") + b'{"'


def mislabelled(key: str) -> bytes:
    """Begin a body of lines where none are taken."""
    return _put(key, f"/v1/children/{uuid4()}", "application/x-ndjson", "Content-Length: 5000") + b'{"'


def strangers(_key: str) -> bytes:
    """Begin a JSON body without a key that is any."""
    return bodies("crk_aaaa_aaaa")


def readers(_key: str) -> bytes:
    """Ask for much, and take none of it."""
    return b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 40


KINDS: dict[str, Callable[[str], bytes]] = {
    each.__name__: each
    for each in (silent, heads, bodies, chunks, batches, lines, mislabelled, strangers, readers)
}


@contextmanager
def dripping(url: str, key: str, *, kinds: list[str], sockets: int) -> Iterator[list[socket.socket]]:
    """Hold so many connections open, of each kind in turn, each of which goes on byte by byte.

    Whoever is cut off begins again.
    """
    wanted = [kinds[number % len(kinds)] for number in range(sockets)]
    held = [_begun(url, kind, key) for kind in wanted]
    over = threading.Event()

    def drip() -> None:
        while not over.wait(DRIP_SECONDS):
            for number, kind in enumerate(wanted):
                if kind != "readers" and _ended(held[number]):
                    held[number].close()
                    with contextlib.suppress(OSError):
                        held[number] = _begun(url, kind, key)
                elif kind not in {"silent", "readers"}:
                    with contextlib.suppress(OSError):
                        held[number].send(b"x")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        over.set()
        thread.join()
        for each in held:
            each.close()


@dataclass(kw_only=True)
class Work:
    """What clients lived through: how long each request took, and which went wrong."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """The time within which 99 of 100 requests were answered."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[98]


def worked(url: str, key: str, *, clients: int, seconds: float) -> Work:
    """Let clients enrol children and ask for /healthz, each over a connection of its own, for so long."""
    work, until = Work(), time.monotonic() + seconds

    def ask(client: httpx.Client, method: str, path: str, **more: object) -> None:
        began = time.monotonic()
        try:
            status = client.request(method, path, **more).status_code  # type: ignore[arg-type]
            if status not in {200, 201}:
                work.failed.append(f"{method} {status}")
        except httpx.HTTPError as error:
            work.failed.append(f"{method} {type(error).__name__}")
        work.seconds.append(time.monotonic() - began)

    def client() -> None:
        head = {"Authorization": f"Bearer {key}"}
        while time.monotonic() < until:
            with httpx.Client(
                base_url=url, headers=head, timeout=PATIENCE_SECONDS, trust_env=False
            ) as connected:
                for _ in range(5):
                    child = uuid4()
                    ask(connected, "PUT", f"/v1/children/{child}", json=enrolment(child))
                    ask(connected, "GET", "/healthz")

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return work


def connected(url: str) -> socket.socket:
    """Open a connection."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def _begun(url: str, kind: str, key: str) -> socket.socket:
    made = connected(url)
    if kind == "readers":
        # What the system takes for a reader is little.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(1)
    with contextlib.suppress(OSError):
        made.sendall(KINDS[kind](key))
    return made


def _ended(held: socket.socket) -> bool:
    """Return whether an answer has come, or the other side has closed."""
    looking = select.poll()
    looking.register(held, select.POLLIN)
    return bool(looking.poll(0))


def _put(key: str, path: str, media: str, framing: str) -> bytes:
    return (
        f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {media}\r\n{framing}\r\n\r\n"
    ).encode()
