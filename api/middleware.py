"""What happens around every request: its id, who asks, one line in the log, one count."""

import re
import time
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

import falcon
import structlog

from api import fields
from api.exchange import Exchange, Malformed, exchange_of
from api.language import chosen
from api.metrics import Metrics
from api.operation import CHANNEL, Operation
from api.rates import WINDOW_SECONDS, Rates, TooManyRequests
from api.reasons import GIVEN_TWICE, TOO_MANY_REQUESTS
from application.access import Forbidden
from application.keys.api_keys import ApiKeys, ChangedKey, Unauthenticated
from application.reasons import BAD_KEY, NOT_ALLOWED
from domain.event import Channel
from domain.refusal import Fault, Invalid, Reason, escaped

REQUEST_ID_HEADER = "X-Request-Id"
NO_KEY = Reason(
    code="no_key",
    zh="须在 Authorization: Bearer 中提供密钥",
    en="Send a key in Authorization: Bearer.",
)
BAD_CHANNEL = Reason(
    code="bad_channel",
    zh="X-CareLedger-Channel 只能是 api 或 offline",
    en="X-CareLedger-Channel must be api or offline.",
)
_KEY = re.compile(r"crk_[a-z2-7]{1,40}_[a-z2-7]{1,80}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# By which a key may come.
_CHANNELS = {channel.value: channel for channel in (Channel.API, Channel.OFFLINE)}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = structlog.get_logger("careledger.api")


class RequestLog:
    """Gives each request an id and leaves one line and one count of it, without path, query or body."""

    def __init__(self, *, metrics: Metrics) -> None:
        self._metrics = metrics

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Begin."""
        given = req.get_header(REQUEST_ID_HEADER) or ""
        req.context.exchange = Exchange(
            request_id=UUID(given) if _UUID.fullmatch(given) else uuid4(),
            language=chosen(req.get_header("Accept-Language")),
            started=time.perf_counter(),
        )
        request_id = str(req.context.exchange.request_id)
        resp.set_headers({REQUEST_ID_HEADER: request_id, "X-Content-Type-Options": "nosniff"})

    def process_response(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        _resource: object,
        _succeeded: bool,  # noqa: FBT001
    ) -> None:
        """End."""
        asked = exchange_of(req)
        seconds = time.perf_counter() - asked.started
        # Words from outside would make new series and could carry a name: only known ones are kept.
        route = req.uri_template or "none"
        method = req.method if req.method in _METHODS else "other"
        self._metrics.answered(method=method, route=route, status=resp.status_code, seconds=seconds)
        _log.info(
            "request",
            request_id=str(asked.request_id),
            method=method,
            route=route,
            status=resp.status_code,
            ms=round(seconds * 1000, 1),
        )


class Authentication:
    """Finds out who asks, and how often; not on the public routes, whose answers alone may be cached."""

    def __init__(self, *, api_keys: ApiKeys, public: frozenset[str], rates: Rates, metrics: Metrics) -> None:
        self._api_keys = api_keys
        self._metrics = metrics
        self._rates = rates
        self._public = public

    def process_resource(
        self, req: falcon.Request, resp: falcon.Response, _resource: object, params: dict[str, Any]
    ) -> None:
        """Authenticate, and count. Raises `Unauthenticated`, `TooManyRequests`.

        A browser asks by OPTIONS which methods there are before it sends a key.
        """
        if req.uri_template in self._public or req.method == "OPTIONS":
            return
        resp.set_header("Cache-Control", "private, no-store")
        scheme, _, text = (req.get_header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(Fault(reason=NO_KEY))
        if not _KEY.fullmatch(text.strip()):
            raise Unauthenticated(Fault(reason=BAD_KEY))
        try:
            # The first id in a path is nearly always that of the stream that is asked about.
            about = next(iter([each for each in params.values() if isinstance(each, UUID)]), None)
            exchange_of(req).actor = self._api_keys.authenticate(
                text.strip(), channel=_channel(req), about=about
            )
        except ChangedKey:
            self._metrics.changed_key()
            raise
        self._count(resp, key_id=text.strip().split("_")[1])

    def _count(self, resp: falcon.Response, *, key_id: str) -> None:
        standing = self._rates.take(key_id)
        if standing is None:
            return
        policy = f'"key";q={self._rates.per_minute};w={WINDOW_SECONDS}'
        limit = f'"key";r={standing.left};t={standing.full_seconds}'
        resp.set_headers({"RateLimit-Policy": policy, "RateLimit": limit})
        if not standing.allowed:
            resp.set_header("Retry-After", str(standing.next_seconds))
            raise TooManyRequests(Fault(reason=TOO_MANY_REQUESTS))


def _channel(req: falcon.Request) -> Channel:
    word = req.get_header(CHANNEL.name)
    if word is None:
        return Channel.API
    if word not in _CHANNELS:
        raise Malformed(Fault(reason=BAD_CHANNEL))
    return _CHANNELS[word]


class BoundKeys:
    """Keeps a key that is bound to types of events from everything but submitting them."""

    def __init__(self, *, operations: Mapping[str, Mapping[str, Operation]]) -> None:
        self._operations = operations

    def process_resource(
        self, req: falcon.Request, _resp: falcon.Response, _resource: object, _params: dict[str, Any]
    ) -> None:
        """Compare the key with what the operation says. Raises `Forbidden`."""
        actor = exchange_of(req).actor
        if actor is None or actor.types is None:
            return
        described = self._operations.get(req.uri_template or "", {}).get(req.method)
        if described is None or not described.by_type:
            raise Forbidden(Fault(reason=NOT_ALLOWED))


class KnownQuery:
    """Refuses parameters that an operation does not know, or that are given twice.

    A misspelt one, or the first of two, would be ignored in silence.
    """

    def __init__(self, *, operations: Mapping[str, Mapping[str, Operation]]) -> None:
        self._known = {
            (template, method): frozenset(p.name for p in described.params if p.place == "query")
            for template, methods in operations.items()
            for method, described in methods.items()
        }

    def process_resource(
        self, req: falcon.Request, _resp: falcon.Response, _resource: object, _params: dict[str, Any]
    ) -> None:
        """Compare the query with what the operation says. Raises `Invalid`."""
        known = self._known.get((req.uri_template or "", req.method))
        said = req.params
        if known is None or not said:
            return
        if unknown := [name for name in said if name not in known]:
            raise Invalid(*(fields.unknown(name, known, f"/{escaped(name)}") for name in unknown))
        if twice := [name for name, value in said.items() if isinstance(value, list)]:
            raise Invalid(*(Fault(reason=GIVEN_TWICE, pointer=f"/{escaped(name)}") for name in twice))


class Deprecation:
    """Announces in every answer of a deprecated operation since when it is, and until when it works."""

    def __init__(self, *, operations: Mapping[str, Mapping[str, Operation]]) -> None:
        self._operations = operations

    def process_resource(
        self, req: falcon.Request, resp: falcon.Response, _resource: object, _params: dict[str, Any]
    ) -> None:
        """Set Deprecation (RFC 9745), Sunset (RFC 8594), and the link to what to use instead."""
        described = self._operations.get(req.uri_template or "", {}).get(req.method)
        if described is None or described.deprecated is None:
            return
        resp.set_header("Deprecation", f"@{int(described.deprecated.since.timestamp())}")
        resp.set_header("Sunset", falcon.dt_to_http(described.deprecated.sunset.astimezone(UTC)))
        resp.append_header("Link", f'<{described.deprecated.see}>; rel="deprecation"')
