"""Which organisation a request is about."""

import falcon

from api.exchange import actor_of
from api.query import text_asked
from application.access import Action, require
from application.reasons import UNKNOWN_ORG
from application.system import System
from domain.refusal import Fault, Unknown


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
