"""Which organisation a request is about, and what an answer about it has to say of itself."""

from collections.abc import Iterable
from typing import Any

import falcon

from api.exchange import actor_of, exchange_of
from api.language import in_language
from api.query import text_asked
from application.access import Action, require
from application.reasons import UNKNOWN_ORG
from application.reports.notes import why_nobody
from application.system import System
from domain.refusal import Fault, Reason, Unknown


def org_asked(req: falcon.Request, system: System, *, action: Action) -> str:
    """Return the organisation that a request names, else that of its key.

    Raises `Forbidden`, `Unknown` where it lies outside of what the key may see or there is none, and
    `Invalid`. Nobody learns of what lies outside: only of one inside it is said that it is not there.
    """
    actor, asked = actor_of(req), text_asked(req, "org")
    org = system.organisations.spelled(asked) if asked else actor.org
    require(actor, action, org=org)
    if asked and not system.organisations.known(org):
        raise Unknown(Fault(reason=UNKNOWN_ORG, pointer="/org"))
    return org


def noted(req: falcon.Request, notes: Iterable[Reason]) -> dict[str, Any]:
    """Write what an answer has to say of itself: its `notes`, or nothing at all."""
    language = exchange_of(req).language
    shown = [{"code": note.code, "text": in_language(note, language)} for note in notes]
    return {"notes": shown} if shown else {}


def noted_if_empty(req: falcon.Request, system: System, *, org: str, items: object) -> dict[str, Any]:
    """Say of an empty list that there is nobody it could be of, where that is so."""
    if items:
        return {}
    reason = why_nobody(system.database, org=org)
    # Somebody is there, and the list is empty of what was asked about.
    return {} if reason.code == "nothing_known" else noted(req, [reason])
