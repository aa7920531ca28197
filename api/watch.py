"""Whom an organisation watches beyond those that are watched everywhere."""

from typing import Any

import falcon

from api.context import Context
from api.exchange import actor_of, answer
from api.operation import ORG, Param, operation
from api.query import text_asked
from api.request_bodies import WatchIn
from api.schemas import loaded
from application.access import Action, require
from domain.days import local_day
from domain.org import ancestors
from domain.reasons import MISSING
from domain.refusal import invalid
from domain.streams.organisations.unit import extends
from domain.watched import POPULATION


class WatchResource:
    """Whether an organisation has all children at and below it watched."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._organisations = context.system.organisations

    @operation(
        "Read whom an organisation watches 关注范围",
        answers={200: "Watch"},
        params=(Param[Any](name=ORG.name, schema=ORG.schema, text=ORG.text, required=True),),
        problems=(403, 404, 422),
        codes=("missing",),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer whether all children are watched, by the word of this organisation or of one above it."""
        asked = text_asked(req, "org")
        if not asked:
            raise invalid(MISSING, "/org")
        require(actor_of(req), Action.READ, org=self._organisations.spelled(asked))
        answer(resp, self._shown(self._organisations.existing(asked)))

    @operation(
        "Say whom an organisation watches 设定关注范围",
        request=WatchIn,
        answers={200: "Watch"},
        problems=(400, 403, 404, 413, 415, 422),
        codes=("unknown_org", "bad_org_path"),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Have all children at and below an organisation watched from today on, or no longer; twice is once.

        What one above it said goes on holding.
        """
        actor = actor_of(req)
        require(actor, Action.MANAGE, org=actor.org)
        words = loaded(WatchIn, self._context.body(req))
        org = self._organisations.spelled(words["org"])
        self._organisations.governance.watch_everybody(
            org, everybody=words["everybody"], reason=words.get("reason"), actor=actor
        )
        answer(resp, self._shown(org))

    def _shown(self, org: str) -> dict[str, Any]:
        extensions = self._organisations.governance.extensions([org])
        latest = {each.org: each for each in extensions}
        today = local_day(self._context.system.now())
        return {
            "org": org,
            "population": POPULATION,
            "everybody": extends(extensions, org=org, day=today),
            "items": [
                {"org": each.org, "since": each.day, "everybody": each.everybody}
                for each in (latest[path] for path in ancestors(org) if path in latest)
            ],
        }
