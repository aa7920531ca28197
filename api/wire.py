"""A connection as gunicorn sees it: reads what has come, and lets no slow reader hold a thread."""

import socket
import time
from typing import Any

from api.patience import SLOWEST_BYTES_A_SECOND, STALLED_SECONDS, UPLOAD_SECONDS, whole_seconds

# More of an answer than this waits in no memory: its thread waits instead, for as long as an answer may take.
MOST_UNSENT = 4_194_304
PIECE = 65_536


class Wire:
    """A connected socket that blocks nowhere but in `recv` of a body that streams and in a long answer.

    `arrived` is what has been read and not been used yet, `ended` says that no more will come. `streaming`
    lets `recv` wait for more, under the limits of an upload. `unsent` is the rest of an answer.
    """

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(0)
        self.socket = connected
        self.arrived = bytearray()
        self.unsent = bytearray()
        self.ended = False
        self.streaming = False
        self.sending_since = 0.0
        self._streaming_since = 0.0
        self._streamed = self._sent = 0

    def take_in(self) -> int:
        """Read what has come by now; give how many bytes. Raises OSError."""
        try:
            piece = self.socket.recv(PIECE)
        except (BlockingIOError, InterruptedError):
            return 0
        self.ended = not piece
        self.arrived += piece
        return len(piece)

    def stream(self) -> None:
        """Let `recv` wait for what has not come yet, from now on."""
        self.streaming, self._streaming_since, self._streamed = True, time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        """Return what has come, or wait for more of a body that streams; b"" at the end.

        Raises OSError where nothing more can be waited for, or the sender has used up its time.
        """
        if self.arrived:
            piece = bytes(self.arrived[:size])
            del self.arrived[:size]
        elif self.ended:
            return b""
        elif not self.streaming:
            raise TimeoutError
        else:
            self.socket.settimeout(self._patience())
            try:
                piece = self.socket.recv(size)
            finally:
                self.socket.settimeout(0)
            self.ended = not piece
        self._streamed += len(piece)
        return piece

    def send(self, data: bytes) -> int:
        """Send something short at once. Raises OSError."""
        self.sendall(data)
        self.flush()
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send what can be sent at once; the rest stays in `unsent` for who calls `flush`. Raises OSError.

        The head of an answer waits for what comes behind it, so that both go out in one piece.
        """
        if not self.unsent:
            self.sending_since, self._sent = time.monotonic(), 0
        self._sent += len(data)
        self.unsent += data
        if data.startswith(b"HTTP/"):
            return
        self.flush()
        while len(self.unsent) > MOST_UNSENT:
            self.socket.settimeout(max(self.sending_until - time.monotonic(), 0.001))
            try:
                del self.unsent[: self.socket.send(self.unsent[:PIECE])]
            finally:
                self.socket.settimeout(0)

    @property
    def sending_until(self) -> float:
        """The monotonic time by which what is being sent has to be taken."""
        return self.sending_since + whole_seconds(self._sent)

    def flush(self) -> None:
        """Send what can be sent without waiting. Raises OSError."""
        while self.unsent:
            try:
                sent = self.socket.send(self.unsent[:PIECE])
            except (BlockingIOError, InterruptedError):
                return
            del self.unsent[:sent]

    def fileno(self) -> int:
        """Return the number of the socket."""
        return self.socket.fileno()

    def shutdown(self, how: int) -> None:
        """End one direction. Raises OSError."""
        self.socket.shutdown(how)

    def close(self) -> None:
        """End the connection."""
        self.socket.close()

    def setblocking(self, _blocking: bool) -> None:  # noqa: FBT001  as a socket has it
        """Do nothing: what blocks is decided here."""

    def settimeout(self, _seconds: float | None) -> None:
        """Do nothing: how long anything may take is decided here."""

    def gettimeout(self) -> float | None:
        """Return 0, as of a socket that does not block."""
        return 0.0

    def getpeername(self) -> Any:
        """Return the address of the other side. Raises OSError."""
        return self.socket.getpeername()

    def _patience(self) -> float:
        """Return how long the next piece of an upload may take. Raises TimeoutError."""
        gone = time.monotonic() - self._streaming_since
        too_slow = gone > STALLED_SECONDS and self._streamed < gone * SLOWEST_BYTES_A_SECOND
        if too_slow or gone >= UPLOAD_SECONDS:
            raise TimeoutError
        return min(STALLED_SECONDS, UPLOAD_SECONDS - gone)
