"""gunicorn's thread worker, with threads for whole requests alone: what is still coming waits in its loop.

It rests on the inside of gunicorn's `gthread`, of the minor version that pyproject.toml names
(docs/adr/0028-a-deadline-over-the-whole-of-every-call.md).
"""

import errno
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.http.body import ChunkedReader, LengthReader  # type: ignore[import-untyped]
from gunicorn.http.errors import LimitRequestHeaders  # type: ignore[import-untyped]
from gunicorn.http.parser import RequestParser  # type: ignore[import-untyped]
from gunicorn.workers.gthread import (  # type: ignore[import-untyped]
    STOP_KEEPALIVE_LINGER,
    TConn,
    ThreadWorker,
)

from api.patience import HEAD_SECONDS, MOST_BODY_BYTES, MOST_HEAD_BYTES, streams, whole_seconds
from api.wire import Wire

# What has come of requests that are not whole yet, in one process; beyond it who has waited longest goes.
MOST_HELD = 67_108_864
# How long a connection that is to be closed is read from, so that its end does not destroy the answer.
LINGER_SECONDS = 3.0
_CHUNK_LINE = 8190
_HEX = frozenset(b"0123456789abcdefABCDEF")


class Conn(TConn):  # type: ignore[misc]  # the library declares no types
    """A connection: what it is waited for, until when, and where in its chunks the scan has come."""

    def __init__(self, cfg: Any, connected: socket.socket, client: Any, server: Any) -> None:
        self.wire = Wire(connected)
        super().__init__(cfg, self.wire, client, server)
        self.initialized = self.data_ready = True
        self.parser = Parser(cfg, self.wire, client)
        self.step: Callable[[], None] = lambda: None
        self.until = 0.0
        self.scanned = 0
        self.whole_since = 0.0
        self.answered = False

    @property
    def request(self) -> Any:
        """The request whose head was read last."""
        return self.parser.mesg


class Parser(RequestParser):  # type: ignore[misc]
    """Reads a head as soon as it is there; what came of that is given out to the thread that works on it."""

    def __init__(self, cfg: Any, wire: Wire, client: Any) -> None:
        super().__init__(cfg, wire, client)
        self._read: Any = None

    def read_head(self) -> Any:
        """Read the head that has come; None where it is none, which the thread will be told."""
        try:
            self._read = super().__next__()
        except Exception as error:  # noqa: BLE001  raised again where it is answered
            self._read = error
            return None
        return self._read

    def leave_asked(self) -> bool:
        """Return whether the sender waits for leave to send its body; from then on nobody gives it again."""
        asked = bool(self.mesg._expected_100_continue)  # noqa: SLF001  gunicorn's writer reads it too
        self.mesg._expected_100_continue = False  # noqa: SLF001
        return asked

    def fail(self, error: Exception) -> None:
        """Have the thread told that there is no request."""
        self._read = error

    def __next__(self) -> Any:
        read, self._read = self._read, None
        if isinstance(read, Exception):
            raise read
        return read


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Waits for heads and bodies, and for answers to be taken, without a thread, each under a deadline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the order in which their waiting began.
        self.waiting: dict[Conn, int] = {}

    def init_process(self) -> None:
        """Begin, in the process of its own.

        What is set by now stays set: gunicorn would look each setting up by two calls, some fifty a request.
        """
        self.cfg.__dict__.update({name: each.get() for name, each in self.cfg.settings.items()})
        super().init_process()

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what is not served. Raises ValueError."""
        if cfg.is_ssl:
            raise ValueError("TLS ends at a proxy before this server")
        super().check_config(cfg, log)

    def accept(self, listener: Any) -> None:
        """Take a connection, and whatever it has sent already."""
        try:
            connected, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self._make_room()
            elif error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.nr_conns += 1
        self._begin(Conn(self.cfg, connected, client, listener.getsockname()))

    def on_client_socket_readable(self, conn: Conn, client: Any) -> None:
        """Take the next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._begin(conn)

    def murder_pending(self) -> None:
        """Give up who has used up the time, or stands in the way of others."""
        now = time.monotonic()
        for conn in [c for c in self.waiting if c.until <= now or not (self.alive or self._begun(c))]:
            self._too_late(conn)
        held = sum(len(conn.wire.arrived) for conn in self.waiting)
        if self.nr_conns >= self.worker_connections or held > MOST_HELD:
            self._make_room()

    def _keepalive_after(self, conn: Conn, keepalive: Any) -> bool:
        """Return whether a connection can be used again: only where its request has come to its end."""
        conn.wire.streaming = False
        try:
            conn.wire.flush()
            # Nothing is waited for: what has not come by now raises.
            return bool(keepalive and conn.parser.finish_body())
        except Exception:  # noqa: BLE001  the answer stands, whatever the rest of the request is
            return False

    def finish_request(self, conn: Conn, fs: "Future[Any]") -> None:
        """Go on with a connection when its thread is done, in the loop."""
        conn.answered = True
        try:
            keep = not fs.cancelled() and bool(fs.result())
        except Exception:  # noqa: BLE001  as the base class has it
            keep = False
        self._send_rest(conn, then=partial(self._keep if keep else self._end, conn))

    def _begun(self, conn: Conn) -> bool:
        return bool(conn.wire.arrived or conn.answered)

    # What a connection is waited for: each of these is a step, taken whenever its socket is ready.

    def _await(self, conn: Conn, event: int) -> None:
        """Take the connection's step when its socket is ready, until its time is over."""
        if conn not in self.waiting:
            self.poller.register(conn.wire, event, partial(self._ready, conn))
        elif self.waiting[conn] != event:
            self.poller.modify(conn.wire, event, partial(self._ready, conn))
        self.waiting[conn] = event

    def _ready(self, conn: Conn, _wire: Wire) -> None:
        # Another's step may have ended this one's waiting since the poll.
        if conn in self.waiting:
            conn.step()

    def _let_go(self, conn: Conn) -> None:
        if self.waiting.pop(conn, None) is not None:
            self.poller.unregister(conn.wire)

    def _begin(self, conn: Conn) -> None:
        """Await a request. Most are whole at once, and the poller hears nothing of them."""
        conn.answered, conn.whole_since = False, 0.0
        conn.step, conn.until = partial(self._arrived, conn), time.monotonic() + HEAD_SECONDS
        self._arrived(conn)

    def _arrived(self, conn: Conn) -> None:
        """Read on, and hand the request to a thread where it is whole by now."""
        try:
            if self._wants_more(conn, came=bool(conn.wire.take_in() or conn.wire.arrived or conn.wire.ended)):
                self._await(conn, selectors.EVENT_READ)
        except OSError:
            self._close(conn)

    def _wants_more(self, conn: Conn, *, came: bool) -> bool:
        if not came:
            return True
        if conn.whole_since:
            return self._wants_more_body(conn)
        arrived = conn.wire.arrived
        if b"\r\n\r\n" in arrived or arrived.count(b"\n") != arrived.count(b"\r\n"):
            return self._wants_body(conn)
        if len(arrived) > MOST_HEAD_BYTES:
            conn.parser.fail(LimitRequestHeaders("head"))
            return self._hand_over(conn)
        if conn.wire.ended:
            return self._close(conn)
        return True

    def _wants_body(self, conn: Conn) -> bool:
        """Read a head, and tell whether anything has to come behind it."""
        request = conn.parser.read_head()
        if request is None:
            return self._hand_over(conn)
        # What came behind the head belongs to the body, or to the next request.
        conn.wire.arrived[:0] = conn.parser.unreader.take_buffered()
        conn.whole_since, conn.scanned = time.monotonic(), 0
        if streams(method=request.method, path=request.path, headers=request.headers):
            # Where it ends too early, what comes next on the connection is unknown.
            request.force_close()
            conn.wire.stream()
            return self._hand_over(conn)
        return self._wants_more_body(conn)

    def _wants_more_body(self, conn: Conn) -> bool:
        if conn.wire.ended or self._whole(conn):
            return self._hand_over(conn)
        if conn.parser.leave_asked():
            conn.wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        reader = conn.request.body.reader
        size = reader.length if isinstance(reader, LengthReader) else len(conn.wire.arrived)
        conn.until = conn.whole_since + whole_seconds(size)
        return True

    def _whole(self, conn: Conn) -> bool:
        """Return whether nothing more is waited for: a body is complete, or can't be one to be read."""
        reader, arrived = conn.request.body.reader, conn.wire.arrived
        if isinstance(reader, LengthReader):
            if reader.length > MOST_BODY_BYTES:
                conn.request.force_close()
                conn.parser.leave_asked()
                return True
            return bool(len(arrived) >= reader.length)
        assert isinstance(reader, ChunkedReader)
        conn.scanned, whole = chunks_scanned(arrived, conn.scanned)
        return bool(whole or len(arrived) > MOST_BODY_BYTES + MOST_HEAD_BYTES)

    def _hand_over(self, conn: Conn) -> bool:
        self._let_go(conn)
        self.enqueue_req(conn)
        return False

    def _send_rest(self, conn: Conn, *, then: Callable[[], None]) -> None:
        try:
            conn.wire.flush()
        except OSError:
            self._close(conn)
            return
        if not conn.wire.unsent:
            then()
            return
        conn.step, conn.until = partial(self._send_rest, conn, then=then), conn.wire.sending_until
        self._await(conn, selectors.EVENT_WRITE)

    def _keep(self, conn: Conn) -> None:
        """Await the next request on a connection."""
        self._let_go(conn)
        conn.wire.arrived[:0] = conn.parser.unreader.take_buffered()
        if conn.wire.arrived:
            self._begin(conn)
            return
        conn.set_timeout()
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.keepalived_conns.append(conn)
        self.poller.register(conn.wire, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _end(self, conn: Conn) -> None:
        """Close a connection without destroying what is still on its way to the other side."""
        try:
            conn.wire.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.wire.arrived.clear()
        conn.step, conn.until = partial(self._linger, conn), time.monotonic() + LINGER_SECONDS
        self._await(conn, selectors.EVENT_READ)

    def _linger(self, conn: Conn) -> None:
        try:
            conn.wire.take_in()
        except OSError:
            conn.wire.ended = True
        conn.wire.arrived.clear()
        if conn.wire.ended:
            self._close(conn)

    def _close(self, conn: Conn) -> bool:
        self._let_go(conn)
        self.nr_conns -= 1
        conn.close()
        return False

    def _too_late(self, conn: Conn) -> None:
        """Answer 408 where something of a request has come and nothing has been answered yet, and close."""
        if conn.answered or not (conn.whole_since or self._begun(conn)):
            self._close(conn)
            return
        # Not at the top: the parent process, which loads this class, needs nothing of the application.
        from api.too_late import too_late

        conn.answered = True
        self.log.info("gave up a request that did not come in time")
        try:
            conn.wire.sendall(too_late(conn.request if conn.whole_since else None))
        except OSError:
            self._close(conn)
            return
        self._send_rest(conn, then=partial(self._end, conn))

    def _make_room(self) -> None:
        """Give up who has been waited for longest."""
        for conn in list(self.waiting)[: max(1, len(self.waiting) // 10)]:
            self._too_late(conn)
            if conn in self.waiting:
                self._close(conn)


def chunks_scanned(arrived: bytearray, at: int) -> tuple[int, bool]:
    """Go on from one chunk to the next, from `at`; give where the first one begins that is not whole, and
    whether the body has come to its end.

    What can't be chunks counts as an end: gunicorn, which reads them, says what is wrong.
    """
    while (end := arrived.find(b"\r\n", at)) >= 0:
        digits = bytes(arrived[at:end]).partition(b";")[0].rstrip(b" \t")
        if not digits or not _HEX.issuperset(digits) or len(digits) > 16:
            return at, True
        size = int(digits, 16)
        if size == 0:
            over = arrived.startswith(b"\r\n", end + 2) or arrived.find(b"\r\n\r\n", end) >= 0
            return at, over or len(arrived) - at > MOST_HEAD_BYTES
        if end + 2 + size + 2 > len(arrived):
            return at, size > 2 * MOST_BODY_BYTES
        at = end + 2 + size + 2
    return at, len(arrived) - at > _CHUNK_LINE
