"""A real HTTP server on the loopback that behaves as badly as it is told to."""

import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Posted:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.time)


DRIP_SECONDS = 0.05


@dataclass
class Sink:
    """What the server is to answer, and what it was sent. `got_at` are the monotonic times of plain calls.

    A manner is "polite", "silent", "reset", or where in its answer it begins to drip without end:
    "drips_status", "drips_headers", "drips_body". `dripping` counts the calls that it is at just now.
    """

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    manner: str = "polite"
    posted: list[Posted] = field(default_factory=list)
    got_at: list[float] = field(default_factory=list)
    dripping: int = 0
    released: threading.Event = field(default_factory=threading.Event)


def alerts_in(posted: Posted) -> list[str]:
    """This will give the ids of the alerts that a webhook tells of, alone or in a digest."""
    data = json.loads(posted.body)["data"]
    return [told["alert_id"] for told in data.get("alerts", [data])]


def alerts_told(sink: Sink) -> Counter[str]:
    """This will count how often the webhooks that came in told of each alert."""
    return Counter(alert for posted in list(sink.posted) for alert in alerts_in(posted))


@contextlib.contextmanager
def running_sink() -> Iterator[Sink]:
    """This will yield a sink that ends with the block."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sink.got_at.append(time.monotonic())
            self.send_response(sink.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            sink.posted.append(Posted(path=self.path, headers=headers, body=body))
            if sink.manner == "silent":
                sink.released.wait(30)
                return
            if sink.manner == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.shutdown(socket.SHUT_RD)
                self.connection.close()
                return
            if sink.manner.startswith("drips_"):
                self.drip()
                return
            self.send_response(sink.status)
            for name, value in sink.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(sink.body)))
            self.end_headers()
            self.wfile.write(sink.body)

        def drip(self) -> None:
            status = f"HTTP/1.1 {sink.status} "
            begun = {
                "drips_status": status,
                "drips_headers": f"{status}OK\r\nx: ",
                "drips_body": f"{status}OK\r\ncontent-length: 16000\r\n\r\n",
            }
            self.close_connection = True
            sink.dripping += 1
            with contextlib.suppress(OSError):
                self.wfile.write(begun[sink.manner].encode())
                while not sink.released.wait(DRIP_SECONDS):
                    self.wfile.write(b"x")
            sink.dripping -= 1

        def finish(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                super().finish()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    sink.url = f"http://127.0.0.1:{server.server_port}/care"
    try:
        yield sink
    finally:
        sink.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
