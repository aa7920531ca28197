"""Calling an address that somebody else has chosen: looked up once, pinned, never redirected."""

import socket
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from application.organisations.reaching import is_public, web_fault
from application.reasons import INSIDE_ADDRESS
from workers.channel import Permanent, Resources, Retryable, Unknown
from workers.deadline_transport import CONNECT_SECONDS, WholeCallTransport

USER_AGENT = "CareLedger"
MOST_BYTES = 16_384
LONGEST_RETRY_AFTER = timedelta(days=1)
_TRY_AGAIN = {408, 425, 429}
_GONE = 410
_PORTS = {"https": 443, "http": 80}
# A lookup that hangs keeps its thread.
_LOOKUPS = threading.BoundedSemaphore(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side answered: its status, its headers, and the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def http_client(*, timeout_seconds: float, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Make the client that channels post with. A whole call takes so many seconds at most, the lookup of its
    host apart; it keeps no connection, since one address serves many names."""
    return httpx.Client(
        transport=transport or WholeCallTransport(limit_seconds=timeout_seconds),
        timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": USER_AGENT},
    )


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for the IP addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def looked_up(host: str, port: int, *, resources: Resources) -> Sequence[str]:
    """Return the IP addresses of a host within bounded time: the system itself may take minutes.

    Raises OSError, also where no answer came in time or too many lookups hang already, and UnicodeError
    for what is no name of a host.
    """
    if not _LOOKUPS.acquire(blocking=False):
        raise TimeoutError
    found: Future[Sequence[str]] = Future()

    def look() -> None:
        try:
            found.set_result(resources.resolve(host, port))
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            found.set_exception(error)
        finally:
            _LOOKUPS.release()

    threading.Thread(target=look, name="lookup", daemon=True).start()
    return found.result(timeout=resources.lookup_seconds)


def post(
    address: str | None, *, body: bytes, headers: Mapping[str, str], resources: Resources
) -> Answer | Retryable | Permanent | Unknown:
    """Post a body to an address; return the answer, or why there is none."""
    return _asked("POST", address, body=body, headers=headers, resources=resources)


def get(address: str, *, resources: Resources) -> Answer | Retryable | Permanent | Unknown:
    """Get an address; return the answer, or why there is none."""
    return _asked("GET", address, body=None, headers={}, resources=resources)


def _asked(
    method: str, address: str | None, *, body: bytes | None, headers: Mapping[str, str], resources: Resources
) -> Answer | Retryable | Permanent | Unknown:
    target = _target(address, resources=resources)
    if not isinstance(target, _Target):
        return target
    request = resources.http.build_request(
        method,
        target.url,
        content=body,
        headers={"host": target.host, "accept-encoding": "identity", **headers},
        extensions={"sni_hostname": target.name},
    )
    try:
        response = resources.http.send(request, stream=True, follow_redirects=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return Retryable(reason="unreachable")
    except httpx.TimeoutException:
        return Unknown(reason="timeout")
    except httpx.HTTPError:
        return Unknown(reason="connection_lost")
    with closing(response):
        try:
            body = _beginning(response)
        except httpx.TimeoutException:
            # Of a refusal the status says enough; a success that never ends may be none.
            if httpx.codes.is_success(response.status_code):
                return Unknown(reason="timeout")
            body = b""
        return Answer(status=response.status_code, headers=response.headers, body=body)


def refusal(answer: Answer, *, now: datetime) -> Retryable | Permanent | None:
    """Judge an answer by its status; None where it is a success, which only 2xx is."""
    status = answer.status
    if httpx.codes.is_success(status):
        return None
    if status in _TRY_AGAIN or status >= 500:
        return Retryable(reason=f"http_{status}", retry_after=_retry_after(answer, now=now))
    return Permanent(reason="gone" if status == _GONE else f"http_{status}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A URL with an IP address in it, and the host that the other side is called by."""

    url: httpx.URL
    host: str
    name: str


def _target(address: str | None, *, resources: Resources) -> _Target | Retryable | Permanent:
    """Look an address up once and judge what it resolves to; the connection goes there and nowhere else."""
    fault = web_fault(address, allow_private=resources.allow_private)
    if fault is not None:
        return Permanent(reason="private_address" if fault is INSIDE_ADDRESS else "bad_address")
    url = httpx.URL(address or "")
    port = url.port or _PORTS[url.scheme]
    try:
        addresses = looked_up(url.host, port, resources=resources)
    except (OSError, UnicodeError):
        return Retryable(reason="unknown_host")
    if not addresses:
        return Retryable(reason="unknown_host")
    if not resources.allow_private and not all(map(is_public, addresses)):
        return Permanent(reason="private_address")
    return _Target(url=url.copy_with(host=addresses[0]), host=url.netloc.decode(), name=url.raw_host.decode())


def _beginning(response: httpx.Response) -> bytes:
    """Read no more than a channel can need. What is cut off or lost was not needed: the status is known.

    Raises `httpx.TimeoutException` where the call's time is over before.
    """
    body = b""
    try:
        for piece in response.iter_raw():
            body += piece
            if len(body) >= MOST_BYTES:
                break
    except httpx.TimeoutException:
        raise
    except httpx.HTTPError:
        pass
    return body[:MOST_BYTES]


def _retry_after(answer: Answer, *, now: datetime) -> timedelta | None:
    text = answer.headers.get("retry-after", "").strip()
    wait: timedelta | None = None
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), 10**8))
    else:
        with suppress(ValueError, TypeError):
            wait = parsedate_to_datetime(text) - now
    return None if wait is None else min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)
