"""Transfers that wait for the receiving side."""

from typing import Any

import falcon

from api import query
from api.context import Context
from api.exchange import actor_of, answer
from api.operation import CURSOR, LIMIT, ORG, Param, operation
from api.scope import noted_if_empty, org_asked
from application.access import Action
from application.children.transfers import OpenTransfer
from domain.days import local_day, start_of_day

STATE = Param[Any](
    name="state",
    schema={"type": "string", "enum": ["open"], "default": "open"},
    text="Transfers that are decided are in the history of the child.",
)


class TransfersResource:
    """The undecided transfers that the key may see, on either side."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "List undecided transfers 待办转接",
        answers={200: "Transfers"},
        params=(ORG, STATE, CURSOR, LIMIT),
        problems=(403, 404, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List transfers out of an organisation and into it, the longest open first.

        `version` is what an answer names in If-Match. A transfer is `overdue` when it has been open for
        more days than the policy allows.
        """
        query.word_asked(req, "state", ("open",))
        org = org_asked(req, self._system, action=Action.READ)
        limit = query.limit_asked(req)
        after = query.moment_and_id(query.after_asked(req))
        found = self._system.transfers.undecided(
            actor=actor_of(req),
            org=org,
            after=(local_day(after[0]), after[1]) if after else None,
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        answer(
            resp,
            {
                "items": [{name: getattr(t, name) for name in OpenTransfer.__slots__} for t in page],
                "next": query.cursor_after(req, start_of_day(page[-1].proposed_on), page[-1].child_id)
                if more
                else None,
                **noted_if_empty(req, self._system, org=org, items=page),
            },
        )
