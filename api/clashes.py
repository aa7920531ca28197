"""Numbers that several children bear: what only a key above all of them sees, and settles."""

from typing import Any
from uuid import UUID

import falcon

from api import query
from api.context import Context
from api.exchange import actor_of, answer
from api.operation import Param, operation
from api.request_bodies import SettleIn
from api.schemas import loaded
from application.access import Action, require
from application.children.clashes import MOST_SHOWN, OPEN, SETTLED, Verdict, shown

STATE = Param[Any](
    name="state",
    schema={"type": "string", "enum": [OPEN, SETTLED], "default": OPEN},
    text="Only cases in this state.",
)


class ClashesResource:
    """The cases that the key may see."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "List numbers that several children bear 重号",
        answers={200: "NumberClashes"},
        params=(STATE,),
        problems=(403, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List cases all of whose children the key sees, by ids alone, five hundred at most.

        Within a county a number is one child's, so nearly all of these lie across counties.
        """
        state = query.word_asked(req, "state", (OPEN, SETTLED)) or OPEN
        found = self._system.clashes.listed(actor=actor_of(req), state=state)
        answer(resp, {"items": [shown(c) for c in found[:MOST_SHOWN]], "more": len(found) > MOST_SHOWN})


class SettleResource:
    """Settling a case."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Settle a number that several children bear 重号处理",
        request=SettleIn,
        answers={200: "NumberClash"},
        problems=(400, 403, 404, 413, 415, 422),
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response, clash_id: UUID) -> None:
        """Say what it turned out to be. The files stay as they are: they are mended by their own entries."""
        actor = actor_of(req)
        require(actor, Action.MANAGE, org=actor.org)
        verdict = Verdict.from_word(loaded(SettleIn, self._context.body(req))["verdict"])
        clash = self._context.system.clashes.settle(clash_id, verdict=verdict, actor=actor)
        answer(resp, shown(clash))
