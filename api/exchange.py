"""What every resource needs of a request and gives to a response."""

import re
from dataclasses import dataclass
from uuid import UUID

import falcon

from api.language import Language
from application.access import Actor
from application.recording.outcome import Provenance
from domain.ledger.decide import ANY_VERSION
from domain.normal import is_blank
from domain.refusal import Fault, Reason, Refused, Stale

BAD_IF_MATCH = Reason(
    code="bad_if_match",
    zh='If-Match 须为一个带引号的版本号，如 "7"',
    en='If-Match must be one quoted version, such as "7".',
)
NO_VERSION = Reason(
    code="no_version",
    zh="此操作的对象没有版本，请勿发送 If-Match",
    en="What this is about has no version. Send it without If-Match.",
)
BAD_IF_NONE_MATCH = Reason(
    code="bad_if_none_match",
    zh="此处 If-None-Match 只能是 *",
    en="If-None-Match can only be * here.",
)
BAD_KEY = Reason(
    code="bad_idempotency_key",
    zh="Idempotency-Key 无法读取",
    en="The Idempotency-Key can't be read.",
)
# A string of RFC 9651, as the draft has it; most clients send it without its quotes.
_KEY = re.compile(r'"(?P<quoted>[ !#-\[\]-~]{1,255})"|(?P<bare>[!#-\[\]-~]{1,255})')
# What is there and not there at once: no version is ever this one.
_NEVER = -2
_VERSION = re.compile(r'"([0-9]{1,9})"|\*')


# The headers by which a request names something, as the server hands them over.
_NAMING = {
    "HTTP_IF_MATCH": BAD_IF_MATCH,
    "HTTP_IF_NONE_MATCH": BAD_IF_NONE_MATCH,
    "HTTP_IDEMPOTENCY_KEY": BAD_KEY,
}


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
    exchange: Exchange = req.context.exchange
    return exchange


def actor_of(req: falcon.Request) -> Actor:
    """Return the authenticated actor of a route that is not public."""
    actor = exchange_of(req).actor
    assert actor is not None
    return actor


def provenance_of(req: falcon.Request) -> Provenance:
    """Return where the events of a request come from."""
    return Provenance(correlation_id=exchange_of(req).request_id)


def refuse_blank(req: falcon.Request) -> None:
    """Raise `Malformed` for a header that names something and is blank: whoever sends one meant to.

    Also where the operation doesn't read it, so that no one is heeded here and overlooked there.
    """
    for name, reason in _NAMING.items():
        if name in req.env and is_blank(req.env[name]):
            raise Malformed(Fault(reason=reason))


def key_named(req: falcon.Request) -> str | None:
    """Return what `Idempotency-Key` names, quoted or bare; None without one. Raises `Malformed`."""
    header = req.get_header("Idempotency-Key")
    if header is None:
        return None
    found = _KEY.fullmatch(header)
    if found is None:
        raise Malformed(Fault(reason=BAD_KEY))
    return found["quoted"] or found["bare"]


def version_named(req: falcon.Request, *, conditional: bool, creates: bool = False) -> int | None:
    """Read the version that a request is based on from If-Match; None without one, ANY_VERSION for a star.

    Where it `creates`, `If-None-Match: *` names 0, the version of what is not there. Raises `Malformed`, and
    `Stale` where the request is about nothing that has a version: that can't be true.
    """
    named = _version_matched(req, conditional=conditional)
    if not creates or (star := req.get_header("If-None-Match")) is None:
        return named
    if star != "*":
        raise Malformed(Fault(reason=BAD_IF_NONE_MATCH))
    return 0 if named in (None, 0) else _NEVER


def _version_matched(req: falcon.Request, *, conditional: bool) -> int | None:
    header = req.get_header("If-Match")
    if header is None:
        return None
    # As it came: the server takes away the spaces and tabs around it, and nothing else is none.
    found = _VERSION.fullmatch(header)
    if found is None:
        raise Malformed(Fault(reason=BAD_IF_MATCH))
    if not conditional:
        raise Stale(Fault(reason=NO_VERSION))
    return int(found[1]) if found[1] else ANY_VERSION
