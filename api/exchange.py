"""What every resource needs of a request and gives to a response."""

import re
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import falcon

from api.language import Language
from application.access import Actor
from application.recording.outcome import Provenance
from domain.ledger.decide import ANY_VERSION
from domain.refusal import Fault, Reason, Refused

BAD_IF_MATCH = Reason(
    code="bad_if_match",
    zh='If-Match 须为一个带引号的版本号，如 "7"',
    en='If-Match must be one quoted version, such as "7".',
)
_VERSION = re.compile(r'"([0-9]{1,9})"')


class Malformed(Refused):
    """The request can't be read, whatever it wanted to say."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What is known of a request beside its content. `actor` is None on public routes."""

    request_id: UUID
    language: Language
    started: float
    actor: Actor | None = None


def exchange_of(req: falcon.Request) -> Exchange:
    """Return what the middleware has found out about the request."""
    return cast("Exchange", req.context.exchange)


def actor_of(req: falcon.Request) -> Actor:
    """Return the authenticated actor of a route that is not public."""
    actor = exchange_of(req).actor
    assert actor is not None
    return actor


def provenance_of(req: falcon.Request) -> Provenance:
    """Return where the events of a request come from."""
    return Provenance(correlation_id=exchange_of(req).request_id)


def version_named(req: falcon.Request) -> int | None:
    """Read the version that a request is based on from If-Match; None without one, ANY_VERSION for a star.

    Raises `Malformed`.
    """
    header = req.get_header("If-Match")
    if header is None or not header.strip():
        return None
    if header.strip() == "*":
        return ANY_VERSION
    found = _VERSION.fullmatch(header.strip())
    if found is None:
        raise Malformed(Fault(reason=BAD_IF_MATCH))
    return int(found[1])
