"""Who looks at a page: somebody signed in with a key, or this machine where only the sample is shown."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import falcon

from api.rates import Rates, TooManyRequests
from api.reasons import TOO_MANY_REQUESTS
from application.access import Actor, Role
from application.keys.api_keys import Unauthenticated
from application.keys.sessions import IDLE, Session, Sessions
from application.system import System
from domain.refusal import Fault

COOKIE = "careledger_session"
# By these alone may this machine be called where it is let in without a key: another name that leads here
# is one that somebody else's page goes by.
_OWN_NAMES = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at a page; `signed_in` with a key, else let in because it is this machine."""

    actor: Actor
    signed_in: bool


class Entrance:
    """Lets in whoever has a session or is this machine, and begins and ends sessions."""

    def __init__(self, system: System, *, rates: Rates) -> None:
        self._settings = system.settings
        self._rates = rates
        self._sessions = Sessions(api_keys=system.api_keys, keyring=system.keyring, now=system.now)

    def visitor(self, req: falcon.Request, resp: falcon.Response) -> Visitor | None:
        """Return who asks, None where that is nobody who may know. Raises `TooManyRequests`."""
        session = self._session(req)
        if session is None:
            return self._this_machine(req)
        standing = self._rates.take(session.actor.key or "")
        if standing is not None and not standing.allowed:
            resp.set_header("Retry-After", str(standing.next_seconds))
            raise TooManyRequests(Fault(reason=TOO_MANY_REQUESTS))
        if session.token is not None:
            _set_cookie(req, resp, session.token)
        return Visitor(actor=session.actor, signed_in=True)

    def sign_in(self, req: falcon.Request, resp: falcon.Response, key: str) -> None:
        """Begin a session. Raises `Unauthenticated`."""
        session = self._sessions.begin(key)
        assert session.token is not None
        _set_cookie(req, resp, session.token)

    def sign_out(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End the session of this browser."""
        resp.unset_cookie(COOKIE, path="/", same_site="Strict")

    def _session(self, req: falcon.Request) -> Session | None:
        tokens = req.get_cookie_values(COOKIE)
        if not tokens:
            return None
        try:
            return self._sessions.resume(tokens[0])
        except Unauthenticated:
            return None

    def _this_machine(self, req: falcon.Request) -> Visitor | None:
        org = self._settings.open_pages
        if org is None or not is_this_machine(req) or not _is_loopback(self._settings.host):
            return None
        return Visitor(actor=Actor(name="localhost", role=Role.AUDITOR, org=org), signed_in=False)


def is_this_machine(req: falcon.Request) -> bool:
    """Return whether a request comes from this machine itself, under one of the machine's own names, and not
    on behalf of another host's page."""
    if any(req.get_header(name) is not None for name in _OF_PROXIES) or is_foreign(req):
        return False
    return _is_loopback(req.remote_addr) and bool(_OWN_NAMES.fullmatch(req.get_header("Host") or ""))


def is_foreign(req: falcon.Request) -> bool:
    """Return whether a request was made by a page of another host, as a browser says."""
    origin = req.get_header("Origin")
    # A proxy may call this host by another name than the browser does, and then says which.
    return origin is not None and urlsplit(origin).netloc not in (req.get_header("Host"), req.forwarded_host)


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address("127.0.0.1" if address == "localhost" else address or "").is_loopback
    except ValueError:
        return False


def _set_cookie(req: falcon.Request, resp: falcon.Response, token: str) -> None:
    resp.set_cookie(
        COOKIE,
        token,
        path="/",
        max_age=int(IDLE.total_seconds()),
        secure=req.forwarded_scheme == "https",
        http_only=True,
        same_site="Strict",
    )
