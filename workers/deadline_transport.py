"""A call over HTTP that ends at its limit as a whole, however its bytes drip: httpx times each read alone."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

CONNECT_SECONDS = 5.0


class WholeCallTransport(httpx.BaseTransport):
    """Calls over connections of one call each, which end `limit_seconds` after they were begun.

    What ends so is a `httpx.TimeoutException`, while the answer's head is read or its body.
    """

    def __init__(self, *, limit_seconds: float) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_keepalive_connections=0,
            network_backend=_Backend(limit_seconds=limit_seconds),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises `httpx.TransportError`."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        url = request.url
        with _told_by_httpx():
            answered = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            answered.status,
            headers=answered.headers,
            stream=_Body(answered),
            extensions=answered.extensions,
        )

    def close(self) -> None:
        """Let go of what is open."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answered: httpcore.Response) -> None:
        self._answered = answered

    def __iter__(self) -> Iterator[bytes]:
        with _told_by_httpx():
            yield from self._answered.iter_stream()

    def close(self) -> None:
        self._answered.close()


@contextmanager
def _told_by_httpx() -> Iterator[None]:
    """Raise what httpcore raises as the class of httpx of the same name."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise getattr(httpx, type(error).__name__)(str(error)) from error


class _Backend(httpcore.NetworkBackend):
    """Opens connections that know when they have to end. A name to look up is not bounded."""

    def __init__(self, *, limit_seconds: float) -> None:
        self._limit = limit_seconds
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        end = time.monotonic() + self._limit
        stream = self._real.connect_tcp(
            host,
            port,
            timeout=_left(timeout, end=end, late=httpcore.ConnectTimeout),
            local_address=local_address,
            socket_options=socket_options,
        )
        return _Stream(stream, end=end)


class _Stream(httpcore.NetworkStream):
    def __init__(self, real: httpcore.NetworkStream, *, end: float) -> None:
        self._real = real
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._real.read(max_bytes, _left(timeout, end=self._end, late=httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._real.write(buffer, _left(timeout, end=self._end, late=httpcore.WriteTimeout))

    def close(self) -> None:
        self._real.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        # Python bounds a handshake as a whole.
        left = _left(timeout, end=self._end, late=httpcore.ConnectTimeout)
        return _Stream(self._real.start_tls(ssl_context, server_hostname, left), end=self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)


def _left(timeout: float | None, *, end: float, late: type[httpcore.TimeoutException]) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise late
    return left if timeout is None else min(timeout, left)
