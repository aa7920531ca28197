"""What was put aside: listing it, trying it again, dismissing it with a reason."""

from typing import Any
from uuid import UUID

import falcon

from api import query
from api.context import Context
from api.error_catalogue import codes_of_kind
from api.exchange import actor_of, answer
from api.operation import CARE, CURSOR, LIMIT, Param, operation
from api.recording import standing
from api.recording_answers import RECORDED_ON_ANY
from api.request_bodies import DismissIn
from api.schemas import loaded
from application.intake.quarantine import ACCEPTED, DISMISSED, WAITING, QuarantinedItem
from domain.catalogue import served_kinds

# Where streams that are no child's may be written to.
_OF_STREAMS = tuple(
    code for kind in served_kinds().values() for code in ("unknown_stream", *codes_of_kind(kind))
)
STATE = Param[Any](
    name="state",
    schema={"type": "string", "enum": [WAITING, ACCEPTED, DISMISSED], "default": WAITING},
    text="Only items in this state.",
)
# What stands in the way of an entry of another stream than a child's.
_OF_STREAMS = tuple(
    code for kind in served_kinds().values() for code in ("unknown_stream", *codes_of_kind(kind))
)


class QuarantineResource:
    """The items that the key may see."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "List what was put aside 待核实",
        answers={200: "QuarantineList"},
        params=(STATE, CURSOR, LIMIT),
        problems=(403, 422),
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List items in the order in which they came in."""
        after, limit = query.after_asked(req), query.limit_asked(req)
        found = self._system.quarantine.list(
            actor=actor_of(req),
            state=query.word_asked(req, "state", (WAITING, ACCEPTED, DISMISSED)) or WAITING,
            after=query.moment_and_id(after),
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        answer(
            resp,
            {
                "items": [_shown(item) for item in page],
                "next": query.cursor_after(req, page[-1].received_at, page[-1].item_id) if more else None,
            },
        )


class RetryResource:
    """Trying an item again."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Try an item again 重试",
        answers={201: RECORDED_ON_ANY, 200: RECORDED_ON_ANY},
        problems=(403, 404, 409, 422),
        codes=(CARE, "item_settled", "busy", *_OF_STREAMS),
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response, item_id: UUID) -> None:
        """Record the item as if it came in now. What still stands in its way is the problem."""
        recorded = self._context.system.quarantine.retry(item_id, actor=actor_of(req))
        answer(
            resp,
            standing(recorded),
            status=201 if recorded.new else 200,
            version=recorded.version,
        )


class DismissResource:
    """Dismissing an item."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Dismiss an item 不予登记",
        request=DismissIn,
        answers={200: "Dismissed"},
        problems=(400, 403, 404, 409, 413, 415, 422),
        codes=("item_settled",),
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response, item_id: UUID) -> None:
        """Say that an item is not to be recorded, and why."""
        words = loaded(DismissIn, self._context.body(req))
        self._context.system.quarantine.dismiss(item_id, reason=words["reason"], actor=actor_of(req))
        answer(resp, {"item_id": item_id, "state": DISMISSED})


def _shown(item: QuarantinedItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in QuarantinedItem.__slots__}
